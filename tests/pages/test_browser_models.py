"""Can a power user switch a field off, train, see what would flip, publish, and go back, in a real browser?"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import models, publications
from insights.store.store import Store
from tests.conftest import served
from tests.support.workspaces import ME, rates_model, year_of_invoices

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 120_000  # milliseconds, on a busy machine


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[tuple[str, Store]]:
    """A server over a year of invoices, of which no open one is flagged: the published model says 75 per cent of all of them."""
    workspace = Store.open(tmp_path)
    ledger = commit(workspace, year_of_invoices(invoices=400), actor=ME)
    publishing.publish(
        workspace,
        models.save(workspace, rates_model(date(2025, 1, 1)), ledger.id, name="Plain", actor=ME),
        replaces=None,
        actor=ME,
    )
    with served(tmp_path) as address:
        yield address, workspace


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    tab = browser.new_page(viewport={"width": 1440, "height": 900})
    tab.set_default_timeout(PATIENCE)
    yield tab
    tab.close()


def flagged(page: Page, address: str) -> int:
    """How many invoices the list counts as not yet due and flagged."""
    page.goto(f"{address}/open_invoices")
    tab = page.get_by_role("button", name=re.compile("Not yet due, flagged"))
    return int((tab.text_content() or "").split(" · ")[1])


def test_the_bench_from_a_switch_to_a_roll_back(bench: tuple[str, Store], page: Page) -> None:
    expect.set_options(timeout=PATIENCE)
    address, workspace = bench
    assert flagged(page, address) == 0

    page.goto(f"{address}/models?part=Train+another")
    page.get_by_role("button", name="All fields").or_(page.get_by_role("radio", name="All fields")).first.click()
    page.get_by_text("The invoice", exact=False).first.click()
    every_one_on = page.get_by_text(re.compile(r"^(\d+) of \1 fields on$"))
    expect(every_one_on).to_be_visible()
    amount = page.get_by_test_id("stCheckbox").filter(has_text=re.compile("^Amount$")).locator("label")
    expect(amount).to_have_count(1)  # those of the other choice are gone
    amount.click()
    expect(every_one_on).to_have_count(0)
    page.get_by_role("button", name="Train", exact=False).last.click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    made, _ = models.listed(workspace)
    assert "amount" not in made.fields

    page.get_by_role("tab", name="Models").click()
    expect(page.get_by_text("Would become flagged")).to_be_visible()
    page.get_by_placeholder("Why, for the record").fill("knows the customers")
    page.get_by_role("button", name="Publish this model").click()
    expect(page.get_by_role("button", name="Change the threshold")).to_be_visible()
    in_force = publications.active(workspace)
    assert in_force is not None
    assert (in_force.model_id, in_force.reason) == (made.id, "knows the customers")
    assert flagged(page, address) > 0

    page.goto(f"{address}/models?part=Publications")
    page.get_by_test_id("stPopover").get_by_role("button").click()
    page.get_by_role("button", name="Roll back now").click()
    expect(page.get_by_text("Rolled back", exact=False).first).to_be_attached()
    assert flagged(page, address) == 0
    assert [entry.kind for entry in publications.listed(workspace)] == ["roll_back", "publish", "publish"]


def test_the_headings_of_a_table_of_figures_sort_it_by_keyboard_and_give_back_its_own_order(
    bench: tuple[str, Store], page: Page
) -> None:
    address, _ = bench
    page.goto(f"{address}/models")
    page.get_by_text("What another threshold would mean").click()
    table = page.get_by_role("table", name="Consequences of each threshold")
    first, heading = table.get_by_role("rowheader").first, table.get_by_role("columnheader", name="Flag below")
    lowest, highest = first.inner_text(), table.get_by_role("rowheader").last.inner_text()
    for order, row in (("ascending", lowest), ("descending", highest), ("none", lowest)):
        heading.get_by_role("button").press("Enter")
        expect(heading).to_have_attribute("aria-sort", order)
        expect(heading.get_by_role("button")).to_be_focused()
        expect(first).to_have_text(row)
