"""Do the parts of a team's server work together, started as `scripts/team.py` does: Caddy, two apps and workers, a PostgreSQL?"""

import json
import re
import shutil
import signal
import ssl
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import NullPool, create_engine

from insights import jobs
from insights.access import Role
from insights.services import background, sign_in, users
from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store.store import Store
from scripts.cluster import Missing
from scripts.team import Team, free_port, running
from tests.support.jobs import row_of, until_row
from tests.support.postgres import SAFE_FOR_NOBODY
from tests.support.visits import HTML, Visit
from tests.support.workspaces import ME, small_ledger

pytestmark = pytest.mark.slow  # servers

LONG = "seven green boats in May"
STICKY = "insights_app"
SETTINGS = {"INSIGHTS_LOG": "json", "OMP_NUM_THREADS": "1"}
PATIENCE = 60_000  # milliseconds on a busy machine
UNTIL_SENT = 60  # seconds until the proxy sends somebody to an app that is there
JOBS = 6
CLICKS = 8


@pytest.fixture(scope="module")
def team() -> Iterator[Team]:
    """Everything is there; Ada, a manager, may sign in; a ledger is committed."""
    folder = Path(tempfile.mkdtemp(prefix="team-", dir="/tmp"))  # PostgreSQL, somebody else, has to get there
    made = Team(folder, f"https://localhost:{free_port()}", settings=SETTINGS, database_settings=SAFE_FOR_NOBODY)
    try:
        with running(made):
            store = store_of(made)
            users.add_with_password(store, "Ada", Role.MANAGER, LONG, actor=ME)
            commit(store, small_ledger(), actor=ME)
            yield made
    except Missing as reason:
        pytest.skip(str(reason))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def store_of(team: Team) -> Store:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSIGHTS_DATABASE_FILE", team.environment()["INSIGHTS_DATABASE_FILE"])
        return Store.open(team.home)


def visit(team: Team) -> Visit:
    """A browser that trusts the certificate, not signed in."""
    return Visit(team.address, scheme="https", tls=ssl.create_default_context(cafile=team.root_certificate))


def app_of(team: Team, somebody: Visit) -> str:
    """Which app answers somebody: the one whose log has the number of the request."""
    answer, _ = somebody.ask("/sign-in/state")
    number, end = answer.headers["x-request-id"], time.monotonic() + 10
    while time.monotonic() < end:
        for name in ("app1", "app2"):
            if number in team.said(name):
                return name
        time.sleep(0.05)
    pytest.fail(f"no app has answered: {answer.status}")


def at_app(team: Team, name: str) -> Visit:
    """Ada, signed in, at this app, to which the proxy sends somebody sooner or later."""
    end = time.monotonic() + UNTIL_SENT
    while time.monotonic() < end:
        ada = visit(team)
        if app_of(team, ada) == name:
            return ada.sign_in("ada", LONG)
        time.sleep(0.1)
    pytest.fail(f"nobody was sent to {name} for {UNTIL_SENT} seconds")


def test_a_person_stays_at_one_app_and_is_known_at_the_other(team: Team) -> None:
    ada, other = at_app(team, "app1"), at_app(team, "app2")
    assert {app_of(team, ada) for _ in range(20)} == {"app1"}
    assert {app_of(team, other) for _ in range(20)} == {"app2"}
    with ada.socket() as wire:
        assert wire.status == 101
        wire.run()
        assert "Signed in as Ada" in str(wire.told())
    crossed = Visit(ada.address, {**ada.cookies, STICKY: other.cookies[STICKY]}, scheme="https", tls=ada.tls)
    assert app_of(team, crossed) == "app2"
    assert crossed.ask("/sign-in/state")[0].status == 204
    ada.post("/sign-out")
    assert crossed.ask("/sign-in/state")[0].status == 401, "whoever signs out at one app is out at the other"


