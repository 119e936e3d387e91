"""How does a folder go with whoever needs it, even where that process is killed? It is locked as long as somebody does.

The system frees the lock of a process that dies; whoever sweeps next removes the folder.
"""

import shutil
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

PREFIX = "insights-"  # of temporary folders
HELD = ".held"  # ending of the lock file beside a folder
YOUNG = 60  # seconds in which a folder may still be about to be locked


class HeldFolder:
    """A folder that is there as long as this object is in use; released, or let go of, it is removed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lock = FileLock(lock_of(path), mode=0o600, thread_local=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        path.mkdir(mode=0o700)
        self.release = weakref.finalize(self, remove, path, lock)  # also where it is forgotten, and when Python ends


def lock_of(path: Path) -> Path:
    return path.with_name(path.name + HELD)


def remove(path: Path, lock: FileLock) -> None:
    """The folder first, then its lock: what has no lock was forgotten by nobody."""
    shutil.rmtree(path, ignore_errors=True)
    lock_of(path).unlink(missing_ok=True)
    lock.release()


def hold(parent: Path) -> HeldFolder:
    """A new folder in a parent that is made if need be."""
    return HeldFolder(parent / uuid4().hex)


@contextmanager
def temporary() -> Iterator[Path]:
    """A temporary folder of the system, for this process alone; it goes at the end, or with the next sweep."""
    held = HeldFolder(Path(tempfile.gettempdir()) / f"{PREFIX}{uuid4().hex}")
    try:
        yield held.path
    finally:
        held.release()


def sweep(parent: Path | None = None) -> int:
    """Remove the folders in a parent that nobody holds any more; by default the temporary ones of this user. How many."""
    pattern = "*" if parent else f"{PREFIX}*"
    parent = parent or Path(tempfile.gettempdir())
    names = {path.name.removesuffix(HELD) for path in parent.glob(pattern)} if parent.is_dir() else set()
    return sum(_swept(parent / name) for name in names)


def _swept(path: Path) -> bool:
    """Remove one folder if nobody holds it: whether it is gone."""
    with suppress(OSError):  # somebody else's, or gone meanwhile
        if not lock_of(path).exists():
            if time.time() - path.stat().st_mtime < YOUNG:
                return False
            shutil.rmtree(path)  # of an earlier version, or of a process that died between the two
            return True
        lock = FileLock(lock_of(path), thread_local=False)
        with suppress(Timeout):
            lock.acquire(blocking=False)
            remove(path, lock)
            return True
    return False
