"""Is nothing of the program reached without a session that is alive?"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from insights.access import Role
from insights.server.doors import Message
from insights.server.sign_in import Line, Sockets
from insights.services import sign_in, users
from insights.services.sign_in import Whence
from insights.store.store import Store
from insights.store.tables import now
from tests.conftest import ROOT, served
from tests.support.visits import HTML, Visit
from tests.support.workspaces import ME

pytestmark = pytest.mark.slow  # servers

LONG, OTHER, WRONG = "seven green boats in May", "another long sentence", "wrong"
RUN = {"new_session", "delta", "script_finished"}  # what a run of the script sends
PUBLIC = "https://insights.example.com"
CLOSED = (
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore/upload_file/a/b",
    "/_stcore/agent/interact",
    "/_stcore/agent/openapi.json",
    "/_stcore/script-health-check",
    "/media/x.csv",
    "/component/x/y.js",
    "/auth/login",
    "/oauth2callback",
    "/robots.txt",
    "/customers",
    "/",
    "//",
    "/sign-in/x",
    "/static/../media/x.csv",
    "/%5fstcore/health",
)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Ada and Bob, agents; Root, an administrator."""
    store = Store.open(tmp_path_factory.mktemp("team") / "home")
    for name in ("Ada", "Bob"):
        users.add_with_password(store, name, Role.AGENT, LONG, actor=ME)
    users.add(store, "Root", Role.ADMINISTRATOR, actor=ME)
    return store


@pytest.fixture(scope="module")
def address(team: Store) -> Iterator[str]:
    """A server where people sign in by passwords; under another name a proxy leads to it, too."""
    with served(team.home, INSIGHTS_SIGN_IN="password", INSIGHTS_ADDRESS=PUBLIC, INSIGHTS_PROXIES="127.0.0.1") as found:
        yield found


@pytest.fixture
def ada(team: Store, address: str) -> Visit:
    """Ada's browser, signed in."""
    return Visit(address, {"insights": sign_in.begin(team, users.named(team, "ada"), "password", Whence("192.0.2.7", "Firefox"))})


def session_of(team: Store, visit: Visit) -> str:
    inside = sign_in.of_browser(team, visit.cookies["insights"])
    assert inside
    return inside.id


@pytest.mark.parametrize("path", CLOSED)
def test_nobody_gets_anything(address: str, path: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
        assert Visit(address).ask(path, method, Origin=address)[0].status == 401
    assert Visit(address).ask(path, "PROPFIND", **HTML)[0].status == 401


def test_nobody_opens_a_stream_whatever_they_send(address: str, team: Store, ada: Visit) -> None:
    """403, before the program hears of it: so no script runs."""
    inside = session_of(team, ada)
    forged: list[dict[str, str]] = [
        {},
        {"X_Insights_Session": inside},
        {"x-insights-session": inside, "X-Forwarded-User": "Ada"},
        {"Cookie": f"insights={inside}"},
        {"Cookie": "insights=" + "A" * 43},
        {"Cookie": f"__Host-insights={ada.cookies['insights']}"},
        {"Cookie": f"insights={ada.cookies['insights']}; insights={ada.cookies['insights']}"},
        {"Cookie": f"_streamlit_user={inside}"},
        {"Authorization": "Basic QWRhOng="},
        {"Sec-WebSocket-Protocol": f"streamlit, x, {inside}"},
    ]
    for headers in forged:
        assert Visit(address).stream(**headers) == 403, headers
    assert ada.stream() == 101


def test_a_browser_is_led_to_the_sign_in_page_and_back(address: str) -> None:
    visit = Visit(address)
    answer, _ = visit.ask("/invoice?ledger=1&invoice=R%2F7", **HTML)
    assert (answer.status, answer.headers["location"]) == (303, "/sign-in?next=%2Finvoice%3Fledger%3D1%26invoice%3DR%252F7")
    page, text = visit.ask(answer.headers["location"], **HTML)
    assert page.status == 200
    assert 'value="/invoice?ledger=1&amp;invoice=R%2F7"' in text
    done, _ = visit.post("/sign-in", name="ada", password=LONG, next="/invoice?ledger=1&invoice=R%2F7")
    assert (done.status, done.headers["location"]) == (303, "/invoice?ledger=1&invoice=R%2F7")
    assert visit.ask("/_stcore/health")[0].status == 200
    assert visit.ask("/sign-in?next=/customers")[0].headers["location"] == "/customers"


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "/%2fevil.example", "/x\r\nX: y"]
)
def test_signing_in_leads_nowhere_else(address: str, target: str) -> None:
    assert Visit(address).post("/sign-in", name="bob", password=LONG, next=target)[0].headers["location"] == "/"


