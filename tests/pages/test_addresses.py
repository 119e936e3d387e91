"""Does whatever stands in an address give a screen, or a sentence? Never an exception, whichever parameter it is."""

import pytest

from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import ledgers, models
from insights.store.store import Store
from tests.support.screens import lists, rows, said, screen
from tests.support.workspaces import ME, rates_model, small_ledger

pytestmark = pytest.mark.slow  # every page with every value

REAL = {"company": "north", "customer": "acme", "invoice": "2", "line": "1"}
VIEW = ("ledger", "as_of", "model")
OTHERS = (
    *("page", "q", "companies", "currencies", "days_from", "days_to", "amount_from", "amount_to", "tab", "sort", "order"),
    *("by", "currency", "into", "part", "proof"),
)
HOSTILE = {
    "negative": "-1",
    "zero": "0",
    "float": "1e20",
    "huge": "9" * 5_000,
    "negative_huge": "-" + "9" * 30,
    "word": "not-a-date",
    "no_such_day": "2026-13-45",
    "first_day": "0001-01-01",
    "last_day": "9999-12-31",
    "nul": "a\x00b",
    "markup": "[x](javascript:1) <img src=x onerror=alert(1)> **b**",
    "quotes": "'; DROP TABLE ledgers; --",
    "nan": "NaN",
    "digits_of_others": "٣",
    "superscript": "²",
    "path": "../../etc/passwd",
}
PAGES = ("start", "open_invoices", "invoice", "customers", "customer", "ledgers", "models", "trust")
ASKING = ("open_invoices", "invoice", "customers", "customer", "models", "trust")


@pytest.fixture
def published(empty_workspace: Store) -> Store:
    ledger = commit(empty_workspace, small_ledger(), actor=ME)
    publishing.publish(empty_workspace, models.save(empty_workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    return empty_workspace


@pytest.mark.parametrize("page", ASKING)
@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.usefixtures("published")
def test_nothing_in_an_address_breaks_a_page(page: str, value: str) -> None:
    """First what a list asks for, on a real invoice of a real customer; then who and what is asked for."""
    assert said(screen(page, **REAL, **dict.fromkeys(OTHERS, value)))
    assert said(screen(page, **dict.fromkeys(REAL, value)))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", VIEW)
@pytest.mark.usefixtures("published")
def test_a_view_that_is_none_is_refused_in_a_sentence(page: str, name: str) -> None:
    """Pages that show no ledger stand; the others say why not, and the sidebar offers the way out."""
    for value in HOSTILE.values() if page == "open_invoices" else (HOSTILE["word"],):
        shown = screen(page, **{name: value})
        assert said(shown)
        assert "Show the newest ledger" in [button.label for button in shown.button] or page in ("start", "ledgers")


@pytest.mark.parametrize(("page", "shown"), [("-1", 50), ("0", 50), ("9" * 30, 1)])
def test_a_page_that_is_not_there_is_the_nearest_that_is(empty_workspace: Store, page: str, shown: int) -> None:
    """51 customers with an open invoice each: 50 on the first page, one on the last."""
    from tests.support.workspaces import ledger_of

    lines = [f"north c{number:02} {number} 2024-03-01 2024-03-31 - 100 EUR" for number in range(51)]
    commit(empty_workspace, ledger_of("\n".join(lines)), actor=ME)
    assert len(rows(screen("customers", page=page))) == shown
    assert len(rows(screen("open_invoices", page=page, tab="all"))) == shown


def test_bounds_that_no_amount_reaches_select_nothing_or_everything(published: Store) -> None:
    """Two invoices are open: above a bound of thirty digits is none, below it are both; 1e20 is no whole number."""
    assert ledgers.listed(published)
    assert not lists(screen("open_invoices", tab="all", amount_from="9" * 30))
    assert len(rows(screen("open_invoices", tab="all", amount_to="9" * 30))) == 2
    assert len(rows(screen("open_invoices", tab="all", amount_from="1e20"))) == 2
