"""What happened to each invoice, which (invoice, as-of day) rows are asked about, and which labels are known?

Events are the ledger as the features and the sampling see it: NumPy columns, one partition of customers or all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import CREDIT, INVOICE, NEVER, WRITE_OFF, Days, Ints, Ledger, day, days
from insights.ledger.outcomes import DueRules

BEFORE = np.array([0, 1, 2, 3, 5, 7, 10, 14, 20, 30, 45, 60], np.int32)  # "still open so many days before the line"
AFTER = np.array([0, 0.1, 0.25, 0.5, 0.75])  # "still open so much of the very-late days after it"


READ = ("company", "customer_id", "currency", "amount", "issue_date", "due_date", "paid_date", "settled_by")  # of a ledger


@dataclass(frozen=True)
class Events:
    """What happened to each invoice of a partition, in any order; equal lengths.

    customer: int32 codes. issue, due, due_by (last day on time), closed (left the book), paid (NEVER if written off, credited
    or open): int32 days. amount: int64 minor units. currency: int32 codes. left_out: bool, written off where the lines leave
    write-offs out. complete: bool, whether invoices issued then are in the ledger however they ended. very_late_days: as in
    `outcomes.DueRules`.
    """

    customer: npt.NDArray[np.int32]
    issue: Days
    due: Days
    due_by: Days
    closed: Days
    paid: Days
    amount: Ints
    currency: npt.NDArray[np.int32]
    credited: npt.NDArray[np.bool_]
    left_out: npt.NDArray[np.bool_]
    complete: npt.NDArray[np.bool_]
    very_late_days: int

    def take(self, which: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> "Events":
        """The same of some invoices: a partition."""
        return replace(self, **{f.name: getattr(self, f.name)[which] for f in fields(self) if f.name != "very_late_days"})

    @property
    def very_late_after(self) -> Ints:
        """The last day on which being paid is late, not yet very late."""
        return self.due_by.astype(np.int64) + self.very_late_days

    @property
    def bucket(self) -> npt.NDArray[np.int8]:
        """How each invoice ended, as in `outcomes`; open, credited and written off count as very late."""
        return (self.paid > self.due_by).astype(np.int8) + (self.paid > self.very_late_after).astype(np.int8)

    def __len__(self) -> int:
        return len(self.customer)


@dataclass(frozen=True)
class SnapshotRows:
    """(invoice, as-of day) pairs; `counted` says that the invoice is among the events (False: a candidate, a draft)."""

    customer: npt.NDArray[np.int32]
    issue: Days
    due: Days
    due_by: Days
    amount: Ints
    currency: npt.NDArray[np.int32]
    at: Days
    counted: npt.NDArray[np.bool_]

    @property
    def days_past_due_by(self) -> Ints:
        """Days past the last day on time as of each row's day, below 0 before it."""
        return (self.at - self.due_by).astype(np.int64)

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, which: npt.NDArray[np.int64] | slice) -> "SnapshotRows":
        return SnapshotRows(*(getattr(self, f.name)[which] for f in fields(self)))


def events_of(ledger: Ledger, due_rules: DueRules, currencies: Sequence[str] = ()) -> Events:
    """The events of a ledger's invoices, in the order of `invoice_positions(ledger)`.

    `currencies`: those of the whole ledger, in the order of their codes, where this one is a part of it.
    """
    table = ledger.invoices.select(READ)
    if len(positions := invoice_positions(ledger)) < len(table):
        table = table.take(pa.array(positions))
    due, closed, issue = days(table["due_date"]), days(table["paid_date"]), days(table["issue_date"])
    credited = pc.equal(table["settled_by"], CREDIT).to_numpy() & (closed != NEVER)
    written_off = pc.equal(table["settled_by"], WRITE_OFF).to_numpy()
    return Events(
        customer=customer_codes(table),
        issue=issue,
        due=due,
        due_by=due_rules.due_by(due),
        closed=closed,
        paid=np.where(credited | written_off, NEVER, closed),
        amount=table["amount"].to_numpy(),
        currency=codes_among(table["currency"], currencies) if currencies else codes(table["currency"]),
        credited=credited,
        left_out=written_off & (closed != NEVER) & due_rules.leave_out_write_offs,
        complete=issue >= day(ledger.history_starts),
        very_late_days=due_rules.very_late_days,
    )


