"""How are files written so that a reader sees all of one or nothing of it?"""

import json
import os
import platform
import re
import shutil
import stat
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout

from insights.ledger import whole_files
from insights.ledger.errors import Refused
from insights.ledger.whole_files import BEGUN

GONE = ".gone-"  # prefix of a folder that is being removed
HELD = ".held"  # ending of the lock file beside what is being written: the system frees it when the writer dies
HOST = sha256(platform.node().encode()).hexdigest()[:8]  # of this computer
OF_A_HOST = re.compile(r"\.([0-9a-f]{8})$")  # in the name of a lock file, before its ending
POLL = 0.02  # seconds between two looks at a lock that somebody else holds
LEFT_OVER = 24 * 3600  # seconds after which something begun counts as abandoned
OWN_FOLDER, OWN_FILE = 0o700, 0o600  # permissions: for whoever the workspace belongs to, and nobody else
KINDS = (  # folders of a home
    *("ledgers", "models", "predictions", "backtests", "replays", "cash", "uploads", "locks", "mappings", "mapped", "answers"),
)


def own(home: Path) -> None:
    """Make the home folder if need be, and let nobody else on this computer read it, whatever the umask.

    From now on all files that this process makes are its user's own. A home made by an earlier version is closed, once; what
    else lies in it is left as it is, and so is a folder that belongs to somebody else or to everybody.
    """
    os.umask(0o777 & ~OWN_FOLDER)
    home.mkdir(parents=True, exist_ok=True)
    mode = home.stat().st_mode
    if mode & ~OWN_FOLDER & 0o777 and not mode & stat.S_ISVTX:
        shut(home)
        for path in [*home.glob("*.sqlite*"), *home.glob("*.log"), *home.glob("reserve"), *map(home.joinpath, KINDS)]:
            for inner in [path, *path.rglob("*")]:
                shut(inner)


def shut(path: Path) -> None:
    with suppress(OSError):  # somebody else's, or gone meanwhile
        path.chmod(OWN_FOLDER if path.is_dir() else OWN_FILE)


def digest(path: Path) -> str:
    """sha256 of a file; of a folder, over the names and digests of its files."""
    if path.is_dir():
        lines = (f"{digest(file)}  {file.relative_to(path).as_posix()}\n" for file in sorted(path.rglob("*")) if file.is_file())
        return sha256("".join(lines).encode()).hexdigest()
    with path.open("rb") as file:
        total = sha256()
        while block := file.read(1 << 20):
            total.update(block)
        return total.hexdigest()


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object. Refused where the file is missing or damaged."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(f"The file {path.name} of the workspace is missing or damaged.", "damaged") from error
    if not isinstance(value, dict):
        raise Refused(f"The file {path.name} of the workspace is damaged.", "damaged")
    return value


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


def place(target: Path, write: Callable[[Path], None], before: Callable[[], None] = lambda: None) -> None:
    """As `whole_files.place`; what a killed process leaves half written is removed by the next sweep."""
    with ExitStack() as held:

        def locked(begun: Path) -> None:
            held.enter_context(_held(begun))
            write(begun)

        whole_files.place(target, locked, before)


@contextmanager
def _held(begun: Path) -> Iterator[None]:
    path = begun.with_name(f"{begun.name}.{HOST}{HELD}")
    with lock(path):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def discard(path: Path) -> None:
    """Remove a file or folder if it is there; a folder vanishes at once, whatever happens during its removal."""
    if path.is_dir():
        gone = path if path.name.startswith((BEGUN, GONE)) else path.rename(path.parent / f"{GONE}{uuid4()}")
        shutil.rmtree(gone, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sweep(home: Path) -> None:
    """Remove what was begun and never finished by processes that are dead, and what a removal left."""
    for gone in home.rglob(f"{GONE}*"):
        discard(gone)
    for begun in home.rglob(f"{BEGUN}*"):
        with suppress(OSError):  # its writer has just finished
            _sweep_begun(begun)


def _sweep_begun(path: Path) -> None:
    begun, held = path, next(path.parent.glob(f"{path.name}*{HELD}"), None)
    if path.name.endswith(HELD):
        begun, held = path.with_name(OF_A_HOST.sub("", path.name.removesuffix(HELD))), path
    host = OF_A_HOST.search(held.name.removesuffix(HELD)) if held else None
    if held and (host is None or host[1] == HOST):
        with try_lock(held) as dead:
            if dead:
                discard(begun)
                held.unlink(missing_ok=True)
    elif path.exists() and time.time() - path.stat().st_mtime > LEFT_OVER:
        # Of a version that locked nothing, or of another host, whose locks this one may not see.
        discard(begun)
        if held:
            discard(held)


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold a lock file: one holder at a time over all processes and threads; the system frees it when a holder dies."""
    with lock_file(path):
        yield


@contextmanager
def try_lock(path: Path) -> Iterator[bool]:
    """Hold a lock file if nobody else does: whether that succeeded."""
    held = lock_file(path)
    with suppress(Timeout):
        held.acquire(blocking=False)
    try:
        yield held.is_locked
    finally:
        held.release()


def lock_file(path: Path) -> FileLock:
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path, mode=OWN_FILE, poll_interval=POLL)


def remove_lock(path: Path) -> None:
    """Remove a lock file that nobody holds. Who waits for it, or comes later, makes it anew."""
    with try_lock(path) as mine:
        if mine:
            with suppress(OSError):  # Windows removes no open file: then it stays
                path.unlink(missing_ok=True)


def sweep_locks(folder: Path, spared: Collection[str]) -> None:
    """Remove the lock files that were made a day ago or earlier and that nobody holds; `spared`: patterns of names."""
    for path in folder.glob("*.lock"):
        if not any(fnmatch(path.name, pattern) for pattern in spared) and time.time() - path.stat().st_mtime > LEFT_OVER:
            remove_lock(path)
