"""How is a team's server run from Debian's packages? PostgreSQL, Caddy, several app processes and workers, in one folder.

    python scripts/team.py FOLDER [--address https://localhost:8443] [--http-port 8080] [--apps 2] [--workers 2]
                           [--certificate internal]

The same parts, with the same Caddyfile, as compose.yaml has in containers. Everything is kept in FOLDER (`home`, `database`,
`certificates`), so that it goes on where it was; all of it ends with this process. For a server of one machine: over several, the
parts are started on each (docs/hosts.md).
"""

import argparse
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.cluster import Cluster, Missing, NotStarted, end_with_parent  # noqa: E402

DATABASE = "insights"
LOCAL = "127.0.0.1"
STARTED = 120.0  # seconds that a part may take to start on a busy machine
ENDED = 20.0  # seconds that it may take to end
NO_CADDY = "no Caddy here: install Debian's package `caddy`"


@dataclass
class Team:
    """The parts of a team's server. `settings`: further INSIGHTS_... of apps and workers; `http_port`: 0 for any that is free."""

    folder: Path
    address: str = "https://localhost:8443"
    apps: int = 2
    workers: int = 2
    certificate: str = "internal"
    http_port: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)
    database_settings: tuple[str, ...] = ()  # of PostgreSQL, as name=value
    cluster: Cluster = field(init=False)
    ports: list[int] = field(init=False)
    processes: "dict[str, subprocess.Popen[bytes]]" = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.folder = self.folder.absolute()
        self.cluster = Cluster(self.folder / "database", self.database_settings)
        self.ports = [free_port() for _ in range(self.apps)]

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def root_certificate(self) -> Path:
        """Of the authority that Caddy makes where it is `internal`: what a browser has to trust."""
        return self.folder / "certificates" / "caddy" / "pki" / "authorities" / "local" / "root.crt"

    def environment(self) -> dict[str, str]:
        """Of apps, workers and commands."""
        fixed = {
            "INSIGHTS_HOME": str(self.home),
            "INSIGHTS_DATABASE_FILE": str(self.folder / "database.url"),
            "INSIGHTS_START_WORKERS": "false",
            "INSIGHTS_JOBS_AT_ONCE": str(max(1, self.workers)),
            "INSIGHTS_SIGN_IN": "password",
            "INSIGHTS_ADDRESS": self.address,
            "INSIGHTS_PROXIES": LOCAL,
            "FORWARDED_ALLOW_IPS": "",
            "OMP_WAIT_POLICY": "passive",
            "PYTHONUNBUFFERED": "1",
        }
        return os.environ | fixed | dict(self.settings)

    # --- start and end -----------------------------------------------------------------------------------------------

    def start_database(self) -> None:
        """PostgreSQL, with a database of ours; then commands can be given (`environment`)."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.cluster.account:
            self.folder.chmod(0o711)  # the server's user has to get through to its own folder, and sees nothing else
        self.cluster.make()
        self.cluster.start()
        if not self.cluster.has(DATABASE):
            self.cluster.execute(f"CREATE DATABASE {DATABASE} ENCODING 'UTF8'")
        url = self.folder / "database.url"
        url.touch(mode=0o600)
        url.write_text(self.cluster.url(DATABASE) + "\n")

    def start(self) -> None:
        """Everything; returns once the proxy answers for an app."""
        if self.cluster.process is None:
            self.start_database()
        for number in range(self.apps):
            self.start_app(number)
        for number in range(self.apps):
            self.wait_for_app(number)
        for number in range(self.workers):
            self.start_worker(number)
        self.start_proxy()

    def start_app(self, number: int) -> None:
        at = ("--server.address", LOCAL, "--server.port", str(self.ports[number]), "--server.headless", "true")
        self._spawn(f"app{number + 1}", [sys.executable, "-m", "streamlit", "run", "app.py", *at])

    def start_worker(self, number: int) -> None:
        self._spawn(f"worker{number + 1}", [sys.executable, "-m", "insights", "worker", "--place", str(number + 1)])

    def start_proxy(self) -> None:
        program = shutil.which("caddy")
        if program is None:
            raise Missing(NO_CADDY)
        at = urlsplit(self.address)
        given = {
            "INSIGHTS_ADDRESS": self.address,
            "INSIGHTS_HOST": at.netloc,
            "INSIGHTS_APPS": " ".join(f"{LOCAL}:{port}" for port in self.ports),
            "INSIGHTS_STICKY": self._sticky(),
            "INSIGHTS_CERTIFICATE": self.certificate,
            "INSIGHTS_BIND": LOCAL if at.hostname in {"localhost", LOCAL} else "0.0.0.0",  # noqa: S104 - it is for others
            "INSIGHTS_HTTP_PORT": str(self.http_port or free_port()),  # leads to https whoever asks for http
            "INSIGHTS_HTTPS_PORT": str(at.port or 443),
            "XDG_DATA_HOME": str(self.folder / "certificates"),
            "XDG_CONFIG_HOME": str(self.folder / "certificates"),
        }
        command = [program, "run", "--config", str(ROOT / "Caddyfile"), "--adapter", "caddyfile"]
        self._spawn("proxy", command, {"PATH": os.environ["PATH"], "HOME": str(self.folder)} | given)
        self._wait("proxy", at.port or 443, self.address)

    def stop(self) -> None:
        """Everything, in order: nobody comes in any more, jobs are given back, then the database."""
        for name in sorted(self.processes, key=_order):
            self.end(name)
        self.cluster.stop(signal.SIGINT)

    def end(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        """One part: "app1", "worker2", "proxy"."""
        process = self.processes.pop(name)
        process.send_signal(how)
        try:
            process.wait(timeout=ENDED)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def wait_for_app(self, number: int) -> None:
        self._wait(f"app{number + 1}", self.ports[number], f"http://{LOCAL}:{self.ports[number]}")

    def ended(self) -> list[str]:
        """The parts that have ended by themselves."""
        return [name for name, process in self.processes.items() if process.poll() is not None]

    def said(self, name: str) -> str:
        """What a part has written: its log."""
        return (self.folder / "logs" / f"{name}.log").read_text("utf-8", "replace")

    # --- inside ------------------------------------------------------------------------------------------------------

    def _sticky(self) -> str:
        """What tells apps apart in the proxy's cookie: the same after a new start."""
        path = self.folder / "sticky"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(24))
        return path.read_text()

    def _spawn(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        log = self.folder / "logs" / f"{name}.log"
        log.parent.mkdir(mode=0o700, exist_ok=True)
        with log.open("ab") as file:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment or self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - nothing of ours runs in another thread by then
            )

    def _wait(self, name: str, port: int, address: str) -> None:
        """Until a part answers on a port of this machine, asked by its address. NotStarted where it does not."""
        end = time.monotonic() + STARTED
        while time.monotonic() < end and self.processes[name].poll() is None:
            try:
                return ask(port, address)
            except (OSError, HTTPException):
                time.sleep(0.1)
        raise NotStarted(f"{name} did not start: {self.said(name)[-2000:]}")


