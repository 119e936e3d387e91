"""Which columns of days that nothing maps may say when an invoice was paid, or that it was cancelled?

Such a day is there for some invoices only, and never before the invoice. A name that says another matter (delivery, reminder)
takes a column out; one that speaks of payment or cancellation asks about it however many rows it fills.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Question
from insights.ingest.entries import Entries
from insights.ingest.normalise import unused
from insights.ingest.normalise.complete import today
from insights.ingest.recognise import dates
from insights.ingest.recognise.dates import UNREADABLE
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.header_words import speaks_of
from insights.ingest.recognise.source import Source
from insights.ledger.ledger import day
from insights.messages.problems import counted

MOSTLY = 0.9  # of the filled rows that must be on or after the issue date
HEAD = 2000  # rows that show whether a column holds days
AGREEING = 0.8  # of the rows that must be filled where something else says that they are settled


@dataclass(frozen=True)
class Days:
    """A column of days: which rows it fills, and what its name speaks of."""

    header: str
    filled: np.ndarray
    is_paid: bool
    is_cancelled: bool


def ask(source: Source, entries: Entries, decisions: Decisions) -> None:
    """One question about all columns that may say when an invoice was paid or cancelled."""
    answered = source.options.maps
    if any(question.field == "paid_date" for question in decisions.questions):
        return
    wants_paid = "paid_date" not in {*entries.days, *answered}
    wants_cancelled = "cancelled" not in {*entries.text, *answered}
    free = unused.free(source, entries, decisions) if wants_paid or wants_cancelled else []
    settled = unused.settled(source, entries) if free else np.zeros(0, bool)
    candidates = []
    for header in free:
        days = _of(source, entries, decisions, header)
        if days and _may_say(entries, days, settled, paid=wants_paid, cancelled=wants_cancelled):
            candidates.append(days)
    if candidates := sorted(candidates, key=lambda candidate: not (candidate.is_paid or candidate.is_cancelled))[: unused.FEW]:
        decisions.questions.append(_question(entries, candidates, settled, paid=wants_paid))


def _of(source: Source, entries: Entries, decisions: Decisions, header: str) -> Days | None:
    """A column as days, if it holds any: mostly days, on or after the issue date, and not days to come."""
    is_paid, is_cancelled = (speaks_of(matter, header) for matter in ("paid_days", "cancelled_days"))
    texts = source.table.body.columns[source.table.headers.index(header)]
    if speaks_of("other_days", header) or not _are_days(texts.slice(0, HEAD), named=is_paid or is_cancelled):
        return None
    cells = dates.column(unused.texts_of(source, entries, header))
    known = [order for order in (source.options.date_order, *decisions.decided.values()) if order in dates.ORDERS]
    days = cells.days(next(iter([*cells.proofs(), *known]), "dmy"))
    filled = days > UNREADABLE
    if not filled.any() or (filled.all() and not is_paid):
        return None
    both = filled & entries.has_day("issue_date")
    later = days[both] >= entries.dates("issue_date")[both]
    if not both.any() or later.mean() < MOSTLY or (days[filled] > day(today())).mean() > 1 / 2:
        return None
    return Days(header, filled, is_paid, is_cancelled)


def _are_days(texts: pa.ChunkedArray, *, named: bool) -> bool:
    """Whether cells read as days; bare figures, which may be anything, only where the name speaks of such days."""
    filled = texts.filter(pc.not_equal(texts, ""))
    if not len(filled) or (not named and pc.all(pc.match_substring_regex(filled, r"^\d+(?:\.0+)?$")).as_py()):
        return False
    return bool(dates.column(texts).share_readable() >= 1 / 2)


def _may_say(entries: Entries, days: Days, settled: np.ndarray, *, paid: bool, cancelled: bool) -> bool:
    """Whether it may say what no other column says yet, and does not say something else than what is known to be settled."""
    if days.is_cancelled:
        return cancelled
    if not paid or (_is_open_list(entries) and not settled.any()):
        return False
    if not settled.any():
        return True
    agrees = days.filled[settled].mean() >= AGREEING and (days.is_paid or not days.filled[~settled].any())
    return bool(agrees or (days.is_paid and not _is_open_list(entries)))


def _is_open_list(entries: Entries) -> bool:
    """Whether another column says what is open of every row: then a day of payment of them matters to nobody."""
    return "outstanding" in entries.money and not entries.missing["outstanding"].any()


def _question(entries: Entries, candidates: Sequence[Days], settled: np.ndarray, *, paid: bool) -> Question:
    amount = entries.money.get("outstanding", entries.money.get("amount", np.zeros(len(entries), np.int64)))
    base = np.where(settled, 0, amount)
    named, choices = [], []
    for days in candidates:
        described = f"“{days.header}” ({unused.samples(entries.further[days.header])}; in {days.filled.sum():,} of "
        named.append(f"{described}{counted(len(entries), 'row')})")
        without = unused.owed(entries, np.where(days.filled, 0, base))
        readings = [("paid_date", f"“{days.header}” is the day of payment: {without}")] if paid and not days.is_cancelled else []
        if not days.is_paid:
            readings.append(("cancelled", f"“{days.header}” is the day on which an invoice was cancelled: {without}"))
        choices += [(f"{name}={days.header}", label) for name, label in readings]
    header, none = candidates[0].header, "cancelled=" if candidates[0].is_cancelled else "paid_date="
    choices.append((none, f"neither: {unused.owed(entries, base)}"))
    many = len(candidates) > 1
    sentence = (
        f"{'Columns' if many else 'Column'} {' and '.join(named)} {'hold' if many else 'holds'} days on or after the issue date, "
        f"and nothing says of what: an invoice may have been paid or cancelled on {'them' if many else 'it'}."
    )
    field = choices[0][0].partition("=")[0]
    options = [f'--map {value}"' for value in (choice.replace("=", '="', 1) for choice, _ in choices[:-1])]
    return Question("maps", field, header, sentence, tuple(choices), " or ".join([*options, f"--map {none}"]), header)
