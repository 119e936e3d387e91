"""Which documents are receivables?"""

from pathlib import Path

import pytest

from tests.ingest.examples import aside, column, draft, ledger, notes


def test_cancelled_documents_and_drafts_are_no_receivables(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,status
    1,C1,2024-01-10,2024-02-09,100.00,Open
    2,C1,2024-01-10,2024-02-09,100.00,VOID
    3,C1,2024-01-10,2024-02-09,100.00,Draft
    """
    found = draft(tmp_path, test_cancelled_documents_and_drafts_are_no_receivables.__doc__ or "")
    assert found.ignored == {"cancelled": 2}
    assert column(found.require(), "invoice_id") == ["1"]


@pytest.mark.parametrize(
    ("header", "paid", "open_"), [("Status", "Paid", "Open"), ("Paid", "Yes", "No"), ("Zahlungsstatus", "bezahlt", "offen")]
)
def test_a_status_that_says_paid_without_a_date_is_no_open_invoice(tmp_path: Path, header: str, paid: str, open_: str) -> None:
    text = f"invoice_id,customer_id,issue_date,due_date,amount,{header}\n1,C1,2024-01-10,2024-02-09,9.00,{paid}\n2,C1,2024-01-10,2024-02-09,9.00,{open_}"
    found = ledger(tmp_path, text)
    assert aside(found) == [(2, header, paid, "settled_without_date")]
    assert notes(found)["settled_undated"] == "1"
