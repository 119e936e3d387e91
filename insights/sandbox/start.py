"""How is a child started, watched and ended? With an empty environment, when it is its turn; whoever waits may go at any time."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import IO

from insights.sandbox.limits import LOOKED, MEGABYTE, Heard, Limits, Machine, Turns, unheard

ROOT = Path(__file__).resolve().parents[2]
OUT_OF_TIME, OUT_OF_MEMORY, OUT_OF_SPACE, UNEXPECTED = 124, 137, 128, 1  # exit codes; of an unexpected error there is a `trace`
XCPU = -24  # ended by the signal for too much computing
TRACE = 20_000  # bytes of it that are kept
QUIET = {
    "OMP_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "PYTHONPATH": str(ROOT),
    "PYTHONUTF8": "1",
}
# Nothing of our environment but where libraries and time are; Windows starts no Python without its own folder.
HANDED_ON = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ", "SYSTEMROOT")


@cache
def turns() -> Turns:
    """Of all children of this process."""
    return Turns(Machine.ours())


def run(module: str, folder: Path, limits: Limits, arguments: Sequence[str] = (), *, heard: Heard = unheard) -> int:
    """Runs `python -m MODULE FOLDER MEGABYTES CPU_SECONDS ARGUMENTS` when it is its turn; its exit code.

    Negative for the signal that ended it, OUT_OF_TIME and OUT_OF_MEMORY where we did. The module has to call
    `walls.confine` before it looks at anything. `heard` is called several times a second, in this thread: what it raises
    ends the child and goes on to the caller.
    """
    command = [sys.executable, "-P", "-s", "-m", module, str(folder), str(limits.memory), str(limits.cpu_seconds), *arguments]
    inherited = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
    with turns().turn(limits, heard), (folder / "stderr").open("wb") as trace:
        return _watched(_started(command, folder, inherited | QUIET, trace), limits, heard)


def _started(command: list[str], folder: Path, environment: dict[str, str], trace: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - a list, no shell; the folder is ours
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=trace
    )


def _watched(child: subprocess.Popen[bytes], limits: Limits, heard: Heard) -> int:
    """The exit code; whatever happens here, the child has ended then."""
    import psutil

    end = time.monotonic() + limits.wall_seconds
    try:
        while True:
            try:
                return child.wait(min(LOOKED, max(0.0, end - time.monotonic())))
            except subprocess.TimeoutExpired:
                pass
            if time.monotonic() >= end:
                return OUT_OF_TIME
            try:
                if psutil.Process(child.pid).memory_info().rss > limits.memory * MEGABYTE:
                    return OUT_OF_MEMORY
            except psutil.Error:  # it has just ended
                continue
            heard(0)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


def trace(folder: Path) -> str:
    """Where a child failed, and the kind of error; not what it says, which may be somebody's data."""
    path = folder / "stderr"
    lines = path.read_bytes()[-TRACE:].decode("utf-8", "replace").splitlines() if path.exists() else []
    return "\n".join(line if line.startswith("  ") else line.partition(":")[0] for line in lines)
