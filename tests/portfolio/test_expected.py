"""Does a forecast's arithmetic stay in whole minor units, and can its figures be made by hand?"""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from insights.portfolio.cash import WEEKS, OpenBook, matrix, open_book, spread
from tests.support.cash import said

AS_OF = date(2026, 10, 5)


@given(st.lists(st.integers(1, 10**15), min_size=1, max_size=5), st.data())
def test_every_amount_is_split_exactly_and_no_running_sum_is_a_cent_off(amounts: list[int], data: st.DataObject) -> None:
    weights = data.draw(arrays(np.float64, (len(amounts), 6), elements=st.floats(0.001, 1)))
    shares = weights / weights.sum(axis=1, keepdims=True)
    outstanding = np.array(amounts, np.int64)
    parts = spread(outstanding, shares)
    assert (parts.sum(axis=1) == outstanding).all()
    assert (parts >= 0).all()
    exact = outstanding[:, None] * np.cumsum(shares, axis=1)
    assert (np.abs(np.cumsum(parts, axis=1) - exact) <= 0.5 + exact * 1e-15).all()


def test_a_book_of_three_invoices_by_hand() -> None:
    """As of Monday 5 October 2026:

    | customer | due        | outstanding | expected                                     |
    |----------|------------|------------:|----------------------------------------------|
    | A        | 2026-10-07 |      100.00 | half on the 7th, half on the 14th            |
    | A        | 2026-10-07 |       20.00 | all on the 8th                               |
    | B        | 2026-09-01 |       10.00 | past due: a fifth in week 1, the rest later  |

    Week 1: 50.00 + 20.00 + 2.00. The two of A are one debt of 120.00, of which 70/120 are expected: 7000 x 5000; B: 200 x 800.
    """
    rows = said(
        ("A", "2026-10-07", 10000, {2: 0.5, 9: 0.5}), ("A", "2026-10-07", 2000, {3: 1.0}), ("B", "2026-09-01", 1000, {0: 0.2})
    )
    book = open_book(rows, AS_OF)
    assert (book.outstanding, book.weeks[:3], book.later, book.never) == (13000, (7200, 5000, 0), 800, 0)
    assert book.due == (12000, *(0,) * (WEEKS - 1)), "what is past due falls due in none of the weeks ahead"
    assert book.variance[0] == 7000 * 5000 + 200 * 800
    assert book.variance[WEEKS] == 200 * 800, "of A everything comes within four weeks, for certain"
    assert matrix(rows, "days")[:, :4].tolist() == [[0, 0, 5000, 0], [0, 0, 0, 2000], [200, 0, 0, 0]]


def test_an_empty_book_is_nothing() -> None:
    rows = said(("A", "2026-10-07", 1, {0: 1.0})).slice(0, 0)
    assert open_book(rows, AS_OF) == OpenBook(0, (0,) * WEEKS, (0,) * WEEKS, 0, 0, (0.0,) * (WEEKS + 2))
