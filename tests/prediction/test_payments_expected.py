"""Does the open book, spread over the days ahead, sum to what is owed, and is it blind to what was not known?"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.ledger.errors import Refused
from insights.ledger.ledger import day, days, open_invoices
from insights.portfolio import open_amounts
from insights.portfolio.cash import matrix
from insights.prediction.payments_expected import payments_expected
from tests.support.cash import expected, forecast
from tests.support.ledgers import DAY, START, in_order, payments_of, small_ledger, small_model
from tests.support.rewriting import rewritten
from tests.support.scored import AT, predictions


@settings(max_examples=10, deadline=None)
@given(at=st.integers(300, 365), part=st.integers(1, 90))
def test_weeks_and_what_comes_later_are_the_receivables_of_each_currency(at: int, part: int) -> None:
    """Some invoices are paid in part before the day, so that what is owed is less than what was asked for."""
    as_of = START + at * DAY
    ledger = replace(small_ledger(), payments=payments_of(*((n, START + n * DAY, part) for n in range(0, 400, 7))))
    owed, codes = open_amounts(ledger, as_of), ledger.invoices["currency"].to_numpy()
    found = forecast(ledger, as_of)
    assert {each.currency for each in found} >= {"EUR", "JPY"}
    for each in found:
        assert each.outstanding == owed[codes == each.currency].sum()
        assert sum(week.open_book for week in each.weeks) + each.later + each.never == each.outstanding


def test_every_invoice_sums_to_what_is_outstanding_of_it() -> None:
    rows = expected(small_ledger(), AT)
    by_day, by_week = matrix(rows, "days"), matrix(rows, "weeks")
    assert rows["outstanding"].to_pylist() == open_invoices(small_ledger(), AT)["outstanding"].to_pylist()
    assert (by_day.reshape(len(rows), -1, 7).sum(axis=2) == by_week).all()
    assert (by_week.sum(axis=1) + rows["later"].to_numpy() + rows["never"].to_numpy() == rows["outstanding"].to_numpy()).all()
    assert (by_day >= 0).all()


def test_what_is_past_due_is_expected_from_the_day_on() -> None:
    rows = expected(small_ledger(), AT)
    late = days(rows["due_date"]) < day(AT)
    assert late.sum() > 5
    assert matrix(rows, "weeks")[late, 0].sum() > 0
    assert (rows["later"].to_numpy() + matrix(rows, "weeks").sum(axis=1))[late].min() > 0, "none is dropped"


@settings(max_examples=8, deadline=None)
@given(at=st.integers(300, 365), seed=st.integers(0, 2**32))
@pytest.mark.slow
def test_what_was_not_known_changes_neither_layer_of_a_forecast(at: int, seed: int) -> None:
    as_of = START + at * DAY
    ledger = replace(small_ledger(), payments=payments_of(*((n, START + n * DAY, 1 + n) for n in range(0, 400, 7))))
    other = rewritten(ledger, as_of, seed)
    assert forecast(ledger, as_of) == forecast(other, as_of)
    before, after = (expected(each, as_of).drop_columns(["position"]) for each in (ledger, other))
    assert before.equals(after)


def test_the_order_of_rows_does_not_matter() -> None:
    order = np.random.default_rng(5).permutation(len(small_ledger().invoices))
    moved = in_order(small_ledger(), order)
    assert forecast(small_ledger(), AT) == forecast(moved, AT)
    by_id = [expected(each, AT).drop_columns(["position"]).sort_by("invoice_id") for each in (small_ledger(), moved)]
    assert by_id[0].equals(by_id[1])


def test_a_model_that_says_nothing_of_dates_has_no_forecast() -> None:
    rows = predictions().append_column("model", [["m"] * len(predictions())])
    with pytest.raises(Refused, match="says nothing of payment dates"):
        payments_expected({"m": replace(small_model(), timing=None)}, small_ledger(), rows, AT)
