"""How do tests come by a PostgreSQL of their own? Started in a temporary folder, reached by a socket there, gone afterwards."""

import ctypes
import getpass
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import OperationalError

SQLITE, POSTGRES = "sqlite", "postgresql"  # the kinds of databases that tests run on
ON_SQLITE = pytest.mark.parametrize("database", [SQLITE], indirect=True)  # what is SQLite's own affair
POSTGRES_LATER = pytest.mark.parametrize(
    "database", [SQLITE, pytest.param(POSTGRES, marks=pytest.mark.long)], indirect=True
)  # too long to be tried on both in CI
MISSING = "no PostgreSQL here: install Debian's package `postgresql`"
OTHERS = ("postgres", "nobody")  # who the server runs as where we are root, which it refuses
SAFE_FOR_NOBODY = ("fsync=off", "full_page_writes=off", "shared_buffers=32MB", "autovacuum=off")
STARTED = 60.0  # seconds
PR_SET_PDEATHSIG = 1  # of prctl(2)


@dataclass
class Server:
    """A running server. `url` of a database of its name; `new` makes one, as a copy of another in a moment."""

    folder: Path
    user: str
    binaries: Path
    account: dict[str, Any]
    process: "subprocess.Popen[bytes] | None" = None
    numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{self.user}@/{database}?host={self.folder}"

    def new(self, template: str = "template0") -> str:
        """The name of a new database."""
        name = f"test_{next(self.numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, database: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> None:
        engine = create_engine(self.url(database), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def start(self) -> None:
        """Returns once it answers."""
        options = [part for setting in SAFE_FOR_NOBODY for part in ("-c", setting)]
        sockets = ["-c", "listen_addresses=", "-k", str(self.folder), "-c", "max_connections=120"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.folder / "data", *sockets, *options],
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=end_with_parent,  # noqa: PLW1509 - the test process has one thread of ours
                **self.account,
            )
        end = time.monotonic() + STARTED
        while time.monotonic() < end and self.process.poll() is None:
            try:
                return self.execute("SELECT 1")
            except OperationalError:
                time.sleep(0.05)
        pytest.fail(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        """At once, as when the power fails."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)  # immediate shutdown
            self.process.wait(timeout=STARTED)
            self.process = None


def end_with_parent() -> None:
    """In the child: let the kernel stop the server where the tests are killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def binaries() -> Path | None:
    """Where PostgreSQL's programs are: on the path, or where Debian has the newest."""
    if on_path := shutil.which("postgres"):
        return Path(on_path).parent
    there = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[4]))
    return there[-1].parent if there else None


@contextmanager
def running() -> Iterator[Server]:
    """A server, and its end. Skips the test where there is none to start."""
    found = binaries()
    if found is None:
        pytest.skip(MISSING)
    user = getpass.getuser()
    account: dict[str, Any] = {}
    if os.getuid() == 0:
        known = {each.pw_name: each for each in pwd.getpwall()}
        other = next((known[name] for name in OTHERS if name in known), None)
        if other is None:
            pytest.skip("PostgreSQL refuses root, and there is nobody else here to run it")
        user, account = other.pw_name, {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        if account:
            os.chown(folder, account["user"], account["group"])
        server = Server(folder, user, found, account)
        command: list[str | Path] = [
            found / "initdb",
            "-D",
            folder / "data",
            "-U",
            user,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **account)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
