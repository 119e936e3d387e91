"""Name a model, or delete it with everything that it said."""

from insights.access import Capability, Person, require
from insights.ledger.errors import Refused
from insights.store import audit, files, housekeeping, models, predictions, publications, reserve
from insights.store.crash_points import point
from insights.store.store import Store

LONGEST_NAME = 80  # characters


def rename(store: Store, model_id: str, name: str, *, actor: Person) -> None:
    """Call a model so, wherever it is shown; names are no keys, and two may be alike. Recorded.

    Refused with code "no_name" for an empty name, "long_name" for one of more than LONGEST_NAME characters.
    """
    require(actor, Capability.TRAIN)
    wanted = " ".join(name.split())
    if not wanted:
        raise Refused("A model needs a name: type one.", "no_name")
    if len(wanted) > LONGEST_NAME:
        raise Refused(f"A model's name has at most {LONGEST_NAME} characters, this one {len(wanted)}.", "long_name")
    with store.database.write() as session:
        row = models.find(session, model_id)
        if row.name != wanted:
            audit.record(session, actor, "model.rename", model_id, {"name": row.name}, name=wanted)
            row.name = wanted


def delete(store: Store, model_id: str, *, actor: Person) -> None:
    """Delete a model and its predictions; that there was one, and who published it when, stays on record. Recorded.

    Refused with code "in_force" where it is published: roll back first. First the rows, in one transaction, then the files. It
    works where no byte is free.
    """
    require(actor, Capability.DELETE)
    reserve.with_room(store.home, lambda: delete_now(store, model_id, actor=actor))


def delete_now(store: Store, model_id: str, *, actor: Person) -> None:
    require(actor, Capability.DELETE)
    with store.database.write() as session:
        if scopes := [entry.scope for entry in publications.active_rows(session) if entry.model_id == model_id]:
            where = ", ".join(map(str, scopes))
            raise Refused(f"This model is in force for {where}: roll back or publish another first, then delete it.", "in_force")
        row, made = models.remove(session, model_id)
        publications.forget(session, [model_id])
        audit.record(session, actor, "model.delete", model_id, name=row.name)
    point("model.deleted")
    for path in (row.path, *made):
        files.discard(store.path(path))
    predictions.discard_mixes(store, [model_id])
    housekeeping.finish_deletions(store)
