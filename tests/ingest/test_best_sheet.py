"""Which sheet of a workbook is read?"""

from datetime import date
from pathlib import Path

import pytest

from insights.ingest.draft import Options
from insights.ingest.parse import parse
from insights.ledger.errors import Refused
from tests.ingest.examples import assert_nothing_lost, column, ledger
from tests.support.exports import OPEN


def test_sheets_with_the_same_columns_are_asked_for_or_read_one_below_the_other(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "months.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for month in ("01", "02"):
            page = book.add_worksheet(month)
            page.write_row(0, 0, ["invoice_id", "customer_id", "issue_date", "due_date", "amount"])
            page.write_row(1, 0, [f"A{month}", "C1", f"2024-{month}-05", f"2024-{month}-25", 5.0])
    asked = parse(path, Options())
    assert [question.option for question in asked.questions] == ["sheet"]
    assert column(parse(path, Options(sheet="02")).require(), "invoice_id") == ["A02"]
    both = parse(path, Options(sheet="*")).require()
    assert (column(both, "invoice_id"), column(both, "row")) == (["A01", "A02"], [2, 4])
    assert_nothing_lost(both)
    with pytest.raises(Refused, match="no sheet “03”; it has 01, 02"):
        parse(path, Options(sheet="03"))


def test_of_a_second_workbook_the_sheet_that_fits_is_read(tmp_path: Path) -> None:
    """A cover and a list of names stand before the payments and the attributes."""
    import xlsxwriter

    path = tmp_path / "second.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Cover").write_row(0, 0, ["Receivables", "2024"])
        sheets = {
            "Payments": [["invoice_id", "paid_date", "amount"], ["A1", "2024-02-03", "100.00"]],
            "People": [["customer_id", "customer_name", "size"], ["C1", "One", "big"]],
        }
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for at, row in enumerate(rows):
                page.write_row(at, 0, row)
    found = ledger(tmp_path, OPEN, Options(payments=path, attributes=path))
    assert found.payments["paid_date"].to_pylist() == [date(2024, 2, 3)]
    assert set(column(found, "x:size")) == {"big", None}
