"""Through which day does a file know everything: through its latest day, unless that one stands alone or has not come yet?

Seen as of a day on which later payments would be missing, everything looks unpaid; so one mistyped year, or a cheque dated ahead,
must not move that day.
"""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from insights.ingest.draft import Question
from insights.ingest.entries import Entries
from insights.ingest.recognise.formats import Decisions
from insights.ledger.ledger import as_date, day

FEWEST = 10  # days of a file in which one can stand alone
ALONE = 0.005  # of the days, at most, and at least one
FAR = 45  # days after all others
TIMES = 3  # times as far as any two others
MOST = 0.5  # of the days lie ahead: then they are meant


def today() -> date:
    """Today, or tomorrow where it has already begun somewhere."""
    return (datetime.now(UTC) + timedelta(hours=14)).date()


def latest(entries: Entries, good: np.ndarray, today: date) -> date:
    """The latest day of issue or payment of the good rows that has come; notes the days ahead. Due dates never count."""
    days = _days(entries, good)
    ahead = days > day(today)
    if ahead.any() and ahead.mean() < MOST:
        entries.note("dates_ahead", "", as_date(int(days.max())).isoformat(), int(ahead.sum()))
        days = days[~ahead]
    return as_date(int(days.max()))


def ask(entries: Entries, decisions: Decisions, today: date) -> None:
    """Asks where a few days lie far after all others."""
    days = _days(entries, entries.good())
    days = np.sort(days[days <= day(today)])
    few = max(1, int(len(days) * ALONE))
    if len(days) < FEWEST or few >= len(days):
        return
    gaps = np.diff(days)
    at = len(gaps) - few + int(np.argmax(gaps[-few:]))
    usual = int(gaps[: len(gaps) - few].max(initial=0))
    if gaps[at] <= max(FAR, TIMES * usual):
        return
    last, alone = as_date(int(days[at])), as_date(int(days[-1]))
    number = len(days) - at - 1
    beyond = f"One day of the file, {alone}, lies" if number == 1 else f"{number} days of the file, up to {alone}, lie"
    decisions.questions.append(
        Question(
            "complete_through",
            "complete_through",
            "",
            f"{beyond} {int(gaps[at])} days after all others, the latest of which is {last}: if the file knows all payments only "
            "through that day, everything would look unpaid afterwards.",
            ((last.isoformat(), f"complete through {last}"), (alone.isoformat(), f"complete through {alone}")),
            f"--complete-through {last}|{alone}",
        )
    )


def _days(entries: Entries, good: np.ndarray) -> np.ndarray:
    """Days of issue and of payment of the good rows, of dated payments too (int64)."""
    days = [entries.dates(name)[good & entries.has_day(name)] for name in ("issue_date", "paid_date")]
    return np.concatenate([*days, entries.applied.renumbered(good).day]).astype(np.int64)
