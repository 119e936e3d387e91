"""Is a column, a type, a status or a sign used on proof only, and asked about otherwise, with an answer that is remembered?"""

from pathlib import Path

import pytest

from insights.ingest.draft import Draft, Options
from insights.ingest.parse import parse
from insights.ingest.recognise import mappings
from insights.ledger.errors import Refused
from tests.ingest.examples import aside, column, draft, file, ledger, notes


def asked(found: Draft) -> list[tuple[str, str]]:
    """(what a question is about, its column or word), in order."""
    return [(question.field, question.word or question.column) for question in found.questions]


@pytest.mark.parametrize(
    "header", ["Customer Grade", "CustomerPoNumber", "Customer Country", "Customer VAT", "GL Account", "Account Manager"]
)
def test_a_column_that_is_only_called_like_a_customer_is_none(tmp_path: Path, header: str) -> None:
    text = f"Customer Name,{header},Invoice No,Invoice Date,Due Date,Amount\nAlpha,B1,1,2025-01-02,2025-02-01,100.00\nBeta,B1,2,2025-01-12,2025-02-11,200.00"
    assert column(ledger(tmp_path, text), "customer_id") == ["Alpha", "Beta"]


def test_an_account_that_is_the_same_for_all_names_is_no_customer(tmp_path: Path) -> None:
    """
    Date,Num,Name,Account,Due Date,Amount
    2025-01-15,1001,Alpha,Receivables,2025-02-14,100.00
    2025-01-20,1002,Beta,Receivables,2025-02-19,200.00
    """
    found = ledger(tmp_path, test_an_account_that_is_the_same_for_all_names_is_no_customer.__doc__ or "")
    assert column(found, "customer_id") == ["Alpha", "Beta"]


@pytest.mark.parametrize("header", ["Transaction", "Document", "Документ"])
def test_a_column_that_says_of_which_type_a_document_is_numbers_none(tmp_path: Path, header: str) -> None:
    """
    Customer,Transaction,Ref,Date,Due Date,Amount
    Alpha,Invoice,IN-1,2025-01-15,2025-02-14,100.00
    Beta,Invoice,IN-2,2025-01-16,2025-02-15,200.00
    Beta,Credit Note,CN-3,2025-01-20,2025-02-19,-200.00
    """
    text = (test_a_column_that_says_of_which_type_a_document_is_numbers_none.__doc__ or "").replace("Transaction", header)
    assert asked(draft(tmp_path, text)) == [("kind", header), ("invoice_id", "Ref")]
    found = ledger(tmp_path, text, Options(maps={"kind": header, "invoice_id": "Ref"}))
    assert column(found, "invoice_id") == ["IN-1", "IN-2", "CN-3"]


def test_an_account_with_several_names_is_asked_about(tmp_path: Path) -> None:
    """
    Date,Num,Name,Account,Due Date,Amount
    2025-01-15,1001,Alpha,1200,2025-02-14,100.00
    2025-01-20,1002,Beta,1200,2025-02-19,200.00
    2025-01-21,1003,Gamma,1300,2025-02-20,200.00
    """
    text = test_an_account_with_several_names_is_asked_about.__doc__ or ""
    found = draft(tmp_path, text)
    assert asked(found) == [("customer_id", "Account")]
    answered = found.questions[0].answered(Options(), "Name")
    assert column(ledger(tmp_path, text, answered), "customer_id") == ["Alpha", "Beta", "Gamma"]


def test_two_amounts_are_asked_about_with_what_each_comes_to(tmp_path: Path) -> None:
    """
    Invoice No,Customer,Invoice Date,Due Date,Invoice Amount,Amount,Currency
    1,Foo,2025-01-02,2025-02-01,1000.00,1000.00,EUR
    2,Foo,2025-01-12,2025-02-11,500.00,200.00,EUR
    """
    found = draft(tmp_path, test_two_amounts_are_asked_about_with_what_each_comes_to.__doc__ or "")
    (question,) = found.questions
    assert question.sentence.startswith("2 columns may be the amount")
    assert "in all 1,500.00 EUR" in question.sentence
    assert "in all 1,200.00 EUR" in question.sentence


