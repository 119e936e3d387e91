"""What is said where something fails that nobody asked for: a full disk, a damaged database, a mistake of ours?"""

import errno
import shutil
import sqlite3
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

from filelock import Timeout
from sqlalchemy.exc import DBAPIError

from insights.store import reserve
from insights.store.settings import Settings

FULL = {errno.ENOSPC, errno.EDQUOT}
CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}
OF_DATABASES = {  # what SQLite says -> what it means
    "full": "There is no space left on the disk. Make room, then try again.",
    "locked": "Another process has been writing to the workspace for more than a minute. Try again when it is done.",
    "readonly": "The database of the workspace cannot be written to: it is read-only for you.",
    "unable to open": "The database of the workspace cannot be opened: it or its folder is missing, full or closed to you.",
    "malformed": "The database of the workspace is damaged. Put back a copy of it.",
    "not a database": "The database of the workspace is damaged. Put back a copy of it.",
    "could not decode": "The database of the workspace is damaged. Put back a copy of it.",
    "disk i/o": "The disk does not do what it is told. Look after it before anything else.",
}
OF_SERVERS = {  # how PostgreSQL's code begins -> what it means; "" where there is none, for the server was not reached
    "53100": "There is no space left on the disk of the database server. Make room, then try again.",
    "53300": "The database server has no connection left for us. Try again in a moment.",
    "55P03": OF_DATABASES["locked"],
    "25006": OF_DATABASES["readonly"],
    "42501": "The database server does not let its user do this: it has to own the tables of the workspace.",
    "28": "The database server does not let us in: the user or the password is wrong.",
    "": "The database server cannot be reached. What was asked for was not done; try again when it is back.",
    "08": "The connection to the database server broke. What was asked for was not done; try again.",
    "57P": "The database server is stopping or starting. What was asked for was not done; try again in a moment.",
}
UNKNOWN = "no code"  # of what is no error of PostgreSQL
REFUSED_BY_SERVER = ("authentication failed", "no password supplied", "no pg_hba.conf entry")  # such errors have no code
LOG = "errors.log"


# What comes from outside and passes: the disk, the database, somebody else's lock. Everything else is a mistake of ours.
FROM_OUTSIDE = (OSError, MemoryError, DBAPIError, sqlite3.Error, Timeout)


def sentence(error: Exception) -> tuple[str, str]:
    """What is said, and the id in it, by which the home's log says where it happened."""
    known_id = uuid4().hex[:8]
    keep(error, known_id)
    return f"{why(error)} (error {known_id})", known_id


def why(error: Exception) -> str:
    """A sentence for whoever has to mend it."""
    if not isinstance(error, FROM_OUTSIDE) and isinstance(error.__context__, FROM_OUTSIDE):
        error = error.__context__  # a library has put it into words of its own
    if isinstance(error, DBAPIError | sqlite3.Error):
        return of_database(error)
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


def of_database(error: DBAPIError | sqlite3.Error) -> str:
    code = getattr(getattr(error, "orig", None), "sqlstate", UNKNOWN)  # None where the server was not reached
    if code != UNKNOWN:
        return of_server(code or "", str(error).lower())
    home = Settings().home.expanduser()
    if reserve.is_full(error) and home.exists() and shutil.disk_usage(home).free < reserve.SIZE:
        return OF_DATABASES["full"]
    message = str(error).lower()
    sentences = (sentence for sign, sentence in OF_DATABASES.items() if sign in message)
    return next(sentences, "The database of the workspace does not answer as it should.")


def of_server(code: str, message: str) -> str:
    """What an error of PostgreSQL means, by its code, or where it has none by what it says in lower case."""
    if not code and any(sign in message for sign in REFUSED_BY_SERVER):
        code = "28000"
    sentences = (sentence for sign, sentence in OF_SERVERS.items() if (code.startswith(sign) if sign else not code))
    return next(sentences, "The database server does not answer as it should.")


def keep(error: Exception, known_id: str) -> None:
    """Where it happened, without what it says: that may be somebody's data."""
    places = "".join(traceback.format_tb(error.__traceback__))
    log(f"error {known_id}: {type(error).__qualname__}\n{places}")


def log(text: str) -> None:
    """Appends to the log of the home, where it can."""
    with suppress(OSError, ValueError), (Settings().home.expanduser() / LOG).open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, {text}\n")
