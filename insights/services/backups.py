"""Copy the workspace, look whether all of it is as it was written, and bring a copy back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from insights.access import Capability, Person, require
from insights.store import audit, backups, integrity
from insights.store.integrity import Examination
from insights.store.settings import Settings
from insights.store.store import Store

BACKUP, RESTORE, COMMIT = "workspace.backup", "workspace.restore", "ledger.commit"  # actions on record

NEVER, OLDER = "No backup yet", "The newest ledger is in no backup"
HOW = "python -m insights backup FOLDER copies everything, while the app goes on; best onto another disk."


def back_up(store: Store, folder: Path, *, actor: Person) -> dict[str, Any]:
    """Copy the workspace as it is at one moment into a folder of its own; its manifest. Recorded.

    Refused where the folder holds anything, or a ledger or model is not as it was written.
    """
    require(actor, Capability.OPERATE)
    manifest = backups.write(store, folder)
    with store.database.write() as session:
        note(session, folder, manifest, actor=actor)
    return manifest


def note(session: Session, folder: Path, manifest: Mapping[str, Any], *, actor: Person) -> None:
    """Record that there is a backup in a folder, in the transaction of the caller."""
    require(actor, Capability.OPERATE)
    audit.record(session, actor, BACKUP, folder.name, files=len(manifest["files"]), records=manifest["records"])


def examine(store: Store) -> Examination:
    """What in the workspace is not as it was written."""
    return integrity.examine(store)


def wrong(folder: Path) -> list[str]:
    """What in a backup is not as it was written."""
    return backups.wrong(folder)


def restore(folder: Path, home: Path, *, actor: Person) -> Store:
    """Bring a backup back into an empty home, all of it or nothing. Recorded there."""
    require(actor, Capability.OPERATE)
    backups.restore(folder, home, Settings().database)
    store = Store.open(home)
    with store.database.write() as session:
        audit.record(session, actor, RESTORE, folder.name)
    return store


def reminder(store: Store) -> str:
    """A line for whoever has ledgers that are in no backup; "" where there is nothing to say."""
    with store.database.read() as session:
        committed, saved = audit.newest(session, COMMIT), audit.newest(session, BACKUP, RESTORE)
    if committed is None:
        return ""
    if saved is None:
        return NEVER
    covered = int(saved.details.get("records", saved.sequence))
    return OLDER if committed.sequence > covered else ""
