"""Do mappings, second files, own presets, reconciliation and updates do what the Ledgers screen says of them?"""

from pathlib import Path

import pytest

from insights.ingest.draft import Options
from insights.ingest.parse import parse
from insights.ledger.errors import Refused
from tests.ingest.examples import aside, column, ledger, notes
from tests.support.exports import OPEN


def test_yen_in_a_raw_table_is_asked_for(tmp_path: Path) -> None:
    path = Path(__file__).parents[1] / "exports" / "sap_tables_yen.txt"
    asked = parse(path, Options())
    assert [(question.option, [value for value, _ in question.choices]) for question in asked.questions] == [
        ("hundredths", ["divided", "whole"])
    ]
    assert column(parse(path, Options(hundredths="whole")).require(), "amount")[:2] == [1250, 100]
    assert column(parse(path, Options(hundredths="divided")).require(), "amount")[:2] == [125000, 9955]
    del tmp_path


def test_rows_alike_under_two_numbers_are_used_and_said(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    A1,C1,2024-01-05,2024-02-05,10.00
    A2,C1,2024-01-05,2024-02-05,10.00
    """
    found = ledger(tmp_path, test_rows_alike_under_two_numbers_are_used_and_said.__doc__ or "")
    assert (aside(found), notes(found)["looks_repeated"]) == ([], "1")


def test_a_second_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    scan = tmp_path / "scan.csv"
    scan.write_bytes(b"%PDF-1.7")
    with pytest.raises(Refused, match=r"^Payments file: This is a PDF"):
        ledger(tmp_path, OPEN, Options(payments=scan))
    with pytest.raises(Refused, match=r"^Attributes file: This is a PDF"):
        ledger(tmp_path, OPEN, Options(attributes=scan))
