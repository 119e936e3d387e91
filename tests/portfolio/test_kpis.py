"""How fast do sales turn into cash, and when is that undefined?"""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights import portfolio
from tests.support.portfolio import AS_OF, START, ledger_of, some_row


def test_the_speed_of_a_period_follows_from_its_opening_sales_and_closing() -> None:
    """90 days to 1 April: sales 900 in February, of which 300 open (due 3 March, overdue), 100 of January's 100 open and due.

    DSO = 400 / 1 000 x 90 = 36; nothing is yet due, so the best possible is 0; CEI = (0 + 1 000 - 400) / 1 000.
    """
    ledger = ledger_of(
        {"amount": 100, "issue_date": date(2026, 1, 5)},
        {"amount": 600, "issue_date": date(2026, 2, 1), "paid_date": date(2026, 3, 13)},
        {"amount": 300, "issue_date": date(2026, 2, 1)},
    )
    (found,) = portfolio.figures(ledger, date(2026, 4, 1))
    assert (found.days, found.sales) == (90, 1_000)
    assert found.dso == pytest.approx(36)
    assert found.best_possible_dso == 0
    assert found.add == pytest.approx(36)
    assert found.cei == pytest.approx(60)
    assert found.count_back_dso == pytest.approx(31 + 28 * 400 / 900)
    assert found.days_beyond_terms == pytest.approx(10)  # due 3 March, paid 13 March


def test_without_sales_in_the_period_what_needs_them_is_undefined() -> None:
    """One open invoice of 2026; a period a year later has no sales: no DSO, but the count-back reaches the sale."""
    ledger = ledger_of({"amount": 100}, complete_through=date(2027, 12, 31))
    (found,) = portfolio.figures(ledger, date(2027, 6, 1))
    assert (found.dso, found.best_possible_dso, found.add, found.days_beyond_terms) == (None, None, None, None)
    assert found.cei == 0
    assert found.count_back_dso == (date(2027, 6, 1) - START).days


def test_receivables_beyond_all_known_sales_have_no_count_back_dso() -> None:
    """Issued before the history starts: the sales that made it are not known."""
    ledger = ledger_of({"amount": 100, "issue_date": date(2024, 12, 1)})
    assert portfolio.figures(ledger, date(2026, 1, 1))[0].count_back_dso is None


def test_credited_and_written_off_invoices_are_not_paid() -> None:
    ledger = ledger_of(
        {"amount": 100, "paid_date": date(2026, 3, 1), "settled_by": "credit"},
        {"amount": 100, "paid_date": date(2026, 3, 1), "settled_by": "write_off"},
        {"amount": 1},
    )
    assert portfolio.figures(ledger, date(2026, 3, 20))[0].days_beyond_terms is None


def test_the_period_ends_where_the_history_starts() -> None:
    ledger = replace(ledger_of({"amount": 100, "issue_date": date(2026, 1, 5)}), history_starts=START)
    assert portfolio.figures(ledger, date(2026, 1, 31))[0].days == 30


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(some_row(), min_size=1, max_size=12))
def test_figures_keep_their_bounds(rows: list[dict[str, Any]]) -> None:
    """DSO is never below the best possible, and what was collected never above what could be."""
    for found in portfolio.figures(ledger_of(*rows), AS_OF):
        assert found.dso is None or found.best_possible_dso is None or found.dso >= found.best_possible_dso >= 0
        assert found.cei is None or 0 <= found.cei <= 100
