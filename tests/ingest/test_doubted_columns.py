"""Is it asked which column is meant where the figures speak for another one than the names do?"""

from dataclasses import replace
from pathlib import Path

import pytest

from insights.ingest.draft import Options
from insights.ingest.normalise import rivals
from insights.ingest.parse import parse
from tests.ingest.examples import column, draft, ledger, notes

BOOKS = """
Customer,Invoice No,Invoice Date,Due Date,Currency,Amount,Doc Value
Alpha,1,2026-01-15,2026-02-14,USD,1000.00,1000.00
Beta,2,2026-01-16,2026-02-15,EUR,1100.00,1000.00
Beta,3,2026-01-17,2026-02-16,EUR,2200.00,2000.00
"""


def test_amounts_of_the_books_beside_those_of_the_documents_are_asked_about(tmp_path: Path) -> None:
    """Nothing names the document's amount; it is the amount's equal in dollars, and stands to it in a rate of 1.1 in euros."""
    (question,) = draft(tmp_path, BOOKS).questions
    assert (question.field, [value for value, _ in question.choices]) == (
        "amount",
        ["amount=Doc Value", "amount=Amount", "currency="],
    )
    assert question.choices[0][1] == "“Doc Value”: 3,000.00 EUR and 1,000.00 USD are owed"
    answered = {value: ledger(tmp_path, BOOKS, question.answered(Options(), value)) for value, _ in question.choices}
    assert column(answered["amount=Doc Value"], "amount") == [100000, 100000, 200000]
    assert column(answered["amount=Amount"], "amount") == [100000, 110000, 220000]
    assert column(answered["currency="], "currency") == ["XXX", "XXX", "XXX"]


def test_amounts_that_only_rows_in_another_currency_have_are_those_of_their_documents(tmp_path: Path) -> None:
    text = BOOKS.replace("USD,1000.00,1000.00", ",1000.00,").replace("Doc Value", "Foreign Value")
    (question,) = draft(tmp_path, text).questions
    assert [value for value, _ in question.choices] == ["amount=Amount", "currency="]


def test_amounts_that_differ_otherwise_are_no_other_currency(tmp_path: Path) -> None:
    """The discounts of row 3 and 4 are none of a rate."""
    text = (
        BOOKS.replace("1100.00,1000.00", "1100.00,11.00").replace("2200.00,2000.00", "2200.00,440.00").replace("Value", "Bonus")
    )
    assert not [question for question in draft(tmp_path, text).questions if "company's books" in question.sentence]


@pytest.mark.parametrize(("header", "cells"), [("Sales Tax", "20 40 0"), ("Freight", "20 40 0"), ("Settled Value", "120 0 100")])
def test_what_is_a_share_of_the_amount_in_one_currency_only_is_no_amount_of_the_books(
    tmp_path: Path, header: str, cells: str
) -> None:
    """Customers abroad pay no tax; of two invoices one is paid, of the one abroad a third."""
    first, second, third = cells.split()
    text = f"""
    Customer,Invoice No,Invoice Date,Due Date,Currency,Total,{header}
    Alpha,1,2026-01-15,2026-02-14,GBP,120.00,{first}.00
    Beta,2,2026-01-16,2026-02-15,GBP,240.00,{second}.00
    Gamma,3,2026-01-17,2026-02-16,EUR,300.00,{third}.00
    """
    assert not [question for question in draft(tmp_path, text).questions if "company's books" in question.sentence]


