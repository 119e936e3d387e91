"""Where are predictions kept? One immutable file per ledger, model and day, its rows in order of the ledger."""

import json
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
from sqlalchemy import func, select

from insights.access import Person
from insights.portfolio.snapshot import FORMAT, PREDICTIONS
from insights.store import digests, files
from insights.store.audit import record
from insights.store.records import PredictionRecord
from insights.store.store import Store, no_such, present
from insights.store.tables import LedgerRow, ModelRow, PredictionRow, as_record

if TYPE_CHECKING:
    import pyarrow as pa

MIX = "mix-"  # prefix of the folders that hold predictions of several models together
ROW_GROUP = 64 * 1024  # rows; so that a page of a list reads little


def name(ledger_id: str, model_id: str, as_of: date) -> str:
    """The file of a model's predictions, relative to the home."""
    return f"predictions/{ledger_id}/{model_id}/{as_of}.parquet"


def have(store: Store, ledger_id: str, model_id: str, as_of: date) -> bool:
    """Whether a model's predictions are kept, as they were written and in today's format; else they are computed anew."""
    with store.database.read() as session:
        row = session.scalars(select(PredictionRow).filter_by(ledger_id=ledger_id, model_id=model_id, as_of=as_of)).first()
    path = store.path(name(ledger_id, model_id, as_of))
    return row is not None and digests.intact(path, row.sha256) and is_of_today(path)


def have_mix(store: Store, path: Path) -> bool:
    """The same of predictions of several models together."""
    with store.database.read() as session:
        return digests.kept(session, store.home, path) and is_of_today(path)


def is_of_today(path: Path) -> bool:
    """Whether predictions have today's columns, which mean what they mean today."""
    schema = pq.read_schema(path)
    return set(PREDICTIONS.names) <= set(schema.names) and (schema.metadata or {}).get(b"format") == FORMAT.encode()


def write(table: "pa.Table", begun: Path) -> None:
    pq.write_table(table, begun, compression="zstd", row_group_size=ROW_GROUP)


def place(store: Store, key: tuple[str, str, date], write: Callable[[Path], None], before: Callable[[], None]) -> None:
    """As `files.place`, where the predictions of a key lie. Refused where the ledger or the model is deleted meanwhile."""
    ledger_id, model_id, _ = key
    with present(store, LedgerRow, "ledger", ledger_id), present(store, ModelRow, "model", model_id):
        files.place(store.path(name(*key)), write, before)


def place_mix(store: Store, table: "pa.Table", ledger_id: str, target: Path) -> None:
    """Predictions of several models together, with their digest on record. Refused where the ledger is deleted meanwhile."""

    def written(begun: Path) -> None:
        write(table, begun)
        with store.database.write() as session:
            digests.keep(session, store.home, target, begun)

    with present(store, LedgerRow, "ledger", ledger_id):
        files.place(target, written)


def insert(store: Store, begun: Path, rows: int, key: tuple[str, str, date], *, actor: Person) -> None:
    """Make the row of a file that is about to be put in place."""
    ledger_id, model_id, as_of = key
    with store.database.write() as session:
        if session.get(LedgerRow, ledger_id) is None:
            raise no_such("ledger", ledger_id)
        if session.get(ModelRow, model_id) is None:
            raise no_such("model", model_id)
        earlier = session.scalars(select(PredictionRow).filter_by(ledger_id=ledger_id, model_id=model_id, as_of=as_of)).first()
        row = earlier or PredictionRow(ledger_id=ledger_id, model_id=model_id, as_of=as_of, actor=actor.name, path=name(*key))
        row.sha256, row.rows = files.digest(begun), rows
        session.add(row)
        session.flush()
        record(session, actor, "predictions.make", row.id, ledger=ledger_id, model=model_id, as_of=as_of.isoformat())


def discard_mixes(store: Store, model_ids: Iterable[str]) -> None:
    """Remove the mixed files that one of these models had a part in."""
    gone = set(model_ids)
    for path in store.home.glob(f"predictions/*/{MIX}*/*.parquet"):
        if not have_mix(store, path) or gone & set(json.loads(pq.read_schema(path).metadata[b"models"]).values()):
            files.discard(path)


def fingerprint(store: Store) -> str:
    """What tells a cache that predictions were made, or went."""
    with store.database.read() as session:
        return "-".join(map(str, session.execute(select(func.max(PredictionRow.sequence), func.count(PredictionRow.id))).one()))


def made_at_the_end(store: Store, until: date) -> list[PredictionRecord]:
    """Predictions that were made as of the newest day of their ledger, at the latest as of `until`; oldest first."""
    made = (
        select(PredictionRow)
        .join(LedgerRow, LedgerRow.id == PredictionRow.ledger_id)
        .where(PredictionRow.as_of >= LedgerRow.default_as_of, PredictionRow.as_of <= until)
        .order_by(PredictionRow.sequence)
    )
    with store.database.read() as session:
        return [as_record(PredictionRecord, row) for row in session.scalars(made)]
