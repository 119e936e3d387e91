"""Which files arrived, from whom? Noted before they are read."""

from collections.abc import Mapping

from insights.access import Capability, Person, require
from insights.store import audit
from insights.store.store import Store


def note(store: Store, files: Mapping[str, int], *, actor: Person, needs: Capability = Capability.IMPORT) -> None:
    """Record uploaded files: name -> bytes. Refused where the person may not do what they are for."""
    require(actor, needs)
    with store.database.write() as session:
        audit.record(session, actor, "upload.read", next(iter(files), ""), files=dict(files))
