"""Are credit notes that only their numbers tell asked about?"""

from pathlib import Path

import pytest

from insights.ingest.draft import Options
from tests.ingest.examples import column, draft, ledger, notes


def file_of(*numbers: str) -> str:
    rows = [f"C{k},{number},2026-01-0{k},2026-02-0{k},{k}00.00" for k, number in enumerate(numbers, 1)]
    return "\n".join(["Customer,Invoice No,Invoice Date,Due Date,Amount", *rows])


@pytest.mark.parametrize(
    "numbers",
    [
        ("INV-1", "CN-2", "INV-3"),
        ("RE1001", "GS1002", "RE1003"),
        ("FA/1", "AV/2", "FA/3"),
        ("101", "NC 102", "103"),
        ("FV-1", "KFV-2", "FV-3"),
    ],
)
def test_a_number_like_that_of_a_credit_note_is_asked_about(tmp_path: Path, numbers: tuple[str, ...]) -> None:
    text = file_of(*numbers)
    (question,) = draft(tmp_path, text).questions
    assert (question.option, "200.00" in question.sentence) == ("types", True)
    credit, invoice = (next(v for v, _ in question.choices if v.endswith(f"={code}")) for code in ("credit", "invoice"))
    read = ledger(tmp_path, text, question.answered(Options(), credit))
    assert (column(read, "kind"), column(read, "amount")[1]) == (["invoice", "credit_note", "invoice"], -20000)
    assert column(ledger(tmp_path, text, question.answered(Options(), invoice)), "amount") == [10000, 20000, 30000]


@pytest.mark.parametrize(
    "numbers", [("GS-1", "GS-2", "GS-3"), ("FR-1", "DE-2", "NL-3"), ("CN-1", "CN-2", "A-3"), ("INV-1", "SO-2", "INV-3")]
)
def test_numbers_that_all_begin_so_or_that_may_be_anything_are_not(tmp_path: Path, numbers: tuple[str, ...]) -> None:
    assert draft(tmp_path, file_of(*numbers)).questions == ()


def test_a_type_or_a_sign_says_it_already(tmp_path: Path) -> None:
    assert draft(tmp_path, file_of("INV-1", "CN-2", "INV-3").replace("200.00", "-200.00")).questions == ()


@pytest.mark.parametrize(
    ("number", "text", "header"),
    [("4-CN", "", "Number"), ("4", "Credit note for 3", "Description"), ("4", "CANCELLED, see 9", "Description")],
)
def test_an_open_invoice_that_speaks_of_a_credit_or_is_cancelled_is_remarked(
    tmp_path: Path, number: str, text: str, header: str
) -> None:
    rows = [f"C1,{k},Goods,2026-01-0{k},2026-02-0{k},100.00" for k in (1, 2, 3)]
    found = ledger(
        tmp_path,
        "\n".join(
            ["Customer,Number,Description,Date,Due Date,Amount", *rows, f'C1,{number},"{text}",2026-01-04,2026-02-04,50.00']
        ),
    )
    said = [(entry.column, entry.value, entry.number) for entry in found.problems if entry.reason == "may_be_no_invoice"]
    assert said == [(header, f"“{text or number}”", 1)]
    assert sum(column(found, "outstanding")) == 35000


def test_an_open_invoice_whose_text_says_that_it_was_paid_is_named(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Amount,Remarks
    A,1,2026-01-01,2026-02-01,100.00,paid 20 and promised the rest
    B,2,2026-01-02,2026-02-02,200.00,
    B,3,2026-01-03,2026-02-03,300.00,"Paid in full by cheque, 7 Feb"
    C,4,2026-01-03,2026-02-03,300.00,not paid by the bank
    """
    found = ledger(tmp_path, test_an_open_invoice_whose_text_says_that_it_was_paid_is_named.__doc__ or "")
    assert notes(found)["may_be_paid"] == "1 (“Paid in full by cheque, 7 Feb”)"
    assert column(found, "outstanding") == [10000, 20000, 30000, 30000]
