"""How is a trained model kept and found again?"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from insights.access import Person
from insights.ledger.errors import Refused
from insights.model.model_metrics import ModelMetrics
from insights.sandbox import folders
from insights.store import files, provenance
from insights.store.audit import record
from insights.store.crash_points import point
from insights.store.records import ModelRecord
from insights.store.store import Store, no_such, present
from insights.store.tables import LedgerRow, ModelRow, PredictionRow, as_record, new_id

if TYPE_CHECKING:
    from insights.model.imported import Tried
    from insights.model.model import Model

MADE_WITH = "made_with.json"


def save(  # noqa: PLR0913 - of what, by whom, what it is called, and where it was taught
    store: Store, model: "Model", ledger_id: str, *, actor: Person, name: str = "", model_id: str = "", device: str = "cpu"
) -> str:
    """Write the files, then the row; its id. A model id that is there already is left as it is.

    `device`: on which its trees were taught (`model.boosting`).
    """
    model_id = model_id or new_id()
    path = f"models/{model_id}"
    with store.lock(f"model-{model_id}"):
        with store.database.read() as session:
            if session.get(ModelRow, model_id):
                return model_id
        files.discard(store.path(path))  # of an attempt that died before its row
        files.place(store.path(path), lambda folder: write(folder, model, device), lambda: point("model.written"))
        point("model.placed")
        row = ModelRow(id=model_id, path=path, ledger_id=ledger_id, name=name, actor=actor.name, imported=False, tried=True)
        insert(store, described(store, row), actor)
    return model_id


def write(folder: Path, model: "Model", device: str) -> None:
    folder.mkdir()
    model.save(folder)
    files.write_json(folder / MADE_WITH, provenance.made_with() | {"device": device})  # other trees come from another one


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


def insert(store: Store, row: ModelRow, actor: Person) -> None:
    with store.database.write() as session:
        if row.ledger_id and session.get(LedgerRow, row.ledger_id) is None:
            files.discard(store.path(row.path))
            raise no_such("ledger", row.ledger_id)
        session.add(row)
        record(session, actor, "model.save", row.id, ledger=row.ledger_id, as_of=row.trained_as_of.isoformat())


def newest_first() -> Select[ModelRow]:
    return select(ModelRow).order_by(ModelRow.sequence.desc())


def listed(store: Store) -> list[ModelRecord]:
    with store.database.read() as session:
        return all_of(session)


def all_of(session: Session) -> list[ModelRecord]:
    """As `listed`, at the moment of a transaction."""
    return [record_of(row) for row in session.scalars(newest_first())]


def record_of(row: ModelRow) -> ModelRecord:
    return as_record(ModelRecord, row, metrics=ModelMetrics.from_json(row.metrics))


def find(session: Session, model_id: str) -> ModelRow:
    row = session.get(ModelRow, model_id)
    if row is None:
        raise no_such("model", model_id)
    return row


def get(store: Store, model_id: str) -> ModelRecord:
    with store.database.read() as session:
        return record_of(find(session, model_id))


def load(store: Store, model_id: str) -> "Model":
    from insights.model.model import Model

    with store.database.read() as session:
        row = find(session, model_id)
    with present(store, ModelRow, "model", model_id):
        if not row.tried:
            with store.lock(f"model-{model_id}"):
                row = try_late(store, model_id)
        verified(store, row)
        return Model.load(store.path(row.path))


def try_late(store: Store, model_id: str) -> ModelRow:
    """Try a model that was taken in before models were tried; from now on its files are those written from its values."""
    with store.database.read() as session:
        row = find(session, model_id)
    if row.tried:
        return row
    verified(store, row)
    from insights.model import archive, imported

    with folders.temporary() as name:
        path = name / "model.zip"
        path.write_bytes(archive.packed(origin_of(row), contents_of(store.path(row.path))))
        try:
            arrived = imported.tried(path)
        except Refused as refusal:
            raise Refused(
                f"The model “{row.name}” ({row.id}) came from elsewhere and holds what no model does: it is not used. Delete it.",
                "damaged",
                id=row.id,
            ) from refusal
    before, after = row.path, f"models/{row.id}-tried"
    files.discard(store.path(after))
    files.place(store.path(after), lambda folder: write_tried(folder, arrived))
    with store.database.write() as session:
        changed = find(session, model_id)
        changed.path, changed.sha256, changed.tried = after, files.digest(store.path(after)), True
    files.discard(store.path(before))
    return changed


def origin_of(row: ModelRow) -> dict[str, str]:
    """Who made it, when, from what."""
    made = {"id": row.id, "name": row.name, "created_at": row.created_at.isoformat()}
    return made | {"actor": row.actor, "ledger_id": row.ledger_id}


def contents_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def write_tried(folder: Path, arrived: "Tried") -> None:
    """The files of a model, written from its values: not a byte of the archive is kept."""
    folder.mkdir()
    arrived.model.save(folder)
    files.write_json(folder / MADE_WITH, arrived.made_with)


def verified(store: Store, row: ModelRow) -> None:
    """Refused unless the files are those that were saved."""
    if changed(store, row):
        raise Refused(
            f"The model “{row.name}” ({row.id}) is damaged: its files are missing or not as they were saved, so it is not used. "
            "Restore a backup, or delete it.",
            "damaged",
            id=row.id,
        )


def changed(store: Store, row: ModelRow) -> bool:
    """Whether the files of a model are missing, or not as they were saved."""
    folder = store.path(row.path)
    return not folder.is_dir() or files.digest(folder) != row.sha256


def made_with(store: Store, model_id: str) -> dict[str, Any]:
    """The versions of Python, libraries and code that a model was made with, and the device, which older ones do not say."""
    with store.database.read() as session:
        row = find(session, model_id)
    verified(store, row)
    path = store.path(row.path) / MADE_WITH
    return files.read_json(path) if path.exists() else {}


def remove(session: Session, model_id: str) -> tuple[ModelRow, tuple[str, ...]]:
    """Delete the row of a model and those of its predictions, whose paths are returned too; the files are left."""
    row = find(session, model_id)
    made = list(session.scalars(select(PredictionRow).where(PredictionRow.model_id == model_id)))
    session.execute(delete(PredictionRow).where(PredictionRow.model_id == model_id))
    session.execute(delete(ModelRow).where(ModelRow.id == model_id))
    return row, tuple(prediction.path for prediction in made)
