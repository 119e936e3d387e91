"""How old is what is owed, by whom, and do the invoices behind each amount sum to it?"""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights import portfolio
from insights.ledger.errors import Refused
from insights.ledger.ledger import PAYMENTS, Ledger
from insights.ledger.outcomes import DueRules
from insights.portfolio import AgeRanges
from tests.support.ledgers import small_ledger
from tests.support.portfolio import AS_OF, ledger_of, some_row
from tests.support.rewriting import rewritten

DAY = timedelta(days=1)
ranges = st.builds(
    AgeRanges,
    st.sampled_from([portfolio.DUE, portfolio.ISSUE]),
    st.lists(st.integers(1, 200), min_size=1, max_size=5, unique=True).map(lambda ends: tuple(sorted(ends))),
)


def by_hand(ledger: Ledger, as_of: date, wanted: AgeRanges) -> dict[tuple[str, str, int], int]:
    """(customer, currency, place) -> receivables, row by row, in slow plain code."""
    found: dict[tuple[str, str, int], int] = {}
    for position, row in enumerate(ledger.invoices.to_pylist()):
        if row["kind"] != "invoice" or row["issue_date"] >= as_of or (row["paid_date"] and row["paid_date"] < as_of):
            continue
        paid = sum(
            payment["amount"]
            for payment in ledger.payments.to_pylist()
            if payment["position"] == position and payment["paid_date"] < as_of
        )
        age = (as_of - row["due_date" if wanted.by == portfolio.DUE else "issue_date"]).days
        place = sum(age > end for end in (0, *wanted.ends))
        key = (row["customer_id"], row["currency"], place)
        found[key] = found.get(key, 0) + row["amount"] - paid
    return found


def test_an_ageing_by_hand() -> None:
    """As of 1 June: A's 100 is not due, its 50 is due today, its 20 has been due for 1 day and its 30 for 31; B's 7 for 91.

    A has a credit note of 5 that is not applied yet, and B has paid 2 on account.
    """
    ledger = ledger_of(
        {"amount": 100, "issue_date": date(2026, 5, 20)},
        {"amount": 50, "due_date": AS_OF},
        {"amount": 20, "due_date": AS_OF - 1 * DAY},
        {"amount": 30, "due_date": AS_OF - 31 * DAY},
        {"amount": 7, "due_date": AS_OF - 91 * DAY, "customer_id": "B"},
        {"amount": -5, "kind": "credit_note"},
        {"amount": -2, "kind": "payment_on_account", "customer_id": "B"},
    )
    wanted = AgeRanges()
    items = portfolio.open_items(ledger, AS_OF, wanted)
    assert wanted.columns == ("not_due", "days_1_30", "days_31_60", "days_61_90", "days_over_90")
    assert wanted.spans == ((1, 30), (31, 60), (61, 90), (91, None))
    told = portfolio.matrix(items, wanted).drop_columns(["company", "customer_name"]).to_pylist()
    assert [tuple(row.values()) for row in told] == [
        ("A", "EUR", 4, 150, 20, 30, 0, 0, 200, 5, 0, 195),
        ("B", "EUR", 1, 0, 0, 0, 0, 7, 7, 0, 2, 5),
    ]
    (total,) = portfolio.aged_totals(items, wanted)
    assert (total.parts, total.receivables, total.credits, total.on_account) == ((150, 20, 30, 0, 7), 207, 5, 2)
    assert total.net_balance == 200
    assert total.unpaid is None


def test_by_issue_date_nothing_is_not_due_for_what_is_open_was_issued_before() -> None:
    """Issued 1, 30 and 31 days ago, none of them due yet."""
    issued = [{"amount": 10**n, "issue_date": AS_OF - days * DAY, "due_date": AS_OF + DAY} for n, days in enumerate((1, 30, 31))]
    wanted = AgeRanges(portfolio.ISSUE, (30, 60))
    (total,) = portfolio.aged_totals(portfolio.open_items(ledger_of(*issued), AS_OF, wanted), wanted)
    assert total.parts == (0, 11, 100, 0)


def test_age_counts_from_the_last_day_on_time_of_each_company() -> None:
    ledger = ledger_of(*({"amount": 5, "due_date": AS_OF - DAY, "company": name} for name in ("north", "south")))
    items = portfolio.open_items(ledger, AS_OF, AgeRanges(), {"north": DueRules(grace_days=5)})
    assert items["place"].to_pylist() == [portfolio.NOT_DUE, 1]


def test_a_past_day_shows_what_the_books_said_where_payments_are_dated_and_says_so() -> None:
    """100 issued on 1 January, 40 of it paid on 10 January, the rest never; in yen nothing was ever paid."""
    payments = pa.table({"position": [0], "paid_date": [date(2026, 1, 10)], "amount": [40]}, schema=PAYMENTS)
    ledger = ledger_of({"amount": 100, "outstanding": 60}, {"amount": 9, "currency": "JPY"}, payments=payments)
    for on, owed in ((date(2026, 1, 10), 100), (date(2026, 1, 11), 60), (ledger.last_as_of, 60)):
        euros = portfolio.aged_totals(portfolio.open_items(ledger, on, AgeRanges()), AgeRanges())[0]
        assert euros.receivables == owed
    assert portfolio.exact(ledger, date(2026, 1, 11)) == {"EUR": True, "JPY": False}
    assert portfolio.exact(ledger, ledger.last_as_of) == {"EUR": True, "JPY": True}


