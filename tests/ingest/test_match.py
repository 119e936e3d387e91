"""Are columns found by name in several languages, checked by content, and asked for below 85?"""

from pathlib import Path

import pytest

from insights.ingest.draft import Draft, Options
from insights.ledger.errors import Refused
from tests.ingest.examples import column, draft, ledger

ROW = "A1,K7,2024-01-05,2024-02-05,2024-02-09,120.50"


def matched(found: Draft) -> dict[str, str]:
    return {entry.field: entry.column for entry in found.matches if entry.accepted and entry.column}


@pytest.mark.parametrize(
    "header",
    [
        "invoice_id,customer_id,issue_date,due_date,paid_date,amount",
        "Invoice Number,Customer No.,Invoice Date,Due Date,Payment Date,Invoice Amount",
        "INV NO,CUST ID,INV DATE,DUE DATE,DATE PAID,TOTAL AMOUNT",
        "invoiceNumber,customerNumber,invoiceDate,dueDate,settledDate,invoiceTotal",
        "Doc No,Client Code,Date,Due,Cleared On,Value",
        "Rechnungs-Nr.,Kunden-Nr.,Rechnungsdatum,Fällig am,Zahlungsdatum,Betrag",
        "N° facture,Code client,Date de facture,Date d'échéance,Date de paiement,Montant TTC",
        "Factuurnummer,Klantnummer,Factuurdatum,Vervaldatum,Betaaldatum,Bedrag",
        "Número de factura,Código de cliente,Fecha de emisión,Fecha de vencimiento,Fecha de pago,Importe",
        "Número da fatura,Código do cliente,Data de emissão,Data de vencimento,Data de pagamento,Valor",
        "invoice_nr,custmer_id,issue_dte,due_dat,paid_dat,amout",
    ],
)
def test_columns_are_found_in_the_languages_of_the_exports(tmp_path: Path, header: str) -> None:
    names = header.split(",")
    found = matched(draft(tmp_path, f"{header}\n{ROW}"))
    assert [found.get(name) for name in ("invoice_id", "customer_id", "issue_date", "due_date", "paid_date", "amount")] == names


@pytest.mark.parametrize("header", ["Amount (EUR)", "Amount EUR", "Betrag in EUR", "invoice_amount_EUR", "Total [EUR]"])
def test_a_unit_beside_the_name_does_not_hide_it_and_tells_the_currency(tmp_path: Path, header: str) -> None:
    found = draft(tmp_path, f"invoice_id,customer_id,issue_date,due_date,paid_date,{header}\n{ROW}")
    assert matched(found)["amount"] == header
    assert column(found.require(), "currency") == ["EUR"]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Inv #", "invoice_id"),
        ("Cust #", "customer_id"),
        ("Date Raised", "issue_date"),
        ("Payment Due", "due_date"),
        ("Date Settled", "paid_date"),
        ("Amt", "amount"),
    ],
)
def test_short_and_spoken_names_are_known(tmp_path: Path, header: str, field: str) -> None:
    names = ["invoice_id", "customer_id", "issue_date", "due_date", "paid_date", "amount"]
    line = ",".join(header if name == field else name for name in names)
    assert matched(draft(tmp_path, f"{line}\n{ROW}"))[field] == header


@pytest.mark.parametrize(("cell", "field"), [("2024-02-09", "paid_date"), ("120.50", "paid_amount"), ("Yes", "is_paid")])
def test_what_stands_below_paid_decides_what_it_is(tmp_path: Path, cell: str, field: str) -> None:
    text = f"invoice_id,customer_id,issue_date,due_date,amount,Paid\nA1,K7,2024-01-05,2024-02-05,120.50,{cell}\nA2,K7,2024-01-05,2024-02-05,120.50,"
    assert matched(draft(tmp_path, text))[field] == "Paid"