def test_the_proxy_speaks_tls_and_its_cookie_is_for_no_script(team: Team) -> None:
    answer, _ = visit(team).ask("/sign-in", **HTML)
    (line,) = [each for each in answer.headers.get_all("set-cookie", []) if each.startswith(STICKY)]
    assert set(line.split("; ")[1:]) == {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"}
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "connect-src 'self' wss://localhost" in answer.headers["content-security-policy"]


def test_nobody_names_a_user_past_the_proxy_or_comes_by_another_name(team: Team) -> None:
    named = visit(team)
    assert named.stream(X_Forwarded_User="Ada", X_Insights_Session="x") == 403
    assert named.ask("/customers", X_Forwarded_User="Ada", X_Forwarded_For="127.0.0.1")[0].status == 401
    assert named.stream(Origin="https://evil.example") == 403


def test_where_somebody_comes_from_is_the_proxy_s_word(team: Team) -> None:
    """A browser that claims to come from elsewhere is not believed."""
    ada, store = visit(team), store_of(team)
    lines = {"Origin": team.address, "X_Forwarded_For": "203.0.113.9", "Content-Type": "application/x-www-form-urlencoded"}
    answer, _ = ada.ask("/sign-in", "POST", f"name=ada&password={LONG.replace(' ', '+')}", **lines)
    assert answer.status == 303
    assert "203.0.113.9" not in {each.address for each in sign_in.browsers(store, users.named(store, "ada"))}


def test_the_database_is_on_the_disk_before_it_says_so_and_damage_of_its_pages_is_noticed(team: Team) -> None:
    """Of a server that is no test's: made with checksums, and never without waiting for the disk."""
    with create_engine(team.cluster.url("postgres"), poolclass=NullPool).connect() as connection:
        assert connection.exec_driver_sql("SHOW data_checksums").scalar_one() == "on"
    assert Team(team.folder).cluster.lasting
    assert not set(Team(team.folder).database_settings) & set(SAFE_FOR_NOBODY)


def test_jobs_are_done_once_by_two_workers(team: Team) -> None:
    store = store_of(team)
    (ledger,) = ledgers.listed(store)
    asked = [background.rescore(store, ledger.id, actor=ME) for _ in range(JOBS)]
    for job_id in asked:
        until_row(store, job_id, lambda row: row.ended_at is not None)
    rows = [row_of(store, job_id) for job_id in asked]
    assert [(row.state, row.attempts) for row in rows] == [("done", 1)] * JOBS
    assert len({row.worker for row in rows}) == 2
    assert all(len(re.findall(r"\bdone\b", row.log)) == 1 for row in rows)


def test_whoever_was_at_an_app_that_is_killed_goes_on_at_the_other(team: Team) -> None:
    ada = at_app(team, "app1")
    with ada.socket() as wire:
        wire.run()
        wire.told()
        team.end("app1", signal.SIGKILL)
        while wire.hear() is not None:  # until the stream ends
            pass
        begun = time.monotonic()
        assert app_of(team, ada) == "app2"
        assert time.monotonic() - begun < 10
    with ada.socket() as wire:
        wire.run()
        assert "Signed in as Ada" in str(wire.told())
    assert {app_of(team, ada) for _ in range(5)} == {"app2"}
    team.start_app(0)
    team.wait_for_app(0)
    assert app_of(team, at_app(team, "app1")) == "app1", "it is used again"


@pytest.mark.browser
def test_a_window_whose_app_is_killed_goes_on_at_the_other(team: Team, browser: Browser) -> None:
    context = browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = context.new_page()
    page.goto(f"{team.address}/open_invoices?tab=all")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(LONG)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("acme").first).to_be_visible()
    cookies = {each["name"]: each["value"] for each in context.cookies()}
    here = app_of(team, Visit(team.address, cookies, scheme="https", tls=visit(team).tls))
    team.end(here, signal.SIGKILL)
    heading = page.get_by_role("heading", name="Customers")
    for _ in range(CLICKS):  # the first may fall into the moment in which the window looks for its stream
        page.get_by_role("link", name="Customers").click()
        with suppress(AssertionError):
            expect(heading).to_be_visible(timeout=5_000)
            break
    expect(heading).to_be_visible()
    expect(page.get_by_text("Signed in as Ada, manager")).to_be_visible()
    expect(page.get_by_text("acme").first).to_be_visible()
    context.close()
    team.start_app(int(here[-1]) - 1)
    team.wait_for_app(int(here[-1]) - 1)


def test_what_the_parts_write_has_no_name_and_no_password(team: Team) -> None:
    for path in Path(team.folder / "logs").glob("*.log"):
        written = path.read_text("utf-8", "replace")
        assert not [word for word in ("acme", LONG, "Ada") if word in written], path.name
    said = team.said("app1") + team.said("app2")
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert {"tab", "page"} <= {line.get("kind") for line in lines}
    assert jobs.standing(store_of(team))[0].get("failed", 0) == 0