def test_gross_is_proven_by_net_and_tax(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Amount,Net Amount,VAT,Total
    1,Foo,2025-01-02,2025-02-01,100.00,100.00,20.00,120.00
    2,Foo,2025-01-12,2025-02-11,200.00,200.00,40.00,240.00
    """
    found = draft(tmp_path, test_gross_is_proven_by_net_and_tax.__doc__ or "")
    assert found.questions == ()
    assert column(found.require(), "amount") == [12000, 24000]
    assert next(match.proof for match in found.matches if match.field == "amount") == "content"


@pytest.mark.parametrize("header", ["Net Amount", "Montant HT", "Imponibile", "Line Amount", "Nettobetrag"])
def test_an_amount_without_tax_or_of_a_line_is_proposed_and_not_used(tmp_path: Path, header: str) -> None:
    text = f"Invoice,Customer,Invoice Date,Due Date,{header}\n1,Foo,2025-01-02,2025-02-01,100.00"
    found = draft(tmp_path, text)
    assert [(question.field, question.column) for question in found.questions] == [("amount", header)]
    assert column(ledger(tmp_path, text, Options(maps={"amount": header})), "amount") == [10000]


def test_a_running_balance_is_not_what_is_open(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Amount,Balance
    1,Foo,2025-01-02,2025-02-01,100.00,100.00
    2,Foo,2025-01-12,2025-02-11,50.00,150.00
    3,Foo,2025-01-13,2025-02-12,70.00,220.00
    """
    found = ledger(tmp_path, test_a_running_balance_is_not_what_is_open.__doc__ or "")
    assert column(found, "outstanding") == [10000, 5000, 7000]
    assert "running_balance" in notes(found)


def test_a_flag_called_open_says_whether_and_not_how_much(tmp_path: Path) -> None:
    """
    customer,invoice,invoice_date,due_date,amount,open
    C1,1,2025-01-02,2025-02-01,100.00,0
    C1,2,2025-01-12,2025-02-11,200.00,1
    """
    found = ledger(tmp_path, test_a_flag_called_open_says_whether_and_not_how_much.__doc__ or "")
    assert column(found, "outstanding") == [20000]
    assert [reason for _, _, _, reason in aside(found)] == ["settled_without_date"]


# Types


def test_types_are_understood_by_lists_and_asked_about_otherwise(tmp_path: Path) -> None:
    """
    Customer,Doc No,Type,Date,Due Date,Amount,Currency
    C1,1,Invoice,2025-01-05,2025-02-04,1000.00,EUR
    C1,2,Quote,2025-01-06,2025-02-05,300.00,EUR
    C1,3,Supplier Bill,2025-01-06,2025-02-05,900.00,EUR
    C1,4,Gutschrift,2025-01-06,2025-02-05,100.00,EUR
    C1,5,Deposit Invoice,2025-01-06,2025-02-05,50.00,EUR
    C1,6,Zonk,2025-01-06,2025-02-05,70.00,EUR
    """
    text = test_types_are_understood_by_lists_and_asked_about_otherwise.__doc__ or ""
    found = draft(tmp_path, text)
    (question,) = found.questions
    assert (question.option, question.word) == ("types", "Zonk")
    assert "“Zonk” in column “Type” means: 1 row, 70.00 EUR." in question.sentence
    read = ledger(tmp_path, text, question.answered(Options(), "Zonk=payment"))
    assert column(read, "kind") == ["invoice", "credit_note", "invoice", "payment_on_account"]
    assert column(read, "amount") == [100000, -10000, 5000, -7000]
    assert len(column(ledger(tmp_path, text, Options(types={"*": "ignore"})), "kind")) == 3


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Rechnung", "invoice"),
        ("Facture d'acompte", "invoice"),
        ("Nota de crédito", "credit_note"),
        ("Nota di credito", "credit_note"),
        ("Faktura korygująca", "credit_note"),
        ("Kreditnota", "credit_note"),
        ("Creditfactuur", "credit_note"),
        ("入金", "payment_on_account"),
        ("Wpłata", "payment_on_account"),
        ("Recebimento", "payment_on_account"),
        ("Customer Payment", "payment_on_account"),
        ("AR Invoice (standard)", "invoice"),
        ("Retention", "invoice"),
        ("Finance Charge", "invoice"),
    ],
)
def test_the_words_of_types_in_the_languages_of_the_exports(tmp_path: Path, word: str, kind: str) -> None:
    text = f'Customer,Doc No,Type,Date,Due Date,Amount\nC1,1,"{word}",2025-01-05,2025-02-04,10.00'
    assert column(ledger(tmp_path, text), "kind") == [kind]


