"""Is what came in money alone, each on its day?"""

from dataclasses import replace
from datetime import date

from insights.portfolio.cash import receipts
from tests.support.ledgers import ledger_of, payments_of


def test_money_comes_on_the_day_that_settled_an_invoice_and_credits_are_none() -> None:
    """
    | invoice | amount | settled              |
    |---------|-------:|----------------------|
    | I0      |  100.00 | by payment, 5 March |
    | I1      |   70.00 | by a credit note    |
    | I2      |   30.00 | written off         |
    | I3      |   10.00 | open                |
    | I4      |  -20.00 | a credit note       |
    """
    paid = date(2025, 3, 5)
    ledger = ledger_of(
        [
            {"amount": 10000, "paid_date": paid},
            {"amount": 7000, "paid_date": paid, "settled_by": "credit"},
            {"amount": 3000, "paid_date": paid, "settled_by": "write_off"},
            {"amount": 1000},
            {"amount": -2000, "kind": "credit_note", "paid_date": paid},
        ]
    )
    came = receipts(ledger)
    assert (came.position.tolist(), came.amount.tolist()) == ([0], [10000])


def test_dated_payments_come_on_their_days_and_the_rest_on_the_last() -> None:
    """100.00 paid on 5 March, of which 30.00 came on 1 March; 50.00 open, of which 20.00 came on 2 March."""
    ledger = ledger_of([{"amount": 10000, "paid_date": date(2025, 3, 5)}, {"amount": 5000}])
    ledger = replace(ledger, payments=payments_of((0, date(2025, 3, 1), 3000), (1, date(2025, 3, 2), 2000)))
    came = receipts(ledger)
    assert list(zip(came.position.tolist(), came.amount.tolist(), strict=True)) == [(0, 3000), (1, 2000), (0, 7000)]
    assert came.day.tolist() == sorted(came.day.tolist())
