"""Write a model as one archive, and keep one that came in an archive."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from insights.ledger.errors import Refused
from insights.store import archive, audit, files, ledgers, models
from insights.store.store import Store
from insights.store.tables import ModelRow


def export(store: Store, model_id: str, path: Path, *, actor: str) -> None:
    """Write a model with who made it from what, as one archive. Recorded."""
    path.write_bytes(archive.of_model(store, model_id))
    with store.database.write() as session:
        audit.record(session, actor, "model.export", model_id)


def import_(store: Store, path: Path, *, actor: str) -> str:
    """Keep the model in an archive, under the id that it has; Refused where a byte was changed since it was written."""
    manifest, contents = archive.unpacked(path)
    model_id = str(manifest["id"])
    with store.database.read() as session:
        if (known := session.get(ModelRow, model_id)) is not None:
            return same(known, contents, store)
    with files.lock(store.lock_file(f"model-{model_id}")):
        row = placed(store, manifest, contents)
        row.actor, row.created_at = actor, datetime.now(UTC)
        made = {"made_by": manifest["actor"], "made_at": manifest["created_at"], "from_ledger": manifest["ledger_id"]}
        with store.database.write() as session:
            session.add(row)
            audit.record(session, actor, "model.import", row.id, **made)
    return model_id


def placed(store: Store, manifest: dict[str, Any], contents: dict[str, bytes]) -> ModelRow:
    """The row of a model whose files were put in place from an archive; Refused where they are no model."""
    model_id, target = str(manifest["id"]), f"models/{manifest['id']}"
    here = {record.id for record in ledgers.listed(store)}
    ledger_id = manifest["ledger_id"] if manifest["ledger_id"] in here else ""
    files.discard(store.path(target))
    files.place(store.path(target), lambda folder: archive.write(folder, contents))
    try:
        return models.described(store, ModelRow(id=model_id, path=target, ledger_id=ledger_id, name=manifest["name"]))
    except (Refused, ValueError, KeyError, TypeError, OSError) as error:
        files.discard(store.path(target))
        raise archive.damaged() from error


def same(known: ModelRow, contents: dict[str, bytes], store: Store) -> str:
    """The id of a model that is here already, if it is this very model."""
    if archive.contents_of(store.path(known.path)) != contents:
        raise Refused("A model with this id is here already, and it is a different one.", "model_differs", id=known.id)
    return known.id
