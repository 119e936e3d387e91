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
    with files.try_lock(worker_lock(store.home)) as free:
        begun = store.home / "locks" / "worker.begun"
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


def worker_lock(home: Path) -> Path:
    return home / "locks" / "worker.lock"


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"INSIGHTS_HOME": str(home), "OMP_WAIT_POLICY": "passive"}
