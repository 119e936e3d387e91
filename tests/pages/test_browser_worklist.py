"""Does an agent get through the day in a real browser: by mouse, by keyboard alone, and with a colleague at the same list?"""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from insights.services.ledgers import commit
from insights.store import agreements
from insights.store.store import Store
from tests.conftest import served
from tests.support.workspaces import ME, ledger_of

pytestmark = pytest.mark.browser

READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
SLOW = 120_000  # milliseconds, on a busy machine
expect.set_options(timeout=60_000)
LEDGER = """
    - acme  1 2024-01-02 2024-02-01 2024-01-30  100 EUR
    - acme  2 2024-02-05 2024-03-06 -          2500 EUR
    - birch 3 2024-02-10 2024-03-11 -          2000 EUR
    - cedar 4 2024-03-01 2024-03-25 -          1000 EUR
    - dove  5 2024-03-01 2024-03-25 -           900 EUR
    - elm   6 2024-03-01 2024-03-25 -           900 EUR
    - fern  7 2024-03-01 2024-03-25 -           900 EUR
    - gale  8 2024-03-01 2024-03-25 -           900 EUR
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no Chromium here: install Debian's package `chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LEDGER as of 1 April 2024: acme, birch and cedar owe EUR 25, 20 and 10, four others 9, all of it overdue."""
    home = tmp_path_factory.mktemp("agent") / "home"
    commit(Store.open(home), ledger_of(LEDGER), actor=ME)
    return home


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with served(home) as address:
        yield f"{address}/worklist"


def tab(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    page.set_default_timeout(SLOW)
    page.goto(address)
    page.get_by_test_id("stDataFrame").first.wait_for()
    settled(page)
    return page


def settled(page: Page) -> None:
    page.wait_for_selector(READY)
    page.wait_for_timeout(500)
    page.wait_for_selector(READY)


def is_open(page: Page, customer: str) -> None:
    """The customer's row is open beside the list."""
    expect(page.get_by_role("heading", name=customer, exact=True)).to_be_visible()


def by_keyboard_to(page: Page, label: str) -> None:
    """Goes on by Tab until the button has the focus, and presses it."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == label:
            page.keyboard.press("Enter")
            return
    pytest.fail(f"{label} cannot be reached by keyboard")


def test_a_contact_is_logged_by_keyboard_alone_and_the_next_customer_is_open(browser: Browser, address: str, home: Path) -> None:
    page = tab(browser, address)
    is_open(page, "acme")
    page.keyboard.press("l")
    expect(page.get_by_role("dialog")).to_contain_text("What came of it")
    settled(page)
    by_keyboard_to(page, "Save")
    is_open(page, "birch")
    (event,) = agreements.listed(Store.open(home))
    assert (event.kind, event.customer_id, event.payload["outcome"]) == ("contact", "acme", "reached")


def test_a_promise_is_entered_with_the_mouse_and_puts_the_customer_aside(browser: Browser, address: str, home: Path) -> None:
    page = tab(browser, address)
    is_open(page, "birch")
    page.get_by_role("button", name="Promise").click()
    expect(page.get_by_role("dialog")).to_contain_text("Promised for")
    settled(page)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    is_open(page, "cedar")
    last = agreements.listed(Store.open(home))[-1]
    assert (last.kind, last.customer_id, last.payload["on"]) == ("promise", "birch", "2024-04-08")


def test_who_takes_a_row_is_seen_by_a_colleague_who_cannot_take_it(browser: Browser, address: str) -> None:
    ada, bea = tab(browser, address), tab(browser, address)
    for page, name in ((ada, "Ada"), (bea, "Bea")):
        page.get_by_role("textbox", name="Your name").fill(name)
        page.get_by_role("textbox", name="Your name").press("Enter")
        settled(page)
    is_open(ada, "cedar")
    ada.get_by_role("button", name="Take").click()
    settled(ada)
    bea.get_by_role("button", name="Take").click()
    expect(bea.get_by_text("Ada has taken this customer")).to_be_visible()
    settled(bea)
    bea.reload()
    expect(bea.get_by_text("Ada is at it.")).to_be_visible()


def test_what_was_agreed_holds_over_a_new_ledger_and_a_broken_promise_tops_the_list(
    browser: Browser, address: str, home: Path
) -> None:
    """The next ledger is complete through 12 April: birch promised for the 8th, and nothing came. acme, who
    owes more, was contacted on 1 April and is back; both are of the first third of what is listed.
    """
    commit(Store.open(home), ledger_of(LEDGER, complete_through=date(2024, 4, 12)), actor=ME)
    page = tab(browser, address)
    is_open(page, "birch")
    said = page.get_by_test_id("stText").filter(has_text="promise of 8 Apr 2024 broken (EUR 20.00, nothing came)")
    expect(said).to_be_visible()
