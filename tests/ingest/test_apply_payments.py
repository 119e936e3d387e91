"""When is an invoice settled, by less than its amount?"""

from datetime import date
from pathlib import Path

import pytest

from insights.ingest.draft import Options
from tests.ingest.examples import aside, column, file, ledger
from tests.support.exports import OPEN


@pytest.mark.parametrize(("paid", "settled"), [("99.50", True), ("98.90", False)])
def test_a_residual_within_the_tolerance_counts_as_settled(tmp_path: Path, paid: str, settled: bool) -> None:  # noqa: FBT001
    payments = file(tmp_path, f"Invoice,Payment Date,Amount\nA1,2024-02-01,{paid}", "payments.csv")
    found = ledger(tmp_path, OPEN, Options(payments=payments))
    assert (column(found, "paid_date")[0] == date(2024, 2, 1)) is settled


@pytest.mark.parametrize(
    ("paid", "day", "settled"),
    [
        ("98.00", "2024-01-15", True),
        ("98.00", "2024-01-16", False),
        ("97.00", "2024-01-12", False),
        ("100.00", "2024-03-01", True),
    ],
)
def test_a_short_payment_within_the_cash_discount_is_a_full_payment(tmp_path: Path, paid: str, day: str, settled: bool) -> None:  # noqa: FBT001
    text = "invoice_id,customer_id,issue_date,due_date,amount,terms\nA1,C1,2024-01-05,2024-02-05,100.00,2/10 net 30"
    payments = file(tmp_path, f"Invoice,Payment Date,Amount\nA1,{day},{paid}", "payments.csv")
    found = ledger(tmp_path, text, Options(payments=payments, tolerance="0"))
    assert (column(found, "paid_date") == [date.fromisoformat(day)]) is settled


def test_a_settled_row_may_keep_a_residual_within_the_tolerance(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,amount,outstanding
    A1,C1,2024-01-05,2024-02-05,2024-02-01,100.00,0.99
    A2,C1,2024-01-05,2024-02-05,2024-02-01,100.00,1.01
    """
    found = ledger(tmp_path, test_a_settled_row_may_keep_a_residual_within_the_tolerance.__doc__ or "")
    assert (column(found, "invoice_id"), column(found, "outstanding")) == (["A1"], [0])
    assert [reason for *_, reason in aside(found)] == ["paid_but_outstanding"]


def test_a_credit_of_a_statement_that_the_file_says_is_open_settles_nothing(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Debit,Credit,Open Amount
    C1,1,2026-01-05,2026-02-04,100.00,,100.00
    C1,2,2026-01-07,2026-02-06,200.00,,200.00
    C1,3,2026-01-09,2026-01-09,,150.00,-150.00
    """
    found = ledger(tmp_path, test_a_credit_of_a_statement_that_the_file_says_is_open_settles_nothing.__doc__ or "")
    assert (column(found, "outstanding"), column(found, "paid_date")) == ([10000, 20000, -15000], [None] * 3)
