"""Write a model as one archive, and keep one that came in an archive."""

from pathlib import Path

from insights.ledger import whole_files
from insights.store import archive, audit
from insights.store.store import Store


def export(store: Store, model_id: str, path: Path, *, actor: str) -> None:
    """Write a model with who made it from what, as one archive. Recorded."""
    content = archive.of_model(store, model_id)
    whole_files.write(path, lambda begun: begun.write_bytes(content))
    with store.database.write() as session:
        audit.record(session, actor, "model.export", model_id)


def import_(store: Store, path: Path, *, actor: str) -> str:
    """Keep the model in an archive, under the id that it has; Refused where a byte was changed since it was written."""
    return archive.keep(store, *archive.unpacked(path), actor=actor)