def test_the_total_of_a_document_on_each_of_its_instalments_is_asked_about(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Amount,Share
    Alpha,1,2026-01-15,2026-02-14,900.00,300.00
    Alpha,1,2026-01-15,2026-03-14,900.00,300.00
    Alpha,1,2026-01-15,2026-04-14,900.00,300.00
    Beta,2,2026-01-16,2026-02-15,120.00,120.00
    """
    text = test_the_total_of_a_document_on_each_of_its_instalments_is_asked_about.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert "“Share” adds up to it" in question.sentence
    assert column(ledger(tmp_path, text, question.answered(Options(), "amount=Share")), "amount") == [30000, 30000, 30000, 12000]
    assert sum(column(ledger(tmp_path, text, question.answered(Options(), "amount=Amount")), "amount")) == 282000


def test_what_is_to_be_paid_of_what_was_billed_is_asked_about(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Gross Value,Retained,To Settle,Paid,Outstanding
    Alpha,1,2026-01-15,2026-02-14,20000.00,1000.00,19000.00,0.00,19000.00
    Beta,2,2026-01-16,2026-02-15,4000.00,200.00,3800.00,800.00,3000.00
    """
    text = test_what_is_to_be_paid_of_what_was_billed_is_asked_about.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert question.sentence.startswith("“Outstanding” is “To Settle” less “Paid”, and not “Gross Value” less it.")
    assert column(ledger(tmp_path, text, question.answered(Options(), "amount=To Settle")), "amount") == [1900000, 380000]


def test_one_customer_on_every_row_is_asked_about_where_others_are_named(tmp_path: Path) -> None:
    """“Client” is the company of its own system here; who owes stands under a name that nobody knows."""
    text = """
    Client,Zonk,Zonk Text,Invoice No,Invoice Date,Due Date,Amount
    NO,20001,Fjord AS,1,2026-01-15,2026-02-14,100.00
    NO,20001,Fjord AS,2,2026-01-16,2026-02-15,200.00
    NO,20002,Dal AS,3,2026-01-17,2026-02-16,300.00
    """
    (question,) = draft(tmp_path, text).questions
    assert (question.field, [value for value, _ in question.choices]) == ("customer_id", ["Zonk", "Zonk Text", "Client"])
    assert column(ledger(tmp_path, text, question.answered(Options(), "Zonk")), "customer_id") == ["20001", "20001", "20002"]
    assert column(ledger(tmp_path, text, question.answered(Options(), "Client")), "customer_id") == ["NO"] * 3
    of_one = text.replace("20002,Dal AS", "20001,Fjord AS")
    assert not draft(tmp_path, of_one).questions


def test_a_company_that_each_customer_has_for_itself_is_the_customers_name(tmp_path: Path) -> None:
    """
    Kundennr;Firma;Rechnungsnr;Rechnungsdatum;Fällig am;Betrag
    100;Alpha GmbH;1;15.01.2026;14.02.2026;100,00
    101;Beta AG;2;16.01.2026;15.02.2026;200,00
    102;Gamma KG;3;17.01.2026;16.02.2026;300,00
    """
    text = test_a_company_that_each_customer_has_for_itself_is_the_customers_name.__doc__ or ""
    found = ledger(tmp_path, text)
    assert (set(column(found, "company")), column(found, "customer_name")) == ({""}, ["Alpha GmbH", "Beta AG", "Gamma KG"])
    of_two = ledger(tmp_path, text.replace("Beta AG", "Alpha GmbH"))
    assert column(of_two, "company") == ["Alpha GmbH", "Alpha GmbH", "Gamma KG"]
    assert len(column(found, "company")) == rivals.SEVERAL


def test_days_in_seconds_let_amounts_without_a_mark_be_asked_about(tmp_path: Path) -> None:
    """A file of a program: 12500 may be 125.00."""
    text = """
    customer_id,invoice_number,issue_date,due_date,currency,amount
    c1,A-1,1768435200,1771027200,EUR,12500
    c2,A-2,1768521600,1771113600,JPY,9900
    """
    (question,) = draft(tmp_path, text).questions
    assert (question.option, "12500 in “amount” may be 125.00" in question.sentence) == ("hundredths", True)
    assert column(ledger(tmp_path, text, replace(Options(), hundredths="implied")), "amount") == [12500, 9900]
    assert column(ledger(tmp_path, text, replace(Options(), hundredths="whole")), "amount") == [1250000, 9900]
    assert not draft(tmp_path, text.replace("EUR", "KRW")).questions


@pytest.mark.parametrize("words", ["Customer Vendor", "Debitor Kreditor", "Cliente Fornitore"])
@pytest.mark.parametrize("header", ["Account Type", "Party Type"])
def test_suppliers_among_customers_are_asked_about(tmp_path: Path, words: str, header: str) -> None:
    ours, theirs = words.split()
    text = f"""
    Customer,{header},Invoice No,Invoice Date,Due Date,Amount
    Alpha,{ours},1,2026-01-15,2026-02-14,100.00
    Paper,{theirs},2,2026-01-17,2026-02-16,80.00
    """
    (question,) = draft(tmp_path, text).questions
    assert (question.field, question.column) == ("kind", header)


def test_words_that_reach_over_a_column_of_a_print_stay_whole(tmp_path: Path) -> None:
    """The total's label begins under the number and ends under the day."""
    text = """\
CUST NO  CUSTOMER NAME         INVOICE   INV DATE   DUE DATE        AMOUNT      BALANCE
-------  --------------------  --------  ---------  ---------  -----------  -----------
 100231  ACME TOOL & DIE       0054321   01/15/26   02/14/26      1,250.00     1,250.00
 100231  ACME TOOL & DIE       0054390   01/22/26   02/21/26        310.00       310.00
                                         CUSTOMER TOTAL           1,560.00     1,560.00
 100400  BEST PUMPS            0054400   01/23/26   02/22/26      2,000.00     1,500.00
                                         CUSTOMER TOTAL           2,000.00     1,500.00
                                         REPORT TOTAL             3,560.00     3,060.00
"""
    path = tmp_path / "print.txt"
    path.write_text(text, encoding="utf-8")
    found = parse(path, Options()).require()
    assert (column(found, "outstanding"), found.rows_set_aside) == ([125000, 31000, 150000], 0)
    assert notes(found)["total_agrees"] == "3 060.00"


def test_a_sign_after_a_k_names_the_currency_of_thousands(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Amount (k€)
    Alpha,1,2026-01-15,2026-02-14,12.5
    """
    found = ledger(tmp_path, test_a_sign_after_a_k_names_the_currency_of_thousands.__doc__ or "")
    assert (column(found, "currency"), column(found, "amount")) == (["EUR"], [1250000])


def test_numbers_of_quotes_and_pro_formas_among_invoices_are_asked_about(tmp_path: Path) -> None:
    """
    Customer,Number,Date,Due,Total,Balance
    Ada,INV-1,2026-01-15,2026-02-14,100.00,100.00
    Ada,PF-7,2026-01-20,2026-02-19,120.00,120.00
    Bob,QT-3,2026-01-18,2026-02-17,75.00,75.00
    """
    text = test_numbers_of_quotes_and_pro_formas_among_invoices_are_asked_about.__doc__ or ""
    asked = draft(tmp_path, text).questions
    assert [question.word for question in asked] == ["PF-", "QT-"]
    options = Options()
    for question in asked:
        options = question.answered(options, f"{question.word}=ignore")
    assert column(ledger(tmp_path, text, options), "invoice_id") == ["INV-1"]
    assert not draft(tmp_path, text.replace("INV-", "PF-").replace("QT-", "PF-")).questions


def test_what_a_column_says_was_written_off_was_not_paid(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Amount,Open Amount,Write-off Amount,Closed Date
    Ada,1,2025-10-15,2025-11-14,1000.00,0.00,1000.00,2026-01-20
    Bob,2,2026-01-16,2026-02-15,500.00,0.00,0.50,2026-01-24
    """
    found = ledger(tmp_path, test_what_a_column_says_was_written_off_was_not_paid.__doc__ or "")
    assert column(found, "settled_by") == ["write_off", "payment"]
    assert notes(found)["written_off_stated"] == "1"


def test_unapplied_cash_in_a_row_of_its_own_is_no_total(tmp_path: Path) -> None:
    """Row 4 names a customer and has a figure in no column of the ledger: it is set aside, so that somebody sees it."""
    text = """
    Customer ID,Customer,Invoice,Inv Date,Due,Original,Open,Unapplied
    1,Ada,A1,2026-01-15,2026-02-14,500.00,300.00,0.00
    2,Bob,B1,2026-01-16,2026-02-15,400.00,400.00,0.00
    1,Ada,,,,,,-75.00
    """
    found = ledger(tmp_path, text)
    assert ([entry.row for entry in found.problems if entry.set_aside], found.rows_ignored) == ([4], 0)


def test_debit_and_credit_are_told_by_what_their_names_differ_in(tmp_path: Path) -> None:
    """The balance runs; neither it nor the payment of 500.00 is an invoice."""
    text = """
    Name;Belegdatum;Belegnr;Fälligkeit;Umsatz Soll;Umsatz Haben;Saldo
    Müller;15.01.2026;R1;14.02.2026;1.190,00;;1.190,00
    Müller;20.01.2026;Z1;20.01.2026;;500,00;690,00
    Huber;21.01.2026;R2;20.02.2026;595,00;;595,00
    """
    found = ledger(tmp_path, text)
    assert (column(found, "amount"), column(found, "outstanding")) == ([119000, 59500], [69000, 59500])
