"""Of which day does a report say that it is? Its titles, above the header, often do: "As of July 25, 2026".

A title proposes, it does not decide: whether every payment of that day is in the file is for the user to say.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from insights.ingest.recognise import dates
from insights.ledger.ledger import as_date, day

DAY = re.compile(
    r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
    r"|\d{1,2}(?:st|nd|rd|th|\.)?[ -][^\W\d]{3,12}\.?,?[ -]\d{4}"
    r"|[^\W\d]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}"
)
AS_OF = re.compile(r"(?i)\b(?:as[ -]of|as[ -]at|stichtag|stand|per|au|al|hasta|bis|through|until|to|tot|t/m|till|na dzień)\b")
LATEST = timedelta(days=45)  # after the last day of the file; what lies farther ahead is of something else


@dataclass(frozen=True)
class ReportDate:
    """The day that a title names, and the title."""

    day: date
    title: str


def named(above: Iterable[Sequence[str]], latest: date, today: date) -> ReportDate | None:
    """The one day between the last one of a file and today that its titles name; that of "as of" where there are several."""
    dates_named = [ReportDate(dated, title) for row in above for title in row for dated in _days(title, latest, today)]
    of_state = [dated for dated in dates_named if AS_OF.search(dated.title)]
    for several in (of_state, dates_named):
        if len({dated.day for dated in several}) == 1:
            return several[0]
    return None


def _days(title: str, latest: date, today: date) -> set[date]:
    """The days in a title that lie where the day of a report can; whatever their order, for one reading alone lies there."""
    texts = DAY.findall(title)
    if not texts:
        return set()
    cells = dates.column(pa.chunked_array([pa.array(texts, pa.string())]))
    first, last = day(latest), min(day(latest + LATEST), day(today))
    read = {int(number) for order in ("dmy", "mdy", "ymd") for number in cells.days(order)}
    return {as_date(number) for number in read if first <= number <= last}
