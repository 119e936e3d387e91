"""Is an outstanding amount that exceeds the invoice doubted, and is what others prove never asked about?"""

from pathlib import Path

from insights.ingest.draft import Options
from tests.ingest.examples import aside, column, draft, ledger


def test_more_than_was_invoiced_may_hold_what_was_owed_before(tmp_path: Path) -> None:
    """
    Customer,Invoice,Invoice Date,Due Date,Previous balance,Invoice total,Total due
    A,1,2026-01-05,2026-02-04,50.00,100.00,150.00
    B,2,2026-01-06,2026-02-05,0.00,200.00,200.00
    C,3,2026-01-07,2026-02-06,25.00,300.00,325.00
    """
    text = test_more_than_was_invoiced_may_hold_what_was_owed_before.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert (question.field, question.column) == ("outstanding", "Total due")
    assert "exceeds “Invoice total” in 2 of 3 rows" in question.sentence
    assert sum(column(ledger(tmp_path, text, question.answered(Options(), "")), "outstanding")) == 60000
    kept = ledger(tmp_path, text, question.answered(Options(), "Total due"))
    assert [reason for *_, reason in aside(kept)] == ["outstanding_above_amount"] * 2


def test_what_is_left_of_the_amount_and_the_balance_of_a_customer_are_no_questions(tmp_path: Path) -> None:
    """
    Kontrahent,Nr faktury,Data wystawienia,Termin płatności,Kwota,Zapłacono,Do zapłaty,Customer balance
    Alfa,1,2026-01-05,2026-02-04,1230.00,230.00,1000.00,1845.00
    Alfa,2,2026-01-06,2026-02-05,615.00,0.00,615.00,1845.00
    Beta,3,2026-01-06,2026-02-05,100.00,0.00,100.00,100.00
    """
    text = test_what_is_left_of_the_amount_and_the_balance_of_a_customer_are_no_questions.__doc__ or ""
    assert column(ledger(tmp_path, text), "outstanding") == [100000, 61500, 10000]
    (question,) = draft(tmp_path, text.replace("1000.00,1845", "900.00,1845")).questions
    assert question.column == "Do zapłaty"


DUE_AND_PAID = """
Customer,Invoice No,Invoice Date,Due Date,Amount Due,Amount Paid
C1,1,2026-01-01,2026-02-01,100.00,100.00
C2,2,2026-01-02,2026-02-02,200.00,50.00
C3,3,2026-01-03,2026-02-03,300.00,0.00
"""


def test_an_amount_due_that_was_paid_to_the_cent_may_be_what_was_invoiced(tmp_path: Path) -> None:
    (question,) = draft(tmp_path, DUE_AND_PAID).questions
    assert "450.00 are owed" in question.choices[0][1]
    assert "600.00 are owed" in question.choices[1][1]
    found = ledger(tmp_path, DUE_AND_PAID, question.answered(Options(), "amount=Amount Due"))
    assert column(found, "outstanding") == [15000, 30000]
    assert [reason for *_, reason in aside(found)] == ["settled_without_date"]
    found = ledger(tmp_path, DUE_AND_PAID, question.answered(Options(), "outstanding=Amount Due"))
    assert column(found, "outstanding") == [10000, 20000, 30000]


def test_an_amount_due_of_0_where_it_was_paid_is_what_is_open(tmp_path: Path) -> None:
    found = ledger(tmp_path, DUE_AND_PAID.replace("100.00,100.00", "0.00,100.00"))
    assert column(found, "outstanding") == [20000, 30000]


def test_what_was_paid_beside_amount_and_open_is_no_day_and_no_question(tmp_path: Path) -> None:
    """
    Kunde,Rechnungsnr,Rechnungsdatum,Fällig am,Betrag brutto,bezahlt,offener Betrag
    C1,1,05.01.2026,04.02.2026,"100,00","40,00","60,00"
    C2,2,17.01.2026,16.02.2026,"200,00","0,00","200,00"
    """
    text = test_what_was_paid_beside_amount_and_open_is_no_day_and_no_question.__doc__ or ""
    assert column(ledger(tmp_path, text), "outstanding") == [6000, 20000]


def test_a_balance_that_is_the_amount_at_the_rate_of_the_row_is_asked_about(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Currency,Rate,Amount,Balance
    C1,1,2026-01-01,2026-02-01,USD,0.90,100.00,90.00
    C2,2,2026-01-02,2026-02-02,USD,0.91,200.00,182.00
    C3,3,2026-01-03,2026-02-03,EUR,1.00,300.00,300.00
    """
    text = test_a_balance_that_is_the_amount_at_the_rate_of_the_row_is_asked_about.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert "300.00 EUR and 300.00 USD are owed" in question.choices[0][1]
    options = question.answered(Options(maps={"amount": "Amount"}), "")
    assert column(ledger(tmp_path, text, options), "outstanding") == [10000, 20000, 30000]
    assert not draft(tmp_path, text.replace(",90.00", ",100.00").replace(",182.00", ",200.00")).questions
