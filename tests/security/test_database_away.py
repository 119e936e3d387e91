"""Does everybody get a sentence while the database is away or held, is nothing made or changed, and does it go on afterwards?"""

import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from insights.cli import run
from insights.services import predictions, publishing
from insights.services.ledgers import commit
from insights.store import agreements, database, ledgers
from insights.store import models as model_store
from insights.store.database import FILE
from insights.store.store import Store
from tests.conftest import served
from tests.pages.test_browser import opened, page, settled
from tests.support.processes import refusal
from tests.support.screens import MAIN, PATIENCE, click, screen
from tests.support.workspaces import ME, rates_model, small_ledger

__all__ = ["page"]  # fixtures
PAGES = sorted(path.name for path in MAIN.parent.glob("*.py") if path.name != "main.py")
AWAY = (
    r"The database of the workspace cannot be opened: it or its folder is missing, full or closed to you\. \(error [0-9a-f]{8}\)"
)
HELD = r"Another process has been writing to the workspace for more than a minute\. .* \(error [0-9a-f]{8}\)"
GONE = 60  # seconds
LOCKED = 75  # seconds


@pytest.fixture
def used(workspace: Store) -> Store:
    """A workspace with a ledger, a published model, and what it says."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    publishing.publish(workspace, model_store.save(workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    predictions.active(workspace, ledger.id, ledger.default_as_of, actor=ME)
    return workspace


@contextmanager
def away(home: Path) -> Iterator[None]:
    """The database lies elsewhere: a disk that is not mounted, a folder that is being moved."""
    elsewhere = home.with_name("elsewhere")
    elsewhere.mkdir()
    for path in home.glob(f"{FILE}*"):
        path.rename(elsewhere / path.name)
    yield
    for path in elsewhere.iterdir():
        path.rename(home / path.name)


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Somebody else writes."""
    with closing(sqlite3.connect(home / FILE, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        yield
        writer.rollback()


def there(home: Path) -> list[Path]:
    """All files of a home but the log and the locks."""
    return sorted(path for path in home.rglob("*") if path.name != "errors.log" and "locks" not in path.parts)


def failures(app: AppTest) -> list[str]:
    """What a screen says of a failure, as people read it."""
    assert not app.exception, app.exception
    return [each.value.replace("\\", "").replace("\u2060", "") for each in app.error]


def cold(name: str) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=PATIENCE)
    app.switch_page(name)
    return app.run()


@pytest.mark.slow
def test_no_screen_or_command_makes_a_database_where_it_was_taken_away_and_all_goes_on_when_it_is_back(
    used: Store, capfd: pytest.CaptureFixture[str]
) -> None:
    """A server is running that has used it. An empty database would look like an empty workspace."""
    ledger = ledgers.listed(used)[0]
    for name in PAGES:
        screen(name)
    with away(used.home):
        before = there(used.home)
        for name in PAGES:
            told = failures(cold(name))
            assert told, name
            assert all(re.fullmatch(AWAY, each) for each in told), (name, told)
        assert run(["delete", ledger.id, "--yes"]) == 1
        assert "(workspace.sqlite) is missing" in capfd.readouterr().err
        assert there(used.home) == before
    for name in PAGES:
        screen(name)
    assert ledgers.listed(used) == [ledger]


def test_an_empty_database_beside_the_files_of_another_is_refused(used: Store) -> None:
    """What SQLite makes of a file that is only opened: a header without a table."""
    for path in used.home.glob(f"{FILE}*"):
        path.unlink()
    with closing(sqlite3.connect(used.home / FILE)) as empty:
        empty.execute("PRAGMA journal_mode=WAL")
    assert refusal(Store.open, used.home) == "no_database"


@pytest.mark.slow
def test_a_database_that_is_held_too_long_is_said_on_the_screen_and_the_next_press_goes_through(
    used: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody takes a customer; people wait for 60 seconds, this screen for one."""
    monkeypatch.setattr(database, "BUSY", 1)
    app = screen("worklist.py")
    with held(used.home):
        told = failures(click(app, "Take"))
        assert told
        assert all(re.fullmatch(HELD, each) for each in told), told
        assert agreements.listed(used) == ()
    assert failures(click(app, "Take")) == []
    assert [each.kind for each in agreements.listed(used)] == ["take"]


@pytest.mark.long
@pytest.mark.browser
def test_a_server_outlives_a_database_that_is_gone_for_a_minute_and_one_that_is_held_for_longer(page: Page, used: Store) -> None:
    (ledger,) = ledgers.listed(used)
    with served(used.home) as address:
        opened(page, f"{address}/open_invoices?tab=all")
        expect(page.get_by_text("acme").first).to_be_visible()
        with away(used.home):
            before, end, looks = there(used.home), time.monotonic() + GONE, 0
            while time.monotonic() < end:
                opened(page, f"{address}/{PAGES[looks % len(PAGES)].removesuffix('.py')}")
                expect(page.get_by_text(re.compile(r"cannot be opened: .* \(error [0-9a-f]{8}\)")).first).to_be_visible()
                looks += 1
            assert there(used.home) == before
        opened(page, f"{address}/open_invoices?tab=all")
        expect(page.get_by_text("acme").first).to_be_visible()

        holds, free = threading.Event(), threading.Event()

        def hold() -> None:
            with held(used.home):
                holds.set()
                free.wait(LOCKED)

        holding = threading.Thread(target=hold)
        opened(page, f"{address}/ledgers")
        holding.start()
        holds.wait()
        begun = time.monotonic()
        page.get_by_role("button", name="Delete").click()
        page.get_by_role("button", name="Delete for good").click()
        expect(page.get_by_text(re.compile(r"Another process .* \(error [0-9a-f]{8}\)")).first).to_be_visible(timeout=90_000)
        waited = time.monotonic() - begun
        assert [each.id for each in ledgers.listed(used)] == [ledger.id]
        holding.join()
        opened(page, f"{address}/ledgers")
        page.get_by_role("button", name="Delete").click()
        page.get_by_role("button", name="Delete for good").click()
        settled(page)
        assert ledgers.listed(used) == []
    print(f"{looks} pages while it was gone for {GONE} s; a lock of {LOCKED} s was told of after {waited:.0f} s")  # noqa: T201 - the figures are asked for