def invoice_positions(ledger: Ledger) -> Ints:
    """Positions in `ledger.invoices` of what is to be paid: invoices, not credits."""
    return np.flatnonzero(pc.equal(ledger.invoices["kind"], INVOICE).to_numpy()).astype(np.int64)


def customer_codes(table: pa.Table) -> npt.NDArray[np.int32]:
    """A code per (company, customer id)."""
    company = codes(table["company"])
    customer = codes(table["customer_id"]).astype(np.int64)
    pair = customer * (int(company.max(initial=0)) + 1) + company
    return ranks(pair)


def ranks(value: Ints) -> npt.NDArray[np.int32]:
    """The place of each value (0 or more) among the different ones."""
    if int(value.max(initial=0)) > 4 * len(value) + 1_000_000:  # a mark for each that could be would take too much memory
        return np.asarray(np.unique(value, return_inverse=True)[1], np.int32)
    there = np.zeros(int(value.max(initial=-1)) + 1, np.bool_)
    there[value] = True
    return np.asarray((np.cumsum(there, dtype=np.int32) - 1)[value], np.int32)


def codes(column: pa.ChunkedArray) -> npt.NDArray[np.int32]:
    """A code per distinct value, by first appearance; nulls are a value."""
    encoded = pc.dictionary_encode(column, null_encoding="encode").combine_chunks()
    indices = encoded.indices if isinstance(encoded, pa.DictionaryArray) else encoded.chunk(0).indices
    return np.asarray(indices.to_numpy(zero_copy_only=False), dtype=np.int32)


def codes_among(column: pa.ChunkedArray, values: Sequence[str]) -> npt.NDArray[np.int32]:
    """The place of each value among `values`, which hold them all."""
    return np.asarray(pc.index_in(column, pa.array(values, pa.string())).to_numpy(), np.int32)


def rows_at(events: Events, which: npt.NDArray[np.int64], at: Days | int) -> SnapshotRows:
    """The rows of invoices of `events` (by index), each on its as-of day; counted where issued before it."""
    when = np.broadcast_to(np.asarray(at, np.int32), len(which))
    issue = events.issue[which]
    return SnapshotRows(
        customer=events.customer[which],
        issue=issue,
        due=events.due[which],
        due_by=events.due_by[which],
        amount=events.amount[which],
        currency=events.currency[which],
        at=when,
        counted=issue < when,
    )


@dataclass(frozen=True)
class Labels:
    """Which labels of an invoice are known however long one waits, what they are, and how long it stayed open."""

    on_time_known: npt.NDArray[np.bool_]  # whether it was paid on time is known, from the day after `due_by`
    missed_due: npt.NDArray[np.bool_]
    very_late_known: npt.NDArray[np.bool_]  # whether it was paid very late is known, from the day after `very_late_after`
    very_late: npt.NDArray[np.bool_]
    before: npt.NDArray[np.bool_]  # [len(BEFORE), n]: on_time_known, and still open so many days before the line
    after: npt.NDArray[np.bool_]  # [len(AFTER), n]: very_late_known, and still open so long after it


def learned_from(events: Events, at: int) -> npt.NDArray[np.bool_]:
    """Which invoices nobody knew to be left out as of a day."""
    return ~(events.left_out & (events.closed < at))


def labels_of(events: Events, *, everything: bool = False) -> Labels:
    """Settlement by credit censors: a line missed before it stays known, one after it gives no answer.

    DailyCounts count invoices issued while the ledger was complete; `everything` takes the others too.
    """
    end = events.very_late_after
    complete = np.ones(len(events), np.bool_) if everything else events.complete
    first = complete & (~events.credited | (events.closed > events.due_by))
    second = complete & (~events.credited | (events.closed > end))
    late_by = np.where(events.credited, events.closed, events.paid).astype(np.int64) - events.due_by
    waits = after_days(events.very_late_days)
    return Labels(
        on_time_known=first,
        missed_due=first & (late_by > 0),
        very_late_known=second,
        very_late=second & (late_by > events.very_late_days),
        before=first & (late_by >= -BEFORE[:, None]),
        after=second & (late_by > waits[:, None]),
    )


def after_days(very_late_days: int) -> Days:
    """AFTER in whole days past the on-time line."""
    return np.asarray(np.floor(AFTER * very_late_days), np.int32)