def test_what_is_paid_in_part_without_a_date_counts_as_invoiced_on_past_days_and_as_exported_on_the_last() -> None:
    ledger = ledger_of({"amount": 100, "outstanding": 60})
    for on, owed, exact in ((date(2026, 6, 1), 100, False), (ledger.last_as_of, 60, True)):
        (total,) = portfolio.aged_totals(portfolio.open_items(ledger, on, AgeRanges()), AgeRanges())
        assert (total.receivables, portfolio.exact(ledger, on)["EUR"]) == (owed, exact)


@pytest.mark.parametrize(
    "text", ["", "0,30", "30,30", "60,30", "-30", "30;60", "a", "4000", "²", ",".join(map(str, range(1, 14)))]
)
def test_what_is_no_range_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Refused, match="30,60,90"):
        AgeRanges.of(text)


def test_ranges_are_read_from_a_text() -> None:
    assert AgeRanges.of(" 10, 100").names == ("not due", "1-10", "11-100", "over 100")
    with pytest.raises(Refused, match="issue"):
        AgeRanges.of("30", by="payment")


def test_what_will_probably_still_be_unpaid_is_said_of_all_invoices_or_of_none() -> None:
    """25 of 100 and 2 of 3; of what B owes nothing is said, so nothing is said of the whole."""
    ledger = ledger_of({"amount": 3}, {"amount": 100}, {"amount": -8, "kind": "credit_note"}, {"amount": 9, "customer_id": "B"})
    items = portfolio.open_items(ledger, AS_OF, AgeRanges())
    some = portfolio.with_unpaid(items, np.array([1, 0]), np.array([25, 2]))
    assert some["unpaid"].to_pylist() == [2, 25, None, None]
    of_customers = portfolio.matrix(some, AgeRanges()).to_pylist()
    assert [row["unpaid"] for row in of_customers] == [27, None]
    assert portfolio.aged_totals(some, AgeRanges())[0].unpaid is None
    every = portfolio.with_unpaid(items, np.array([3, 1, 0]), np.array([9, 25, 2]))
    assert portfolio.aged_totals(every, AgeRanges())[0].unpaid == 36
    assert portfolio.with_unpaid(items, np.array([], np.int64), np.array([], np.int64))["unpaid"].null_count == 4


def listed_sum(items: pa.Table, wanted: AgeRanges, column: str, of_row: dict[str, str]) -> int:
    """What the invoices behind a cell of the matrix come to."""
    return int(pc.sum(portfolio.behind(items, wanted, column, **of_row)["outstanding"]).as_py() or 0)


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(some_row(), min_size=1, max_size=12), wanted=ranges, back=st.integers(0, 150))
@pytest.mark.slow
def test_on_any_past_day_ranges_sum_to_receivables_and_each_cell_to_the_rows_behind_it(
    rows: list[dict[str, Any]], wanted: AgeRanges, back: int
) -> None:
    ledger, as_of = ledger_of(*rows), AS_OF - back * DAY
    items = portfolio.open_items(ledger, as_of, wanted)
    cells: dict[tuple[str, str, int], int] = {}
    for row in portfolio.matrix(items, wanted).to_pylist():
        of_row = {name: row[name] for name in ("company", "customer_id", "currency")}
        for place, column in enumerate(wanted.columns):
            assert row[column] == listed_sum(items, wanted, column, of_row)
            cells |= {(row["customer_id"], row["currency"], place): row[column]} if row[column] else {}
        assert row["receivables"] == sum(row[column] for column in wanted.columns)
        for column, sign in (("receivables", 1), ("credits", -1), ("on_account", -1), ("net_balance", 1)):
            assert row[column] == sign * listed_sum(items, wanted, column, of_row)
        assert row["net_balance"] == row["receivables"] - row["credits"] - row["on_account"]
    assert cells == by_hand(ledger, as_of, wanted)
    same = {each.currency: (each.receivables, each.net_balance) for each in portfolio.balances(ledger, as_of)}
    assert same == {each.currency: (each.receivables, each.net_balance) for each in portfolio.aged_totals(items, wanted)}


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), back=st.integers(20, 200), wanted=ranges)
def test_rewriting_what_was_not_known_changes_no_ageing(seed: int, back: int, wanted: AgeRanges) -> None:
    ledger = small_ledger()
    as_of = ledger.complete_through - back * DAY
    before, after = (
        portfolio.matrix(portfolio.open_items(each, as_of, wanted), wanted) for each in (ledger, rewritten(ledger, as_of, seed))
    )
    assert before.equals(after)
