"""Are marks, words and numbers that nothing maps asked about, where they may say what is owed or which invoice it is?"""

from pathlib import Path

import pytest

from insights.ingest.draft import Options
from tests.ingest.examples import column, draft, ledger

HEAD = "Customer,Invoice No,Invoice Date,Due Date,Amount"


def file_of(header: str, *cells: str) -> str:
    rows = [f"C{k},{k},2026-01-0{k},2026-02-0{k},{k}00.00,{cell}" for k, cell in enumerate(cells, 1)]
    return "\n".join([f"{HEAD},{header}", *rows])


@pytest.mark.parametrize(
    ("header", "mark"),
    [
        ("Credit note", "yes"),
        ("Gutschrift?", "J"),
        ("Avoir (O/N)", "oui"),
        ("Nota di credito", "Sì"),
        ("Kreditfaktura", "✓"),
        ("Credit note", "CR"),
    ],
)
def test_a_mark_may_say_which_rows_are_credit_notes_or_were_credited(tmp_path: Path, header: str, mark: str) -> None:
    text = file_of(header, "", mark, "")
    (question,) = draft(tmp_path, text).questions
    assert (question.field, question.column) == ("is_credit", header)
    read = ledger(tmp_path, text, question.answered(Options(), f"is_credit={header}"))
    assert (column(read, "kind")[1], column(read, "outstanding")) == ("credit_note", [10000, -20000, 30000])
    read = ledger(tmp_path, text, question.answered(Options(), f"cancelled={header}"))
    assert column(read, "outstanding") == [10000, 30000]
    assert draft(tmp_path, text, question.answered(Options(), "is_credit=")).questions == ()


@pytest.mark.parametrize(
    ("header", "mark", "field"),
    [
        ("Storno", "X", "cancelled"),
        ("Void flag", "*", "cancelled"),
        ("Ausgebucht", "wahr", "cancelled"),
        ("Erledigt", "J", "is_paid"),
        ("Incassata", "SI", "is_paid"),
        ("Cobrada ya", "S", "is_paid"),
    ],
)
def test_a_mark_may_say_what_is_void_or_paid(tmp_path: Path, header: str, mark: str, field: str) -> None:
    (question,) = draft(tmp_path, file_of(header, "", mark, "")).questions
    assert (question.field, question.column) == (field, header)


@pytest.mark.parametrize("header", ["Credit hold", "Credit insured", "Approved", "Paid interest? (Y/N)", "Blocked"])
def test_a_mark_of_another_matter_is_not_asked_about(tmp_path: Path, header: str) -> None:
    assert draft(tmp_path, file_of(header, "Y", "N", "")).questions == ()


def test_types_are_known_by_their_words_whatever_the_header(tmp_path: Path) -> None:
    text = file_of("Nature", "Facture", "Avoir", "Facture")
    (question,) = draft(tmp_path, text).questions
    assert (question.field, question.column) == ("kind", "Nature")
    assert column(ledger(tmp_path, text, Options(maps={"kind": "Nature"})), "kind") == ["invoice", "credit_note", "invoice"]
    assert draft(tmp_path, file_of("Payment method", "Cash", "Cheque", "Transfer")).questions == ()


def test_debit_and_credit_are_known_by_their_words_where_no_amount_bears_a_sign(tmp_path: Path) -> None:
    text = file_of("Ind", "S", "H", "S")
    (question,) = draft(tmp_path, text).questions
    assert (question.field, question.column) == ("debit_credit", "Ind")
    assert draft(tmp_path, text.replace("200.00", "-200.00")).questions == ()


@pytest.mark.parametrize("header", ["Reference", "Ref.", "Our Ref", "Doc ref", "Zuordnung"])
def test_the_only_column_of_numbers_is_proposed_and_never_dropped(tmp_path: Path, header: str) -> None:
    text = file_of("X", "", "", "").replace("Invoice No", header).replace(",X", "").replace(".00,\n", ".00\n").rstrip(",")
    text = "\n".join(
        f"{line.split(',')[0]},A{k}7,{','.join(line.split(',')[2:])}" if k else line for k, line in enumerate(text.splitlines())
    )
    (question,) = draft(tmp_path, text).questions
    assert (question.field, question.column) == ("invoice_id", header)
    assert column(ledger(tmp_path, text, question.answered(Options(), header)), "invoice_id") == ["A17", "A27", "A37"]


def test_numbers_that_repeat_and_those_of_orders_are_no_invoice_numbers(tmp_path: Path) -> None:
    """
    Customer,Reference,PO No,Invoice Date,Due Date,Amount
    C1,A1,77,2026-01-01,2026-02-01,100.00
    C2,A1,78,2026-01-02,2026-02-02,200.00
    """
    assert draft(tmp_path, test_numbers_that_repeat_and_those_of_orders_are_no_invoice_numbers.__doc__ or "").questions == ()


