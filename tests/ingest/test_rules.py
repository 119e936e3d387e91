"""Are the rows that break a rule set aside with row, column, value and reason, and only those?"""

from datetime import date
from pathlib import Path

import pytest

from insights import ingest
from insights.ingest.draft import Options
from insights.ingest.normalise import complete
from insights.ledger.errors import Refused
from tests.ingest.examples import aside, column, draft, ledger


def test_a_row_that_breaks_a_rule_is_set_aside_with_row_column_value_and_reason(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,amount,outstanding
    1,C1,2024-01-10,2024-02-09,2024-02-20,100.00,0
    2,,2024-01-10,2024-02-09,,100.00,100.00
    3,C1,2024-01-10,2024-01-09,,100.00,100.00
    4,C1,2024-01-10,2025-02-20,,100.00,100.00
    5,C1,2024-01-10,2024-02-09,2024-01-09,100.00,0
    6,C1,2024-01-10,2024-02-09,,0.00,0.00
    7,C1,2024-01-10,2024-02-09,,,
    8,C1,2024-01-10,2024-02-09,,abc,
    9,C1,2024-01-10,2024-02-30,,100.00,100.00
    10,C1,,2024-02-09,,100.00,100.00
    11,C1,2024-01-10,,,100.00,100.00
    12,C1,2024-01-10,2024-02-09,2024-02-20,100.00,40.00
    13,C1,2024-01-10,2024-02-09,,100.00,0.00
    14,C1,2024-01-10,2024-02-09,,100.00,100.01
    15,C1,2024-01-10,2024-02-09,,-100.00,5.00
    1,C1,2024-01-10,2024-02-09,2024-02-20,100.00,0
    """
    found = ledger(tmp_path, test_a_row_that_breaks_a_rule_is_set_aside_with_row_column_value_and_reason.__doc__ or "")
    assert column(found, "invoice_id") == ["1"]
    assert aside(found) == [
        (3, "customer_id", "", "customer_missing"),
        (4, "due_date", "2024-01-09", "due_before_issue"),
        (5, "due_date", "2025-02-20", "terms_too_long"),
        (6, "paid_date", "2024-01-09", "paid_before_issue"),
        (7, "amount", "0.00", "amount_zero"),
        (8, "amount", "", "amount_missing"),
        (9, "amount", "abc", "number_unreadable"),
        (10, "due_date", "2024-02-30", "date_unreadable"),
        (11, "issue_date", "", "issue_missing"),
        (12, "due_date", "", "due_missing"),
        (13, "outstanding", "40.00", "paid_but_outstanding"),
        (14, "outstanding", "0.00", "settled_without_date"),
        (15, "outstanding", "100.01", "outstanding_above_amount"),
        (16, "outstanding", "5.00", "outstanding_sign"),
        (17, "invoice_id", "1", "duplicate"),
    ]
    assert sum(ingest.counts(found).values()) == found.rows_set_aside == 15


def test_prepayments_and_payments_on_the_due_date_are_normal(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,amount
    1,C1,2024-01-10,2024-02-09,2024-01-10,100.00
    2,C1,2024-01-10,2024-02-09,2024-02-09,100.00
    """
    found = ledger(tmp_path, test_prepayments_and_payments_on_the_due_date_are_normal.__doc__ or "")
    assert column(found, "row") == [2, 3]


def test_negative_rows_are_credits_and_need_no_due_date(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,amount
    1,C1,2024-01-10,2024-02-09,,100.00
    2,C1,2024-01-15,,,-30.00
    3,C1,2024-01-16,2024-01-02,,(12.50)
    """
    found = ledger(tmp_path, test_negative_rows_are_credits_and_need_no_due_date.__doc__ or "")
    assert column(found, "kind") == ["invoice", "credit_note", "credit_note"]
    assert column(found, "amount") == [10000, -3000, -1250]
    assert column(found, "outstanding") == [10000, -3000, -1250]
    assert column(found, "due_date")[1:] == [date(2024, 1, 15), date(2024, 1, 16)]


def test_the_same_number_with_another_due_date_is_the_second_line(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,amount
    1,C1,2024-01-10,2024-02-09,2024-02-09,50.00
    1,C1,2024-01-10,2024-03-09,,50.00
    1,C1,2024-01-10,2024-03-09,,50.00
    """
    found = ledger(tmp_path, test_the_same_number_with_another_due_date_is_the_second_line.__doc__ or "")
    assert column(found, "line") == ["1", "2"]
    assert aside(found) == [(4, "invoice_id", "1", "duplicate")]


def test_the_same_number_in_two_companies_is_two_invoices(tmp_path: Path) -> None:
    """
    company,invoice_id,customer_id,issue_date,due_date,amount
    A,1,C1,2024-01-10,2024-02-09,50.00
    B,1,C1,2024-01-10,2024-02-09,50.00
    """
    found = ledger(tmp_path, test_the_same_number_in_two_companies_is_two_invoices.__doc__ or "")
    assert column(found, "line") == ["1", "1"]


def test_of_two_overlapping_exports_the_settled_row_stays(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,amount
    1,C1,2024-01-10,2024-02-09,,50.00
    1,C1,2024-01-10,2024-02-09,2024-02-11,50.00
    """
    found = ledger(tmp_path, test_of_two_overlapping_exports_the_settled_row_stays.__doc__ or "")
    assert column(found, "row") == [3]


def test_one_mistyped_year_does_not_move_the_end_of_the_ledger(tmp_path: Path) -> None:
    rows = [f"{k},C1,2024-01-{k % 28 + 1:02},2024-02-28,2024-03-01,10.00" for k in range(40)]
    text = "\n".join(
        ["invoice_id,customer_id,issue_date,due_date,paid_date,amount", *rows, "99,C1,2024-01-05,2024-02-28,2042-03-01,10.00"]
    )
    found = ledger(tmp_path, text)
    assert aside(found) == [(42, "paid_date", "2042-03-01", "date_far")]
    assert found.complete_through == date(2024, 3, 1)


def test_absurd_years_are_set_aside_in_small_files_too(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,C1,2024-01-10,2024-02-09,10.00
    2,C1,2099-01-10,2099-02-09,10.00
    3,C1,1971-01-01,1971-01-31,10.00
    4,C1,2014-01-10,2014-02-09,10.00
    5,C1,2024-03-10,2024-04-09,10.00
    """
    found = ledger(tmp_path, test_absurd_years_are_set_aside_in_small_files_too.__doc__ or "")
    assert [(row, reason) for row, _, _, reason in aside(found)] == [(3, "date_far"), (4, "date_far")]


def test_a_file_whose_rows_all_break_a_rule_is_refused_with_the_commonest(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,C1,2024-01-10,2024-01-09,100.00
    """
    with pytest.raises(Refused, match="The only row cannot be used"):
        draft(tmp_path, test_a_file_whose_rows_all_break_a_rule_is_refused_with_the_commonest.__doc__ or "")


def test_what_is_paid_only_after_today_is_open_as_the_file_says(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,amount,outstanding
    1,C1,2026-01-05,2026-02-04,2026-02-10,100.00,0.00
    2,C1,2026-01-07,2026-02-06,AHEAD,200.00,150.00
    3,C1,2026-01-07,2026-02-06,AHEAD,300.00,0.00
    """
    ahead = f"{complete.today().year + 1}-12-01"
    text = (test_what_is_paid_only_after_today_is_open_as_the_file_says.__doc__ or "").replace("AHEAD", ahead)
    found = ledger(tmp_path, text)
    assert column(found, "outstanding")[:2] == [0, 15000]
    assert column(found, "paid_date")[1] is None
    assert [(entry.row, entry.value) for entry in found.problems if entry.reason == "paid_later"] == [(3, ahead)]


def test_what_is_paid_after_the_last_day_is_open_as_the_file_says(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,amount,outstanding
    1,C1,2026-01-05,2026-02-04,2026-02-10,100.00,0.00
    2,C1,2026-01-07,2026-02-06,2026-03-01,200.00,200.00
    """
    text = test_what_is_paid_after_the_last_day_is_open_as_the_file_says.__doc__ or ""
    assert aside(ledger(tmp_path, text)) == [(3, "outstanding", "200.00", "paid_but_outstanding")]
    found = ledger(tmp_path, text, Options(complete_through=date(2026, 2, 15)))
    assert column(found, "outstanding") == [0, 20000]
