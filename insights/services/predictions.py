"""What did a model say of a ledger as of a date? Computed once, then immutable."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import select

from insights.services import contents
from insights.store import files, ledgers, models
from insights.store.crash_points import point
from insights.store.database import record
from insights.store.store import Store, no_model, no_such, trained_too_late
from insights.store.tables import LedgerRow, ModelRow, PredictionRow

MIX = "mix-"  # prefix of the folders that hold predictions of several models together
ROW_GROUP = 64 * 1024  # rows; so that a page of a list reads little


def name(ledger_id: str, model_id: str, as_of: date) -> str:
    return f"predictions/{ledger_id}/{model_id}/{as_of}.parquet"


def have(store: Store, ledger_id: str, model_id: str, as_of: date) -> bool:
    return store.path(name(ledger_id, model_id, as_of)).exists()


def get(store: Store, ledger_id: str, model_id: str, as_of: date) -> Path:
    """The file, made under a lock by whoever comes first."""
    path = store.path(name(ledger_id, model_id, as_of))
    if not path.exists():
        check(store, ledger_id, model_id, as_of)
        with files.lock(store.lock_file(f"predictions-{ledger_id}-{model_id}-{as_of}")):
            if not path.exists():
                make(store, ledger_id, model_id, as_of)
    return path


def check(store: Store, ledger_id: str, model_id: str, as_of: date) -> None:
    ledgers.get(store, ledger_id)
    trained_as_of = models.get(store, model_id).trained_as_of
    if trained_as_of > as_of:
        raise trained_too_late(trained_as_of, as_of)


def make(store: Store, ledger_id: str, model_id: str, as_of: date) -> None:
    from insights.prediction.scoring import score

    table = score(models.load(store, model_id), ledgers.load(store, ledger_id), as_of)
    table = signed(table, ledger_id, model_id, as_of)
    target = name(ledger_id, model_id, as_of)

    def write(begun: Path) -> None:
        pq.write_table(table, begun, compression="zstd", row_group_size=ROW_GROUP)
        point("predictions.written")
        insert(store, begun, table.num_rows, target, (ledger_id, model_id, as_of))

    # The row comes before the file: a file in place is always listed, and a row without its file is made good here.
    files.place(store.path(target), write, lambda: point("predictions.listed"))


def signed(table: pa.Table, ledger_id: str, model_id: str, as_of: date) -> pa.Table:
    """The predictions with the id of their model on every row, and where they come from in the file's metadata."""
    table = table.append_column("model", pa.array([model_id] * table.num_rows, pa.string()))
    return table.replace_schema_metadata({"ledger": ledger_id, "model": model_id, "as_of": as_of.isoformat()})


def insert(store: Store, begun: Path, rows: int, path: str, key: tuple[str, str, date]) -> None:
    ledger_id, model_id, as_of = key
    with store.database.write() as session:
        if session.get(LedgerRow, ledger_id) is None:
            raise no_such("ledger", ledger_id)
        if session.get(ModelRow, model_id) is None:
            raise no_such("model", model_id)
        found = session.scalars(select(PredictionRow).filter_by(ledger_id=ledger_id, model_id=model_id, as_of=as_of)).first()
        row = found or PredictionRow(ledger_id=ledger_id, model_id=model_id, as_of=as_of, actor=store.actor, path=path)
        row.sha256, row.rows = files.digest(begun), rows
        session.add(row)
        session.flush()
        record(session, store.actor, "predictions.make", row.id, ledger=ledger_id, model=model_id, as_of=as_of.isoformat())


def in_force(store: Store, ledger_id: str, as_of: date) -> Mapping[str, str]:
    """Company -> the model that speaks for it; empty where no model was trained by then."""
    held = contents.read(store)
    return held.by_company(held.ledger(ledger_id), as_of)


def mixed(store: Store, ledger_id: str, as_of: date) -> Path:
    """What the models in force say, each of its companies; the file of the one model where there is only one."""
    return together(store, ledger_id, in_force(store, ledger_id, as_of), as_of)


def together(store: Store, ledger_id: str, speaking: Mapping[str, str], as_of: date) -> Path:
    """What several models say, each of its companies; `speaking`: company -> model."""
    if not speaking:
        raise no_model(ledger_id, as_of)
    if len(set(speaking.values())) == 1:
        return get(store, ledger_id, next(iter(speaking.values())), as_of)
    key = sha256(json.dumps(speaking, sort_keys=True).encode()).hexdigest()[:16]
    path = store.path(name(ledger_id, MIX + key, as_of))
    if not path.exists():
        with files.lock(store.lock_file(f"predictions-{ledger_id}-{key}-{as_of}")):
            if not path.exists():
                files.place(path, lambda begun: mix(store, ledger_id, speaking, as_of, begun))
    return path


def mix(store: Store, ledger_id: str, speaking: Mapping[str, str], as_of: date, begun: Path) -> None:
    parts = []
    for model_id in sorted(set(speaking.values())):
        companies = [company for company, each in speaking.items() if each == model_id]
        table = pq.read_table(get(store, ledger_id, model_id, as_of)).replace_schema_metadata(None)
        parts.append(table.filter(pc.is_in(table["company"], pa.array(companies))))
    whole = pa.concat_tables(parts).sort_by("position")
    whole = whole.replace_schema_metadata({"ledger": ledger_id, "models": json.dumps(speaking), "as_of": as_of.isoformat()})
    pq.write_table(whole, begun, compression="zstd", row_group_size=ROW_GROUP)


def discard_mixes(store: Store, model_ids: Iterable[str]) -> None:
    """Remove the mixed files that one of these models had a part in."""
    gone = set(model_ids)
    for path in store.home.glob(f"predictions/*/{MIX}*/*.parquet"):
        if gone & set(json.loads(pq.read_schema(path).metadata[b"models"]).values()):
            files.discard(path)
