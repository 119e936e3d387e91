"""How is the SQL database opened, brought up to date, read, and written in one transaction?

What is no workspace's database, or one of a later version, or damaged, is refused with a sentence, and nothing is created.
"""

import logging
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, func, inspect, select, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session

from insights.ledger.errors import Refused
from insights.store import digests, files, postgres, reserve, user_tables  # noqa: F401 - its tables have to be known
from insights.store.seals import broken, chain, seal_of, unchecked
from insights.store.tables import RecordRow, entries, now

HEAD = "0013"  # the newest migration; a test compares it with the folder
BUSY = 60  # seconds to wait for another writer

LOG = logging.getLogger(__name__)
FILE = "workspace.sqlite"
KEPT = ("ledgers", "models", "predictions", "backtests", "replays", "cash")  # folders that hold what a database speaks of

ONE_AT_A_TIME = threading.Lock()  # Alembic keeps its context in a global

BEGIN = "begin"  # execution option: how SQLite begins a transaction
SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}  # as SQLite's readers have it
WRITING, MIGRATING = "write", "migrate"  # names of locks


@dataclass(frozen=True)
class Database:
    """One SQL database: SQLite in `home`, or PostgreSQL at `url`.

    Writers take turns on both: what one transaction has read is still so when it writes. On PostgreSQL they wait for each other
    at their first statement, as on SQLite for its only write lock.
    """

    engine: Engine
    home: Path
    url: str = field(default="", repr=False)  # it may bear a password

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one moment."""
        engine = self.engine.execution_options(**SNAPSHOT) if self.url else self.engine
        with Session(engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: all of it or nothing. One at a time."""
        with self.change() as session:
            self.alone(session, WRITING)
            yield session

    @contextmanager
    def change(self) -> Iterator[Session]:
        """A transaction that changes only rows which it has locked (`with_for_update`): other writers go on meanwhile."""
        writing = self.engine.execution_options(**{BEGIN: "BEGIN IMMEDIATE"})
        with Session(writing, expire_on_commit=False) as session, session.begin():
            yield session

    def alone(self, session: Session, name: str) -> None:
        """From now on until the end of the transaction nobody else is within the same; on SQLite it is so already."""
        if self.url:
            postgres.lock_until_end(session.connection(), name)

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the lock of a name: one holder at a time over all processes, threads, and hosts where there is a server."""
        with postgres.lock(self.url, name) if self.url else files.lock(self.lock_file(name)):
            yield

    @contextmanager
    def try_lock(self, name: str) -> Iterator[bool]:
        """Hold the lock of a name if nobody else does: whether that succeeded."""
        with postgres.try_lock(self.url, name) if self.url else files.try_lock(self.lock_file(name)) as held:
            yield held

    def forget_lock(self, name: str) -> None:
        """Remove what is left of a lock that nobody needs any more."""
        if not self.url:
            files.remove_lock(self.lock_file(name))

    def lock_file(self, name: str) -> Path:
        return self.home / "locks" / f"{name}.lock"

    def forget(self) -> None:
        """Let go of what was deleted: of pages that are kept for readers of a moment ago."""
        if not self.url:
            with self.engine.connect() as connection, suppress(OperationalError):  # somebody reads: the next time
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def clock(session: Session) -> datetime:
    """What time it is: by the server's clock, which all hosts share, where there is a server."""
    if session.connection().dialect.name == postgres.NAME:
        return cast("datetime", session.scalar(select(func.clock_timestamp()))).astimezone(UTC)
    return now()


def open_database(home: Path, url: str = "", *, as_it_is: bool = False) -> Database:
    """The database at `url`, by default SQLite in `home`, migrated to HEAD by one process at a time unless taken `as_it_is`.

    Refused where it is damaged, or newer than this code, or empty although the home is not.
    """
    if not url and not (home / FILE).exists():
        (home / FILE).touch()  # here alone: one that is taken away later is not made anew, empty
    database = Database(postgres.engine(url, BUSY) if url else sqlite(home / FILE), home, url)
    try:
        if not url:
            check_sound(database.engine)
        at = revision(database.engine)
        if at is None and (left := kept_in(home)):
            raise without_database("is empty", left, "" if url else f" ({FILE})")
        if at != HEAD:
            check_known(at)
            if not as_it_is:
                bring_up_to_date(database)
    except (DatabaseError, sqlite3.DatabaseError, UnicodeError) as error:  # its own words may hold what is damaged
        if url or isinstance(error, OperationalError | sqlite3.OperationalError):  # full, locked, read-only: it may be sound
            raise
        raise damaged() from error
    return database


