"""Where is each day's worklist kept as it was shown first? In a row that is never changed, its entries a Parquet file in it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from insights.access import Person
from insights.ledger.errors import Refused
from insights.store import agreements
from insights.store.store import Store, no_such
from insights.store.tables import ShownListRow, as_record

INVOICE: Final = pa.struct(
    [
        pa.field("invoice_id", pa.string()),
        pa.field("line", pa.string()),
        pa.field("outstanding", pa.int64()),  # minor units of the customer's currency
        pa.field("overdue", pa.bool_()),
        pa.field("due_by", pa.date32()),  # the last day on time
        pa.field("slips", pa.float64()),  # the probability that was shown
    ]
)
ENTRIES: Final = pa.schema(
    [
        pa.field("number", pa.int64()),  # rank, 1 is first; null where it was held back
        *(pa.field(name, pa.string()) for name in ("company", "customer_id", "customer_name", "currency")),
        pa.field("likely", pa.int64()),  # minor units: likely to slip, or what would
        pa.field("gate", pa.string()),  # by which it was held back; null where it was ranked
        pa.field("returns", pa.date32()),
        pa.field("owner", pa.string()),
        pa.field("invoices", pa.list_(INVOICE)),  # those that count, of ranked ones
    ]
)


@dataclass(frozen=True)
class ShownList:
    """A list that was shown: of which ledger, as of which day, by which models (none: without predictions), to whom first."""

    id: str
    sequence: int
    created_at: datetime
    actor: str
    ledger_id: str
    as_of: date
    models: tuple[str, ...]
    customers: int
    held_back: int


def is_kept(store: Store, ledger_id: str, as_of: date) -> bool:
    """Whether the list of a ledger and day was shown before."""
    with store.database.read() as session:
        return session.scalar(select(ShownListRow.id).filter_by(ledger_id=ledger_id, as_of=as_of)) is not None


def keep(store: Store, ledger_id: str, as_of: date, models: Sequence[str], entries: pa.Table, *, actor: Person) -> bool:
    """Keep a list (columns of ENTRIES) as it is shown now, unless it was shown before; whether it was kept."""
    sink = pa.BufferOutputStream()
    pq.write_table(entries.cast(ENTRIES), sink, compression="zstd")
    written = sink.getvalue().to_pybytes()
    gates = len(entries) - entries["gate"].null_count
    row = ShownListRow(
        actor=actor.name,
        ledger_id=ledger_id,
        as_of=as_of,
        models=list(models),
        customers=len(entries) - gates,
        held_back=gates,
        sha256=sha256(written).hexdigest(),
        entries=written,
    )
    try:
        with store.database.write() as session:
            if session.scalar(select(ShownListRow.id).filter_by(ledger_id=ledger_id, as_of=as_of)) is not None:
                return False
            session.add(row)
    except IntegrityError:  # somebody else was shown it at the same moment
        return False
    return True


def listed(store: Store, ledger_ids: Collection[str], *, until: date) -> list[ShownList]:
    """The lists of some ledgers as of days up to and including `until`; of several of a day the one that was shown first."""
    wanted = select(ShownListRow).where(ShownListRow.ledger_id.in_(sorted(ledger_ids)), ShownListRow.as_of <= until)
    with store.database.read() as session:
        rows = session.scalars(wanted.order_by(ShownListRow.as_of, ShownListRow.sequence.desc()))
        first = {row.as_of: as_record(ShownList, row) for row in rows}
    return list(first.values())


def fingerprint(store: Store) -> str:
    """What tells a cache that a list was kept, or went with its ledger, or that something was agreed since."""
    newest, many = (
        select(each).select_from(ShownListRow).scalar_subquery() for each in (func.max(ShownListRow.sequence), func.count())
    )
    with store.database.read() as session:
        return "-".join(str(each) for each in session.execute(select(newest, many, *agreements.marks())).one())


def entries(store: Store, list_id: str, columns: Sequence[str] | None = None) -> pa.Table:
    """What a list showed (ENTRIES, or some of its columns). Refused where it is not as it was written."""
    with store.database.read() as session:
        found = session.get(ShownListRow, list_id)
        if found is None:
            raise no_such("list", list_id)
        written = found.entries
        if sha256(written).hexdigest() != found.sha256:
            raise Refused(f"The list as of {found.as_of} is not as it was kept: restore a backup.", "damaged")
    return pq.read_table(pa.BufferReader(written), columns=None if columns is None else list(columns))
