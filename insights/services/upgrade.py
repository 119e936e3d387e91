"""Does a workspace of an earlier version open with this one, and is there a way back?

First a backup as it is, which the earlier version restores; then the migrations on a copy; and only then the workspace itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insights.access import Capability, Person, require
from insights.ledger.errors import Refused
from insights.services.backups import note
from insights.store import audit, backups, integrity, upgrades
from insights.store.integrity import Fault
from insights.store.store import Store

UPGRADE = "workspace.upgrade"  # action on record


@dataclass(frozen=True)
class Trial:
    """What an upgrade would do, tried on a copy."""

    before: str  # the migration that the workspace is at
    after: str  # and would be at
    manifest: Mapping[str, Any]  # of the backup
    faults: tuple[Fault, ...]  # what is not as it was written, once migrated

    @property
    def passed(self) -> bool:
        return not self.faults


def try_out(folder: Path, *, actor: Person) -> Trial:
    """Back the workspace up into a new or empty folder, as it is, and migrate a copy; the workspace itself stays as it is.

    Refused where there is no workspace, where a later version wrote it, and where a file is not as it was written.
    """
    require(actor, Capability.OPERATE)
    store, before = upgrades.as_it_is()
    manifest = backups.write(store, folder)
    with upgrades.migrated(store, folder, before) as (copy, after):
        faults = integrity.examine(copy).faults
    return Trial(before, after, manifest, faults)


def upgrade(folder: Path, *, actor: Person) -> Trial:
    """The same, and then the workspace itself. Recorded. Refused where the copy was not fit to be used afterwards."""
    require(actor, Capability.OPERATE)
    trial = try_out(folder, actor=actor)
    if not trial.passed:
        raise Refused(
            f"Nothing was upgraded: {' '.join(fault.sentence for fault in trial.faults)}",
            "upgrade_failed",
            faults=len(trial.faults),
        )
    store = Store.open()
    with store.database.write() as session:
        note(session, folder, trial.manifest, actor=actor)
        audit.record(session, actor, UPGRADE, trial.after, {"migration": trial.before})
    return trial
