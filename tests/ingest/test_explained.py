"""Are rows kept whose contradiction the file itself explains?"""

from pathlib import Path

from tests.ingest.examples import aside, column, ledger, notes


def test_what_was_paid_beyond_an_invoice_is_on_account(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,amount,outstanding
    1,C1,2025-01-05,2025-02-04,,950.00,-10.00
    2,C1,2025-01-06,2025-02-05,,950.00,950.00
    3,C1,2025-01-06,2025-02-05,2025-02-01,950.00,-3.00
    4,C1,2025-01-06,2025-02-05,,80.00,80.00
    """
    found = ledger(tmp_path, test_what_was_paid_beyond_an_invoice_is_on_account.__doc__ or "")
    assert column(found, "kind") == ["payment_on_account", "invoice", "invoice", "invoice"]
    assert column(found, "outstanding") == [-1000, 95000, 0, 8000]
    assert [(entry.row, entry.value) for entry in found.problems if entry.reason == "overpaid"] == [(2, "-10.00"), (4, "-3.00")]


def test_a_column_of_fees_explains_a_balance_above_the_amount(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,late fee,outstanding
    1,C1,2025-01-05,2025-02-04,100.00,5.00,105.00
    2,C1,2025-01-06,2025-02-05,100.00,,100.00
    3,C1,2025-01-06,2025-02-05,100.00,5.00,109.00
    """
    found = ledger(tmp_path, test_a_column_of_fees_explains_a_balance_above_the_amount.__doc__ or "")
    assert (column(found, "amount"), notes(found)["fees_added"]) == ([10500, 10000], "1")
    assert [reason for *_, reason in aside(found)] == ["outstanding_above_amount"]


def test_a_retention_may_be_due_years_later_a_mistyped_year_may_not(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,text
    1,C1,2025-01-05,2025-02-04,950.00,
    1-RET,C1,2025-01-05,2026-06-30,50.00,
    2,C1,2025-01-05,2026-06-30,50.00,Retention 5 %
    3,C1,2025-01-05,2026-06-30,50.00,returned goods
    """
    found = ledger(tmp_path, test_a_retention_may_be_due_years_later_a_mistyped_year_may_not.__doc__ or "")
    assert column(found, "invoice_id") == ["1", "1-RET", "2"]
    assert [reason for *_, reason in aside(found)] == ["terms_too_long"]


def test_a_discount_that_makes_up_the_amount_with_the_payment_is_not_owed(tmp_path: Path) -> None:
    """
    Customer,Invoice,Invoice Date,Due Date,Amount,Paid,Discount taken,Paid Date
    A,1,2026-01-05,2026-02-04,100.00,95.00,5.00,2026-01-12
    B,2,2026-01-06,2026-02-05,200.00,0.00,0.00,
    """
    text = test_a_discount_that_makes_up_the_amount_with_the_payment_is_not_owed.__doc__ or ""
    assert column(ledger(tmp_path, text), "outstanding") == [0, 20000]
    assert column(ledger(tmp_path, text.replace(",5.00,", ",4.00,")), "outstanding") == [500, 20000]
