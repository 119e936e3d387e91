"""Are rows that carry a balance on, and totals that stand like invoices, never taken for invoices in silence?"""

from pathlib import Path

import pytest

from insights.ingest.draft import Options
from tests.ingest.examples import column, draft, ledger, notes

CARRIED = [
    *(
        "Opening balance",
        "Balance b/f",
        "brought forward",
        "Übertrag",
        "Saldovortrag 2025",
        "EB-Wert",
        "Report",
        "Report à nouveau",
    ),
    *(
        "À-nouveau",
        "Saldo inicial",
        "Saldo anterior",
        "Riporto",
        "Saldo iniziale",
        "Beginsaldo",
        "Bilans otwarcia",
        "Ingående saldo",
    ),
    *("Primosaldo", "Åbningssaldo", "前期繰越", "Saldo per 31.12.2025"),
]


@pytest.mark.parametrize("word", CARRIED)
@pytest.mark.parametrize("place", ["number", "text"])
def test_what_carries_a_balance_on_is_asked_about(tmp_path: Path, word: str, place: str) -> None:
    """A row of 1,000.00 with a day, and its word where the number or the text stands: it may be owed, or stand there twice."""
    number, told = (word, "Goods") if place == "number" else ("0", word)
    text = f"""
    Customer,Invoice No,Invoice Date,Due Date,Amount,Text
    Alpha,{number},2026-01-01,2026-01-01,1000.00,{told}
    Alpha,2,2026-01-07,2026-02-06,200.00,Goods
    Beta,3,2026-01-19,2026-02-18,300.00,Goods
    """
    (question,) = draft(tmp_path, text).questions
    assert (question.option, question.word) == ("types", word)
    assert "1,000.00" in question.sentence
    assert len(ledger(tmp_path, text, question.answered(Options(), f"{word}=invoice")).invoices) == 3
    assert column(ledger(tmp_path, text, question.answered(Options(), f"{word}=ignore")), "invoice_id") == ["2", "3"]


@pytest.mark.parametrize(
    "word", ["Total", "Summe", "Saldo", "Total général", "Totale", "Razem", "合計", "Suma", "I alt", "Closing balance"]
)
def test_a_total_with_a_number_and_a_day_is_one_where_its_rows_come_to_it(tmp_path: Path, word: str) -> None:
    text = f"""
    Customer,Invoice No,Invoice Date,Due Date,Amount
    Alpha,1,2026-01-07,2026-02-06,200.00
    Beta,2,2026-01-19,2026-02-18,300.00
    {word},3,2026-01-31,2026-02-18,500.00
    """
    found = ledger(tmp_path, text)
    assert (column(found, "amount"), notes(found)["totals_left_out"]) == ([20000, 30000], "1 (500.00)")
    (question,) = draft(tmp_path, text.replace("500.00", "505.00")).questions
    assert (question.option, question.word) == ("types", word)


