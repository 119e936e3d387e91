"""What is a receivables ledger here? Its columns, and what was known of it on a date.

Every other module reads ledgers through this one. *As of* a date means: known strictly before it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from hashlib import sha256
from typing import overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.errors import Refused

INVOICE, CREDIT_NOTE, ON_ACCOUNT = "invoice", "credit_note", "payment_on_account"
PAYMENT, CREDIT, WRITE_OFF, UNKNOWN = "payment", "credit", "write_off", "unknown"

NEVER = np.int32(2**31 - 1)  # the day of what has not happened
EPOCH = date(1970, 1, 1)
Days = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float32]

SCHEMA = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),  # line of the source file, its header being line 1
        pa.field("company", pa.string(), nullable=False),  # "" where the file names none
        pa.field("customer_id", pa.string(), nullable=False),
        pa.field("customer_name", pa.string(), nullable=False),  # the id where the file names none
        pa.field("invoice_id", pa.string(), nullable=False),
        pa.field("line", pa.string(), nullable=False),  # instalment, "1" by default
        pa.field("kind", pa.string(), nullable=False),  # INVOICE, CREDIT_NOTE, ON_ACCOUNT
        pa.field("settled_by", pa.string(), nullable=False),  # PAYMENT, CREDIT, WRITE_OFF, UNKNOWN
        pa.field("currency", pa.string(), nullable=False),  # ISO 4217; "XXX" where the file names none
        pa.field("amount", pa.int64(), nullable=False),  # minor units; above 0 for invoices, below 0 for the others
        pa.field("outstanding", pa.int64(), nullable=False),  # minor units, at export; sign as amount
        pa.field("issue_date", pa.date32(), nullable=False),
        pa.field("due_date", pa.date32(), nullable=False),
        pa.field("paid_date", pa.date32()),  # the day that settled it; null = open at export
        pa.field("terms", pa.string()),
        pa.field("disputed", pa.bool_()),  # at export
    ]
)
FURTHER = "x:"  # prefix of the file's further columns, each pa.string() or pa.float64()

PAYMENTS = pa.schema(
    [
        pa.field("position", pa.int64(), nullable=False),  # of the invoice in `Ledger.invoices`
        pa.field("paid_date", pa.date32(), nullable=False),
        pa.field("amount", pa.int64(), nullable=False),  # minor units, above 0
    ]
)


PROBLEMS = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),
        pa.field("column", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("set_aside", pa.bool_(), nullable=False),
        pa.field("number", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Problem:
    """A row that was set aside or a value that was noted: code plus values; `messages.problem` makes the sentence."""

    row: int  # line of the source file; 0 for the whole file
    column: str  # as the file spells it
    value: str  # as the file has it
    reason: str  # a code of `words.PROBLEMS`
    set_aside: bool = True  # False: the row is used, the user is told
    number: int | None = None  # how many rows, customers or payments it is about; of a united file its first row


class Problems(Sequence[Problem]):
    """The problems of a ledger as a table by PROBLEMS, which may lie on disk: each is made only when it is looked at."""

    def __init__(self, table: pa.Table) -> None:
        if "number" not in table.column_names:  # of a time when numbers stood in front of the value
            table = _table_of([_numbered(Problem(**row)) for row in table.to_pylist()])
        self.table = table

    @classmethod
    def of(cls, problems: Iterable[Problem] = ()) -> "Problems":
        return cls(_table_of(list(problems)))

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[Problem]:
        for batch in self.table.to_batches(max_chunksize=AT_ONCE):
            yield from (Problem(**row) for row in batch.to_pylist())

    @overload
    def __getitem__(self, place: int) -> Problem: ...
    @overload
    def __getitem__(self, place: slice) -> "Problems": ...
    def __getitem__(self, place: int | slice) -> "Problem | Problems":
        if isinstance(place, slice):
            first, end, step = place.indices(len(self))
            if step != 1:
                raise ValueError("only without a step")
            return Problems(self.table.slice(first, max(0, end - first)))
        return Problem(**self.table.slice(range(len(self))[place], 1).to_pylist()[0])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problems) and bool(self.table.equals(other.table))

    def __hash__(self) -> int:
        return hash(len(self))

    def __add__(self, other: "Problems") -> "Problems":
        return Problems(pa.concat_tables([self.table, other.table]))

    @property
    def aside(self) -> "Problems":
        """Of rows that were set aside."""
        return self._only(self.table["set_aside"])

    @property
    def of_rows_used(self) -> "Problems":
        """Noted of single rows that are used, or are of a second file."""
        return self._only(pc.and_(pc.invert(self.table["set_aside"]), pc.not_equal(self.table["row"], 0)))

    @property
    def of_the_file(self) -> "Problems":
        """About the file as a whole."""
        return self._only(pc.equal(self.table["row"], 0))

    def _only(self, wanted: pa.ChunkedArray) -> "Problems":
        """Those that are wanted; without a copy where they stand together, as they do in a ledger that was just read."""
        many = pc.sum(wanted).as_py() or 0
        first = max(0, pc.index(wanted, value=True).as_py())
        together = not many or pc.all(wanted.slice(first, many)).as_py()
        return Problems(self.table.slice(first, many) if together else self.table.filter(wanted))

    def counts(self) -> dict[str, int]:
        """Reason -> how many, the commonest first."""
        return self.counts_of(self.table["reason"])

    @staticmethod
    def counts_of(reasons: pa.ChunkedArray) -> dict[str, int]:
        pairs = pc.value_counts(reasons).to_pylist()
        return {pair["values"]: pair["counts"] for pair in sorted(pairs, key=lambda pair: -pair["counts"])}


AT_ONCE = 1000  # problems made at a time


def _table_of(problems: Sequence[Problem]) -> pa.Table:
    return pa.table({name: [getattr(problem, name) for problem in problems] for name in PROBLEMS.names}, schema=PROBLEMS)


def _numbered(problem: Problem) -> Problem:
    figures = re.match(r"(\d+)(?: \((.*)\)| (.*))?$", problem.value)
    if problem.row or problem.set_aside or not figures:
        return problem
    return replace(problem, number=int(figures[1]), value=figures[2] or figures[3] or "")


@dataclass(frozen=True)
class Aside:
    """Rows of one company in one currency, set aside for one reason; what their readable amounts come to (minor units)."""

    company: str
    currency: str
    rows: int
    amount: int
    reason: str = ""


class _Digesting:
    """A file of which nothing is kept: what is written goes to a digest, in the order in which it is."""

    closed = False

    def __init__(self, update: Callable[[memoryview], None]) -> None:
        self._update, self._at = update, 0

    def write(self, data: memoryview) -> int:
        self._update(data)
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Nothing waits to be written."""

    def close(self) -> None:
        self.closed = True


