"""How is a worker woken, and started where there is none?"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from huey import SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

from insights.services.workspace import Workspace
from insights.store import files
from insights.store.settings import Settings

STARTING = 10.0  # seconds that a new worker is given before another is started


ROOT = Path(__file__).parents[2]


_started: list["subprocess.Popen[bytes]"] = []  # by this process; kept so that they are reaped


class JsonMessages(Serializer):  # type: ignore[misc]  # huey has no types
    """Messages as JSON: whoever may write the queue file should not thereby run code."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(list(data)).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(data))


def queue(home: Path) -> SqliteHuey:
    """The wake-up calls of a workspace."""
    return SqliteHuey("insights", filename=str(home / "queue.sqlite"), serializer=JsonMessages(), results=False)


def look() -> None:
    """What a wake-up call says: look at the rows."""


def wake(home: Path) -> None:
    """Leave a wake-up call for the worker of a workspace."""
    calls = queue(home)
    calls.task(name="look")(look)()
    calls.storage.close()


def ensure(workspace: Workspace) -> None:
    """Start a worker in the background unless one is running or starting."""
    _started[:] = [process for process in _started if process.poll() is None]
    with files.try_lock(worker_lock(workspace.home)) as free:
        begun = workspace.home / "locks" / "worker.begun"
        if not free or (begun.exists() and time.time() - begun.stat().st_mtime < STARTING):
            return
        begun.touch()
    with (workspace.home / "worker.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "insights", "worker", "--idle-exit", str(Settings().idle_seconds)],
            cwd=ROOT,
            env=environment(workspace.home),
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
