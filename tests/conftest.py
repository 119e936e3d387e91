"""What do several tests of the screens need? A workspace with the sample ledger and a published model, and a server."""

import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import NullPool, create_engine

# Before anything that trains is imported: OpenMP's threads spin while they wait, and two test processes share the cores.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from insights.access import laptop
from insights.model import training
from insights.services import predictions, publishing, sample
from insights.services.ledgers import commit
from insights.store import ledgers, models
from insights.store import postgres as postgres_of
from insights.store.database import BUSY, migrate
from insights.store.store import Store
from tests.support.postgres import POSTGRES, SQLITE, Server, running
from tests.support.workspaces import ME, opened, small_ledger

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
STARTED = 60  # seconds a server may take to start on a busy machine
SANDBOX = ["--no-sandbox"]  # Chromium has none for root

# A machine that others use as well says nothing of how fast an example is. The check tries the same examples each time, so that
# what lands does not hang on luck; `--hypothesis-profile drawn` (part of `make slow`) draws new ones.
settings.register_profile("drawn", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("repeated", settings.get_profile("drawn"), derandomize=True)
settings.load_profile("repeated")

TRAINED = {"sample_home", "sample_workspace", "trained", "replay"}  # fixtures that train a model, or copy what was made of one


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks for a trained model takes more than a moment."""
    for item in items:
        if TRAINED & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


def chromium() -> str | None:
    """The program, None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Debian's Chromium, closed at the end of the module."""
    from playwright.sync_api import sync_playwright

    program = chromium()
    if program is None:
        pytest.skip("no Chromium here: install Debian's package `chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SANDBOX)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a workspace with the sample ledger, and a model published and used. Shared: only looked at."""
    home = tmp_path_factory.mktemp("sample") / "home"
    workspace = Store.open(home)
    ledger = ledgers.load(workspace, sample.load(workspace, actor=ME))
    model_id = models.save(workspace, training.train(ledger, ledger.default_as_of), ledger.id, actor=ME)
    publishing.publish(workspace, model_id, replaces=None, actor=ME)
    predictions.of_model(workspace, ledger.id, model_id, ledger.default_as_of, actor=ME)
    return home


@pytest.fixture
def sample_workspace(sample_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A copy of that workspace, of the test's own; the screens under AppTest show it."""
    home = shutil.copytree(sample_home, tmp_path / "home")
    monkeypatch.setenv("INSIGHTS_HOME", str(home))
    return Store.open(home)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A workspace with nothing in it; screens and commands see it, too."""
    monkeypatch.setenv("INSIGHTS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return opened(tmp_path / "home")


@pytest.fixture(scope="session")
def postgres() -> Iterator[tuple[Server, str]]:
    """A PostgreSQL, and the name of a database there that is up to date and empty, to be copied."""
    with running() as server:
        template = server.new()
        migrate(create_engine(server.url(template), poolclass=NullPool))
        yield server, template


@pytest.fixture
def use_database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], None]]:
    """Says which kind of database this test and its child processes use from now on; each PostgreSQL is new and empty."""
    made: list[tuple[Server, str]] = []

    def use(kind: str) -> None:
        monkeypatch.delenv("INSIGHTS_DATABASE_FILE", raising=False)
        if kind == POSTGRES:
            server, template = request.getfixturevalue("postgres")
            made.append((server, server.new(template)))
            file = tmp_path / f"{made[-1][1]}.url"
            file.write_text(server.url(made[-1][1]) + "\n")
            monkeypatch.setenv("INSIGHTS_DATABASE_FILE", str(file))

    yield use
    for server, name in made:
        postgres_of.engine(server.url(name), BUSY).dispose()
        server.drop(name)


@pytest.fixture(params=[SQLITE, pytest.param(POSTGRES, marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest, use_database: Callable[[str], None]) -> str:
    """The kind of database that a test runs on, once each."""
    use_database(request.param)
    return str(request.param)


@pytest.fixture
def empty_workspace(workspace: Store) -> Store:
    """The same, by the name that says what matters of it."""
    return workspace


@pytest.fixture
def small_workspace(workspace: Store) -> Store:
    """The small ledger, kept by Ada; as of 1 April 2024 EUR 25.00 and USD 0.99 are overdue."""
    commit(workspace, small_ledger(), actor=laptop("ada"))
    return workspace


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def served(home: Path, port: int = 0, /, **settings: str) -> Iterator[str]:
    """The address of a server of its own over a workspace, with further settings; it ends with everything that it started."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"]
    environment = os.environ | {"INSIGHTS_HOME": str(home), "INSIGHTS_IDLE_SECONDS": "20"} | settings
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as process:
        try:
            address = f"{'https' if 'STREAMLIT_SERVER_SSL_CERT_FILE' in settings else 'http'}://127.0.0.1:{port}"
            wait_for(address, process)
            yield address
        finally:
            process.terminate()


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Returns once the server answers."""
    end = time.monotonic() + STARTED
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):  # noqa: S310 - our own server
                return
        except HTTPError:  # it answers, and lets nobody in who has not signed in
            return
        except OSError as error:
            if isinstance(getattr(error, "reason", None), ssl.SSLError):  # it answers, with a certificate that nobody has signed
                return
            time.sleep(0.1)
    pytest.fail(f"the server at {address} did not start")
