"""What is said where something fails that nobody asked for: a full disk, a damaged database, a mistake of ours?"""

import errno
import os
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from uuid import uuid4

from insights.cli import console

FULL = {errno.ENOSPC, errno.EDQUOT}
CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}
OF_DATABASES = {  # what SQLite says -> what it means
    "full": "There is no space left on the disk. Make room, then try again.",
    "locked": "Another process has been writing to the workspace for more than a minute. Try again when it is done.",
    "readonly": "The database of the workspace cannot be written to: it is read-only for you.",
    "unable to open": "The database of the workspace cannot be opened: its folder is missing, full or closed to you.",
    "malformed": "The database of the workspace is damaged. Put back a copy of it.",
    "not a database": "The database of the workspace is damaged. Put back a copy of it.",
    "disk i/o": "The disk does not do what it is told. Look after it before anything else.",
}
LOG = "errors.log"


def tell(error: Exception, *, as_json: bool) -> None:
    """The sentence on stderr with an id, for a machine on stdout as well; where it happened, by that id, in the home's log."""
    known_id = uuid4().hex[:8]
    sentence = f"{why(error)} (error {known_id})"
    keep(error, known_id)
    console.note(sentence)
    with leaving_out_what_does_not_fit():
        if as_json:
            console.emit({"failed": known_id, "sentence": sentence})


@contextmanager
def leaving_out_what_does_not_fit() -> Iterator[None]:
    """For output to a file on a full disk: what is left in the buffer is let go, or Python would complain at its end."""
    try:
        yield
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def why(error: Exception) -> str:
    """A sentence for whoever has to mend it."""
    from filelock import Timeout
    from sqlalchemy.exc import DBAPIError

    if isinstance(error, DBAPIError | sqlite3.Error):
        said = str(error).lower()
        found = (sentence for sign, sentence in OF_DATABASES.items() if sign in said)
        return next(found, "The database of the workspace does not answer as it should.")
    if isinstance(error, Timeout):
        return OF_DATABASES["locked"]
    if isinstance(error, OSError) and error.errno in FULL:
        return OF_DATABASES["full"]
    if isinstance(error, OSError) and error.errno in CLOSED:
        return f"{error.filename or 'A file'} cannot be written or read: it is closed to you."
    if isinstance(error, OSError) and error.errno:
        return f"{error.filename or 'A file'} cannot be used: {error.strerror}."
    if isinstance(error, MemoryError):
        return "There is not enough memory for this."
    return f"This failed in a way that was not foreseen ({type(error).__name__}); {LOG} in the workspace says where."


def keep(error: Exception, known_id: str) -> None:
    """Where it happened, without what it says: that may be somebody's data."""
    from insights.store.settings import Settings

    places = "".join(traceback.format_tb(error.__traceback__))
    with suppress(OSError, ValueError), (Settings().home.expanduser() / LOG).open("a", encoding="utf-8") as log:
        log.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, error {known_id}: {type(error).__qualname__}\n{places}\n")
