"""How is a trained model kept and found again?"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from insights.ledger.errors import Refused
from insights.model.model_metrics import ModelMetrics
from insights.store import files, provenance
from insights.store.audit import record
from insights.store.crash_points import point
from insights.store.records import ModelRecord
from insights.store.store import Store, no_such
from insights.store.tables import LedgerRow, ModelRow, as_record, new_id

if TYPE_CHECKING:
    from insights.model.model import Model

MADE_WITH = "made_with.json"


def save(store: Store, model: "Model", ledger_id: str, *, actor: str, name: str = "", model_id: str = "") -> str:
    """Write the files, then the row; its id. A model id that is there already is left as it is."""
    model_id = model_id or new_id()
    path = f"models/{model_id}"
    with files.lock(store.lock_file(f"model-{model_id}")):
        with store.database.read() as session:
            if session.get(ModelRow, model_id):
                return model_id
        files.discard(store.path(path))  # of an attempt that died before its row
        files.place(store.path(path), lambda folder: write(folder, model), lambda: point("model.written"))
        point("model.placed")
        insert(
            store,
            described(
                store, ModelRow(id=model_id, path=path, ledger_id=ledger_id, name=name, actor=actor, imported=False, tried=True)
            ),
        )
    return model_id


def write(folder: Path, model: "Model") -> None:
    folder.mkdir()
    model.save(folder)
    files.write_json(folder / MADE_WITH, provenance.made_with())


def described(store: Store, row: ModelRow) -> ModelRow:
    """The row of a model whose files are in place, filled in from them."""
    from insights.model.model import Model

    model = Model.load(store.path(row.path))
    row.sha256 = files.digest(store.path(row.path))
    row.name = row.name or f"as of {model.trained_as_of}"
    row.trained_as_of = model.trained_as_of
    row.recipe = model.recipe.to_json()
    row.fields = list(model.fields)
    row.metrics = model.metrics.to_json()
    return row


def insert(store: Store, row: ModelRow) -> None:
    with store.database.write() as session:
        if row.ledger_id and session.get(LedgerRow, row.ledger_id) is None:
            files.discard(store.path(row.path))
            raise no_such("ledger", row.ledger_id)
        session.add(row)
        record(session, row.actor, "model.save", row.id, ledger=row.ledger_id, as_of=row.trained_as_of.isoformat())


def newest_first() -> Select[ModelRow]:
    return select(ModelRow).order_by(ModelRow.sequence.desc())


def listed(store: Store) -> list[ModelRecord]:
    with store.database.read() as session:
        return [record_of(row) for row in session.scalars(newest_first())]


def record_of(row: ModelRow) -> ModelRecord:
    return as_record(ModelRecord, row, metrics=ModelMetrics.from_json(row.metrics))


def find(session: Session, model_id: str) -> ModelRow:
    found = session.get(ModelRow, model_id)
    if found is None:
        raise no_such("model", model_id)
    return found


def get(store: Store, model_id: str) -> ModelRecord:
    with store.database.read() as session:
        return record_of(find(session, model_id))


def load(store: Store, model_id: str) -> "Model":
    from insights.model.model import Model

    with store.database.read() as session:
        found = find(session, model_id)
    verified(store, found)
    return Model.load(store.path(found.path))


def verified(store: Store, row: ModelRow) -> None:
    """Refused unless the files are those that were saved."""
    folder = store.path(row.path)
    if not folder.exists() or files.digest(folder) != row.sha256:
        raise Refused("The files of this model were changed after it was saved, so it is not used.", "damaged", id=row.id)


def made_with(store: Store, model_id: str) -> dict[str, Any]:
    """The versions of Python, libraries and code that a model was made with."""
    with store.database.read() as session:
        path = store.path(find(session, model_id).path) / MADE_WITH
    return files.read_json(path) if path.exists() else {}