def bring_up_to_date(database: Database) -> None:
    """Migrate a database, unless another process does so first."""
    with ONE_AT_A_TIME, database.lock(MIGRATING):
        if revision(database.engine) != HEAD:
            migrate(database.engine, home=database.home)
            with database.write() as session:
                digests.adopt(session, database.home)


def check_present(home: Path) -> None:
    """Refused where there are files of a workspace and no database, or an empty one: it would look like an empty workspace."""
    path = home / FILE
    if path.exists() and path.stat().st_size:
        return
    if left := kept_in(home):
        raise without_database("is empty" if path.exists() else "is missing", left)


def kept_in(home: Path) -> list[str]:
    """The folders in which there are files that a database speaks of."""
    return [kind for kind in KEPT if any(home.joinpath(kind).glob("*"))]


def without_database(state: str, left: Sequence[str], named: str = f" ({FILE})") -> Refused:
    return Refused(
        f"The database of this workspace{named} {state}, although there are files in {', '.join(left)}. "
        "Nothing was created: put it back, or restore a backup into an empty home.",
        "no_database",
    )


def check_sound(engine: Engine) -> None:
    """Refused where SQLite finds its file damaged."""
    with engine.connect() as connection:
        if connection.execute(text("PRAGMA integrity_check(1)")).scalar() != "ok":
            raise damaged()


def check_known(at: str | None) -> None:
    """Refused where a later version of the product has written the database."""
    if at is not None and not (at.isdigit() and at <= HEAD):
        raise Refused(
            "This workspace was written by a later version of Payment Insights, which this one does not read. "
            "Nothing was changed: use that version.",
            "newer_database",
            revision=at,
        )


def damaged() -> Refused:
    return Refused(
        "The database of the workspace is damaged. Nothing of it is shown: restore a backup into an empty home.",
        "damaged_database",
    )


def sqlite(path: Path, *, log: bool = True) -> Engine:
    """SQLite with a write-ahead log, so that readers never wait; without one, a copy that is only read is left as it is.

    The file is there: a connection never makes it, or one that was taken away would come back as an empty workspace.
    """
    there = f"sqlite:///{path.absolute().as_uri()}?mode=rw&uri=true"
    # parameters are customers' data, and errors are logged
    engine = create_engine(there, hide_parameters=True, poolclass=NullPool, connect_args={"timeout": BUSY})

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own type
        connection.execute("PRAGMA secure_delete=ON")  # what is deleted is written over
        connection.isolation_level = None  # else the driver begins transactions by itself, and too late
        if log:  # the first look makes two files beside the database; on a full disk there is no other room for them
            reserve.with_room(path.parent, lambda: connection.execute("PRAGMA journal_mode=WAL"))

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:  # noqa: ANN401
        connection.exec_driver_sql(connection.get_execution_options().get(BEGIN, "BEGIN"))

    return engine


def revision(engine: Engine) -> str | None:
    """The migration that a database is at; None for an empty one."""
    with engine.connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(engine: Engine, to: str = "head", *, home: Path | None = None) -> None:
    """Bring a database up to a migration; one may look into the files of the `home`, where it is known."""
    with engine.connect() as connection:
        damaged = broken(connection)
    with engine.connect() as connection:
        run_migrations(connection, to, home=home)
    if to == "head":
        seal(engine, damaged)


def run_migrations(connection: Connection, to: str = "head", *, home: Path | None = None) -> None:
    """As `migrate`, without seals; in the transaction of the connection where it has begun one."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"], config.attributes["home"] = connection, home
    command.upgrade(config, to)


def seal(engine: Engine, damaged: Collection[tuple[str, str]] = ()) -> None:
    """Seal every row as the tables are now, as a migration may have changed them all; records only if it changed theirs.

    `damaged`: the rows (table, id) that were not as they were written before: these keep their seal, and are named as before.
    """
    sealed = 0
    with Session(engine) as session, session.begin(), unchecked(session):
        for table, kind in entries():
            for row in session.scalars(select(kind)) if kind is not RecordRow else ():
                if (table, row.id) not in damaged:
                    row.seal = seal_of(row)
                    sealed += 1
        sealed += chain(session, {known_id for table, known_id in damaged if table == RecordRow.__tablename__})
    if sealed:
        LOG.warning("The database was brought up to date: %s of its entries count from now on as they are.", sealed)
