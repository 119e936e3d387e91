"""Are past Mondays forecast by what was known on them, and judged by what came?"""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from insights.evaluation.cash import mondays, months_of, replay_cash
from insights.ledger.ledger import Ledger, day, days, of_rows, open_positions, outstanding_at
from insights.model.recipe import Recipe
from insights.portfolio.cash import matrix, receipts, replays_of_customers
from insights.portfolio.customer_groups import of_customers
from tests.support.ledgers import DAY, START, ledger_of, small_ledger
from tests.support.rewriting import rewritten

RECIPE = Recipe(very_late_days=15)
SAID = ("outstanding", "at_risk", "open_book", "not_invoiced", "variance", "due", "usual", "before")
END = small_ledger().complete_through + DAY

pytestmark = pytest.mark.slow


def replays(ledger: Ledger, some: tuple[date, ...]) -> pa.Table:
    return pa.concat_tables([monday.rows for monday in replay_cash(ledger, some, RECIPE)])


def test_the_mondays_are_the_last_with_enough_behind_them() -> None:
    """A year of 400 invoices: the first Monday is half a year after the start, the last a week before the end at least."""
    found = mondays(small_ledger(), RECIPE, END)
    assert {each.weekday() for each in found} == {0}
    assert found[0] >= START + 180 * DAY
    assert END - 14 * DAY < found[-1] <= END - 7 * DAY
    assert mondays(small_ledger(), RECIPE, END, most=5) == found[-5:]
    assert mondays(ledger_of([{}]), RECIPE, date(2026, 6, 1)) == (), "one invoice teaches nothing"


def test_days_of_one_month_share_a_model() -> None:
    some = (date(2025, 9, 22), date(2025, 9, 29), date(2025, 10, 6))
    assert months_of(some) == [some[:2], some[2:]]


def test_what_was_not_known_changes_nothing_that_is_said_and_all_that_came() -> None:
    some = (date(2025, 10, 27), date(2025, 11, 3))
    before = replays(small_ledger(), some)
    after = replays(rewritten(small_ledger(), some[-1], seed=3), some)
    names = ["as_of", "company", "currency"]
    kept = before.select([*names, *SAID]).sort_by([(name, "ascending") for name in names])
    again = after.select([*names, *SAID]).sort_by([(name, "ascending") for name in names])
    wanted = {tuple(row[name] for name in names) for row in kept.to_pylist()}
    assert kept.to_pylist() == [row for row in again.to_pylist() if tuple(row[name] for name in names) in wanted]
    assert matrix(before, "came_open").sum() != matrix(after, "came_open").sum()
    one, two = (
        [day.by_customer for day in replay_cash(each, some, RECIPE)]
        for each in (small_ledger(), rewritten(small_ledger(), some[-1], seed=3))
    )
    assert one == two, "nor what is said of any customer"


def test_of_all_customers_it_is_the_whole_and_of_parts_they_add_up() -> None:
    """A part's receipts and later invoices are its own; what is said of it is its customers', to the minor unit."""
    monday = date(2025, 9, 29)
    (day_said,) = replay_cash(small_ledger(), (monday,), RECIPE)
    whole = day_said.rows.filter(pc.greater(day_said.rows["outstanding"], 0))
    assert replays_of_customers(day_said.by_customer, small_ledger(), [monday]) == whole
    who = sorted({(row["company"], row["customer_id"]) for row in day_said.by_customer.to_pylist()})
    some, others = frozenset(who[::2]), frozenset(who[1::2])
    parts = [
        replays_of_customers(
            day_said.by_customer.filter(pa.array(of_customers(day_said.by_customer, each))),
            of_rows(small_ledger(), np.flatnonzero(of_customers(small_ledger().invoices, each))),
            [monday],
        )
        for each in (some, others)
    ]
    for name in ("open_book", "variance", "due", "usual", "came_open"):
        together = sum(matrix(each, name).sum(axis=0) for each in parts)
        np.testing.assert_allclose(together, matrix(whole, name).sum(axis=0), rtol=1e-12)
    for name in ("outstanding", "at_risk"):
        assert sum(each[name].to_numpy().sum() for each in parts) == whole[name].to_numpy().sum() > 0
    assert replays_of_customers(day_said.by_customer, small_ledger(), []).num_rows == 0


def test_what_came_is_every_payment_in_one_layer_and_week() -> None:
    monday = date(2025, 9, 29)
    rows, came = replays(small_ledger(), (monday,)), receipts(small_ledger())
    at, opened = day(monday), open_positions(small_ledger(), monday)
    assert rows["outstanding"].to_numpy().sum() == outstanding_at(small_ledger(), monday, opened).sum()
    for week in range(13):
        within = (came.day >= at + 7 * week) & (came.day < at + 7 * week + 7)
        is_open = np.isin(came.position, opened)
        assert matrix(rows, "came_open")[:, week].sum() == came.amount[within & is_open].sum()
        assert matrix(rows, "came_later")[:, week].sum() == came.amount[within & ~is_open].sum()


def test_the_simple_ways_stand_beside_it() -> None:
    """What is due in each week; and with each customer's usual delay, what is past that day at once."""
    monday = date(2025, 9, 29)
    rows = replays(small_ledger(), (monday,))
    opened = open_positions(small_ledger(), monday)
    due, owed = days(small_ledger().invoices["due_date"])[opened], outstanding_at(small_ledger(), monday, opened)
    ahead = (due - day(monday)) // 7
    for week in range(13):
        assert matrix(rows, "due")[:, week].sum() == owed[ahead == week].sum()
    assert matrix(rows, "usual").sum() == owed.sum(), "everybody's usual day is within 13 weeks here"


def test_at_risk_is_what_is_past_due_and_a_part_of_the_rest() -> None:
    """What is past due cannot be on time any more; of the rest as much as will probably be late."""
    monday = date(2025, 9, 29)
    rows = replays(small_ledger(), (monday,))
    opened = open_positions(small_ledger(), monday)
    due, owed = days(small_ledger().invoices["due_date"])[opened], outstanding_at(small_ledger(), monday, opened)
    assert owed[due < day(monday)].sum() < rows["at_risk"].to_numpy().sum() < owed.sum()


def test_credits_and_write_offs_are_no_receipts_but_were_open() -> None:
    """The same ledger with everything after the day settled by a credit note: nothing came, the same was said."""
    monday = date(2025, 10, 27)
    settled = [
        row | ({"settled_by": "credit"} if row["paid_date"] and row["paid_date"] >= monday else {})
        for row in small_ledger().invoices.to_pylist()
    ]
    credited = replace(small_ledger(), invoices=pa.Table.from_pylist(settled, schema=small_ledger().invoices.schema))
    one, two = replays(small_ledger(), (monday,)), replays(credited, (monday,))
    assert one.select(list(SAID)).equals(two.select(list(SAID)))
    assert matrix(two, "came_open").sum() == matrix(two, "came_later").sum() == 0
