"""Are the rows that break a rule set aside with row, column, value and reason, and only those?"""

from datetime import date
from pathlib import Path

import pytest

from insights import ingest
from insights.ingest.draft import Options
from insights.ledger.errors import Refused
from insights.messages import problems as words
from tests.ingest.examples import aside, column, draft, ledger, notes


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
    15,C1,2024-01-10,2024-02-09,,100.00,-5.00
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
        (16, "outstanding", "-5.00", "outstanding_sign"),
        (17, "invoice_id", "1", "duplicate"),
    ]
    assert sum(ingest.counts(found).values()) == found.rows_set_aside == 15


def test_every_reason_has_a_sentence_that_names_row_column_and_value(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,C1,2024-01-10,2024-02-09,100.00
    2,C1,2024-01-10,2024-01-09,100.00
    """
    found = ledger(tmp_path, test_every_reason_has_a_sentence_that_names_row_column_and_value.__doc__ or "")
    table = ingest.problems_table(found)
    assert table["sentence"].to_pylist() == ["Row 3, due_date: due on 2024-01-09, before it was issued."]
    assert all(words.reason(code) for code in words.PROBLEMS)


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


def test_the_ledger_is_complete_through_its_latest_issue_or_paid_date_and_starts_at_the_later_first_one(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,amount
    1,C1,2024-01-10,2024-02-09,2024-02-20,100.00
    2,C1,2024-02-10,2024-12-31,,100.00
    """
    text = test_the_ledger_is_complete_through_its_latest_issue_or_paid_date_and_starts_at_the_later_first_one.__doc__ or ""
    found = ledger(tmp_path, text)
    assert (found.complete_through, found.history_starts) == (date(2024, 2, 20), date(2024, 2, 20))
    chosen = ledger(tmp_path, text, Options(complete_through=date(2024, 2, 29), history_starts=date(2024, 1, 10)))
    assert (chosen.complete_through, chosen.history_starts) == (date(2024, 2, 29), date(2024, 1, 10))


def test_rows_without_numbers_get_one_that_later_exports_give_again(tmp_path: Path) -> None:
    """
    customer_id,issue_date,due_date,paid_date,amount
    C1,2024-01-10,2024-02-09,,100.00
    C1,2024-01-10,2024-02-09,,100.00
    C2,2024-01-10,2024-02-09,,100.00
    """
    first = ledger(tmp_path, test_rows_without_numbers_get_one_that_later_exports_give_again.__doc__ or "")
    assert len(set(column(first, "invoice_id"))) == 3
    assert notes(first)["numbered"] == "3"
    later = """
    customer_id,issue_date,due_date,paid_date,amount
    C9,2024-01-01,2024-02-09,,1.00
    C2,2024-01-10,2024-02-09,2024-02-11,100.00
    C1,2024-01-10,2024-02-09,2024-02-10,100.00
    C1,2024-01-10,2024-02-09,,100.00
    """
    again = ledger(tmp_path, later)
    assert set(column(first, "invoice_id")) < set(column(again, "invoice_id"))


def test_money_is_in_minor_units_of_the_currency_of_the_row(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,currency
    1,C1,2024-01-10,2024-02-09,1234.50,EUR
    2,C1,2024-01-10,2024-02-09,1234,JPY
    3,C1,2024-01-10,2024-02-09,1.2345,KWD
    4,C1,2024-01-10,2024-02-09,7.00,€
    5,C1,2024-01-10,2024-02-09,7.00,
    6,C1,2024-01-10,2024-02-09,7.00,QQQ
    """
    found = ledger(tmp_path, test_money_is_in_minor_units_of_the_currency_of_the_row.__doc__ or "")
    assert column(found, "currency") == ["EUR", "JPY", "KWD", "EUR", "XXX"]
    assert column(found, "amount") == [123450, 1234, 1235, 700, 700]
    assert aside(found) == [(7, "currency", "QQQ", "currency_unknown")]


def test_outcome_columns_are_recognised_by_name_and_by_content(tmp_path: Path) -> None:
    header = "invoice_id,customer_id,issue_date,due_date,paid_date,amount,DaysLate,Days To Settle,score,flag,region"
    rows = []
    for k in range(30):
        late = k % 4 - 1
        paid = date(2024, 2, 9).toordinal() + late
        flag = "y" if late > 0 else "n"
        rows.append(
            f"{k},C1,2024-01-10,2024-02-09,{date.fromordinal(paid)},10.00,{max(late, 0)},{30 + late},{late},{flag},{k % 3}"
        )
    found = ledger(tmp_path, "\n".join([header, *rows]))
    assert found.further == ("region",)
    assert sorted(entry.column for entry in found.problems if entry.reason == "outcome_column") == [
        "Days To Settle",
        "DaysLate",
        "flag",
        "score",
    ]


def test_terms_and_promised_days_are_no_outcomes_where_nearly_all_pay_on_the_due_date(tmp_path: Path) -> None:
    header = "invoice_id,customer_id,issue_date,due_date,paid_date,amount,net,zeros,planned"
    rows = []
    for k in range(200):
        due = date(2024, 2, 9).toordinal()
        paid = date.fromordinal(due + (5 if k % 15 == 0 else 0))
        rows.append(f"{k},C1,2024-01-10,2024-02-09,{paid},10.00,30,{k % 9 // 8},2024-02-09")
    assert ledger(tmp_path, "\n".join([header, *rows])).further == ("net", "zeros", "planned")


def test_every_column_with_the_name_of_an_outcome_is_dropped(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,Days Late,Overdue,Ageing Bucket,Is late,region
    1,C1,2024-01-10,2024-02-09,100.00,4,4,31-60,yes,N
    """
    found = ledger(tmp_path, test_every_column_with_the_name_of_an_outcome_is_dropped.__doc__ or "")
    assert found.further == ("region",)


def test_a_column_is_known_at_issue_only_if_the_user_says_so_and_an_outcome_never_is(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,amount,Sales Region,Days Late
    1,C1,2024-01-10,2024-02-09,2024-02-20,100.00,North,11
    """
    text = test_a_column_is_known_at_issue_only_if_the_user_says_so_and_an_outcome_never_is.__doc__ or ""
    assert ledger(tmp_path, text).known_at_issue == ()
    assert ledger(tmp_path, text, Options(known_at_issue=("sales_region",))).known_at_issue == ("Sales Region",)
    with pytest.raises(Refused, match="tells the outcome"):
        ledger(tmp_path, text, Options(known_at_issue=("Days Late",)))
    with pytest.raises(Refused, match="no further column"):
        ledger(tmp_path, text, Options(known_at_issue=("colour",)))


def test_further_columns_keep_their_kind(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,weight,zip,since,note
    1,C1,2024-01-10,2024-02-09,100.00,1.5,01234,2020-01-31,=HYPERLINK("http://x")
    2,C1,2024-01-10,2024-02-09,100.00,,99999,,plain
    """
    found = ledger(tmp_path, test_further_columns_keep_their_kind.__doc__ or "")
    assert column(found, "x:weight") == [1.5, None]
    assert column(found, "x:zip") == ["01234", "99999"]
    assert column(found, "x:since") == [date(2020, 1, 31), None]
    assert column(found, "x:note")[0].startswith("=HYPERLINK")


def test_a_file_without_paid_dates_says_that_it_cannot_train(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,C1,2024-01-10,2024-02-09,100.00
    """
    found = ledger(tmp_path, test_a_file_without_paid_dates_says_that_it_cannot_train.__doc__ or "")
    assert "no_paid_dates" in notes(found)


def test_a_file_whose_rows_all_break_a_rule_is_refused_with_the_commonest(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,C1,2024-01-10,2024-01-09,100.00
    """
    with pytest.raises(Refused, match="The only row cannot be used"):
        draft(tmp_path, test_a_file_whose_rows_all_break_a_rule_is_refused_with_the_commonest.__doc__ or "")


def test_cancelled_documents_and_drafts_are_no_receivables(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,status
    1,C1,2024-01-10,2024-02-09,100.00,Open
    2,C1,2024-01-10,2024-02-09,100.00,VOID
    3,C1,2024-01-10,2024-02-09,100.00,Draft
    """
    found = draft(tmp_path, test_cancelled_documents_and_drafts_are_no_receivables.__doc__ or "")
    assert found.ignored == {"cancelled": 2}
    assert column(found.require(), "invoice_id") == ["1"]


@pytest.mark.parametrize(
    ("header", "paid", "open_"), [("Status", "Paid", "Open"), ("Paid", "Yes", "No"), ("Zahlungsstatus", "bezahlt", "offen")]
)
def test_a_status_that_says_paid_without_a_date_is_no_open_invoice(tmp_path: Path, header: str, paid: str, open_: str) -> None:
    text = f"invoice_id,customer_id,issue_date,due_date,amount,{header}\n1,C1,2024-01-10,2024-02-09,9.00,{paid}\n2,C1,2024-01-10,2024-02-09,9.00,{open_}"
    found = ledger(tmp_path, text)
    assert aside(found) == [(2, header, paid, "settled_without_date")]
    assert notes(found)["settled_undated"] == "1"


def test_a_paid_part_gives_what_is_outstanding(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,amount paid
    1,C1,2024-01-10,2024-02-09,100.00,30.00
    """
    found = ledger(tmp_path, test_a_paid_part_gives_what_is_outstanding.__doc__ or "")
    assert column(found, "outstanding") == [7000]
