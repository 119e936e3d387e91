"""Does what is agreed or supposed move expected cash, to the cent, and leave the width alone?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.ledger.ledger import NEVER, day
from insights.portfolio.cash import (
    AHEAD,
    Moves,
    customer_fails,
    everyone_later,
    largest_as_due,
    matrix,
    moved,
    open_book,
    promised_days,
    terms_shortened,
)
from tests.support.cash import said

AS_OF = date(2026, 10, 5)
FRIDAY = day(date(2026, 10, 16))


def rows() -> pa.Table:
    """100.00 of A, half on the 7th and half on the 14th; 10.00 of B past due, a fifth on the first day and the rest later."""
    return said(("A", "2026-10-07", 10000, {2: 0.5, 9: 0.5}), ("B", "2026-09-01", 1000, {0: 0.2}))


def moves(**changes: Sequence[float | np.int32]) -> Moves:
    none = Moves.none(2)
    return replace(none, **{name: np.array(values, getattr(none, name).dtype) for name, values in changes.items()})


def day_of(table: pa.Table, row: int) -> dict[int, int]:
    return {number: amount for number, amount in enumerate(matrix(table, "days")[row].tolist()) if amount}


def test_a_promise_moves_as_much_as_the_customer_keeps_his_word() -> None:
    """A promises all for Friday the 16th and keeps six promises of ten: 60.00 then, 40.00 as it was."""
    given = moves(promised=[FRIDAY, NEVER], weight=[0.6, 0.0])
    after = moved(rows(), given, AS_OF)
    assert day_of(after, 0) == {2: 2000, 9: 2000, 11: 6000}
    assert day_of(after, 1) == day_of(rows(), 1)
    assert promised_days(after, given, AS_OF)[0, 11] == 6000
    assert promised_days(after, given, AS_OF).sum() == 6000


def test_somebodys_word_stands_and_is_moved_to_a_business_day() -> None:
    """By hand: everything of B on Saturday the 10th, which is Monday the 12th."""
    after = moved(rows(), moves(on=[NEVER, day(date(2026, 10, 10))]), AS_OF)
    assert day_of(after, 1) == {7: 1000}
    assert after["later"].to_pylist() == [0, 0]


def test_a_dispute_moves_everything_by_its_days() -> None:
    after = moved(rows(), moves(delay=[10, 0]), AS_OF)
    assert day_of(after, 0) == {12: 5000, 19: 5000}


@settings(max_examples=30, deadline=None)
@given(
    on=st.lists(st.sampled_from([int(NEVER), *range(day(AS_OF), day(AS_OF) + 200, 9)]), min_size=2, max_size=2),
    promised=st.lists(st.sampled_from([int(NEVER), *range(day(AS_OF), day(AS_OF) + 200, 7)]), min_size=2, max_size=2),
    weight=st.lists(st.floats(0, 1), min_size=2, max_size=2),
    delay=st.lists(st.integers(0, 400), min_size=2, max_size=2),
)
def test_whatever_moves_every_invoice_still_sums_to_its_outstanding(
    on: list[int], promised: list[int], weight: list[float], delay: list[int]
) -> None:
    given = moves(on=on, promised=promised, weight=weight, delay=delay)
    after = moved(rows(), given, AS_OF)
    whole = matrix(after, "weeks").sum(axis=1) + after["later"].to_numpy() + after["never"].to_numpy()
    assert whole.tolist() == after["outstanding"].to_pylist() == [10000, 1000]
    assert (matrix(after, "days").reshape(2, -1, 7).sum(axis=2) == matrix(after, "weeks")).all()
    assert matrix(after, "days").min() >= 0
    stands = promised_days(after, given, AS_OF)
    assert (stands <= matrix(after, "days")).all()


def test_the_largest_pay_as_due_and_what_is_past_due_at_once() -> None:
    assert day_of(largest_as_due(rows(), AS_OF), 0) == {2: 10000}
    assert day_of(largest_as_due(rows(), AS_OF), 1) == {0: 1000}
    assert day_of(largest_as_due(rows(), AS_OF, many=1), 1) == {0: 200}


def test_everybody_ten_days_later() -> None:
    after = everyone_later(rows(), AS_OF, 10)
    assert (day_of(after, 0), day_of(after, 1)) == ({12: 5000, 19: 5000}, {10: 200})
    assert everyone_later(rows(), AS_OF, AHEAD)["later"].to_pylist() == [10000, 1000]


def test_a_customer_that_fails_pays_nothing_and_still_owes_it() -> None:
    after = customer_fails(rows(), "", "A")
    assert (day_of(after, 0), after["never"].to_pylist()) == ({}, [10000, 0])
    assert open_book(after, AS_OF).outstanding == 11000


def test_shorter_terms_bring_what_is_not_invoiced_sooner() -> None:
    """Two weeks sooner; three days sooner is three sevenths of the next week's."""
    weeks = np.array([[0, 0, 70, *[140] * 10]])
    assert terms_shortened(weeks, 14)[0].tolist() == [70, *[140] * 12]
    assert terms_shortened(weeks, 3)[0].tolist() == [0, 30, 100, *[140] * 10]
    assert (terms_shortened(weeks, 0) == weeks).all()
