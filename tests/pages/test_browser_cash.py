"""Does a manager get from next month's cash to its invoices, from an age to its invoices, and a report to forward?"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from insights.model.recipe import Recipe
from insights.services import cash, training
from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store.store import Store
from tests.conftest import served
from tests.support.ledgers import invented
from tests.support.workspaces import ME

pytestmark = pytest.mark.browser

READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
SLOW = 120_000  # milliseconds, on a busy machine
MONTH = timedelta(days=28)
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year of 400 invoices, a model of a month before its end, and the forecast that was shown then."""
    home = tmp_path_factory.mktemp("manager") / "home"
    store = Store.open(home)
    ledger = commit(store, replace(invented(), name="Invented"), actor=ME)
    before = ledger.default_as_of - MONTH
    training.train(store, ledger.id, before, Recipe(very_late_days=15), actor=ME)
    cash.expected(store, ledger.id, before, actor=ME)
    return home


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with served(home) as address:
        yield address


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 1400}, accept_downloads=True).new_page()
    page.set_default_timeout(SLOW)
    page.goto(f"{address}/cash")
    return page


def settled(page: Page) -> None:
    page.wait_for_selector(READY)
    page.wait_for_timeout(500)
    page.wait_for_selector(READY)


def choose(page: Page, label: str) -> None:
    page.get_by_role("radio", name=label, exact=True).or_(page.get_by_role("button", name=label, exact=True)).first.click()
    settled(page)


def test_next_month_s_cash_is_compared_with_last_month_s_and_a_week_opens_its_invoices(page: Page, home: Path) -> None:
    """By month, then what was said four weeks ago; a click on a column of the weeks shows what stands behind it."""
    page.get_by_test_id("stPlotlyChart").first.wait_for()
    settled(page)
    choose(page, "Months")
    expect(page).to_have_url(re.compile("period=months"))
    choose(page, "Then and now")
    then = ledgers.get(Store.open(home)).default_as_of - MONTH
    expect(page.get_by_text(re.compile(rf"Of the days from {then.day} {then:%b %Y} to before"))).to_be_visible()
    choose(page, "Weeks")
    columns = page.locator(".plot-container .bars .point path")
    columns.first.wait_for()
    page.wait_for_timeout(1000)
    tallest = max((box for box in (each.bounding_box() for each in columns.all()) if box), key=lambda box: box["height"])
    page.mouse.move(tallest["x"] + tallest["width"] * 0.3, tallest["y"] + tallest["height"] * 0.7)
    page.wait_for_timeout(500)
    page.mouse.down()
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"week=\d+"))
    settled(page)
    expect(page.get_by_text(re.compile(r"EUR [\d,.]+ from \d+ open invoices?.*; and EUR"))).to_be_visible()


def test_an_amount_of_the_ageing_opens_its_invoices_by_mouse_and_by_keyboard(page: Page, address: str) -> None:
    """What is not due of all customers with the mouse; then what the next amount is, by Tab and Enter."""
    page.goto(f"{address}/ageing")
    matrix = page.get_by_role("table", name="What each customer owes")
    not_due = matrix.get_by_role("button", name=re.compile("Not due, All customers$"))
    not_due.click()
    expect(page).to_have_url(re.compile("cell=not_due"))
    settled(page)
    expect(page.get_by_role("heading", name="All customers: Not due")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^\d+ invoices?, EUR [\d,.]+"))).to_be_visible()
    expect(not_due).to_have_attribute("aria-pressed", "true")
    not_due.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("cell=days_1_30"))
    settled(page)
    expect(page.get_by_role("heading", name="All customers: 1-30 days")).to_be_visible()
    number = page.get_by_role("table", name="The invoices behind the amount").get_by_role("link").first
    number.press("Enter")
    expect(page).to_have_url(re.compile("/invoice"))


def test_the_report_is_a_pdf_to_forward(page: Page, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/figures")
    button = page.get_by_role("button", name="Monthly report")
    button.wait_for()
    settled(page)
    with page.expect_download() as begun:
        button.click()
    begun.value.save_as(tmp_path / "report.pdf")
    written = (tmp_path / "report.pdf").read_bytes()
    assert written.startswith(b"%PDF-")
    assert len(written) > 10_000
    assert begun.value.suggested_filename.startswith("receivables-")
