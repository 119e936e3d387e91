"""How is a ledger kept for good, found again, and removed with everything that came of it?"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from insights import portfolio
from insights.access import Person
from insights.ledger.errors import Refused
from insights.ledger.ledger import Aside, Ledger, Problems
from insights.store import answers, files, lineages, mapped_ledgers
from insights.store.audit import record
from insights.store.crash_points import point
from insights.store.records import LedgerRecord
from insights.store.store import Store, no_such, present
from insights.store.tables import LedgerRow, ModelRow, PredictionRow, ShownListRow, as_record, new_id

FORMAT = 1
TABLES = ("invoices", "payments", "problems")
INVOICES = f"{TABLES[0]}.parquet"
META = "ledger.json"


@contextmanager
def being_written(store: Store) -> Iterator[str]:
    """The id of a new ledger, locked: no sweep takes its files for left over before it has its row."""
    ledger_id = new_id()
    with store.lock(lock_of(ledger_id)):
        yield ledger_id
    store.forget_lock(lock_of(ledger_id))


def lock_of(ledger_id: str) -> str:
    """The name of a ledger's lock."""
    return f"ledger-{ledger_id}"


def save(store: Store, ledger: Ledger, ledger_id: str) -> Ledger:
    """Write the files of a ledger under its id; as read back, which is what everybody will see from now on.

    It counts once `add` has made its row.
    """
    ledger = ledger.renamed(ledger.name or "Ledger", ledger_id)
    files.place(store.path(place(ledger.id)), lambda folder: write(folder, ledger), lambda: point("ledger.written"))
    point("ledger.placed")
    return read(store.path(place(ledger.id)))


def add(session: Session, store: Store, ledger: Ledger, *, lineage_id: str, actor: Person) -> None:
    """Make the row of a ledger whose files are in place, as the newest version of a lineage."""
    entry = row(ledger, files.digest(store.path(place(ledger.id)) / META), actor)
    entry.lineage_id, entry.version = lineage_id, lineages.next_version(session, lineage_id)
    session.add(entry)
    details = {"rows": ledger.invoices.num_rows, "lineage": lineage_id, "version": entry.version}
    record(session, actor, "ledger.commit", ledger.id, name=ledger.name, **details)


def place(ledger_id: str) -> str:
    """The folder of a ledger, relative to the home."""
    return f"ledgers/{ledger_id}"


def row(ledger: Ledger, sha256: str, actor: Person) -> LedgerRow:
    invoices = ledger.invoices
    return LedgerRow(
        id=ledger.id,
        actor=actor.name,
        name=ledger.name,
        path=place(ledger.id),
        sha256=sha256,
        fingerprint=ledger.fingerprint,
        rows=invoices.num_rows,
        rows_read=ledger.rows_read,
        rows_set_aside=ledger.rows_set_aside,
        rows_ignored=ledger.rows_ignored,
        problems=problem_counts(ledger),
        companies=sorted(pc.unique(invoices["company"]).to_pylist()),
        customers=invoices.group_by(["company", "customer_id"]).aggregate([]).num_rows,
        complete_through=ledger.complete_through,
        history_starts=ledger.history_starts,
        default_as_of=ledger.default_as_of,
        outstanding=owed(ledger, "receivables"),
        balance=owed(ledger, "net_balance"),
        known_at_issue=list(ledger.known_at_issue),
    )


def problem_counts(ledger: Ledger) -> dict[str, int]:
    """Rows set aside per reason; a row counts once, under its first reason, so that they sum to `rows_set_aside`."""
    first = ledger.problems.aside.table.group_by("row", use_threads=False).aggregate([("reason", "first")])
    return Problems.counts_of(first["reason_first"])


def owed(ledger: Ledger, name: Literal["receivables", "net_balance"]) -> dict[str, int]:
    """What is owed as of the day after complete-through, per currency in which anything is open, minor units."""
    return portfolio.per_currency(portfolio.net_balances(ledger, ledger.last_as_of, ["currency"]), name)


