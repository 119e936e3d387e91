"""Does every reason have a sentence?"""

from pathlib import Path

from insights import ingest
from insights.messages import problems as words
from tests.ingest.examples import ledger


def test_every_reason_has_a_sentence_that_names_row_column_and_value(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,C1,2024-01-10,2024-02-09,100.00
    2,C1,2024-01-10,2024-01-09,100.00
    """
    found = ledger(tmp_path, test_every_reason_has_a_sentence_that_names_row_column_and_value.__doc__ or "")
    table = ingest.problems_table(found)
    assert table["sentence"].to_pylist() == ["Row 3, due_date: due on 2024-01-09, before it was issued."]
    assert all(words.reason(code) for code in words.PROBLEMS)