def test_over_https_the_cookie_is_for_this_host_alone(address: str) -> None:
    """A proxy speaks http to the server, as the address of the settings: browsers see https."""
    visit = Visit(address, host="insights.example.com", scheme="https")
    answer, _ = visit.post("/sign-in", name="bob", password=LONG)
    (line,) = answer.headers.get_all("set-cookie", [])
    name, _, rest = line.partition("=")
    assert name == "__Host-insights"
    assert set(rest.split("; ")[1:]) == {"Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=43200", "Secure"}
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "connect-src 'self' wss://insights.example.com;" in answer.headers["content-security-policy"]
    assert visit.stream() == 101
    assert visit.stream(Origin="http://insights.example.com") == 403
    assert visit.stream(Origin=address) == 403
    plain = Visit(address, {"insights": visit.cookies["__Host-insights"]}, "insights.example.com", "https")
    assert plain.stream() == 403, "a cookie that any subdomain could have set"


def test_where_somebody_comes_from_is_what_the_proxy_says(address: str, team: Store) -> None:
    visit = Visit(address)
    lines = {"Origin": address, "X-Forwarded-For": "203.0.113.9, 198.51.100.4"}
    visit.ask("/sign-in", "POST", f"name=bob&password={LONG.replace(' ', '+')}", **lines)
    assert sign_in.browsers(team, users.named(team, "bob"))[0].address == "198.51.100.4"


def test_pages_of_others_sign_nobody_in_or_out(address: str, ada: Visit) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        for path in ("/sign-in", "/sign-out", "/sign-out/everywhere", "/account", "/invitation"):
            assert ada.ask(path, "POST", f"name=bob&password={LONG}", Origin=origin)[0].status == 403
    assert ada.ask("/sign-out", "POST")[0].status == 403, "who posts a form says where it comes from"
    asked, text = ada.ask("/sign-out", Sec_Fetch_Site="cross-site")
    assert (asked.status, 'method="post"' in text) == (200, True)
    assert ada.ask("/_stcore/health")[0].status == 200


def test_the_sign_in_page_asks_nobody_else_for_anything(address: str) -> None:
    answer, text = Visit(address).ask("/sign-in")
    assert not [each for each in ("http:", "https:", "<script", "src=", "@import", "url(") if each in text]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")


def test_a_window_can_ask_whether_somebody_is_signed_in_still(address: str, ada: Visit) -> None:
    assert ada.ask("/sign-in/state")[0].status == 204
    assert Visit(address).ask("/sign-in/state")[0].status == 401
    assert "/sign-in/watch.js" in ada.ask("/", **HTML)[1]
    assert "/sign-in/state" in Visit(address).ask("/sign-in/watch.js")[1]


def test_what_is_typed_stays_text(address: str) -> None:
    _, text = Visit(address).post("/sign-in", name='"><img src=x>', password=WRONG, next='/"><b>')
    assert "<img" not in text
    assert "<b>" not in text


def words(messages: object) -> str:
    return str(messages)


def test_the_program_knows_who_it_is_and_believes_no_header(address: str, team: Store, ada: Visit) -> None:
    bob = Visit(address).sign_in("bob", LONG)
    with bob.socket(X_Insights_Session=session_of(team, ada), x_insights_session=session_of(team, ada)) as wire:
        wire.run()
        told = words(wire.told())
    assert "Signed in as Bob, agent" in told
    assert "Ada" not in told


def test_a_stream_of_somebody_else_is_not_taken_over(address: str, ada: Visit) -> None:
    """A browser that names Ada's stream, as after a broken connection, gets one of its own."""
    bob = Visit(address).sign_in("bob", LONG)
    with ada.socket() as wire:
        wire.run()
        theirs = next(each.new_session.initialize.session_id for each in wire.told() if each.WhichOneof("type") == "new_session")
        with bob.socket(Sec_WebSocket_Protocol=f"streamlit, x, {theirs}") as other:
            other.run()
            told = other.told()
    assert "Signed in as Bob" in words(told)
    assert theirs not in {each.new_session.initialize.session_id for each in told}


def test_whoever_is_disabled_is_out_within_one_run(address: str, team: Store, ada: Visit) -> None:
    """Thirty messages on an open socket, sent at once when it happens: none is heard."""
    with ada.socket() as wire:
        wire.run()
        assert "Signed in as Ada" in words(wire.told())
        users.disable(team, users.named(team, "ada"), actor=ME)
        try:
            for _ in range(30):
                wire.run()
            assert RUN & {each.WhichOneof("type") for each in wire.told()} == set()
            assert ada.stream() == 403
            assert ada.ask("/_stcore/health")[0].status == 401
        finally:
            users.enable(team, users.named(team, "ada"), actor=ME)


def test_the_socket_of_whoever_is_signed_out_is_closed_without_a_click(team: Store, ada: Visit) -> None:
    with ada.socket() as wire:
        wire.run()
        wire.told()
        begun = time.monotonic()
        sign_in.out_everywhere(team, users.named(team, "ada"), actor=ME)
        assert RUN & {each.WhichOneof("type") for each in wire.told()} == set()
        assert time.monotonic() - begun < 30
    assert ada.stream() == 403


