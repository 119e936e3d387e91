"""How is a database copied at one moment, tried with the next migration, and loaded into another?

A copy is one SQLite file, whichever kind of database it was made of, at the migration that this is at.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from insights.ledger.errors import Refused
from insights.sandbox import folders
from insights.store import transfer
from insights.store.database import (
    FILE,
    HEAD,
    MIGRATING,
    Database,
    check_known,
    migrate,
    revision,
    revision_of,
    run_migrations,
    sqlite,
)


def of_database(database: Database, path: Path) -> str:
    """Copy a database as it is at one moment into a file that is not there yet; the migration that it is at."""
    if not database.url:
        with closing(sqlite3.connect(database.home / FILE)) as source, closing(sqlite3.connect(path)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        return revision(sqlite(path, log=False)) or ""
    path.touch()
    engine = sqlite(path, log=False)
    with database.read() as session:
        at = revision_of(session.connection()) or ""
        migrate(engine, at)
        with engine.begin() as target:
            transfer.copy(session.connection(), target)
    return at


@contextmanager
def up_to_date(path: Path, at: str, home: Path) -> Iterator[Database]:
    """A copy as this version of the product reads it: itself, or a further copy that is migrated, and gone afterwards."""
    if at == HEAD:
        yield Database(sqlite(path, log=False), home)
        return
    check_known(at)
    with folders.temporary() as folder:
        shutil.copyfile(path, folder / FILE)
        engine = sqlite(folder / FILE, log=False)
        migrate(engine, home=home)
        yield Database(engine, home)


@contextmanager
def loading(database: Database) -> Iterator[Callable[[Path], None]]:
    """What loads a copy that is up to date into a server's database; that keeps it if nothing fails until the end.

    Refused where the database holds anything.
    """
    with database.lock(MIGRATING):
        check_known(revision(database.engine))
        migrate(database.engine)
        with database.engine.begin() as target:
            if not transfer.is_empty(target):
                raise Refused(
                    "The database that INSIGHTS_DATABASE names is not empty: a backup is restored into an empty one only.",
                    "not_empty",
                )

            def load(path: Path) -> None:
                with sqlite(path, log=False).connect() as source:
                    transfer.copy(source, target)

            yield load


def try_migrations(database: Database) -> None:
    """Migrate a server's database in a transaction that is taken back: it stays as it was."""
    with database.engine.connect() as connection:
        tried = connection.begin()
        try:
            run_migrations(connection, home=database.home)
        finally:
            tried.rollback()
