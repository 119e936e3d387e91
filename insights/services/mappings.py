"""Remember the columns and answers of a kind of file, and forget them."""

from insights.access import Capability, Person, require
from insights.ingest import Draft, Options, mappings
from insights.ledger.errors import Refused
from insights.store import audit
from insights.store.store import Store


def save(store: Store, name: str, draft: Draft, options: Options, *, actor: Person) -> None:
    """Keep what was matched and answered under a name, in place of what had it before: added to it where the file was read by it.

    Recorded.

    Refused with code "no_name" for a name without letters or figures.
    """
    require(actor, Capability.IMPORT)
    before = next((mapping for mapping in mappings.saved(store.home) if mapping.name == name == draft.mapping), None)
    mappings.save(store.home, name, draft, mappings.applied(before, options))
    with store.database.write() as session:
        audit.record(session, actor, "mapping.save", name)


def remember(store: Store, name: str, draft: Draft, options: Options, *, actor: Person) -> str:
    """Keep what was answered about a file that is kept, so that nobody is asked twice; the name, "" where there is nothing new.

    Nothing where nothing was answered, where the mapping it was read by knows it all, or where no mapping was wanted ("none").
    """
    require(actor, Capability.IMPORT)
    before = next((mapping for mapping in mappings.saved(store.home) if mapping.name == draft.mapping), None)
    known = mappings.answered(mappings.applied(before, Options()))
    if options.mapping == "none" or mappings.answered(mappings.applied(before, options)) == known:
        return ""
    name = name_for(store, name, draft)
    save(store, name, draft, options, actor=actor)
    return name


def name_for(store: Store, name: str, draft: Draft) -> str:
    """What the mapping of a file is called by itself: by the one it was read by, else `name`, numbered where others have that."""
    if draft.mapping:
        return draft.mapping
    name = name if any(map(str.isalnum, name)) else "Columns"
    taken = {mapping.name for mapping in mappings.saved(store.home) if mapping.signature != mappings.signature(draft.headers)}
    numbered = (f"{name} ({number})" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(free for free in numbered if free not in taken)


def forget(store: Store, name: str, *, actor: Person) -> None:
    """Remember a mapping no longer; Refused with code "no_such_mapping" where there is none of this name. Recorded."""
    require(actor, Capability.IMPORT)
    if name not in mappings.names(store.home):
        raise Refused(f"There is no saved mapping “{name}”.", "no_such_mapping")
    mappings.delete(store.home, name)
    with store.database.write() as session:
        audit.record(session, actor, "mapping.forget", name)