@pytest.mark.parametrize(
    ("header", "cells", "field"),
    [
        ("St", ("C", "O", "O"), "status"),
        ("Kz", ("P", "U", "U"), "status"),
        ("Art", ("F", "K", "F"), "kind"),
        ("Receipt no", ("R-1", "", "R-2"), "is_paid"),
        ("Ausgleichsbeleg", ("4711", "", "4712"), "is_paid"),
    ],
)
def test_letters_and_numbers_of_payments_may_say_what_is_owed(
    tmp_path: Path, header: str, cells: tuple[str, ...], field: str
) -> None:
    (question,) = draft(tmp_path, file_of(header, *cells)).questions
    assert (question.field, question.column) == (field, header)


def test_numbers_of_payments_say_nothing_new_where_days_say_it(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Amount,Paid Date,Receipt no
    C1,1,2026-01-01,2026-02-01,100.00,2026-02-01,R-1
    C2,2,2026-01-02,2026-02-02,200.00,,
    """
    assert draft(tmp_path, test_numbers_of_payments_say_nothing_new_where_days_say_it.__doc__ or "").questions == ()


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Direction", ("Out", "In", "Out")),
        ("Ledger", ("AR", "AP", "AR")),
        ("Richtung", ("Ausgang", "Eingang", "Ausgang")),
        ("X", ("Vente", "Achat", "Vente")),
    ],
)
def test_words_that_tell_sales_from_purchases_are_asked_about(tmp_path: Path, header: str, cells: tuple[str, ...]) -> None:
    (question,) = draft(tmp_path, file_of(header, *cells)).questions
    assert (question.field, question.column) == ("kind", header)


def test_a_share_is_no_amount_and_may_say_what_was_paid(tmp_path: Path) -> None:
    text = file_of("% paid", "100", "50", "0")
    (question,) = draft(tmp_path, text).questions
    assert (question.field, question.column) == ("paid_amount", "% paid")
    for cells in (text, file_of("% paid", "100%", "50%", "0%"), file_of("% paid", "1", "0.5", "0")):
        assert column(ledger(tmp_path, cells, Options(maps={"paid_amount": "% paid"})), "outstanding") == [10000, 30000]


def test_what_cancelled_an_invoice_may_be_named_by_its_number(tmp_path: Path) -> None:
    (question,) = draft(tmp_path, file_of("Storniert durch", "2", "", "")).questions
    assert (question.field, question.column) == ("cancelled", "Storniert durch")


def test_a_question_about_a_mark_says_what_would_be_owed(tmp_path: Path) -> None:
    """100.00, 200.00 and 300.00, of which the second bears the mark."""
    (question,) = draft(tmp_path, file_of("Erledigt", "", "x", "")).questions
    assert [label.rsplit(": ", 1)[1] for _, label in question.choices] == ["400.00 are owed", "600.00 are owed"]
    (question,) = draft(tmp_path, file_of("Gutschrift", "", "x", "")).questions
    assert [label.rsplit(": ", 1)[1] for _, label in question.choices] == [
        "200.00 are owed",
        "400.00 are owed",
        "600.00 are owed",
    ]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Κατάσταση", ("Ανεξόφλητο", "Εξοφλημένο", "Ακυρωμένο")),
        ("الحالة", ("غير مدفوعة", "مدفوعة", "ملغاة")),
        ("상태", ("미납", "완납", "취소")),
        ("สถานะ", ("ค้างชำระ", "ชำระแล้ว", "ยกเลิก")),
        ("Stanje", ("Neplaćeno", "Plaćeno", "Stornirano")),
        ("Стан", ("Не оплачено", "Оплачено", "Скасовано")),
        ("Trạng thái", ("Chưa thanh toán", "Đã thanh toán", "Đã hủy")),
        ("Būsena", ("Neapmokėta", "Apmokėta", "Anuliuota")),
    ],
)
def test_open_paid_and_void_are_read_or_asked_about_in_further_languages(
    tmp_path: Path, header: str, words: tuple[str, ...]
) -> None:
    found = draft(tmp_path, file_of(header, *words))
    if found.questions:
        assert {question.field for question in found.questions} == {"status"}
    else:
        assert column(found.require(), "invoice_id") == ["1"]


def test_words_of_a_script_that_is_not_read_are_asked_about_where_nothing_says_what_is_paid(tmp_path: Path) -> None:
    """Armenian: nothing there is understood, and it may say which invoices are paid."""
    text = file_of("Վիճակ", "վճարված", "չվճարված", "վճարված")
    (question,) = draft(tmp_path, text).questions
    assert (question.field, question.column) == ("status", "Վիճակ")
    paid = text.replace("Amount", "Amount,Outstanding").replace("00.00,", "00.00,50.00,")
    assert draft(tmp_path, paid).questions == ()
