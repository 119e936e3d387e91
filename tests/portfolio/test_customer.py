"""What is the state of business with one customer?"""

from datetime import date

import pyarrow as pa

from insights import portfolio
from insights.ledger.ledger import PAYMENTS
from tests.support.portfolio import START, ledger_of


def test_the_state_of_business_with_a_customer_is_of_that_customer_alone() -> None:
    """A has paid one invoice 10 days late and one on time, owes two; B is somebody else, as is A of another company."""
    ledger = ledger_of(
        {"amount": 100, "paid_date": date(2026, 2, 10), "customer_name": "Alpha"},
        {"amount": 200, "paid_date": date(2026, 1, 31), "customer_name": "Alpha"},
        {"amount": 999, "customer_id": "B"},
        {"amount": 999, "company": "other"},
        {"amount": 30, "customer_name": "Alpha"},
        {"amount": 50, "issue_date": date(2026, 2, 20), "customer_name": "Alpha"},
    )
    found = portfolio.customer_insights(ledger, date(2026, 3, 1), "", "A")
    assert found.customer_name == "Alpha"
    assert (found.open_invoices, found.overdue_invoices) == (2, 1)
    assert found.last_payments == (portfolio.Payment(date(2026, 2, 10), "EUR", 100),)
    assert found.average_days_to_pay == 35
    assert found.average_days_late == 5
    assert found.history == (1, 1, 0)
    assert found.on_time_share == 0.5
    assert found.balances[0].aged == (50, 30, 0, 0, 0, 0)
    assert found.customer_since == START


def test_of_an_unknown_customer_nothing_is_known() -> None:
    found = portfolio.customer_insights(ledger_of({"amount": 1}), date(2026, 3, 1), "", "nobody")
    assert (found.customer_name, found.open_invoices, found.balances, found.last_payments) == ("nobody", 0, (), ())
    assert (found.on_time_share, found.average_days_to_pay, found.customer_since) == (None, None, None)


def test_payments_of_a_customer_follow_their_invoice_into_its_ledger() -> None:
    payments = pa.table({"position": [1, 0], "paid_date": [date(2026, 1, 10)] * 2, "amount": [40, 1]}, schema=PAYMENTS)
    ledger = ledger_of({"amount": 100}, {"amount": 100, "customer_id": "B"}, payments=payments)
    found = portfolio.customer_insights(ledger, date(2026, 1, 20), "", "B")
    assert found.balances[0].receivables == 60
    assert found.last_payments == (portfolio.Payment(date(2026, 1, 10), "EUR", 40),)
