"""What is derived from other columns?"""

from pathlib import Path

from tests.ingest.examples import column, ledger


def test_a_paid_part_gives_what_is_outstanding(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,amount paid
    1,C1,2024-01-10,2024-02-09,100.00,30.00
    """
    found = ledger(tmp_path, test_a_paid_part_gives_what_is_outstanding.__doc__ or "")
    assert column(found, "outstanding") == [7000]