def test_a_name_whose_cells_say_otherwise_is_not_taken(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,Due in,Payment date,amount
    1,C1,2024-01-05,2024-02-05,31,bank,5.00
    """
    assert "paid_date" not in matched(draft(tmp_path, test_a_name_whose_cells_say_otherwise_is_not_taken.__doc__ or ""))


def test_a_required_column_that_is_not_clear_is_asked_for(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,when,amount
    1,C1,2024-01-05,2024-02-05,5.00
    """
    text = test_a_required_column_that_is_not_clear_is_asked_for.__doc__ or ""
    found = draft(tmp_path, text)
    assert found.ledger is None
    (question,) = found.questions
    assert (question.option, question.field, question.choices[0][0]) == ("maps", "due_date", "when")
    with pytest.raises(Refused, match=r'No column of this file is clearly the due date.*--map due_date="COLUMN"'):
        found.require()
    assert len(ledger(tmp_path, text, Options(maps={"due_date": "when"})).invoices) == 1


def test_the_uncertain_matches_come_first_with_three_samples(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,deliv due,amount
    1,C1,2024-01-05,2024-02-05,5.00
    2,C1,2024-01-06,2024-02-06,6.00
    """
    first = draft(tmp_path, test_the_uncertain_matches_come_first_with_three_samples.__doc__ or "").matches[0]
    assert (first.field, first.accepted) == ("due_date", False)
    sure = draft(tmp_path, f"invoice_id,customer_id,issue_date,due_date,paid_date,amount\n{ROW}").matches
    assert next(entry for entry in sure if entry.field == "amount").samples == ("120.50",)
    assert all(entry.confidence >= 85 for entry in sure if entry.accepted and entry.column)


def test_a_column_that_the_user_names_must_exist_and_case_does_not_matter(tmp_path: Path) -> None:
    text = f"Nr,Kd,Von,Bis,Am,Summe X\n{ROW}"
    maps = {
        "invoice_id": "nr",
        "customer_id": "KD",
        "issue_date": "von",
        "due_date": "bis",
        "paid_date": "am",
        "amount": "summe_x",
    }
    assert column(ledger(tmp_path, text, Options(maps=maps)), "amount") == [12050]
    with pytest.raises(Refused, match="no column “Betrag”"):
        draft(tmp_path, text, Options(maps=maps | {"amount": "Betrag"}))
    with pytest.raises(Refused, match="no field “sum”"):
        draft(tmp_path, text, Options(maps=maps | {"sum": "Summe X"}))


def test_customer_number_and_name_are_told_apart_and_a_name_alone_identifies(tmp_path: Path) -> None:
    row = "1,C1,Acme,2024-01-05,2024-02-05,5.00"
    both = matched(draft(tmp_path, f"invoice,customer id,customer,invoice date,due date,amount\n{row}"))
    assert (both["customer_id"], both["customer_name"]) == ("customer id", "customer")
    alone = ledger(tmp_path, "invoice,customer,invoice date,due date,amount\n1,Acme,2024-01-05,2024-02-05,5.00")
    assert column(alone, "customer_id") == column(alone, "customer_name") == ["Acme"]


def test_equal_headers_are_told_apart_by_a_number_and_asked_about_where_they_differ(tmp_path: Path) -> None:
    """
    invoice,customer,invoice date,due date,amount,amount,
    1,Acme,2024-01-05,2024-02-05,5.00,6.00,x
    """
    text = test_equal_headers_are_told_apart_by_a_number_and_asked_about_where_they_differ.__doc__ or ""
    found = draft(tmp_path, text)
    assert found.headers[-3:] == ("amount", "amount (2)", "Column 7")
    (question,) = found.questions
    assert (question.field, [value for value, _ in question.choices]) == ("amount", ["amount", "amount (2)"])
    assert "“amount” (5.00; in all 5.00) and “amount (2)” (6.00; in all 6.00)" in question.sentence
    assert column(ledger(tmp_path, text, question.answered(Options(), "amount (2)")), "amount") == [600]
    assert column(ledger(tmp_path, text.replace("6.00", "5.00")), "amount") == [500]


@pytest.mark.parametrize(
    "headers",
    [
        "Asiakas;Laskun numero;Laskun päivä;Eräpäivä;Laskun summa;Maksettu;Avoinna;Valuutta",
        "Odběratel;Číslo faktury;Vystaveno;Splatnost;Celkem;Uhrazeno;Zbývá uhradit;Měna",
        "Контрагент;Номер счета;Дата счета;Срок оплаты;Сумма;Оплачено;Долг;Валюта",
        "客户;发票号;开票日期;到期日;价税合计;已收款金额;未收款金额;币别",
        "Müşteri;Fatura No;Fatura Tarihi;Vade;Genel Toplam;Ödenen Tutar;Kalan Tutar;Para Birimi",
        "Vevő;Számlaszám;Kiállítás dátuma;Fizetési határidő;Végösszeg;Kiegyenlített összeg;Kiegyenlítetlen;Pénznem",
        "Klient;Arve nr;Arve kuupäev;Maksetähtaeg;Summa KM-ga;Tasutud;Tasumata;Valuuta",
    ],
)
def test_lists_of_further_languages_are_read_without_a_question(tmp_path: Path, headers: str) -> None:
    rows = ("Alpha;1;05.01.2026;14.02.2026;100,00;40,00;60,00;EUR", "Beta;2;17.01.2026;16.02.2026;200,00;0,00;200,00;EUR")
    found = ledger(tmp_path, "\n".join([headers, *rows]))
    assert (column(found, "customer_id"), column(found, "outstanding")) == (["Alpha", "Beta"], [6000, 20000])
    assert column(found, "currency") == ["EUR", "EUR"]
