"""How can something be looked at and deleted where no byte is free? A megabyte is kept back, and given up then."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

NAME = "reserve"
SIZE = 1 << 20  # bytes: many times what a deletion writes
AMPLE = 16 * SIZE  # bytes that have to be free before one is kept back
FULL = {errno.ENOSPC, errno.EDQUOT}
SIGNS = ("full", "disk i/o", "unable to open")  # of SQLite, where a file beside the database cannot be made or grow

Done = TypeVar("Done")


def keep_back(home: Path, *, at_once: bool = False) -> None:
    """Make the reserve, or what is missing of it, where enough is free; `at_once`: of whatever is free."""
    path = home / NAME
    with suppress(OSError):
        missing = SIZE - (path.stat().st_size if path.exists() else 0)
        free = shutil.disk_usage(home).free
        if missing > 0 and (at_once or free > AMPLE):
            with path.open("ab", buffering=0) as file:
                file.write(os.urandom(min(missing, free)))  # nothing that a file system would compress


def give_up(home: Path) -> bool:
    """Free what was kept back; whether there was something."""
    try:
        (home / NAME).unlink()
    except OSError:
        return False
    return True


def is_full(error: BaseException) -> bool:
    """Whether something failed because no space was left."""
    if isinstance(error, DBAPIError | sqlite3.Error):
        return any(sign in str(error).lower() for sign in SIGNS)
    return isinstance(error, OSError) and error.errno in FULL


def with_room(home: Path, act: Callable[[], Done]) -> Done:
    """Do what needs little space, or frees some; where none is left, once more with the reserve given up meanwhile."""
    try:
        return act()
    except (OSError, DBAPIError, sqlite3.Error) as error:
        if not (is_full(error) and give_up(home)):
            raise
        try:
            return act()
        finally:
            keep_back(home, at_once=True)  # or others would write what they could not have written