def test_a_role_is_that_of_the_next_run(team: Store, ada: Visit) -> None:
    with ada.socket() as wire:
        wire.run()
        assert "Signed in as Ada, agent" in words(wire.told())
        users.give_role(team, users.named(team, "ada"), Role.MANAGER, actor=ME)
        wire.run()
        assert "Signed in as Ada, manager" in words(wire.told())
    users.give_role(team, users.named(team, "ada"), Role.AGENT, actor=ME)


def test_signing_out_here_leaves_the_others(address: str, team: Store, ada: Visit) -> None:
    other = Visit(address).sign_in("ada", LONG)
    answer, text = ada.ask("/sign-out", Sec_Fetch_Site="same-origin")
    assert "You are signed out" in text
    assert {line.partition("=")[0] for line in answer.headers.get_all("set-cookie", [])} == {"insights", "__Host-insights"}
    assert other.ask("/_stcore/health")[0].status == 200
    assert other.post("/sign-out/everywhere")[0].status == 200
    assert other.ask("/_stcore/health")[0].status == 401
    assert sign_in.browsers(team, users.named(team, "ada")) == []


def test_the_account_page_shows_where_one_is_signed_in_and_changes_the_password(address: str, ada: Visit) -> None:
    old = ada.cookies["insights"]
    assert "Firefox (this one)" in ada.ask("/account")[1]
    wrong, text = ada.post("/account", password=WRONG, new=OTHER)
    assert (wrong.status, "The current password is another one." in text) == (422, True)
    assert ada.post("/account", password=LONG, new=OTHER)[0].headers["location"] == "/account"
    assert ada.ask("/account")[0].status == 200
    assert Visit(address, {"insights": old}).ask("/_stcore/health")[0].status == 401
    assert ada.post("/account", password=OTHER, new=LONG)[0].status == 303


def test_an_invitation_lets_somebody_in_once(address: str, team: Store) -> None:
    link = users.invite(team, users.named(team, "root"), actor=ME)
    visit = Visit(address)
    assert "Welcome, Root" in visit.ask(f"/invitation?link={link}")[1]
    assert visit.post("/invitation", link=link, new="short")[0].status == 422
    assert visit.post("/invitation", link=link, new="one two three four")[0].status == 303
    assert "Root, administrator" in visit.ask("/account")[1]
    assert Visit(address).post("/invitation", link=link, new="one two three four")[0].status == 403


def test_guessing_ends_after_ten_attempts(address: str, team: Store) -> None:
    users.add_with_password(team, "Cy", Role.AGENT, LONG, actor=ME)
    answers = [Visit(address).post("/sign-in", name="cy", password=WRONG)[0].status for _ in range(11)]
    assert answers == [401] * 10 + [429]
    assert Visit(address).post("/sign-in", name="cy", password=LONG)[0].status == 429


def test_a_form_of_megabytes_is_not_read(address: str) -> None:
    assert Visit(address).post("/sign-in", name="x" * 100_000, password=WRONG)[0].status == 403


def test_a_form_of_hundreds_of_fields_is_refused_in_a_sentence(address: str) -> None:
    answer, text = Visit(address).post("/sign-in", **{f"field{number}": "" for number in range(300)})
    assert (answer.status, "This is no form of ours." in text) == (403, True)


def test_a_session_that_has_expired_opens_nothing(address: str, team: Store, ada: Visit) -> None:
    with team.database.write() as session:
        session.execute(text("UPDATE sessions SET expires_at = :now WHERE ended_at IS NULL"), {"now": now()})
    assert ada.stream() == 403
    assert ada.ask("/_stcore/health")[0].status == 401


def test_what_keeps_sessions_from_being_looked_up_is_logged_once(
    workspace: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that is away for a day does not fill the disk with words."""
    monkeypatch.setattr("insights.server.sign_in.LOOK", 0.01)
    with workspace.database.write() as session:
        session.execute(text("ALTER TABLE sessions RENAME TO gone"))

    async def send(_: Message) -> None:
        pytest.fail("nobody is known to be out")

    async def open_for_a_second() -> None:
        with Sockets(workspace).kept("a session", Line(send)):
            await asyncio.sleep(1)

    asyncio.run(open_for_a_second())
    assert caplog.text.count("could not be looked up") == 1


@pytest.mark.parametrize("settings", [{}, {"INSIGHTS_SIGN_IN": "password"}, {"INSIGHTS_SIGN_IN": "anything"}])
def test_a_server_for_others_without_sign_in_and_address_does_not_start(tmp_path: Path, settings: dict[str, str]) -> None:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "0.0.0.0", "--server.headless", "true"]  # noqa: S104
    environment = os.environ | {"INSIGHTS_HOME": str(tmp_path / "home")} | settings
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode != 0
    assert "INSIGHTS_" in done.stderr + done.stdout or "sign_in" in done.stderr + done.stdout
