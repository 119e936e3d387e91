"""Does what stands behind a week's cash add up to it, and are those who leave it short named with how much?"""

from datetime import date

import numpy as np
import pyarrow as pa

from insights.portfolio.cash import (
    AHEAD,
    BY_DAY,
    BY_MONTH,
    BY_WEEK,
    WEEKS,
    by_period,
    certainty,
    due_by_day,
    matrix,
    of_week,
    open_book,
    periods,
    shortfall,
    who_owes_most,
)
from tests.support.cash import said

AS_OF = date(2026, 10, 5)


def book() -> pa.Table:
    """As of Monday 5 October 2026:

    | invoice | customer | due        | outstanding | expected                                    |
    |---------|----------|------------|------------:|---------------------------------------------|
    | 0       | A        | 2026-10-07 |      100.00 | half on the 7th, half on the 14th           |
    | 1       | A        | 2026-10-30 |       20.00 | all on the 30th                             |
    | 2       | B        | 2026-09-01 |       10.00 | past due: a fifth in week 1, the rest later |
    | 3       | C        | 2026-12-01 |       40.00 | half in week 5, half later                  |
    """
    return said(
        ("A", "2026-10-07", 10000, {2: 0.5, 9: 0.5}),
        ("A", "2026-10-30", 2000, {25: 1.0}),
        ("B", "2026-09-01", 1000, {0: 0.2}),
        ("C", "2026-12-01", 4000, {30: 0.5}),
    )


def test_the_parts_of_all_days_are_both_layers() -> None:
    """B and C are flagged, 30.00 of invoice 0 are promised for the 7th, and each week brings 7.01 not invoiced yet."""
    rows, flagged = book(), np.array([False, False, True, True])
    promised = np.zeros((4, AHEAD), np.int64)
    promised[0, 2] = 3000
    later = np.full(WEEKS, 701, np.int64)
    parts = certainty(rows, flagged, promised, later, AS_OF)
    assert {part: int(values.sum()) for part, values in parts.items()} == {
        "promised": 3000,
        "likely": 7000 + 2000,
        "at_risk": 200 + 2000,
        "not_invoiced": 13 * 701,
    }
    _, of = periods(AS_OF, BY_WEEK)
    weeks = np.sum([by_period(values, of) for values in parts.values()], axis=0)
    assert (weeks == np.array(open_book(rows, AS_OF).weeks) + later).all()
    assert parts["not_invoiced"][5:7].tolist() == [0, 0], "nothing on the weekend"
    assert (by_period(parts["not_invoiced"], of) == later).all()


def test_weeks_days_and_months_hold_the_same_days() -> None:
    """91 days from 5 October: 27 of October, 30 of November, 31 of December, 3 of January."""
    ones = np.ones(AHEAD, np.int64)
    starts, of = periods(AS_OF, BY_MONTH)
    assert list(zip(starts, by_period(ones, of).tolist(), strict=True)) == [
        (AS_OF, 27),
        (date(2026, 11, 1), 30),
        (date(2026, 12, 1), 31),
        (date(2027, 1, 1), 3),
    ]
    assert [len(periods(AS_OF, by)[0]) for by in (BY_DAY, BY_WEEK)] == [AHEAD, WEEKS]


def test_what_falls_due_falls_due_on_its_day_and_what_is_past_due_on_none() -> None:
    due = due_by_day(book(), AS_OF)
    assert {number: amount for number, amount in enumerate(due.tolist()) if amount} == {2: 10000, 25: 2000, 57: 4000}


def test_a_week_is_its_invoices() -> None:
    rows = book()
    for week in range(WEEKS):
        assert sum(of_week(rows, week)["expected"].to_pylist()) == matrix(rows, "weeks")[:, week].sum()
    assert of_week(rows, 0)["invoice_id"].to_pylist() == ["0", "2"]
    assert of_week(rows, 12).num_rows == 0


def test_who_leaves_most_unpaid_of_what_is_due_by_then_stands_first() -> None:
    """Within four weeks A is due 120.00, all of which will come; B 10.00, of which 8.00 will not; C nothing yet."""
    rows = shortfall(book(), AS_OF, weeks=4).to_pylist()
    assert [(each["customer_id"], each["due"], each["expected"], each["short"]) for each in rows] == [
        ("B", 1000, 200, 800),
        ("A", 12000, 12000, 0),
    ]


def test_who_owes_most_is_a_customer_by_whatever_names_and_owes_all_of_it() -> None:
    """A owes 120.00, its last invoice under another name; C 40.00; B 10.00 is not among the two."""
    rows = book()
    at = rows.schema.get_field_index("customer_name")
    rows = rows.set_column(at, rows.schema.field(at), pa.array(["A Ltd", "A Limited", "B", "C"]))
    owing = [(row["customer_id"], row["customer_name"], row["outstanding"]) for row in who_owes_most(rows, 2).to_pylist()]
    assert owing == [("A", "A Ltd", 12000), ("C", "C", 4000)]
