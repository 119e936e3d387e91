"""Is somebody let in by the word of a proxy or a provider, and by nobody else's?"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from insights.access import Role
from insights.services import sign_in, users
from insights.store.store import Store
from tests.conftest import ROOT, free_port, served
from tests.support.commands import document
from tests.support.providers import WORD, settings_for, signing_in
from tests.support.visits import HTML, Visit
from tests.support.workspaces import ME

pytestmark = pytest.mark.slow  # servers

LONG = "seven green boats in May"
BELIEVED = {"INSIGHTS_SIGN_IN": "proxy", "INSIGHTS_PROXIES": "127.0.0.1", "FORWARDED_ALLOW_IPS": ""}


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store.open(tmp_path_factory.mktemp("team") / "home")
    users.add(store, "Ada", Role.AGENT, actor=ME)
    users.add(store, "Root", Role.ADMINISTRATOR, actor=ME)
    return store


# --- a proxy -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def behind(team: Store) -> Iterator[str]:
    """A server whose proxy is on this machine."""
    with served(team.home, **BELIEVED) as found:
        yield found


def test_whom_the_proxy_names_is_led_in_where_they_wanted_to_go(behind: str) -> None:
    visit = Visit(behind)
    answer, _ = visit.ask("/customers?x=1", X_Forwarded_User="ada", **HTML)
    assert answer.headers["location"] == "/sign-in?next=%2Fcustomers%3Fx%3D1"
    answer, _ = visit.ask(answer.headers["location"], X_Forwarded_User="ada", **HTML)
    assert (answer.status, answer.headers["location"]) == (303, "/customers?x=1")
    assert visit.stream(X_Forwarded_User="ADA") == 101
    with visit.socket(X_Forwarded_User="ada") as wire:
        wire.run()
        assert "Signed in as Ada, agent" in str(wire.told())


def test_the_cookie_counts_only_beside_the_same_name(behind: str) -> None:
    visit = Visit(behind)
    visit.ask("/sign-in", X_Forwarded_User="ada")
    for headers in ({}, {"X_Forwarded_User": "root"}, {"X_Forwarded_User": ""}, {"X_Forwarded_User": "ada,root"}):
        assert visit.stream(**headers) == 403, headers
    assert visit.ask("/_stcore/health", X_Forwarded_User="root")[0].status == 401
    assert visit.ask("/_stcore/health", X_Forwarded_User="ada")[0].status == 200


def test_an_address_that_anybody_may_have_written_is_not_believed(behind: str) -> None:
    """A web server that believes X-Forwarded-For would put 127.0.0.1, or the proxy's address, in place of a visitor's own."""
    for told in ("127.0.0.1", "127.0.0.1:4444", "203.0.113.9, 127.0.0.1"):
        assert Visit(behind).ask("/sign-in", X_Forwarded_User="ada", X_Forwarded_For=told)[0].status == 401, told
    assert Visit(behind).ask("/sign-in", X_Forwarded_User="ada", X_Forwarded_For="203.0.113.9")[0].status == 303


def test_a_name_that_is_not_here_gets_a_sentence(behind: str) -> None:
    answer, text = Visit(behind).ask("/sign-in", X_Forwarded_User="stranger")
    assert (answer.status, "not here" in text) == (403, True)
    assert Visit(behind).ask("/sign-in")[0].status == 401
    assert Visit(behind).post("/sign-in", name="ada", password="")[0].status == 401, "there are no passwords here"


def test_nobody_else_s_word_is_taken(team: Store) -> None:
    with served(team.home, **(BELIEVED | {"INSIGHTS_PROXIES": "192.0.2.1"})) as address:
        assert Visit(address).ask("/sign-in", X_Forwarded_User="ada")[0].status == 401
        forged = Visit(address).ask("/sign-in", X_Forwarded_User="ada", X_Forwarded_For="192.0.2.1")
        assert forged[0].status == 401
        secret = sign_in.begin(team, users.named(team, "ada"), "password", sign_in.Whence("192.0.2.7"))
        assert Visit(address, {"insights": secret}).stream() == 403, "of another way in"


def test_a_proxy_on_this_machine_wants_a_web_server_that_believes_nobody(tmp_path: Path) -> None:
    settings = {name: value for name, value in BELIEVED.items() if name.startswith("INSIGHTS")}
    environment = {name: value for name, value in os.environ.items() if name != "FORWARDED_ALLOW_IPS"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(free_port()), "--server.headless", "true"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment | {"INSIGHTS_HOME": str(tmp_path / "home")} | settings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert "FORWARDED_ALLOW_IPS" in done.stderr + done.stdout


# --- a provider --------------------------------------------------------------------------------------------------------


class Place(NamedTuple):
    """A server and its provider."""

    address: str
    issuer: str
    settings: dict[str, str]


@pytest.fixture(scope="module")
def place(team: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server whose people sign in at `oidc-provider-mock`, a provider of its own."""
    port, ours = free_port(), free_port()
    address = f"http://127.0.0.1:{ours}"
    secret = tmp_path_factory.mktemp("secret") / "secret"
    secret.write_text(WORD)
    people = (
        {"sub": "7", "email": "grace@x.example", "groups": ["boss"]},
        {"sub": "8", "email": "Ada"},
        {"sub": "9", "groups": ["other"]},
    )
    with signing_in(port, *people) as issuer:
        users.add(team, "Grace", Role.AGENT, subject=(issuer, "7"), actor=ME)
        users.add(team, "Bob", Role.POWER_USER, subject=(issuer, "8"), actor=ME)
        users.add(team, "Cy", Role.AGENT, subject=(issuer, "9"), actor=ME)
        settings = settings_for(issuer, address, str(secret))
        with served(team.home, ours, **settings) as found:
            yield Place(found, issuer, settings | {"INSIGHTS_HOME": str(team.home)})