def test_subtotals_of_customers_are_none_of_their_invoices(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Amount
    Alpha,1,2026-01-07,2026-02-06,200.00
    Alpha,2,2026-01-08,2026-02-07,100.00
    Alpha,Subtotal,2026-01-08,2026-02-07,300.00
    Beta,3,2026-01-19,2026-02-18,300.00
    Beta,Subtotal,2026-01-19,2026-02-18,300.00
    """
    assert column(ledger(tmp_path, test_subtotals_of_customers_are_none_of_their_invoices.__doc__ or ""), "invoice_id") == [
        "1",
        "2",
        "3",
    ]


def test_words_within_a_text_are_of_an_invoice(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Amount,Text
    Total Energies,1,2026-01-07,2026-02-06,200.00,Transport
    Alpha,2,2026-01-08,2026-02-07,100.00,Annual report 2025
    """
    assert len(ledger(tmp_path, test_words_within_a_text_are_of_an_invoice.__doc__ or "").invoices) == 2


def test_a_customer_of_several_invoices_may_be_called_total(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Amount
    Total,1,2026-01-07,2026-02-06,200.00
    Total,2,2026-01-08,2026-02-07,100.00
    Beta,3,2026-01-19,2026-02-18,350.00
    """
    assert len(ledger(tmp_path, test_a_customer_of_several_invoices_may_be_called_total.__doc__ or "").invoices) == 3


def test_totals_of_customers_and_of_months_are_told_by_what_they_come_to(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Amount,Text
    Alpha,1,2026-01-05,2026-02-04,100.00,
    Alpha,2,2026-01-06,2026-02-05,150.00,
    Total Alpha,T1,2026-01-31,2026-01-31,250.00,
    Beta,3,2026-01-07,2026-02-06,200.00,
    Total Beta,T2,2026-01-31,2026-01-31,200.00,
    Grand total,T3,2026-01-31,2026-01-31,450.00,
    Beta,4,2026-02-07,2026-03-06,70.00,
    Beta,5,2026-02-07,2026-03-06,30.00,
    Beta,6,2026-02-28,2026-02-28,100.00,Summe Februar
    """
    found = ledger(tmp_path, test_totals_of_customers_and_of_months_are_told_by_what_they_come_to.__doc__ or "")
    assert column(found, "invoice_id") == ["1", "2", "3", "4", "5"]


def test_two_amounts_are_asked_about_beside_a_total_that_was_left_out(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Amount,Invoice Amount
    Alpha,1,2026-01-05,2026-02-04,100.00,120.00
    Alpha,2,2026-01-06,2026-02-05,150.00,180.00
    Total,T1,2026-01-31,2026-01-31,250.00,300.00
    """
    (question,) = draft(tmp_path, test_two_amounts_are_asked_about_beside_a_total_that_was_left_out.__doc__ or "").questions
    assert "in all 300.00" in question.sentence


@pytest.mark.parametrize(
    "word",
    [
        *("Opening balance", "Opening entry", "Balance brought forward", "Saldovortrag", "Eröffnungsbuchung", "À nouveau"),
        *("Saldo inicial", "Apertura", "Beginsaldo", "Saldo iniziale", "Bilans otwarcia", "Ingående balans", "Åbningspostering"),
        "繰越",
    ],
)
def test_a_type_that_carries_a_balance_on_is_asked_about(tmp_path: Path, word: str) -> None:
    """1,000.00 carried on from last year: its invoices may be in the file too."""
    text = f"""
    Customer,Type,Invoice No,Invoice Date,Due Date,Amount
    Alpha,{word},OB1,2026-01-01,2026-01-01,1000.00
    Alpha,Invoice,2,2026-01-07,2026-02-06,200.00
    Beta,Invoice,3,2025-01-19,2026-02-18,300.00
    """
    (question,) = draft(tmp_path, text).questions
    assert (question.option, question.word) == ("types", word)
    assert "1,000.00" in question.sentence
    assert column(ledger(tmp_path, text, question.answered(Options(), f"{word}=invoice")), "amount") == [100000, 20000, 30000]


def test_what_is_neither_invoice_nor_payment_by_its_type_is_said_with_its_amounts(tmp_path: Path) -> None:
    """
    Customer,Type,Invoice No,Invoice Date,Due Date,Amount,Currency
    Alpha,Journal,J1,2026-01-01,2026-01-31,50.00,EUR
    Alpha,Journal,J2,2026-01-01,2026-01-31,-20.00,EUR
    Alpha,Invoice,2,2026-01-07,2026-02-06,200.00,EUR
    """
    found = ledger(tmp_path, test_what_is_neither_invoice_nor_payment_by_its_type_is_said_with_its_amounts.__doc__ or "")
    assert column(found, "amount") == [5000, -2000, 20000]
    assert notes(found)["counted_by_sign"] == "2 (“Journal”, 30.00 EUR)"


def test_types_without_an_amount_are_no_matter_before_the_amount_is_known(tmp_path: Path) -> None:
    """
    Customer,Type,Invoice No,Invoice Date,Due Date,Zonk
    Alpha,Journal,J1,2026-01-01,2026-01-31,50.00
    Alpha,Invoice,2,2026-01-07,2026-02-06,200.00
    """
    asked = draft(tmp_path, test_types_without_an_amount_are_no_matter_before_the_amount_is_known.__doc__ or "").questions
    assert "amount" in [question.field for question in asked]