def balance(store: Store, record: LedgerRecord) -> Mapping[str, int]:
    """Net balance of a ledger per currency, minor units: as it was counted at its commit, else counted now."""
    return owed(load(store, record.id), "net_balance") if record.balance is None else record.balance


def write(folder: Path, ledger: Ledger) -> None:
    folder.mkdir()
    tables = (ledger.invoices, ledger.payments, ledger.problems.table)
    for name, table in zip(TABLES, tables, strict=True):
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
    meta = {
        "format": FORMAT,
        "id": ledger.id,
        "name": ledger.name,
        "complete_through": ledger.complete_through.isoformat(),
        "history_starts": ledger.history_starts.isoformat(),
        "known_at_issue": list(ledger.known_at_issue),
        "rows_read": ledger.rows_read,
        "rows_ignored": ledger.rows_ignored,
        "aside": None if ledger.aside is None else [asdict(part) for part in ledger.aside],
        "sha256": {name: files.digest(folder / f"{name}.parquet") for name in TABLES},
    }
    files.write_json(folder / META, meta)


def read(folder: Path, invoices: pa.Table | None = None) -> Ledger:
    """The ledger in a folder, as it was written (`changed`); `invoices`: its rows, where they are read already."""
    invoices = pq.read_table(folder / INVOICES) if invoices is None else invoices
    payments, problems = (pq.read_table(folder / f"{name}.parquet") for name in TABLES[1:])
    return replace(_of_meta(folder, invoices), payments=payments, problems=Problems(problems))


def read_empty(folder: Path) -> Ledger:
    """The ledger in a folder without its rows and problems, however large it is: its columns, and the days of which it knows."""
    return _of_meta(folder, pq.read_schema(folder / INVOICES).empty_table())


def _of_meta(folder: Path, invoices: pa.Table) -> Ledger:
    meta = files.read_json(folder / META)
    return Ledger(
        invoices=invoices,
        complete_through=date.fromisoformat(meta["complete_through"]),
        history_starts=date.fromisoformat(meta["history_starts"]),
        known_at_issue=tuple(meta["known_at_issue"]),
        rows_read=meta["rows_read"],
        rows_ignored=meta["rows_ignored"],
        name=meta["name"],
        id=meta["id"],
        aside=_aside(meta),
    )


def aside(store: Store, record: LedgerRecord) -> tuple[Aside, ...] | None:
    """What was set aside of a ledger, with sums, without reading its rows; None where they were not counted yet."""
    return _aside(files.read_json(store.path(place(record.id)) / META))


def _aside(meta: Mapping[str, Any]) -> tuple[Aside, ...] | None:
    parts = meta.get("aside")
    return None if parts is None else tuple(Aside(**part) for part in parts)


def listed(store: Store) -> list[LedgerRecord]:
    with store.database.read() as session:
        return all_of(session)


def all_of(session: Session) -> list[LedgerRecord]:
    """As `listed`, at the moment of a transaction."""
    return [as_record(LedgerRecord, row) for row in session.scalars(newest_first())]


def get(store: Store, ledger_id: str = "") -> LedgerRecord:
    with store.database.read() as session:
        return as_record(LedgerRecord, find(session, ledger_id))


def load(store: Store, ledger_id: str = "") -> Ledger:
    """The ledger, the newest for ""; Refused, with its name, where a byte differs from what was written."""
    with unharmed(store, ledger_id) as folder:
        meta = files.read_json(folder / META)
        rows = mapped_ledgers.invoices(store, str(meta["id"]), folder / INVOICES, str(meta["sha256"]["invoices"]))
        return read(folder, rows)


@contextmanager
def unharmed(store: Store, ledger_id: str = "") -> Iterator[Path]:
    """The folder of a ledger, for those who do not read it whole; Refused as by `load`."""
    with store.database.read() as session:
        row = find(session, ledger_id)
    with present(store, LedgerRow, "ledger", row.id):
        if wrong := changed(store, row):
            verb = "is" if len(wrong) == 1 else "are"
            raise Refused(
                f"The ledger “{row.name}” ({row.id}) is damaged: {', '.join(wrong)} of it {verb} missing or not as written. "
                "Nothing of it is shown: restore a backup, or delete it and import its file again.",
                "damaged",
                id=row.id,
            )
        yield store.path(row.path)


