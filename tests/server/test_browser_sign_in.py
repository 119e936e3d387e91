"""In Chromium: does a link lead where it should after signing in, does a role change count at once, and is one out afterwards?"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from insights.access import EVERYTHING, Reach, Role
from insights.services import sign_in, users
from insights.services.ledgers import commit
from insights.store import audit
from insights.store.store import Store
from tests.conftest import free_port, served
from tests.support.providers import WORD, settings_for, signing_in
from tests.support.workspaces import ME, small_ledger

pytestmark = pytest.mark.browser

LONG = "seven green boats in May"
PATIENCE = 60_000  # milliseconds on a busy machine
SHOTS = os.environ.get("INSIGHTS_SHOTS", "")  # a folder, to look at what the browser shows


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store.open(tmp_path_factory.mktemp("team") / "home")
    commit(store, small_ledger(), actor=ME)
    users.add_with_password(store, "Ada", Role.AGENT, LONG, actor=ME)
    users.add_with_password(store, "Root", Role.ADMINISTRATOR, LONG, actor=ME)
    return store


@pytest.fixture(scope="module")
def address(store: Store) -> Iterator[str]:
    with served(store.home, INSIGHTS_SIGN_IN="password") as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield context.new_page()
    context.close()


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def test_a_link_a_sign_in_by_keyboard_a_role_and_a_sign_out(address: str, store: Store, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).netloc))
    page.goto(f"{address}/customers?as_of=2024-03-20&sort=name")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    shot(page, "sign-in-light")
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    shot(page, "sign-in-wrong")
    page.keyboard.type(LONG)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    assert urlsplit(page.url).path == "/customers"
    assert {"as_of=2024-03-20", "sort=name"} <= set(urlsplit(page.url).query.split("&"))
    expect(page.get_by_text("Signed in as Ada, agent")).to_be_visible()

    users.give_role(store, users.named(store, "ada"), Role.MANAGER, actor=ME)
    page.get_by_role("link", name="Open invoices").click()
    expect(page.get_by_text("Signed in as Ada, manager")).to_be_visible()

    page.get_by_role("link", name="Your account").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    shot(page, "account")
    page.get_by_role("link", name="Back to Payment Insights").click()
    page.get_by_role("link", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    assert sign_in.browsers(store, users.named(store, "ada")) == []
    page.goto(f"{address}/customers")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert set(asked) == {urlsplit(address).netloc}


def test_whoever_is_signed_in_takes_a_file_and_is_on_record_with_it(address: str, store: Store, page: Page) -> None:
    """A file is made when its button is pressed: after the run, by whoever is signed in then, and may still."""
    ada = users.named(store, "ada")
    users.give_role(store, ada, Role.MANAGER, actor=ME)
    secret = sign_in.begin(store, ada, "password", sign_in.Whence("192.0.2.7"))
    page.context.add_cookies([{"name": "insights", "value": secret, "url": address}])
    page.goto(f"{address}/customers?as_of=2024-03-20")
    with page.expect_download() as taken:
        page.get_by_role("button", name="CSV").click()
    assert "acme" in taken.value.path().read_text("utf-8-sig")
    newest = audit.listed(store)[0]
    assert (newest.tag, newest.actor, newest.user_id, newest.address) == (
        "screen:customers:export",
        "Ada",
        ada.id,
        "192.0.2.7",
    )
    users.give_reach(store, ada, Reach(frozenset({"north"})), actor=ME)
    page.get_by_role("button", name="CSV").click()
    expect(page.get_by_text("Failed to generate file for download")).to_be_visible()
    users.give_reach(store, ada, EVERYTHING, actor=ME)
    assert audit.listed(store)[1].tag != "screen:customers:export", "nothing was taken the second time"


def test_a_window_whose_session_is_over_shows_the_sign_in_page_and_comes_back(address: str, store: Store, page: Page) -> None:
    ada = users.named(store, "ada")
    secret = sign_in.begin(store, ada, "password", sign_in.Whence("127.0.0.1"))
    page.context.add_cookies([{"name": "insights", "value": secret, "url": address}])
    page.goto(f"{address}/customers?as_of=2024-03-20")
    expect(page.get_by_text("Signed in as Ada")).to_be_visible()
    sign_in.out_everywhere(store, ada, actor=ME)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill(LONG)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    assert "as_of=2024-03-20" in page.url


def test_over_https_the_browser_takes_the_cookie_and_opens_the_stream(store: Store, browser: Browser, tmp_path: Path) -> None:
    """The server with a certificate of its own, as a proxy would have it."""
    key, certificate, port = tmp_path / "key.pem", tmp_path / "cert.pem", free_port()
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    settings = {
        "INSIGHTS_SIGN_IN": "password",
        "INSIGHTS_ADDRESS": f"https://localhost:{port}",
        "STREAMLIT_SERVER_SSL_CERT_FILE": str(certificate),
        "STREAMLIT_SERVER_SSL_KEY_FILE": str(key),
    }
    with served(store.home, port, **settings):
        context = browser.new_context(ignore_https_errors=True)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"https://localhost:{port}/customers?as_of=2024-03-20")
        page.get_by_label("Name").fill("Ada")
        page.get_by_label("Password").fill(LONG)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("Signed in as Ada")).to_be_visible(timeout=PATIENCE)
        assert "as_of=2024-03-20" in page.url
        (kept,) = (each for each in context.cookies() if "insights" in each["name"])
        assert (kept["name"], kept["secure"], kept["httpOnly"], kept["sameSite"]) == ("__Host-insights", True, True, "Lax")
        context.close()


def test_a_link_a_sign_in_at_the_provider_a_role_and_a_sign_out_here_and_there(store: Store, page: Page, tmp_path: Path) -> None:
    """Grace comes by a link, is a manager by her groups, becomes an agent meanwhile, and goes."""
    address = f"http://127.0.0.1:{free_port()}"
    (tmp_path / "secret").write_text(WORD)
    with signing_in(free_port(), {"sub": "7", "email": "grace@x.example", "groups": ["boss"]}) as issuer:
        grace = users.add(store, "Grace", Role.AGENT, subject=(issuer, "7"), actor=ME)
        settings = settings_for(issuer, address, str(tmp_path / "secret"))
        with served(store.home, urlsplit(address).port or 0, **settings):
            page.goto(f"{address}/customers?as_of=2024-03-20&sort=name")
            page.get_by_role("link", name="Continue to your organisation's sign-in").click()
            assert page.url.startswith(f"{issuer}/")
            page.get_by_role("button", name="7", exact=True).click()
            expect(page.get_by_role("heading", name="Customers")).to_be_visible()
            assert (urlsplit(page.url).netloc, urlsplit(page.url).path) == (urlsplit(address).netloc, "/customers")
            assert {"as_of=2024-03-20", "sort=name"} <= set(urlsplit(page.url).query.split("&"))
            expect(page.get_by_text("Signed in as Grace, manager")).to_be_visible()

            page.get_by_role("link", name="Figures").click()
            expect(page.get_by_role("heading", name="Figures", exact=True)).to_be_visible()
            users.give_role(store, grace, Role.AGENT, actor=ME)
            page.get_by_role("link", name="Open invoices").click()
            expect(page.get_by_text("Signed in as Grace, agent")).to_be_visible()

            expect(page.get_by_role("link", name="Sign out")).to_have_count(1)  # the page before is gone
            page.get_by_role("link", name="Sign out").click()
            expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
            assert sign_in.browsers(store, grace) == []
            page.get_by_role("link", name="Sign out there, too").click()
            page.wait_for_url(f"{issuer}/oauth2/end_session?**")
            page.goto(f"{address}/customers")
            expect(page.get_by_role("link", name="Continue to your organisation's sign-in")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_can_be_used_by_everybody_in_both_themes(address: str, page: Page, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(f"{address}/sign-in")
    shot(page, f"sign-in-{theme}")
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("Name").fill("root")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("Password").fill(LONG)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{address}/customers")
    way_out = page.get_by_role("link", name="Sign out")
    way_out.scroll_into_view_if_needed()
    expect(way_out).to_be_visible()
    shot(page, f"signed-in-{theme}")
    page.goto(f"{address}/account")
    shot(page, f"account-{theme}")
    assert Axe().run(page).response["violations"] == []
