"""What is owed, by whom, since when and how fast it turns into cash: examples, invariants, and the rule of time."""

import doctest
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights import portfolio
from insights.ledger.ledger import Ledger
from insights.portfolio.changed_habits import days_late_trends
from tests.support.portfolio import AS_OF, ledger_of, some_row


@pytest.mark.parametrize(("module", "examples"), [("buckets", 1), ("kpis", 3), ("habits", 1), ("changed_habits", 1)])
def test_the_examples_in_the_docstrings_hold(module: str, examples: int) -> None:
    found = doctest.testmod(import_module(f"insights.portfolio.{module}"))
    assert found == doctest.TestResults(failed=0, attempted=examples)


def rewritten(row: dict[str, Any], paid: date | None, outstanding: int) -> dict[str, Any]:
    """What was not known before AS_OF, told otherwise: how it was settled, and what the export said was outstanding."""
    if row["paid_date"] is not None and row["paid_date"] < AS_OF:
        return row | {"outstanding": outstanding}
    return row | {"paid_date": paid, "settled_by": "unknown", "outstanding": outstanding}


def everything(ledger: Ledger) -> list[object]:
    """All that this module says of a ledger as of AS_OF."""
    return [
        portfolio.balances(ledger, AS_OF),
        portfolio.figures(ledger, AS_OF),
        portfolio.payment_history(ledger, AS_OF).to_pylist(),
        portfolio.payment_history(ledger, AS_OF, currency="EUR", by_amount=True).to_pylist(),
        days_late_trends(ledger, AS_OF).to_pylist(),
        portfolio.paying_days(ledger, AS_OF),
        *(portfolio.customer_insights(ledger, AS_OF, "", customer) for customer in "AB"),
    ]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(rows=st.lists(some_row(), min_size=1, max_size=12), data=st.data())
def test_rewriting_what_was_not_known_strictly_before_the_as_of_date_changes_nothing(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    later = st.one_of(st.none(), st.integers(0, 200).map(lambda n: AS_OF + timedelta(days=n)))
    other = [
        rewritten(row, max(paid, row["issue_date"]) if paid else None, data.draw(st.integers(0, 99)))
        for row in rows
        if row["issue_date"] < AS_OF
        for paid in [data.draw(later)]
    ]
    unknown = [data.draw(some_row()) | {"issue_date": AS_OF, "due_date": AS_OF + timedelta(days=9), "paid_date": None}]
    assert everything(ledger_of(*rows)) == everything(ledger_of(*other, *unknown))