def changed(store: Store, row: LedgerRow) -> list[str]:
    """The files of a ledger that are missing or not as they were written."""
    folder = store.path(row.path)
    if not (folder / META).is_file() or files.digest(folder / META) != row.sha256:
        return [META]
    digests = files.read_json(folder / META)["sha256"]
    paths = [(folder / f"{name}.parquet", digests[name]) for name in TABLES]
    return [path.name for path, sha256 in paths if not path.is_file() or files.digest(path) != sha256]


def customers(store: Store, ledger_id: str) -> set[tuple[str, str]]:
    """The customers of a ledger: company and customer id."""
    table = load(store, ledger_id).invoices.group_by(["company", "customer_id"]).aggregate([])
    return set(zip(table["company"].to_pylist(), table["customer_id"].to_pylist(), strict=True))


def columns(store: Store, ledger_id: str, names: Sequence[str]) -> pa.Table:
    """Some columns of a ledger's invoices, for looking around in many ledgers: not compared with what was once written."""
    with store.database.read() as session:
        row = find(session, ledger_id)
    return pq.read_table(store.path(row.path) / INVOICES, columns=list(names))


def companies_with(store: Store, ledger_id: str, column: str, value: str) -> set[str]:
    """The companies of a ledger with an invoice of which a column of texts says this; none where there is no such column."""
    with store.database.read() as session:
        path = store.path(find(session, ledger_id).path) / INVOICES
    schema = pq.read_schema(path)
    if column not in schema.names or not pa.types.is_string(schema.field(column).type):
        return set()
    return set(pc.unique(pq.read_table(path, columns=["company"], filters=[(column, "=", value)])["company"]).to_pylist())


def newest_first() -> Select[LedgerRow]:
    """By the order of their commits, which a clock that is put back does not change."""
    return select(LedgerRow).order_by(LedgerRow.sequence.desc())


def find(session: Session, ledger_id: str) -> LedgerRow:
    """The row of a ledger, of the newest one for ""."""
    if not ledger_id:
        newest = session.scalars(newest_first().limit(1)).first()
        if newest is None:
            raise Refused("There is no ledger in this workspace yet: import one first.", "no_ledger")
        return newest
    row = session.get(LedgerRow, ledger_id)
    if row is None:
        raise no_such("ledger", ledger_id)
    return row


@dataclass(frozen=True)
class Removed:
    """What went with a ledger: its models, its and their predictions, and the paths that nothing speaks of any more."""

    name: str
    models: tuple[str, ...]
    predictions: tuple[str, ...]
    paths: tuple[str, ...]


def remove(session: Session, ledger_id: str) -> Removed:
    """Delete the rows of a ledger and of everything that was made from it; the files are left."""
    ledger = session.get(LedgerRow, ledger_id)
    if ledger is None:
        raise no_such("ledger", ledger_id)
    models = list(session.scalars(select(ModelRow).where(ModelRow.ledger_id == ledger_id)))
    model_ids = [model.id for model in models]
    derived = (PredictionRow.ledger_id == ledger_id) | PredictionRow.model_id.in_(model_ids)
    predictions = list(session.scalars(select(PredictionRow).where(derived)))
    paths = (
        ledger.path,
        f"backtests/{ledger_id}",
        answers.place(ledger_id),
        mapped_ledgers.place(ledger_id),
        *(model.path for model in models),
        *(prediction.path for prediction in predictions),
    )
    session.execute(delete(PredictionRow).where(derived))
    session.execute(delete(ModelRow).where(ModelRow.ledger_id == ledger_id))
    session.execute(delete(ShownListRow).where(ShownListRow.ledger_id == ledger_id))
    session.execute(delete(LedgerRow).where(LedgerRow.id == ledger_id))
    lineages.forget_empty(session, ledger.lineage_id)
    return Removed(ledger.name, tuple(model_ids), tuple(prediction.id for prediction in predictions), paths)
