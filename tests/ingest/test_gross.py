"""Is an amount without tax never what is owed, where net, tax and what is open prove that both are?"""

from pathlib import Path

import pytest

from insights.ingest.draft import Options
from tests.ingest.examples import aside, column, draft, ledger, notes

ROWS = """
Customer,Invoice No,Invoice Date,Due Date,NET,VAT,Balance
C1,1,2026-01-05,2026-02-04,100.00,20.00,120.00
C2,2,2026-01-07,2026-02-06,200.00,40.00,240.00
C3,3,2026-01-09,2026-02-08,300.00,60.00,150.00
C4,4,2026-01-09,2026-02-08,300.00,60.00,0.00
"""


@pytest.mark.parametrize("header", ["Amount ex. VAT", "Net amount", "Amount", "Invoice Amount"])
def test_net_and_tax_are_owed_where_what_is_open_is_both(tmp_path: Path, header: str) -> None:
    found = ledger(tmp_path, ROWS.replace("NET", header))
    assert (column(found, "amount"), column(found, "outstanding")) == ([12000, 24000, 36000], [12000, 24000, 15000])
    assert notes(found)["gross_added"] == "VAT"
    assert [reason for *_, reason in aside(found)] == ["settled_without_date"]


def test_an_amount_that_is_open_as_it_stands_keeps_its_tax_to_itself(tmp_path: Path) -> None:
    found = ledger(tmp_path, ROWS.replace("NET", "Amount").replace(",120.00", ",100.00").replace(",240.00", ",200.00"))
    assert column(found, "amount") == [10000, 20000, 30000]


def test_net_and_gross_by_their_very_names_are_said(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Net Amount,Gross Amount
    C1,1,2026-01-05,2026-02-04,100.00,120.00
    """
    found = draft(tmp_path, test_net_and_gross_by_their_very_names_are_said.__doc__ or "")
    assert [(note.column, note.value) for note in found.notes if note.reason == "without_tax"] == [("Gross Amount", "Net Amount")]


def test_a_name_that_says_without_tax_in_brackets_is_without_tax(tmp_path: Path) -> None:
    found = ledger(tmp_path, ROWS.replace("NET", "Amount (excl. VAT)").replace("VAT,Balance", "VAT 20%,Balance"))
    assert column(found, "amount") == [12000, 24000, 36000]


TAXED = """
Customer,Invoice No,Invoice Date,Due Date,Amount,GST
C1,1,2026-01-05,2026-02-04,100.00,19.00
C2,2,2026-01-07,2026-02-06,250.00,47.50
C3,3,2026-01-09,2026-02-08,300.00,57.00
"""


def test_a_tax_at_a_usual_rate_of_the_amount_is_asked_about_where_no_column_holds_both(tmp_path: Path) -> None:
    (question,) = draft(tmp_path, TAXED).questions
    assert (question.field, [value for value, _ in question.choices]) == ("tax", ["tax=GST", "tax="])
    assert "773.50 are owed" in question.choices[0][1]
    assert "650.00 are owed" in question.choices[1][1]
    found = ledger(tmp_path, TAXED, question.answered(Options(), "tax=GST"))
    assert column(found, "amount") == [11900, 29750, 35700]
    assert notes(found)["gross_added"] == "GST"
    assert column(ledger(tmp_path, TAXED, question.answered(Options(), "tax=")), "amount") == [10000, 25000, 30000]


@pytest.mark.parametrize(
    ("header", "taxes"),
    [
        ("Amount", ("15.97", "39.92", "47.90")),  # 19 per cent within the amount
        ("Total", ("20.00", "50.00", "60.00")),  # 25 per cent within it, or 20 on top: the name decides
        ("Amount", ("3.10", "0.00", "71.00")),  # no rate
    ],
)
def test_a_tax_that_lies_within_the_amount_is_no_question(tmp_path: Path, header: str, taxes: tuple[str, ...]) -> None:
    text = TAXED.replace("Amount", header)
    for before, after in zip(("19.00", "47.50", "57.00"), taxes, strict=True):
        text = text.replace(before, after)
    assert column(ledger(tmp_path, text), "amount") == [10000, 25000, 30000]


def test_taxes_of_two_columns_are_owed_together(tmp_path: Path) -> None:
    text = TAXED.replace("GST", "CGST,SGST")
    for whole, half in (("19.00", "9.50,9.50"), ("47.50", "23.75,23.75"), ("57.00", "28.50,28.50")):
        text = text.replace(whole, half)
    (question,) = draft(tmp_path, text).questions
    assert "“CGST” (9.5 · 23.75 · 28.5) and “SGST”" in question.sentence
    assert column(ledger(tmp_path, text, question.answered(Options(), "tax=CGST")), "amount") == [11900, 29750, 35700]


SUMMED = """
Customer,Invoice No,Invoice Date,Due Date,Amount,CGST,SGST,IGST,Total GST
C1,1,2026-01-05,2026-02-04,100.00,2.50,2.50,0.00,5.00
C2,2,2026-01-07,2026-02-06,250.00,6.25,6.25,0.00,12.50
C3,3,2026-01-09,2026-02-08,300.00,7.50,7.50,0.00,15.00
"""


@pytest.mark.parametrize("tax", ["CGST", "Total GST"])
def test_a_tax_that_is_the_sum_of_others_is_not_owed_besides_them(tmp_path: Path, tax: str) -> None:
    (question,) = draft(tmp_path, SUMMED).questions
    assert "682.50 are owed" in question.choices[0][1]
    assert column(ledger(tmp_path, SUMMED, Options(maps={"tax": tax})), "amount") == [10500, 26250, 31500]


def test_amount_net_and_taxes_agree_though_a_column_adds_up_the_taxes(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Amount excl. tax,CGST,SGST,Total GST,Amount
    C1,1,2026-01-05,2026-02-04,100.00,2.50,2.50,5.00,105.00
    C2,2,2026-01-07,2026-02-06,250.00,6.25,6.25,12.50,262.50
    """
    found = ledger(tmp_path, test_amount_net_and_taxes_agree_though_a_column_adds_up_the_taxes.__doc__ or "")
    agreeing = [entry.column for entry in found.problems if entry.reason == "columns_agree"]
    assert agreeing == ["Amount = Amount excl. tax + CGST + SGST"]