# Statuses


def test_statuses_are_understood_by_lists_and_asked_about_otherwise(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Amount,Status
    1,Foo,2025-01-05,2025-02-04,100.00,Open
    2,Foo,2025-01-05,2025-02-04,200.00,Annulée
    3,Foo,2025-01-05,2025-02-04,300.00,Parked
    """
    text = test_statuses_are_understood_by_lists_and_asked_about_otherwise.__doc__ or ""
    found = draft(tmp_path, text)
    assert asked(found) == [("status", "Parked")]
    assert column(ledger(tmp_path, text, Options(statuses={"Parked": "void"})), "invoice_id") == ["1"]


def test_what_a_status_says_and_nothing_bears_out_is_set_aside(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Amount,Balance,Status,Paid Date
    1,Foo,2025-01-05,2025-02-04,100.00,100.00,Paid,
    2,Foo,2025-01-16,2025-02-15,400.00,,Unpaid,2025-02-20
    3,Foo,2025-01-17,2025-02-15,500.00,500.00,Written Off,
    4,Foo,2025-01-17,2025-02-15,500.00,200.00,Partially paid,2025-02-20
    """
    found = ledger(tmp_path, test_what_a_status_says_and_nothing_bears_out_is_set_aside.__doc__ or "")
    assert [(row, reason) for row, _, _, reason in aside(found)] == [
        (2, "said_paid_but_outstanding"),
        (3, "unpaid_but_paid_date"),
        (4, "written_off_undated"),
    ]
    assert (column(found, "outstanding"), column(found, "paid_date")) == ([20000], [None])


def test_a_column_whose_words_say_what_is_paid_is_asked_about_whatever_its_header(tmp_path: Path) -> None:
    """
    Date,Num,Customer,Due date,A/R xyz,Amount
    2025-01-15,1001,Alpha,2025-02-14,Paid,100.00
    2025-01-20,1002,Beta,2025-02-19,Unpaid,200.00
    """
    text = test_a_column_whose_words_say_what_is_paid_is_asked_about_whatever_its_header.__doc__ or ""
    found = draft(tmp_path, text)
    assert asked(found) == [("status", "A/R xyz")]
    assert column(ledger(tmp_path, text, Options(maps={"status": "A/R xyz"})), "invoice_id") == ["1002"]
    assert len(column(ledger(tmp_path, text, Options(maps={"status": ""})), "invoice_id")) == 2


def test_other_columns_stay_unused_without_a_question(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Amount,Region,Rep,Remark,Tax Amount,Delivery
    1,Foo,2025-01-05,2025-02-04,100.00,North,Kim,called twice,20.00,2025-01-03
    """
    assert draft(tmp_path, test_other_columns_stay_unused_without_a_question.__doc__ or "").questions == ()


# Signs


def test_amounts_mostly_below_0_are_asked_about(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Amount
    1,Foo,2025-01-15,2025-02-14,-1210.00
    2,Foo,2025-01-20,2025-02-19,-605.00
    3,Bar,2025-01-22,2025-01-22,121.00
    """
    text = test_amounts_mostly_below_0_are_asked_about.__doc__ or ""
    assert asked(draft(tmp_path, text)) == [("sign", "Amount")]
    assert column(ledger(tmp_path, text, Options(sign="turned")), "amount") == [121000, 60500, -12100]
    assert column(ledger(tmp_path, text, Options(sign="stated")), "kind") == ["credit_note", "credit_note", "invoice"]


@pytest.mark.parametrize(
    ("cells", "amounts"),
    [
        (("1'200.-", "800.50", "300.--"), [120000, 80050, 30000]),
        (("€ 1.200,-", "€ 800,50", "€ 300,-"), [120000, 80050, 30000]),
        (("100.20-", "5.00", "7.00"), [-10020, 500, 700]),
        (("▲1,100.00", "5.00", "\uff17.\uff10\uff10"), [-110000, 500, 700]),
    ],
)
def test_a_dash_for_no_cents_is_no_minus(tmp_path: Path, cells: tuple[str, ...], amounts: list[int]) -> None:
    rows = [f"{at};Foo;2025-01-1{at};2025-02-14;{cell}" for at, cell in enumerate(cells)]
    found = ledger(tmp_path, "\n".join(["Invoice;Customer;Invoice Date;Due Date;Amount", *rows]))
    assert column(found, "amount") == amounts


# What is remembered


def test_answers_are_remembered_with_the_mapping(tmp_path: Path) -> None:
    """
    Invoice,Customer,Invoice Date,Due Date,Amount,Status,Currency
    1,Foo,2025-01-05,2025-02-04,100.00,Parked,$
    """
    text = test_answers_are_remembered_with_the_mapping.__doc__ or ""
    options = Options(statuses={"Parked": "open"}, currencies={"$": "CAD"})
    mappings.save(tmp_path, "mine", draft(tmp_path, text, options), options)
    again = parse(file(tmp_path, text), Options(), mappings.saved(tmp_path))
    assert (again.questions, column(again.require(), "currency")) == ((), ["CAD"])


@pytest.mark.parametrize(
    ("header", "no", "yes"),
    [("Annullata", "No", "Sì"), ("Anulowana", "NIE", "TAK"), ("Makulerad", "Nej", "Ja"), ("取消", "いいえ", "はい")],
)
def test_what_is_cancelled_in_the_words_of_a_country_is_not_owed(tmp_path: Path, header: str, no: str, yes: str) -> None:
    """
    customer,invoice no,invoice date,due date,amount,outstanding,HEADER
    Acme,1,2026-07-13,2026-08-12,120.00,120.00,NO
    Acme,2,2026-08-15,2026-09-14,360.00,360.00,YES
    """
    text = test_what_is_cancelled_in_the_words_of_a_country_is_not_owed.__doc__ or ""
    found = ledger(tmp_path, text.replace("HEADER", header).replace("NO", no).replace("YES", yes))
    assert column(found, "outstanding") == [12000]


@pytest.mark.parametrize(
    ("header", "invoice", "credit"),
    [("Tipo doc.", "TD01", "TD04"), ("Document type code", "380", "381"), ("Tipo documento", "TD24", "TD04")],
)
def test_codes_of_electronic_invoices_tell_a_credit_note(tmp_path: Path, header: str, invoice: str, credit: str) -> None:
    """
    customer,invoice no,invoice date,due date,amount,outstanding,HEADER
    Acme,1,2026-07-13,2026-08-12,610.00,610.00,INVOICE
    Acme,2,2026-08-15,2026-09-14,122.00,122.00,CREDIT
    """
    text = test_codes_of_electronic_invoices_tell_a_credit_note.__doc__ or ""
    found = ledger(tmp_path, text.replace("HEADER", header).replace("INVOICE", invoice).replace("CREDIT", credit))
    assert column(found, "kind") == ["invoice", "credit_note"]
    assert column(found, "outstanding") == [61000, -12200]


def test_customers_whose_numbers_a_spreadsheet_has_shortened_are_asked_about(tmp_path: Path) -> None:
    """
    Customer No,Customer Name,Invoice No,Invoice Date,Due Date,Amount
    1.00E+09,Alpha,1,2026-01-05,2026-02-04,100.00
    1.00E+09,Beta,2,2026-01-07,2026-02-06,200.00
    """
    text = test_customers_whose_numbers_a_spreadsheet_has_shortened_are_asked_about.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert [value for value, _ in question.choices] == ["Customer Name", "Customer No"]
    found = ledger(tmp_path, text, question.answered(Options(), "Customer Name"))
    assert column(found, "customer_id") == ["Alpha", "Beta"]
    found = ledger(tmp_path, text, question.answered(Options(), "Customer No"))
    assert len(set(column(found, "customer_id"))) == 1


def test_invoices_whose_numbers_a_spreadsheet_has_shortened_are_asked_about(tmp_path: Path) -> None:
    """
    Customer No,Invoice No,Invoice Date,Due Date,Amount
    C1,4.50E+09,2026-01-05,2026-02-04,100.00
    C1,4.50E+09,2026-01-05,2026-02-04,100.00
    C2,7,2026-01-07,2026-02-06,200.00
    """
    text = test_invoices_whose_numbers_a_spreadsheet_has_shortened_are_asked_about.__doc__ or ""
    (question,) = draft(tmp_path, text).questions
    assert "2 rows in “Invoice No” (“4.50E+09”)" in question.sentence
    found = ledger(tmp_path, text, question.answered(Options(), "Invoice No"))
    assert [reason for *_, reason in aside(found)] == ["duplicate"]


def test_two_tables_beside_each_other_are_refused_with_their_columns(tmp_path: Path) -> None:
    """
    Customer,Invoice,Invoice Date,Due Date,Amount,,Customer,Invoice,Invoice Date,Due Date,Amount
    C1,1,2026-01-05,2026-02-04,100.00,,C2,2,2026-01-07,2026-02-06,200.00
    """
    with pytest.raises(Refused, match="Two tables stand beside each other: columns 6 to 10 have the headers of columns 1 to 5"):
        draft(tmp_path, test_two_tables_beside_each_other_are_refused_with_their_columns.__doc__ or "")


def test_what_is_open_is_proven_by_amount_and_payments(tmp_path: Path) -> None:
    """
    invoice no,customer,created,due date,total,amount due,amount paid,amount remaining
    A-1,Foo,2026-01-02,2026-02-01,100.00,100.00,0.00,100.00
    A-2,Foo,2026-01-12,2026-02-11,200.00,200.00,50.00,150.00
    """
    found = draft(tmp_path, test_what_is_open_is_proven_by_amount_and_payments.__doc__ or "")
    assert found.questions == ()
    assert column(found.require(), "outstanding") == [10000, 15000]
    unpaid = (test_what_is_open_is_proven_by_amount_and_payments.__doc__ or "").replace("50.00,150.00", "0.00,150.00")
    assert [question.field for question in draft(tmp_path, unpaid).questions] == ["outstanding"]


@pytest.mark.parametrize("header", ["O/S Amount", "Amount O/S", "O/S Balance"])
def test_o_s_is_short_for_outstanding(tmp_path: Path, header: str) -> None:
    text = f"No,A/C,Date,Due Date,Amount,{header}\n1,Foo,2026-01-02,2026-02-01,100.00,100.00\n2,Foo,2026-01-12,2026-02-11,200.00,50.00"
    assert column(ledger(tmp_path, text), "outstanding") == [10000, 5000]


def test_payments_that_are_numbered_need_no_word_for_amount(tmp_path: Path) -> None:
    """
    Invoice No,Customer,Invoice Date,Due Date,Amount,Payment 1,Payment 1 Date,Payment 2,Payment 2 Date
    1,Foo,2026-01-02,2026-02-01,100.00,60.00,2026-02-01,40.00,2026-03-01
    2,Foo,2026-01-12,2026-02-11,200.00,50.00,2026-02-20,,
    """
    found = ledger(tmp_path, test_payments_that_are_numbered_need_no_word_for_amount.__doc__ or "")
    assert [str(day) for day in column(found, "paid_date")] == ["2026-03-01", "None"]
    assert column(found, "outstanding") == [0, 15000]


def test_a_number_that_looks_like_a_day_is_the_number(tmp_path: Path) -> None:
    """
    Numer;Nabywca;Data wystawienia;Termin płatności;Wartość brutto;Kwota opłacona;Data opłacenia
    12/01/2026;A;2026-01-15;2026-01-29;1230,00;0,00;
    13/01/2026;B;2026-01-20;2026-02-03;246,00;246,00;2026-01-30
    """
    found = ledger(tmp_path, test_a_number_that_looks_like_a_day_is_the_number.__doc__ or "")
    assert column(found, "invoice_id") == ["12/01/2026", "13/01/2026"]


@pytest.mark.parametrize("total", ["Итого", "Celkem", "Összesen", "Toplam", "합계", "Tổng cộng"])
def test_totals_of_further_languages_are_totals(tmp_path: Path, total: str) -> None:
    text = f"Customer,Invoice No,Invoice Date,Due Date,Amount\nA,1,2026-01-02,2026-02-01,100.00\nB,2,2026-01-03,2026-02-02,50.00\n{total},,,,150.00"
    assert notes(ledger(tmp_path, text))["total_agrees"].startswith("150.00")
