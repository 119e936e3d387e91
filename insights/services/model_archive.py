"""Write a model as one archive, and take in one from elsewhere."""

from pathlib import Path

from insights.access import Capability, Person, require
from insights.ledger import whole_files
from insights.ledger.errors import Refused
from insights.model import imported
from insights.model.imported import Tried
from insights.store import archives, audit
from insights.store.store import Store


def export(store: Store, model_id: str, path: Path, *, actor: Person) -> None:
    """Write a model with who made it from what, as one archive. Recorded."""
    require(actor, Capability.PUBLISH)
    content = archives.of_model(store, model_id)
    whole_files.write(path, lambda begun: begun.write_bytes(content))
    with store.database.write() as session:
        audit.record(session, actor, "model.export", model_id)


def examined(path: Path) -> Tried:
    """The model of an archive, which was checked and tried in the limited child; nothing is kept.

    Refused for what is no model, or changed since it was written.
    """
    return imported.tried(path)


def take_in(store: Store, arrived: Tried, *, trust: str, actor: Person) -> str:
    """Keep a model that was examined, under the id that it has. Recorded, with why it is trusted.

    Refused with code "not_trusted" without a reason, unless this very model is here already, or this workspace wrote its
    archive. From elsewhere it speaks nowhere until it is published, and what it says of itself counts for nothing.
    """
    require(actor, Capability.PUBLISH)
    reason = trust.strip()
    if not reason and not archives.here(store, arrived) and not is_ours(store, arrived):
        raise Refused(not_trusted(arrived), "not_trusted", id=arrived.origin["id"])
    return archives.keep(store, arrived, trust=reason, actor=actor)


def is_ours(store: Store, arrived: Tried) -> bool:
    """Whether this workspace trained this very model and wrote the archive: then nobody has to vouch for it."""
    return archives.is_ours(store, arrived)


def import_(store: Store, path: Path, *, trust: str, actor: Person) -> str:
    """Examine the model in an archive and keep it; as `examined` and `take_in`."""
    require(actor, Capability.PUBLISH)
    return take_in(store, examined(path), trust=trust, actor=actor)


def not_trusted(arrived: Tried) -> str:
    """What the archive says of where the model comes from, and that nobody can vouch for it."""
    origin = arrived.origin
    return (
        f"This model comes from elsewhere. Its archive says that {origin['actor'] or 'nobody'} made it on "
        f"{origin['created_at'][:10] or 'an unknown day'}, of what was known before {arrived.model.trained_as_of}; anybody could "
        "have written that, and what it predicts. Say why you trust it (--trust REASON): that is recorded."
    )
