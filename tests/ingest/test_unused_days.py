"""Are days that nothing maps asked about, where an invoice may have been paid or cancelled on them?"""

from datetime import date
from pathlib import Path

import pytest

from insights.ingest.draft import Options
from tests.ingest.examples import column, draft, ledger

HEAD = "Customer,Invoice No,Invoice Date,Due Date,Amount"


def file_of(header: str, *cells: str) -> str:
    rows = [f"C{k},{k},2026-01-0{k},2026-02-0{k},{k}00.00,{cell}" for k, cell in enumerate(cells, 1)]
    return "\n".join([f"{HEAD},{header}", *rows])


@pytest.mark.parametrize("header", ["Cash in", "Geld da", "Erhalten", "X", "Encaissé", "Bank date"])
def test_days_of_some_invoices_are_asked_about(tmp_path: Path, header: str) -> None:
    """One of three has a day: 500.00 would be owed if it is that of the payment, 600.00 if it is none."""
    text = file_of(header, "2026-02-10", "", "")
    (question,) = draft(tmp_path, text).questions
    told = dict(question.choices)
    assert "500.00 are owed" in told[f"paid_date={header}"]
    assert "600.00 are owed" in told["paid_date="]
    read = ledger(tmp_path, text, question.answered(Options(), f"paid_date={header}"))
    assert column(read, "paid_date") == [date(2026, 2, 10), None, None]
    assert draft(tmp_path, text, question.answered(Options(), "paid_date=")).questions == ()


@pytest.mark.parametrize("header", ["Cancelled on", "Void date", "Storniert am", "Annulée le", "Date of reversal"])
def test_days_of_cancellation_leave_nothing_owed(tmp_path: Path, header: str) -> None:
    text = file_of(header, "", "2026-01-20", "")
    (question,) = draft(tmp_path, text).questions
    assert question.field == "cancelled"
    answer = next(value for value, _ in question.choices if value.endswith(header))
    read = ledger(tmp_path, text, question.answered(Options(), answer))
    assert column(read, "invoice_id") == ["1", "3"]


def test_a_day_of_payment_for_all_is_asked_about_by_its_name(tmp_path: Path) -> None:
    """Where all are paid, only the name tells the day from another one."""
    assert draft(tmp_path, file_of("Geldeingang am", *["2026-02-10"] * 3)).questions
    assert not draft(tmp_path, file_of("Zonk", *["2026-02-10"] * 3)).questions


@pytest.mark.parametrize(
    "header", ["Delivery", "Reminder 1", "Mahnung am", "Expected cash", "Last change", "Created on", "Service end"]
)
def test_days_of_another_matter_are_not_asked_about(tmp_path: Path, header: str) -> None:
    found = draft(tmp_path, file_of(header, "2026-02-10", "", ""))
    assert [question.column for question in found.questions if question.field == "paid_date"] == []


def test_days_before_the_invoice_and_days_to_come_are_of_another_matter(tmp_path: Path) -> None:
    assert not draft(tmp_path, file_of("X", "2025-12-10", "", "")).questions
    assert not draft(tmp_path, file_of("X", "2099-02-10", "", "")).questions


def test_words_beside_the_days_change_nothing(tmp_path: Path) -> None:
    (question,) = draft(tmp_path, file_of("Money came", "2026-02-10", "open", "2026-02-11")).questions
    assert question.column == "Money came"


def test_where_the_rest_is_known_a_day_matters_only_if_it_agrees(tmp_path: Path) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Amount,Outstanding,Cash in,Seen
    C1,1,2026-01-01,2026-02-01,100.00,0.00,2026-02-10,
    C2,2,2026-01-02,2026-02-02,200.00,200.00,,2026-02-11
    """
    (question,) = draft(tmp_path, test_where_the_rest_is_known_a_day_matters_only_if_it_agrees.__doc__ or "").questions
    assert {value for value, _ in question.choices} == {"paid_date=Cash in", "paid_date="}


def test_days_are_asked_about_beside_totals_that_were_left_out(tmp_path: Path) -> None:
    text = file_of("Cash in", "2026-02-10", "", "") + "\nTotal,T1,2026-01-31,2026-01-31,600.00,"
    (question,) = draft(tmp_path, text).questions
    assert "500.00 are owed" in dict(question.choices)["paid_date=Cash in"]
