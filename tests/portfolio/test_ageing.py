"""What is owed as of a day, how old is it, and what has not been applied yet?"""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from insights import portfolio
from insights.ledger.ledger import PAYMENTS
from insights.ledger.outcomes import DueRules
from insights.portfolio import worklist
from tests.support.portfolio import ledger_of


def test_age_counts_from_the_due_date_and_the_due_date_itself_is_not_overdue() -> None:
    """All due on 31 January 2026; as of 31 January nothing is overdue, a day later everything is, by one day."""
    ledger = ledger_of({"amount": 100}, {"amount": 50})
    (before,), (after,) = (portfolio.balances(ledger, date(2026, *on)) for on in ((1, 31), (2, 1)))
    assert before.aged == (150, 0, 0, 0, 0, 0)
    assert before.overdue_invoices == 0
    assert after.aged == (0, 150, 0, 0, 0, 0)
    assert after.overdue_invoices == 2


@pytest.mark.parametrize(
    ("days", "age"), [(0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (180, 4), (181, 5)]
)
def test_each_age_ends_where_its_name_says(days: int, age: int) -> None:
    (balance,) = portfolio.balances(ledger_of({"amount": 7}), date(2026, 1, 31) + timedelta(days=days))
    assert balance.aged.index(7) == age


def test_unapplied_credit_is_shown_apart_and_lowers_the_net_balance() -> None:
    """Invoice 100 not due, invoice 60 overdue, credit note of 25 not yet applied: net balance 135."""
    ledger = ledger_of(
        {"amount": 100, "issue_date": date(2026, 3, 1)},
        {"amount": 60},
        {"amount": -25, "kind": "credit_note"},
        {"amount": -9, "kind": "payment_on_account", "paid_date": date(2026, 2, 1)},
    )
    (balance,) = portfolio.balances(ledger, date(2026, 3, 10))
    assert (balance.not_due, balance.overdue, balance.unapplied, balance.net_balance) == (100, 60, 25, 135)
    assert (balance.average_invoice, balance.average_overdue) == (80.0, 60.0)


def test_net_balances_per_customer_sum_to_those_per_currency() -> None:
    """A owes 100 and has 25 not applied; B has paid 40 on account and owes nothing; C owes 7 in another currency."""
    credit = {"kind": "credit_note", "amount": -25}
    on_account = {"kind": "payment_on_account", "amount": -40, "customer_id": "B"}
    ledger = ledger_of({"amount": 100}, credit, on_account, {"amount": 7, "currency": "USD", "customer_id": "C"})
    as_of = date(2026, 3, 10)
    of_customers = portfolio.net_balances(ledger, as_of).to_pylist()
    told = [
        (row["customer_id"], row["currency"], row["receivables"], row["unapplied"], row["net_balance"]) for row in of_customers
    ]
    assert told == [("A", "EUR", 100, 25, 75), ("B", "EUR", 0, 40, -40), ("C", "USD", 7, 0, 7)]
    whole = portfolio.net_balances(ledger, as_of, ["currency"])
    assert portfolio.per_currency(whole, "net_balance") == {"EUR": 35, "USD": 7}
    assert {each.currency: each.net_balance for each in portfolio.balances(ledger, as_of)} == {"EUR": 35, "USD": 7}
    assert {each.currency: each.receivables for each in portfolio.balances(ledger, as_of)} == {"EUR": 100, "USD": 7}


def test_what_a_customer_owes_is_listed_with_its_net_balance_in_the_order_of_the_list() -> None:
    """A owes 100 and has 25 not applied; B owes 300; D has only a credit note, so it owes nothing and is not listed."""
    credit = {"kind": "credit_note", "amount": -25}
    ledger = ledger_of({"amount": 100}, credit, {"amount": 300, "customer_id": "B"}, credit | {"customer_id": "D"})
    as_of = date(2026, 3, 10)
    listed = portfolio.with_net_balance(portfolio.owing(worklist.unscored(ledger, as_of)), ledger, as_of)
    assert listed.select(["customer_id", "outstanding", "net_balance"]).to_pylist() == [
        {"customer_id": "B", "outstanding": 300, "net_balance": 300},
        {"customer_id": "A", "outstanding": 100, "net_balance": 75},
    ]


def test_dated_part_payments_lower_what_is_owed_from_the_day_after() -> None:
    payments = pa.table({"position": [0], "paid_date": [date(2026, 1, 10)], "amount": [40]}, schema=PAYMENTS)
    ledger = ledger_of({"amount": 100}, payments=payments)
    assert portfolio.balances(ledger, date(2026, 1, 10))[0].receivables == 100
    assert portfolio.balances(ledger, date(2026, 1, 11))[0].receivables == 60


def test_grace_days_move_the_age_as_they_move_the_line() -> None:
    ledger = ledger_of({"amount": 5})
    (balance,) = portfolio.balances(ledger, date(2026, 2, 5), DueRules(grace_days=5))
    assert balance.overdue == 0


def test_each_company_ages_by_its_own_lines() -> None:
    """Both due on 31 January; on 5 February north has five grace days, south has none."""
    ledger = ledger_of({"amount": 5, "company": "north"}, {"amount": 7, "company": "south"})
    (balance,) = portfolio.balances(ledger, date(2026, 2, 5), {"north": DueRules(grace_days=5)})
    assert (balance.not_due, balance.overdue, balance.overdue_invoices) == (5, 7, 1)
