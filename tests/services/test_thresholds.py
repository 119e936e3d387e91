"""What would a threshold make of the work?"""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.services import thresholds
from insights.services.ledgers import commit
from insights.store import models
from insights.store.store import Store
from tests.support.workspaces import ME, rates_model, small_ledger

AS_OF = date(2026, 3, 2)
COLUMNS = pa.schema(
    [
        *((name, pa.string()) for name in ("company", "customer_id", "currency")),
        ("outstanding", pa.int64()),
        ("due_by", pa.date32()),
        ("p_on_time", pa.float64()),
    ]
)


def rows_of(*rows: tuple[str, str, int, date, float]) -> pa.Table:
    """Customer, currency, outstanding, line, P(on time)."""
    return pa.Table.from_pylist(
        [
            {"company": "", "customer_id": customer, "currency": currency, "outstanding": amount, "due_by": due, "p_on_time": p}
            for customer, currency, amount, due, p in rows
        ],
        schema=COLUMNS,
    )


def test_a_threshold_is_told_by_its_calls_its_money_and_what_it_catches() -> None:
    """Below 50 per cent: A twice (one call: due on the 3rd, and on the 20th), B in dollars (due on the 9th: the eighth day).

    C, exactly at it, and D are not flagged. Late are 0.8 + 0.6 + 0.7 + 0.5 + 0.1 = 2.7 invoices, of which 2.1 are flagged;
    of A's 100.00 and 50.00 EUR 80.00 and 30.00 are expected late, of B's 10.00 USD 7.00.
    """
    rows = rows_of(
        ("A", "EUR", 10_000, date(2026, 3, 3), 0.2),
        ("A", "EUR", 5_000, date(2026, 3, 20), 0.4),
        ("B", "USD", 1_000, date(2026, 3, 9), 0.3),
        ("C", "EUR", 7_000, date(2026, 3, 4), 0.5),
        ("D", "EUR", 9_000, date(2026, 3, 5), 0.9),
    )
    found = thresholds.consequences(rows, AS_OF, 0.5)
    assert (found.invoices, found.flagged, found.customers, found.calls) == (5, 3, 2, 1)
    assert found.outstanding == {"EUR": 15_000, "USD": 1_000}
    assert found.at_stake == {"EUR": 11_000, "USD": 700}
    assert found.precision == pytest.approx(0.7)
    assert found.recall == pytest.approx(2.1 / 2.7)
    nothing = thresholds.consequences(rows, AS_OF, 0.1)
    assert (nothing.flagged, nothing.precision, nothing.outstanding) == (0, None, {})


@pytest.mark.slow
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 10**9), st.floats(0.01, 0.99)), min_size=1, max_size=20))
def test_a_higher_threshold_flags_no_less_and_never_more_than_all(book: list[tuple[str, int, float]]) -> None:
    rows = rows_of(*((customer, "EUR", amount, AS_OF, p) for customer, amount, p in book))
    curve = thresholds.curve(rows, AS_OF)
    for name in ("flagged", "customers", "calls", "caught"):
        values = [getattr(each, name) for each in curve]
        assert values == sorted(values), name
    for each in curve:
        assert each.outstanding.get("EUR", 0) == sum(amount for _, amount, p in book if p < each.threshold)
        assert each.at_stake.get("EUR", 0) <= each.outstanding.get("EUR", 0)


def test_only_what_can_still_be_on_time_is_counted(workspace: Store) -> None:
    """The two open invoices of the small ledger are overdue: no threshold changes what is said of them."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    model = models.save(workspace, rates_model(), ledger.id, name="Plain", actor=ME)
    rows = thresholds.can_be_on_time(workspace, ledger.id, model, ledger.default_as_of, actor=ME)
    assert not len(rows)
