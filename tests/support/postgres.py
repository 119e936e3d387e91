"""How do tests come by a PostgreSQL of their own? Started in a temporary folder, reached by a socket there, gone afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from scripts.cluster import Cluster, Missing, owner, programs

SQLITE, POSTGRES = "sqlite", "postgresql"  # the kinds of databases that tests run on
ON_SQLITE = pytest.mark.parametrize("database", [SQLITE], indirect=True)  # what is SQLite's own affair
POSTGRES_LATER = pytest.mark.parametrize(
    "database", [SQLITE, pytest.param(POSTGRES, marks=pytest.mark.long)], indirect=True
)  # too long to be tried on both in CI
SAFE_FOR_NOBODY = (
    "fsync=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "autovacuum=off",
    "max_connections=120",
)  # of what is gone after the tests


@dataclass
class Server(Cluster):
    """A running server; `new` makes a database, as a copy of another in a moment."""

    numbers: Iterator[int] = field(default_factory=count)

    def new(self, template: str = "template0") -> str:
        """The name of a new database."""
        name = f"test_{next(self.numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, database: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


@contextmanager
def running() -> Iterator[Server]:
    """A server, and its end. Skips the test where there is none to start."""
    try:
        found = programs(), owner()
    except Missing as reason:
        pytest.skip(str(reason))
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        server = Server(folder, SAFE_FOR_NOBODY, *found, lasting=False)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