def at_the_provider(address: str, subject: str) -> str:
    """Somebody signs in at the provider's page; where it sends them."""
    parts = urlsplit(address)
    visit = Visit(f"{parts.scheme}://{parts.netloc}")
    body = urlencode({"sub": subject})
    lines = {"Content_Type": "application/x-www-form-urlencoded"}
    answer, text = visit.ask(f"{parts.path}?{parts.query}", "POST", body, **lines)
    assert answer.status in {302, 303}, text
    return str(answer.headers["location"])


def back(place: Place, visit: Visit, subject: str, target: str = "/") -> tuple[int, str, str]:
    """There and back again: status, where to, and what is said."""
    begun, _ = visit.ask(f"/sign-in/start?{urlencode({'next': target})}")
    led = urlsplit(at_the_provider(begun.headers["location"], subject))
    assert f"{led.scheme}://{led.netloc}" == place.address
    answer, text = visit.ask(f"{led.path}?{led.query}")
    return answer.status, answer.headers.get("location", ""), text


def test_who_signs_out_is_shown_the_way_out_at_the_provider(place: Place) -> None:
    visit = Visit(place.address)
    back(place, visit, "7")
    _, text = visit.post("/sign-out")
    link = re.search(r'href="([^"]*end_session[^"]*)"', text)
    assert link
    assert link[1].startswith(f"{place.issuer}/oauth2/end_session?client_id=insights&amp;post_logout_redirect_uri=")
    assert visit.stream() == 403


def test_who_signed_in_at_the_provider_is_led_to_where_they_wanted(place: Place) -> None:
    visit = Visit(place.address)
    _, text = visit.ask("/sign-in?next=%2Fcustomers%3Fx%3D1")
    link = re.search(r'href="(/sign-in/start[^"]*)"', text)
    assert link
    assert parse_qs(urlsplit(link[1]).query)["next"] == ["/customers?x=1"]
    assert back(place, visit, "7", "/customers?x=1")[:2] == (303, "/customers?x=1")
    with visit.socket() as wire:
        wire.run()
        assert "Signed in as Grace, manager" in str(wire.told()), "by the groups of the provider"


def test_groups_that_are_not_named_change_nothing_and_a_name_is_nobody(place: Place) -> None:
    visit = Visit(place.address)
    assert back(place, visit, "8")[0] == 303
    assert "Bob, power user" in visit.ask("/account")[1], "who calls himself Ada at the provider is the one of his subject"


@pytest.mark.parametrize(("subject", "said"), [("9", "None of your groups"), ("10", "not here")])
def test_who_is_in_no_group_or_not_here_stays_out(place: Place, subject: str, said: str) -> None:
    visit = Visit(place.address)
    status, _, text = back(place, visit, subject)
    assert (status, said in text) == (403, True)
    assert visit.stream() == 403


def test_another_browser_s_answer_and_the_same_again_let_nobody_in(place: Place) -> None:
    visit = Visit(place.address)
    begun, _ = visit.ask("/sign-in/start?next=//evil.example")
    led = urlsplit(at_the_provider(begun.headers["location"], "7"))
    path = f"{led.path}?{led.query}"
    other = Visit(place.address)
    other.ask("/sign-in/start")
    tampered = Visit(place.address, {"insights-flow": visit.cookies["insights-flow"][:-1] + "0"})
    for each in (Visit(place.address), other, tampered):
        assert each.ask(path)[0].status == 403
        assert each.stream() == 403
    kept = dict(visit.cookies)
    done, _ = visit.ask(path)
    assert (done.status, done.headers["location"]) == (303, "/")
    assert Visit(place.address, kept).ask(path)[0].status == 403, "a code counts once"


def test_no_password_counts_where_a_provider_says_who_somebody_is(place: Place, team: Store) -> None:
    assert Visit(place.address).post("/sign-in", name="grace", password="")[0].status == 200
    users.reset(team, users.named(team, "grace"), LONG, actor=ME)
    visit = Visit(place.address)
    assert "set-cookie" not in visit.post("/sign-in", name="grace", password=LONG)[0].headers
    assert Visit(place.address).ask("/invitation?link=x")[0].status == 403


def test_the_connection_can_be_checked_by_command(place: Place) -> None:
    command = [sys.executable, "-m", "insights", "user", "check", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | place.settings, capture_output=True, text=True, check=False)
    said = document(done.stdout)["said"]
    assert f"The provider {place.issuer} answers." in said
    assert said[-1] == f"It has to send people back to {place.address}/sign-in/callback"
