"""How is a PostgreSQL of one's own run from Debian's packages: in a folder, reached by a socket there, without a service?

Where we are root, which PostgreSQL refuses to be, it runs as another user; the folder of its socket lets nobody else in.
"""

import ctypes
import getpass
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import OperationalError

OTHERS = ("postgres", "nobody")  # who the server runs as where we are root
STARTED = 60.0  # seconds
PR_SET_PDEATHSIG = 1  # of prctl(2)
NONE = "no PostgreSQL here: install Debian's package `postgresql`"
NOBODY = "PostgreSQL refuses root, and there is nobody else here to run it"


class Missing(Exception):
    """What has to be started is not here; the sentence says what to install."""


class NotStarted(Exception):
    """What was started does not answer; the sentence has the end of its log."""


def programs() -> Path:
    """Where PostgreSQL's programs are: on the path, or where Debian has the newest. Missing where nowhere."""
    if on_path := shutil.which("postgres"):
        return Path(on_path).parent
    there = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[4]))
    if not there:
        raise Missing(NONE)
    return there[-1].parent


def owner() -> dict[str, Any]:
    """As whom the server runs, for `subprocess`; {} as ourselves. Missing where there is nobody but root."""
    if os.getuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    other = next((known[name] for name in OTHERS if name in known), None)
    if other is None:
        raise Missing(NOBODY)
    return {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}


@dataclass
class Cluster:
    """A PostgreSQL in `folder`, whose data outlive it. `settings`: of the server, as `name=value`."""

    folder: Path
    settings: Sequence[str] = ()
    binaries: Path = field(default_factory=programs)
    account: dict[str, Any] = field(default_factory=owner)
    lasting: bool = True  # whether it has to outlive that the power fails
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def user(self) -> str:
        """Who the server runs as, and who owns what is in it."""
        return pwd.getpwuid(self.account["user"]).pw_name if self.account else getpass.getuser()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{self.user}@/{database}?host={self.folder}"

    def make(self) -> None:
        """An empty server, where there is none yet."""
        if self.data.exists():
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.account:
            os.chown(self.folder, self.account["user"], self.account["group"])
        rights = ("-U", self.user, "-A", "trust")  # whoever reaches the socket is its owner, or root
        on_disk = ("--data-checksums",) if self.lasting else ("--no-sync",)
        command: list[str | Path] = [self.binaries / "initdb", "-D", self.data, *rights, "-E", "UTF8", "--locale=C", *on_disk]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self.account)

    def execute(self, statement: str, database: str = "postgres") -> None:
        engine = create_engine(self.url(database), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def has(self, database: str) -> bool:
        """Whether there is a database of this name."""
        engine = create_engine(self.url("postgres"), poolclass=NullPool)
        with engine.connect() as connection:
            named = connection.exec_driver_sql("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
            return named.first() is not None

    def start(self) -> None:
        """Returns once it answers. It ends with this process, however that ends."""
        options = [part for setting in self.settings for part in ("-c", setting)]
        sockets = ["-c", "listen_addresses=", "-k", str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, *sockets, *options],
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=end_with_parent,  # noqa: PLW1509 - nothing of ours runs in another thread by then
                **self.account,
            )
        end = time.monotonic() + STARTED
        while time.monotonic() < end and self.process.poll() is None:
            try:
                return self.execute("SELECT 1")
            except OperationalError:
                time.sleep(0.05)
        raise NotStarted(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """By default at once, as when the power fails (SIGQUIT); SIGINT ends it in order."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=STARTED)
            self.process = None


def end_with_parent() -> None:
    """In the child: let the kernel stop it where its parent is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
