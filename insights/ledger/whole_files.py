"""How is a file written so that a reader sees all of one or nothing of it, whatever happens meanwhile?"""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

BEGUN = ".begun-"  # prefix of what is still being written; never read


def write(target: Path, make: Callable[[Path], object]) -> None:
    """Let `make` write a file for somebody, beside `target`, then put it in its place at once; what stood there stays till then.

    Follows links, keeps the rights of a file that is replaced, and replaces none that may not be written to.
    """
    target = Path(os.path.realpath(target))
    if target.exists() and not target.is_file():
        make(target)  # a device or a pipe: nothing that could be replaced
        return
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))

    def made(begun: Path) -> None:
        make(begun)
        if target.exists():
            begun.chmod(target.stat().st_mode & 0o777)

    place(target, made)


def place(target: Path, write: Callable[[Path], object], before: Callable[[], None] = lambda: None) -> None:
    """Let `write` make a file or folder beside `target`, call `before`, then rename it into place at once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    begun = target.parent / f"{BEGUN}{uuid4()}{target.suffix}"
    try:
        write(begun)
        flush(begun)
        before()
        begun.replace(target)
        flush(target.parent)
    finally:
        discard(begun)


def flush(path: Path) -> None:
    """Make sure that what was written survives a power cut."""
    for part in [path, *path.rglob("*")] if path.is_dir() and path.name.startswith(BEGUN) else [path]:
        if os.name == "nt" and part.is_dir():
            continue  # Windows cannot open folders
        handle = os.open(part, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def discard(path: Path) -> None:
    """Remove a file or folder if it is there; a folder vanishes at once, whatever happens during its removal."""
    if path.is_dir():
        gone = path if path.name.startswith(BEGUN) else path.rename(path.parent / f"{BEGUN}{uuid4()}")
        shutil.rmtree(gone, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
