"""Where is each day's worklist kept as it was shown? In rows that are never changed, the entries a Parquet file in each.

The first list of a ledger and day is kept whole; a later one of the same day as what changed in it (`list_changes`), where that
is less, and only where something did.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from insights.access import Person
from insights.ledger.errors import Refused
from insights.store import agreements
from insights.store.list_changes import changed, changes, in_order, names
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

MOST_CHANGED: Final = 0.5  # share of a list that may have changed; above, it is kept whole


@dataclass(frozen=True)
class ShownList:
    """A list that was shown: of which ledger, as of which day, by which models (none: without predictions), to whom first."""

    id: str
    sequence: int
    created_at: datetime
    actor: str
    ledger_id: str
    as_of: date
    number: int  # of the ledger and day: 1 was shown first
    base_id: str | None  # the list of which it keeps what changed; None: it is kept whole
    models: tuple[str, ...]
    customers: int
    added: int  # of the ranked customers those who were not on the list before it
    held_back: int


def keep(store: Store, ledger_id: str, as_of: date, models: Sequence[str], entries: pa.Table, *, actor: Person) -> bool:
    """Keep a list (columns of ENTRIES) as it is shown now, unless `actor` was shown the same before; whether it was kept.

    What counts as shown before is the last list of the ledger and day that was kept for `actor`, else for anybody.
    """
    now = in_order(entries.cast(ENTRIES))
    with store.database.write() as session:
        query = select(ShownListRow).filter_by(ledger_id=ledger_id, as_of=as_of).order_by(ShownListRow.number)
        shown = session.scalars(query).all()
        row = _row(shown, now, models, actor.name)
        if row is None:
            return False
        row.ledger_id, row.as_of, row.number = ledger_id, as_of, len(shown) + 1
        session.add(row)
    return True


def _row(shown: Sequence[ShownListRow], now: pa.Table, models: Sequence[str], actor: str) -> ShownListRow | None:
    """The row for a list after those that were shown of its day; None where nothing changed."""
    customers = len(now) - now["number"].null_count
    row = ShownListRow(actor=actor, models=list(models), customers=customers, added=customers, held_back=len(now) - customers)
    written = now
    if shown:
        last = next((shown_list for shown_list in reversed(shown) if shown_list.actor == actor), shown[-1])
        base = next(shown_list for shown_list in shown if shown_list.id == (last.base_id or last.id))
        whole = in_order(_read(base))
        before = whole if last is base else changed(whole, _read(last))
        if before.equals(now) and list(last.models) == list(models):
            return None
        ranked, earlier = (names(table.filter(pc.is_valid(table["number"]))) for table in (now, before))
        row.added = pc.sum(pc.invert(pc.is_in(ranked, value_set=earlier.combine_chunks())), min_count=0).as_py()
        change = changes(whole, now)
        alike = list(base.models) == list(models) and len(change) <= len(now) * MOST_CHANGED
        if alike and changed(whole, change).equals(now):
            row.base_id, written = base.id, change
    sink = pa.BufferOutputStream()
    pq.write_table(written, sink, compression="zstd")
    row.entries = sink.getvalue().to_pybytes()
    row.sha256 = sha256(row.entries).hexdigest()
    return row


def listed(store: Store, ledger_ids: Collection[str], *, until: date) -> list[ShownList]:
    """The lists of some ledgers as of days up to and including `until`: by day, and within it in the order of showing."""
    wanted = select(ShownListRow).where(ShownListRow.ledger_id.in_(sorted(ledger_ids)), ShownListRow.as_of <= until)
    with store.database.read() as session:
        rows = session.scalars(wanted.order_by(ShownListRow.as_of, ShownListRow.sequence))
        return [as_record(ShownList, row) for row in rows]


def fingerprint(store: Store) -> str:
    """What tells a cache that a list was kept, or went with its ledger, or that something was agreed since."""
    newest, many = (
        select(mark).select_from(ShownListRow).scalar_subquery() for mark in (func.max(ShownListRow.sequence), func.count())
    )
    with store.database.read() as session:
        return "-".join(str(mark) for mark in session.execute(select(newest, many, *agreements.marks())).one())


def entries(store: Store, list_id: str) -> pa.Table:
    """What a list showed (ENTRIES), ranked entries by number. Refused where it is not as it was written."""
    with store.database.read() as session:
        row = _get(session, list_id)
        if row.base_id is None:
            return in_order(_read(row))
        return changed(_read(_get(session, row.base_id)), _read(row))


def written(store: Store, list_id: str) -> pa.Table:
    """What is kept of a list (ENTRIES): all of it, or what changed; whoever it `added` is in it. Refused as `entries`."""
    with store.database.read() as session:
        return _read(_get(session, list_id))


def _get(session: Session, list_id: str) -> ShownListRow:
    row = session.get(ShownListRow, list_id)
    if row is None:
        raise no_such("list", list_id)
    return row


def _read(row: ShownListRow) -> pa.Table:
    if sha256(row.entries).hexdigest() != row.sha256:
        raise Refused(f"The list as of {row.as_of} is not as it was kept: restore a backup.", "damaged")
    return pq.read_table(pa.BufferReader(row.entries)).cast(ENTRIES)
