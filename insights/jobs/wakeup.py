"""How is a worker started where there is none? A worker that is there looks for jobs by itself, twice a second."""

import os
import subprocess
import sys
import time
from pathlib import Path

from insights.store import files
from insights.store.settings import Settings
from insights.store.store import Store

STARTING = 10.0  # seconds that a new worker is given before another is started


ROOT = Path(__file__).parents[2]


_started: list["subprocess.Popen[bytes]"] = []  # by this process; kept so that they are reaped


def ensure_worker(store: Store) -> None:
    """Start `python -m insights worker` in the background unless one is running or starting. Cheap; call it often."""
    _started[:] = [process for process in _started if process.poll() is None]
    if not Settings().start_workers:
        return
    with files.try_lock(worker_lock(store)) as free:
        begun = begun_file(store)
        if not free or (begun.exists() and abs(time.time() - begun.stat().st_mtime) < STARTING):
            return
        begun.touch()
    with (store.home / "worker.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "insights", "worker", "--idle-exit", str(Settings().idle_seconds)],
            cwd=ROOT,
            env=environment(store.home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # survives a restarted server
        )
    _started.append(process)


def worker_lock(store: Store, place: int = 1) -> Path:
    """The file that a worker holds: one per workspace, or per host where several may share a database server.

    `place`: which of several workers it is there. A file in any case: processes of one host see it whatever the folder is, and it
    is held while the server is away.
    """
    further = f"-{place}" if place > 1 else ""
    return store.home / "locks" / f"worker{_of_this_host(store)}{further}.lock"


def begun_file(store: Store) -> Path:
    """The mark that a worker was started a moment ago."""
    return store.home / "locks" / f"worker{_of_this_host(store)}.begun"


def _of_this_host(store: Store) -> str:
    return f"-{files.HOST}" if store.database.url else ""


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"INSIGHTS_HOME": str(home), "OMP_WAIT_POLICY": "passive"}
