"""Does the call sheet hold what the agent needs, on paper and as a workbook, whatever the ledger's text is?"""

from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from insights.prediction import call_sheet
from insights.prediction.call_sheet import CallSheet, SheetLine


def sheet(name: str = "Grünhagen Maschinenbau GmbH", lines: int = 3) -> CallSheet:
    """Invoices of EUR 1,234.56 and more, the first overdue and disputed."""
    return CallSheet(
        customer=name,
        below="Account E01",
        as_of=date(2026, 10, 31),
        facts={"Receivables": "EUR 5,000.00", "Overdue": "EUR 1,234.56", "Open invoices": "3"},
        sentences=["Pays most often on a Monday: 41 of 92 days of payment in two years."],
        lines=[
            SheetLine(
                invoice=f"RE-{number}",
                due=date(2026, 10, 1),
                due_words="30 days past due",
                outstanding=123456 + number,
                currency="EUR",
                expected=date(2026, 11, 9) if number else None,
                likely="0% · 40% · 60%",
                reason="paid all of the last invoices late: −21 points",
                overdue=number == 0,
                mark="disputed" if number == 0 else "",
            )
            for number in range(lines)
        ],
        agreed=[("30 Oct 2026", "Promise: EUR 500.00 by 5 Nov 2026 (ada)")],
    )


@pytest.mark.slow
def test_the_workbook_has_amounts_that_add_up_and_text_that_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    path.write_bytes(call_sheet.workbook(sheet(name="=1+1")))
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "=1+1"
    amounts = [row[3] for row in rows if str(row[0]).startswith("RE-")]
    assert amounts == [1234.56, 1234.57, 1234.58]
    assert any(row[0] == "30 Oct 2026" and "Promise" in str(row[2]) for row in rows)
    with ZipFile(BytesIO(path.read_bytes())) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


@pytest.mark.slow
def test_the_paper_has_its_pages_numbered_and_draws_letters_beyond_latin() -> None:
    """A hundred invoices take several pages; Polish, Greek and Cyrillic names are drawn, and what no font has does no harm."""
    paper = call_sheet.pdf(sheet(name="Żółć Ελλάς Привет 会社", lines=100))
    assert paper.startswith(b"%PDF-")
    assert paper.count(b"/Type /Page\n") >= 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "a" * 5_000,
        "e\u0301" * 2_000,
        "",
        "\x00\x1b[2J",
        "\n\n\n",
        "\u202eevil",
        "שלום عالم",
        "😀" * 60,
        "&" * 300,
        "{nb}",
        "\U0010ffff",
    ],
    ids=[
        "long",
        "marks",
        "empty",
        "control",
        "lines",
        "turned",
        "right_to_left",
        "emoji",
        "codes_of_a_foot",
        "alias",
        "no_letter",
    ],
)
def test_whatever_stands_in_a_name_an_invoice_or_a_note_there_are_a_paper_and_a_workbook(text: str) -> None:
    whole = sheet(name=text)
    lines = [replace(line, invoice=text, due_words=text, likely=text, reason=text, mark=text) for line in whole.lines]
    whole = replace(
        whole, below=text, facts={"Receivables": text, text: "x"}, sentences=[text], lines=lines, agreed=[(text, text)]
    )
    assert call_sheet.pdf(whole).startswith(b"%PDF-")
    rows = CalamineWorkbook.from_filelike(BytesIO(call_sheet.workbook(whole))).get_sheet_by_index(0).to_python()
    assert [row[3] for row in rows if isinstance(row[3], float)] == [1234.56, 1234.57, 1234.58]


@pytest.mark.slow
@pytest.mark.parametrize("text", ["[x](https://evil.example)", "https://evil.example", '=HYPERLINK("https://evil.example")'])
def test_nothing_on_paper_or_in_the_workbook_can_be_clicked(text: str) -> None:
    whole = replace(sheet(name=text), sentences=[text], agreed=[(text, text)])
    paper = call_sheet.pdf(whole)
    assert b"/URI" not in paper
    assert b"/Annot" not in paper
    with ZipFile(BytesIO(call_sheet.workbook(whole))) as parts:
        assert b"<hyperlink" not in parts.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
