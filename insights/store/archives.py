"""How does a model leave a workspace, and how is one from elsewhere kept?"""

from insights.access import Person
from insights.ledger.errors import Refused
from insights.model import archive
from insights.model.imported import Tried
from insights.sandbox import folders
from insights.store import audit, files, models, signing
from insights.store.store import Store
from insights.store.tables import LedgerRow, ModelRow


def of_model(store: Store, model_id: str) -> bytes:
    """A model with who made it from what, as one archive, after every byte of it was verified.

    Signed where it was trained here. One from elsewhere stays one: what it says of itself was checked by nobody.
    """
    with store.database.read() as session:
        row = models.find(session, model_id)
    models.verified(store, row)
    origin, contents = models.origin_of(row), models.contents_of(store.path(row.path))
    signed = "" if row.imported else signing.signature(store, archive.packed(origin, contents))
    return archive.packed(origin | {"signature": signed}, contents)


def is_ours(store: Store, arrived: Tried) -> bool:
    """Whether this workspace trained and wrote this very model; judged by what would be kept, not by what the archive says."""
    origin = {name: value for name, value in arrived.origin.items() if name != "signature"}
    content = archive.packed(origin, contents_of(arrived))
    return signing.is_ours(store, content, arrived.origin.get("signature", ""))


def contents_of(arrived: Tried) -> dict[str, bytes]:
    """The files that a model which was tried is kept as."""
    with folders.temporary() as name:
        models.write_tried(name / "model", arrived)
        return models.contents_of(name / "model")


def here(store: Store, arrived: Tried) -> bool:
    """Whether this very model is in the workspace; Refused where another has its id."""
    model_id = arrived.origin["id"]
    with store.database.read() as session:
        row = session.get(ModelRow, model_id)
    if row is None:
        return False
    if contents_of(arrived) != models.contents_of(store.path(row.path)):
        raise Refused("A model with this id is here already, and it is a different one.", "model_differs", id=model_id)
    return True


def keep(store: Store, arrived: Tried, *, trust: str, actor: Person) -> str:
    """Keep a model that was tried, under the id that it has; nothing is done where this very model is here. Recorded.

    One that this workspace trained and wrote itself is again what it was; every other one is from elsewhere.
    """
    elsewhere = not is_ours(store, arrived)
    origin = arrived.origin
    model_id, path = origin["id"], f"models/{origin['id']}"
    with store.lock(f"model-{model_id}"):
        if here(store, arrived):
            return model_id
        files.discard(store.path(path))  # of an attempt that died before its row
        files.place(store.path(path), lambda folder: models.write_tried(folder, arrived))
        row = ModelRow(id=model_id, path=path, name=origin["name"], actor=actor.name, imported=elsewhere, tried=True)
        described = models.described(store, row)
        by = {"made_by": origin["actor"], "made_at": origin["created_at"], "from_ledger": origin["ledger_id"]}
        with store.database.write() as session:
            described.ledger_id = origin["ledger_id"] if session.get(LedgerRow, origin["ledger_id"]) else ""
            session.add(described)
            audit.record(session, actor, "model.import", model_id, trust=trust, signed_here=not elsewhere, **by)
    return model_id
