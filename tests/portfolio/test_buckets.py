"""Does a balance split over the three buckets to the cent, per customer and currency?"""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights import portfolio


def predicted(*rows: tuple[str, str, int, tuple[float, float, float]]) -> pa.Table:
    """Predictions of (customer, currency, outstanding, the three probabilities)."""
    customer, currency, outstanding, p = zip(*rows, strict=True)
    shares = np.array(p)
    return pa.table(
        {
            "company": [""] * len(rows),
            "customer_id": customer,
            "customer_name": [f"{name} Ltd" for name in customer],
            "currency": currency,
            "outstanding": pa.array(outstanding, pa.int64()),
            "p_on_time": shares[:, 0],
            "p_late": shares[:, 1],
            "p_very_late": shares[:, 2],
        }
    )


def test_the_reference_example_gives_610_750_and_9740() -> None:
    """Outstanding 100, 1 000 and 10 000 at (10, 50, 40), (50, 30, 20) and (1, 4, 95) per cent."""
    table = portfolio.customers(
        predicted(
            ("A", "EUR", 100_00, (0.10, 0.50, 0.40)),
            ("A", "EUR", 1_000_00, (0.50, 0.30, 0.20)),
            ("A", "EUR", 10_000_00, (0.01, 0.04, 0.95)),
        )
    )
    assert table.select(["on_time", "late", "very_late"]).to_pylist() == [
        {"on_time": 610_00, "late": 750_00, "very_late": 9_740_00}
    ]
    assert table["at_risk"].to_pylist() == [10_490_00]
    assert table["customer_name"].to_pylist() == ["A Ltd"]


def test_the_reference_example_holds_in_a_currency_without_minor_units_too() -> None:
    parts = portfolio.split(
        np.array([100, 1_000, 10_000]), np.array([[0.10, 0.50, 0.40], [0.50, 0.30, 0.20], [0.01, 0.04, 0.95]])
    )
    assert parts.sum(axis=0).tolist() == [610, 750, 9_740]


amounts = st.integers(-(10**14), 10**17)


shares = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda cut: (min(cut), max(cut) - min(cut), 1 - max(cut)))


@given(st.lists(st.tuples(amounts, shares), min_size=1, max_size=20))
def test_a_split_sums_to_the_outstanding_and_stays_within_one_unit_of_each_share(
    rows: list[tuple[int, tuple[float, ...]]],
) -> None:
    outstanding, p = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    parts = portfolio.split(outstanding, p)
    assert (parts.sum(axis=1) == outstanding).all()
    exact = outstanding[:, None] * p
    assert (np.abs(parts - exact) <= 1 + np.abs(exact) * 1e-12).all()


@given(st.integers(0, 10**12), st.integers(0, 2))
def test_what_is_certain_goes_to_one_bucket_whole(outstanding: int, bucket: int) -> None:
    parts = portfolio.split(np.array([outstanding]), np.eye(3)[[bucket]])
    assert parts[0, bucket] == outstanding


def test_an_impossible_bucket_never_gets_a_rounding_unit() -> None:
    """An overdue invoice cannot be paid on time: not a cent of it stands there."""
    parts = portfolio.split(np.array([1, 7, 99]), np.array([[0.0, 0.5, 0.5]] * 3))
    assert parts[:, 0].tolist() == [0, 0, 0]


def test_currencies_of_a_customer_stay_apart_and_the_most_at_risk_comes_first() -> None:
    table = portfolio.customers(predicted(("A", "EUR", 100, (1, 0, 0)), ("A", "USD", 50, (0, 1, 0)), ("B", "EUR", 70, (0, 0, 1))))
    found = [(row["customer_id"], row["currency"], row["at_risk"]) for row in table.to_pylist()]
    assert found == [("B", "EUR", 70), ("A", "USD", 50), ("A", "EUR", 0)]


def test_the_tiles_count_flags_under_the_threshold_and_customers_above_half() -> None:
    """A: exactly half at risk, exactly 50 per cent: neither counts. B: flagged and at risk in one of two currencies."""
    table = portfolio.customers(
        predicted(
            ("A", "EUR", 100, (0.5, 0.5, 0.0)),
            ("B", "EUR", 100, (0.49, 0.51, 0.0)),
            ("B", "USD", 100, (0.9, 0.1, 0.0)),
        ),
        threshold=0.5,
    )
    assert portfolio.tiles(table) == portfolio.Tiles(flagged_invoices=1, customers_at_risk=1)


@pytest.mark.parametrize(
    ("by", "first"), [("at_risk", "A"), ("outstanding", "C"), ("share_at_risk", "B"), ("customer_name", "A"), ("flagged", "A")]
)
def test_customers_can_be_ranked_and_searched(by: str, first: str) -> None:
    """A: 60 of 100 at risk; B: 50 of 50; C: 20 of 200."""
    table = portfolio.customers(
        predicted(
            ("A", "EUR", 100, (0.4, 0.6, 0)),
            ("B", "EUR", 50, (0, 0, 1)),
            ("C", "EUR", 200, (0.9, 0.1, 0)),
            ("D", "USD", 9, (1, 0, 0)),
        )
    )
    assert portfolio.ranked(table, by=by, currency="EUR")["customer_id"][0].as_py() == first
    assert portfolio.ranked(table, by=by, search="c lTD")["customer_id"].to_pylist() == ["C"]


def test_nothing_open_gives_no_customers_and_empty_tiles() -> None:
    nobody = portfolio.customers(predicted(("A", "EUR", 1, (1, 0, 0))).slice(0, 0))
    assert len(nobody) == 0
    assert portfolio.tiles(nobody) == portfolio.Tiles(0, 0)
