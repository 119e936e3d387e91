"""Are figures that nothing maps asked about, where they may say what is open or what was paid, and left alone where they do not?"""

from pathlib import Path

import pytest

from insights.ingest.draft import Options
from tests.ingest.examples import column, draft, ledger

HEAD = "Customer,Invoice No,Invoice Date,Due Date,Amount"


def file_of(header: str, *cells: str, amounts: tuple[str, ...] = ("100.00", "200.00", "300.00")) -> str:
    rows = [
        f"C{k},{k},2026-01-0{k},2026-02-0{k},{amount},{cell}"
        for k, (amount, cell) in enumerate(zip(amounts, cells, strict=True), 1)
    ]
    return "\n".join([f"{HEAD},{header}", *rows])


@pytest.mark.parametrize("header", ["Left to pay", "Reste dû", "Noch zu zahlen", "X7", "Retained", "Kvar", "Da saldare"])
def test_a_figure_that_never_exceeds_the_amount_is_asked_about_with_what_would_be_owed(tmp_path: Path, header: str) -> None:
    """Nothing, all and a part of the amount: 320.00 would be owed if it is open, 280.00 if it was paid, 600.00 if neither."""
    text = file_of(header, "0.00", "200.00", "120.00")
    (question,) = draft(tmp_path, text).questions
    told = dict(question.choices)
    assert "320.00 are owed" in told[f"outstanding={header}"]
    assert "280.00 are owed" in told[f"paid_amount={header}"]
    assert "600.00 are owed" in told["outstanding="]
    read = ledger(tmp_path, text, question.answered(Options(), f"outstanding={header}"))
    assert sum(column(read, "outstanding")) == 32000
    read = ledger(tmp_path, text, question.answered(Options(), f"paid_amount={header}"))
    assert sum(column(read, "outstanding")) == 28000
    read = ledger(tmp_path, text, question.answered(Options(), "outstanding="))
    assert sum(column(read, "outstanding")) == 60000


def test_two_columns_that_make_up_the_amount_are_one_question_that_says_so(tmp_path: Path) -> None:
    rows = [
        "C1,1,2026-01-01,2026-02-01,100.00,40.00,60.00",
        "C2,2,2026-01-02,2026-02-02,200.00,150.00,50.00",
    ]
    (question,) = draft(tmp_path, "\n".join([f"{HEAD},Col A,Col B", *rows])).questions
    assert "“Col A” is “Amount” less “Col B” in every row." in question.sentence
    assert {value for value, _ in question.choices} >= {"outstanding=Col A", "paid_amount=Col A", "outstanding=Col B"}


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("VAT amount", ("20.00", "40.00", "0.00")),
        ("Freight", ("0.00", "5.00", "300.00")),
        ("Cost", ("70.00", "120.00", "210.00")),
        ("Days open", ("3", "30", "12")),
        ("Discount", ("0.00", "10.00", "15.00")),
        ("Copy of it", ("100.00", "200.00", "300.00")),
        ("Credit limit", ("5000.00", "5000.00", "100.00")),
    ],
)
def test_what_says_nothing_of_payments_is_not_asked_about(tmp_path: Path, header: str, cells: tuple[str, ...]) -> None:
    assert draft(tmp_path, file_of(header, *cells)).questions == ()


def test_what_repeats_the_paid_dates_is_not_asked_about(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Paid Date,Amount,Money in
    C1,1,2026-01-01,2026-02-01,2026-02-03,100.00,100.00
    C2,2,2026-01-02,2026-02-02,,200.00,0.00
    """
    assert draft(tmp_path, test_what_repeats_the_paid_dates_is_not_asked_about.__doc__ or "").questions == ()


def test_what_is_open_is_asked_about_where_the_paid_amount_leaves_something_else(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Amount,Paid amount,Left to pay
    C1,1,2026-01-01,2026-02-01,100.00,0.00,100.00
    C2,2,2026-01-02,2026-02-02,200.00,50.00,110.00
    """
    (question,) = draft(
        tmp_path, test_what_is_open_is_asked_about_where_the_paid_amount_leaves_something_else.__doc__ or ""
    ).questions
    assert [value for value, _ in question.choices] == ["outstanding=Left to pay", "outstanding="]


def test_what_was_invoiced_is_asked_about_where_only_the_rest_is_known(tmp_path: Path) -> None:
    """
    Debiteur,Factuurnr,Factuurdatum,Vervaldatum,Factuur,Saldo
    D1,1,2026-01-05,2026-02-04,"1250,00","1250,00"
    D2,2,2026-01-15,2026-02-14,"2500,00","500,00"
    """
    text = test_what_was_invoiced_is_asked_about_where_only_the_rest_is_known.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert (question.field, question.column) == ("amount", "Factuur")
    read = ledger(tmp_path, text, question.answered(Options(), "Factuur"))
    assert (column(read, "amount"), column(read, "outstanding")) == ([125000, 250000], [125000, 50000])
    assert column(ledger(tmp_path, text, question.answered(Options(), "")), "amount") == [125000, 50000]


def test_what_is_net_of_payments_and_credits_is_asked_about_as_what_is_open(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Amount,Credits,Payments,Net due
    C1,1,2026-01-01,2026-02-01,100.00,0.00,0.00,100.00
    C2,2,2026-01-02,2026-02-02,200.00,50.00,0.00,150.00
    C3,3,2026-01-03,2026-02-03,300.00,0.00,100.00,200.00
    """
    text = test_what_is_net_of_payments_and_credits_is_asked_about_as_what_is_open.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert [value for value, _ in question.choices] == ["outstanding=Net due", "outstanding="]
    read = ledger(tmp_path, text, question.answered(Options(), "outstanding=Net due"))
    assert column(read, "outstanding") == [10000, 15000, 20000]


ADJUSTED = """
Customer,Invoice No,Invoice Date,Due Date,Amount,Paid Amount,Adjustment
C1,1,2026-01-01,2026-02-01,100.00,0.00,0.00
C2,2,2026-01-02,2026-02-02,200.00,0.00,-30.00
C3,3,2026-01-03,2026-02-03,300.00,100.00,0.00
"""


def test_an_adjustment_beside_what_was_paid_is_asked_about_where_nothing_says_what_is_open(tmp_path: Path) -> None:
    (question,) = draft(tmp_path, ADJUSTED).questions
    assert question.field == "allowance"
    assert "470.00 are owed" in question.choices[0][1]
    assert "500.00 are owed" in question.choices[1][1]
    read = ledger(tmp_path, ADJUSTED, question.answered(Options(), "allowance=Adjustment"))
    assert column(read, "outstanding") == [10000, 17000, 20000]
    read = ledger(tmp_path, ADJUSTED, question.answered(Options(), "allowance="))
    assert column(read, "outstanding") == [10000, 20000, 20000]


def test_a_discount_of_invoices_that_were_paid_in_full_is_within_their_amount(tmp_path: Path) -> None:
    text = ADJUSTED.replace("Adjustment", "Discount").replace("100.00,0.00,0.00", "100.00,100.00,5.00")
    assert not draft(tmp_path, text).questions


def test_samples_of_figures_are_shown_as_the_file_has_them(tmp_path: Path) -> None:
    text = file_of("Left to pay", "0.00", "200.00", "1973.10", amounts=("100.00", "200.00", "1973.10"))
    (question,) = draft(tmp_path, text.replace("300.00", "1973.10").replace("200.00,200.00", "200.00,7.00")).questions
    assert "1973.1)" in question.sentence