@dataclass(frozen=True)
class Ledger:
    """An immutable version of a receivables ledger.

    `invoices` follows SCHEMA plus further columns, in file order; `payments` follows PAYMENTS and is empty unless the
    source has dated part payments. rows_read = invoices + set aside + ignored, always.
    """

    invoices: pa.Table
    complete_through: date
    history_starts: date
    payments: pa.Table = field(default_factory=PAYMENTS.empty_table)
    problems: Problems = field(default_factory=Problems.of)
    known_at_issue: tuple[str, ...] = ()  # further columns (without prefix), and "disputed", that may become fields
    rows_read: int = 0
    rows_ignored: int = 0  # titles, totals, blank lines: no ledger rows
    name: str = ""
    id: str = ""  # given by the workspace
    aside: tuple[Aside, ...] | None = ()  # sums of what was set aside; None: kept by a version that did not count them

    @cached_property
    def rows_set_aside(self) -> int:
        return len(np.unique(self.problems.aside.table["row"].to_numpy()))

    @property
    def further(self) -> tuple[str, ...]:
        """The names of the file's further columns, without prefix."""
        return tuple(name[len(FURTHER) :] for name in self.invoices.column_names if name.startswith(FURTHER))

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of everything a model or a screen can depend on."""
        digest = sha256(repr((self.complete_through, self.history_starts, sorted(self.known_at_issue))).encode())
        for table in (self.invoices, self.payments):
            digest.update(str(table.schema).encode())
            with pa.PythonFile(_Digesting(digest.update), "w") as sink, pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table.combine_chunks())
        return digest.hexdigest()

    @property
    def last_as_of(self) -> date:
        return self.complete_through + timedelta(days=1)

    @cached_property
    def default_as_of(self) -> date:
        """The day after complete-through; where nothing is open then, the day after the last issue date."""
        if len(open_positions(self, self.last_as_of)):
            return self.last_as_of
        last_issue = pc.max(pc.filter(self.invoices["issue_date"], pc.equal(self.invoices["kind"], INVOICE))).as_py()
        return min(last_issue + timedelta(days=1), self.last_as_of) if last_issue else self.last_as_of

    def check_as_of(self, as_of: date) -> None:
        """Raises Refused for a day on which the ledger cannot be seen."""
        if as_of > self.last_as_of:
            raise Refused(
                f"This ledger is complete through {self.complete_through}, so it can be seen as of {self.last_as_of} "
                f"at the latest: on {as_of} every later payment would be missing and everything would look unpaid.",
                "as_of_too_late",
            )
        if as_of <= self.history_starts:
            raise Refused(
                f"The history of this ledger starts on {self.history_starts}: nothing was known as of {as_of}.",
                "as_of_too_early",
            )

    def renamed(self, name: str, ledger_id: str) -> "Ledger":
        return replace(self, name=name, id=ledger_id)


def of_rows(ledger: Ledger, positions: Ints) -> Ledger:
    """The ledger of some of its rows, in ascending order, with everything else as it was (and no problems)."""
    payments = ledger.payments.filter(pc.is_in(ledger.payments["position"], pa.array(positions)))
    moved = pa.array(np.searchsorted(positions, payments["position"].to_numpy()).astype(np.int64))
    payments = payments.set_column(0, PAYMENTS.field("position"), moved)
    invoices = ledger.invoices.take(pa.array(positions))
    return replace(ledger, invoices=invoices, payments=payments, problems=Problems.of())


def days(column: pa.ChunkedArray) -> Days:
    """A date column as int32 days since 1970-01-01, NEVER where null."""
    filled = pc.fill_null(column.cast(pa.int32()), NEVER.item())
    return np.asarray(filled.to_numpy(), np.int32)


def day(value: date) -> int:
    """A date as days since 1970-01-01."""
    return (value - EPOCH).days


def as_date(days_since_epoch: int) -> date:
    return EPOCH + timedelta(days=int(days_since_epoch))


def open_positions(ledger: Ledger, as_of: date) -> Ints:
    """Positions in `ledger.invoices` of the invoices issued, and not settled, strictly before `as_of`."""
    table, at = ledger.invoices, day(as_of)
    is_invoice = pc.equal(table["kind"], INVOICE).to_numpy()
    return np.flatnonzero(is_invoice & (days(table["issue_date"]) < at) & (days(table["paid_date"]) >= at))


def open_invoices(ledger: Ledger, as_of: date) -> pa.Table:
    """The invoices open as of a date, `outstanding` and `days_past_due` (int32, below 0 before the due date) as of it.

    Outstanding: amount less dated payments strictly before; without those the full amount, but at complete-through + 1
    what the file says is outstanding. Columns of SCHEMA and further ones, plus `position` and `days_past_due`.
    """
    positions = open_positions(ledger, as_of)
    table = ledger.invoices.take(pa.array(positions))
    late = (day(as_of) - days(table["due_date"])).astype(np.int32)
    table = table.set_column(
        table.schema.get_field_index("outstanding"),
        SCHEMA.field("outstanding"),
        pa.array(outstanding_at(ledger, as_of, positions)),
    )
    return table.append_column("position", pa.array(positions)).append_column("days_past_due", pa.array(late))


def outstanding_at(ledger: Ledger, as_of: date, positions: Ints) -> Ints:
    """Minor units (int64) outstanding as of a date of the invoices at `positions`, all open then."""
    table, at = ledger.invoices, day(as_of)
    amount = np.asarray(table["amount"].to_numpy(), np.int64)
    if len(ledger.payments):
        known = days(ledger.payments["paid_date"]) < at
        paid = np.zeros(len(amount), np.int64)
        np.add.at(paid, ledger.payments["position"].to_numpy()[known], ledger.payments["amount"].to_numpy()[known])
        return np.asarray(amount - paid)[positions]
    if as_of != ledger.last_as_of:
        return np.asarray(amount[positions])
    open_at_export = days(table["paid_date"]) == NEVER
    return np.asarray(np.where(open_at_export, table["outstanding"].to_numpy(), amount)[positions])