def ask(port: int, address: str) -> None:
    """Ask a port of this machine, whoever signed its certificate. OSError or HTTPException where nobody says that all is well."""
    at = urlsplit(address)
    connection = HTTPConnection(at.netloc, timeout=5)
    connection.sock = socket.create_connection((LOCAL, port), timeout=5)
    if at.scheme == "https":
        blind = ssl.create_default_context()
        blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
        connection.sock = blind.wrap_socket(connection.sock, server_hostname=at.hostname)
    with closing(connection):
        connection.request("GET", "/livez")
        if connection.getresponse().status != HTTPStatus.OK:
            raise HTTPException


PARTS = ("proxy", "app", "worker")  # in this order they end


def _order(name: str) -> int:
    return PARTS.index(name.rstrip("0123456789"))


@contextmanager
def running(team: Team) -> Iterator[Team]:
    """All parts, and their end."""
    try:
        team.start()
        yield team
    finally:
        team.stop()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind((LOCAL, 0))
        return int(free.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where everything is kept")
    parser.add_argument("--address", default=Team.address, help="under which browsers reach it")
    parser.add_argument("--http-port", type=int, help="leads to the address; 8080, or 80 where that is on 443")
    parser.add_argument("--apps", type=int, default=Team.apps, help="app processes")
    parser.add_argument("--workers", type=int, default=Team.workers, help="how many jobs run at the same time")
    parser.add_argument("--certificate", default=Team.certificate, help="a mail address (ACME), 'FILE KEYFILE', or internal")
    given = parser.parse_args()
    http_port = given.http_port or (80 if urlsplit(given.address).port in {None, 443} else 8080)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        with running(Team(given.folder, given.address, given.apps, given.workers, given.certificate, http_port)) as team:
            print(f"{team.address} is open. In another window, for commands:\n", flush=True)
            for name in ("INSIGHTS_HOME", "INSIGHTS_DATABASE_FILE", "INSIGHTS_SIGN_IN", "INSIGHTS_ADDRESS"):
                print(f"export {name}={team.environment()[name]}", flush=True)
            while not stopped.wait(1.0):
                if gone := team.ended():
                    sys.exit(f"{gone[0]} has ended: {team.said(gone[0])[-2000:]}")
    except (Missing, NotStarted) as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main()
