"""How is the SQL database opened, brought up to date, read, and written in one transaction?"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, event, inspect, text
from sqlalchemy.orm import Session

from insights.store import files

HEAD = "0003"  # the newest migration; a test compares it with the folder
BUSY = 60  # seconds to wait for another writer

ONE_AT_A_TIME = threading.Lock()  # Alembic keeps its context in a global

BEGIN = "begin"  # execution option: how SQLite begins a transaction


@dataclass(frozen=True)
class Database:
    """One SQL database. On SQLite a write holds the only write lock from its first statement on."""

    engine: Engine

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: all of it or nothing."""
        writing = self.engine.execution_options(**{BEGIN: "BEGIN IMMEDIATE"})
        with Session(writing, expire_on_commit=False) as session, session.begin():
            yield session


def open_database(home: Path, url: str = "") -> Database:
    """The database at `url`, by default SQLite in `home`, migrated to HEAD by one process at a time."""
    engine = create_engine(url) if url else sqlite(home / "workspace.sqlite")
    if revision(engine) != HEAD:
        with ONE_AT_A_TIME, files.lock(home / "locks" / "migrate.lock"):
            migrate(engine)
    return Database(engine)


def sqlite(path: Path) -> Engine:
    """SQLite with a write-ahead log, so that readers never wait."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"timeout": BUSY})

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own type
        connection.isolation_level = None  # else the driver begins transactions by itself, and too late
        connection.execute("PRAGMA journal_mode=WAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:  # noqa: ANN401
        connection.exec_driver_sql(connection.get_execution_options().get(BEGIN, "BEGIN"))

    return engine


def revision(engine: Engine) -> str | None:
    """The migration that a database is at; None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(engine: Engine, to: str = "head") -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)
