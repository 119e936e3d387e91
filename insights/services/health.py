"""Is the server fit to be used: database, files, worker, model, ledger? And what does a monitor count?"""

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from insights import jobs
from insights.services import failures
from insights.store import ledgers, publications, reserve
from insights.store.records import JobState
from insights.store.store import Store

OK = "ok"
IDLE, WORKING, BEHIND = "idle", "working", "behind"  # of the worker
PATIENCE = 60  # seconds that a job may wait for a worker while none runs
STATES: tuple[JobState, ...] = ("waiting", "running", "done", "failed", "cancelled")


@dataclass(frozen=True)
class Health:
    """What works, without a name or an amount. Figures are None where the database does not say them."""

    database: str  # "ok", or a sentence
    files: str  # the same
    worker: str | None = None  # "idle", "working", or "behind" where jobs wait and nobody does them
    jobs: dict[str, int] | None = None  # by state
    model_in_force: bool | None = None
    ledger_age: int | None = None  # days since the newest ledger is complete through; None without one, too
    free: int = 0  # bytes on the disk of the home

    @property
    def ready(self) -> bool:
        """Whether people can be sent here: a worker that is behind, or no model, is no reason to send them elsewhere."""
        return (self.database, self.files) == (OK, OK)

    def to_json(self) -> dict[str, Any]:
        return {"ready": self.ready} | asdict(self)


def examine(store: Store, at: datetime | None = None) -> Health:
    """How the workspace is now; what fails is said in the sentence of `failures`, whose id leads to the log."""
    files = _tried(lambda: _write(store))
    facts: dict[str, Any] = {}
    database = _tried(lambda: facts.update(_asked(store, at or datetime.now(UTC))))
    free = shutil.disk_usage(store.home).free if store.home.exists() else 0
    return Health(database, files, free=free, **facts)


def _tried(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not fit
        return failures.sentence(error)[0]
    return OK


def _write(store: Store) -> None:
    """A file can be written in the home, as large as what is kept back for a full disk is not needed for."""
    path = store.home / f".health-{uuid4().hex}"
    try:
        path.write_bytes(bytes(reserve.SIZE // 256))
    finally:
        path.unlink(missing_ok=True)


def _asked(store: Store, at: datetime) -> dict[str, Any]:
    counted, oldest = jobs.standing(store)
    kept = ledgers.listed(store)
    waits = (at - oldest).total_seconds() if oldest else 0.0
    worker = WORKING if counted.get("running") else BEHIND if waits > PATIENCE else IDLE
    return {
        "worker": worker,
        "jobs": {state: counted.get(state, 0) for state in STATES},
        "model_in_force": bool(publications.published(store).active_publications()),
        "ledger_age": (at.date() - kept[0].complete_through).days if kept else None,
    }
