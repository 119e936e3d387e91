"""Do several rows with one document number become one document, with its lines added up and its payments applied?"""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from insights.ingest.draft import Options
from insights.ingest.normalise.documents import Groups
from insights.ledger.errors import Refused
from tests.ingest.examples import aside, column, draft, file, ledger


def test_a_first_instalment_does_not_settle_its_invoice(tmp_path: Path) -> None:
    """
    Invoice No,Customer,Invoice Date,Due Date,Invoice Amount,Date Paid,Amount Paid
    A,North,2025-01-02,2025-02-01,1000.00,2025-01-20,400.00
    A,North,2025-01-02,2025-02-01,1000.00,2025-03-20,600.00
    B,North,2025-01-12,2025-02-11,500.00,2025-02-01,200.00
    C,South,2025-01-22,2025-02-21,300.00,,
    D,South,2025-01-22,2025-02-21,70.00,2025-02-10,70.00
    """
    found = ledger(tmp_path, test_a_first_instalment_does_not_settle_its_invoice.__doc__ or "")
    assert column(found, "invoice_id") == ["A", "B", "C", "D"]
    assert column(found, "paid_date") == [date(2025, 3, 20), None, None, date(2025, 2, 10)]
    assert column(found, "outstanding") == [0, 30000, 30000, 0]
    paid = [tuple(row.values()) for row in found.payments.to_pylist()]
    assert paid[:3] == [(0, date(2025, 1, 20), 40000), (0, date(2025, 3, 20), 60000), (1, date(2025, 2, 1), 20000)]


def test_of_payments_without_amounts_the_last_one_settles(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,amount
    1,C1,2024-01-10,2024-02-09,2024-03-20,100.00
    1,C1,2024-01-10,2024-02-09,2024-04-30,100.00
    """
    found = ledger(tmp_path, test_of_payments_without_amounts_the_last_one_settles.__doc__ or "")
    assert (column(found, "paid_date"), column(found, "amount")) == ([date(2024, 4, 30)], [10000])
    assert found.rows_ignored == 1


def test_lines_of_a_document_are_added_up_even_where_two_are_equal(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,item,qty,line total
    1,C1,2024-01-10,2024-02-09,,Survey,6,600.00
    1,C1,2024-01-10,2024-02-09,,Training,5,250.00
    1,C1,2024-01-10,2024-02-09,,Training,5,250.00
    2,C2,2024-01-12,2024-02-11,2024-02-01,Logo,1,300.00
    2,C2,2024-01-12,2024-02-11,2024-02-01,Site,1,700.00
    """
    text = test_lines_of_a_document_are_added_up_even_where_two_are_equal.__doc__ or ""
    found = ledger(tmp_path, text, Options(maps={"amount": "line total"}))
    assert column(found, "amount") == [110000, 100000]
    assert column(found, "outstanding") == [110000, 0]
    assert aside(found) == []


def test_the_total_of_a_document_repeated_on_its_lines_counts_once(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,item,price,invoice total
    1,C1,2024-01-10,2024-02-09,Survey,50.00,120.00
    1,C1,2024-01-10,2024-02-09,Training,50.00,120.00
    2,C2,2024-01-12,2024-02-11,Logo,200.00,240.00
    """
    found = ledger(tmp_path, test_the_total_of_a_document_repeated_on_its_lines_counts_once.__doc__ or "")
    assert column(found, "amount") == [12000, 24000]


def test_equal_amounts_of_two_items_are_asked_about_until_something_proves_what_they_are(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,item,amount
    1,C1,2024-01-10,2024-02-09,Survey,120.00
    1,C1,2024-01-10,2024-02-09,Training,120.00
    2,C2,2024-01-12,2024-02-11,Logo,240.00
    """
    text = test_equal_amounts_of_two_items_are_asked_about_until_something_proves_what_they_are.__doc__ or ""
    asked = draft(tmp_path, text)
    assert [(question.option, question.argument) for question in asked.questions] == [("repeated", "--repeated lines|totals")]
    assert asked.ledger is None
    assert column(ledger(tmp_path, text, Options(repeated="lines")), "amount") == [24000, 24000]
    assert column(ledger(tmp_path, text, Options(repeated="totals")), "amount") == [12000, 24000]


def test_the_parts_of_a_total_prove_that_it_is_one(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,item,price,amount
    1,C1,2024-01-10,2024-02-09,Survey,20.00,120.00
    1,C1,2024-01-10,2024-02-09,Training,100.00,120.00
    """
    assert column(ledger(tmp_path, test_the_parts_of_a_total_prove_that_it_is_one.__doc__ or ""), "amount") == [12000]


def test_instalments_stay_apart_whatever_their_items(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,description,amount
    1,C1,2024-01-10,2024-02-09,first half,60.00
    1,C1,2024-01-10,2024-03-10,second half,60.00
    """
    found = ledger(tmp_path, test_instalments_stay_apart_whatever_their_items.__doc__ or "")
    assert (column(found, "line"), column(found, "amount")) == (["1", "2"], [6000, 6000])


def test_payments_and_credits_that_bear_the_number_of_an_invoice_are_applied_to_it(tmp_path: Path) -> None:
    """
    customer_id,type,invoice_id,issue_date,due_date,amount
    A,Invoice,1,2025-01-02,2025-02-01,1000.00
    A,Payment,1,2025-02-11,,-1000.00
    A,Invoice,2,2025-01-12,2025-02-11,500.00
    A,Payment,2,2025-02-20,,-200.00
    B,Invoice,3,2025-01-22,2025-02-21,300.00
    B,Credit Note,3,2025-01-25,,-50.00
    C,Payment,3,2025-01-26,,-20.00
    """
    found = ledger(tmp_path, test_payments_and_credits_that_bear_the_number_of_an_invoice_are_applied_to_it.__doc__ or "")
    assert column(found, "paid_date") == [date(2025, 2, 11), None, None, None]
    assert column(found, "outstanding") == [0, 30000, 25000, -2000]
    assert column(found, "customer_id")[-1] == "C"  # its number is that of somebody else's invoice


def test_a_part_payment_leaves_the_rest_open_unless_the_file_says_that_it_is_paid(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,paid_date,amount,paid amount,status
    1,C1,2025-01-02,2025-02-01,2025-01-20,1000.00,400.00,part paid
    2,C1,2025-01-02,2025-02-01,2025-01-20,1000.00,999.50,paid
    3,C1,2025-01-02,2025-02-01,2025-01-20,1000.00,950.00,paid
    """
    text = test_a_part_payment_leaves_the_rest_open_unless_the_file_says_that_it_is_paid.__doc__ or ""
    found = ledger(tmp_path, text)
    assert column(found, "paid_date") == [None, date(2025, 1, 20), date(2025, 1, 20)]
    assert column(found, "outstanding")[0] == 60000


def test_payments_beside_each_other_in_numbered_columns_are_all_applied(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,Payment 1 Date,Payment 1 Amount,Payment 2 Date,Payment 2 Amount
    1,A,2025-01-02,2025-02-01,1000.00,2025-01-20,400.00,2025-03-20,600.00
    2,A,2025-01-12,2025-02-11,500.00,2025-02-01,200.00,,
    3,B,2025-01-22,2025-02-21,300.00,,,,
    """
    found = ledger(tmp_path, test_payments_beside_each_other_in_numbered_columns_are_all_applied.__doc__ or "")
    assert column(found, "paid_date") == [date(2025, 3, 20), None, None]
    assert column(found, "outstanding") == [0, 30000, 30000]
    assert found.further == ()


def test_the_amount_of_an_invoice_may_stand_beside_its_first_payment_only(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,payment date,payment amount
    1,A,2025-01-02,2025-02-01,1000.00,2025-01-20,400.00
    1,A,2025-01-02,2025-02-01,,2025-03-20,600.00
    """
    found = ledger(tmp_path, test_the_amount_of_an_invoice_may_stand_beside_its_first_payment_only.__doc__ or "")
    assert (column(found, "paid_date"), aside(found)) == ([date(2025, 3, 20)], [])


def test_the_ranges_of_an_ageing_report_come_to_what_is_open(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,Current,1-30,31-60,>90
    1,A,2025-01-02,2025-02-01,100.00,,,
    2,A,2025-01-02,2025-02-01,,,30.00,
    3,B,2025-01-02,2025-02-01,,50.00,,20.00
    """
    assert column(ledger(tmp_path, test_the_ranges_of_an_ageing_report_come_to_what_is_open.__doc__ or ""), "outstanding") == [
        10000,
        3000,
        7000,
    ]


def test_a_summary_per_customer_is_refused_with_the_report_to_export(tmp_path: Path) -> None:
    """
    Customer,Current,1-30,31-60,Total
    A,100.00,,20.00,120.00
    B,,50.00,,50.00
    """
    with pytest.raises(Refused, match="summary per customer"):
        draft(tmp_path, test_a_summary_per_customer_is_refused_with_the_report_to_export.__doc__ or "")


OVERLAP = """
invoice_id,customer_id,issue_date,due_date,amount,description
1,A,2025-01-02,2025-02-01,100.00,Survey
2,A,2025-01-12,2025-02-11,50.00,Training
"""


def test_what_two_exports_both_hold_is_no_document_of_two_lines(tmp_path: Path) -> None:
    """The later export words one description anew: no amount doubles."""
    later = file(tmp_path, OVERLAP.replace("Survey", "Survey of the site"), "later.csv")
    found = ledger(tmp_path, OVERLAP, Options(more=(later,)))
    assert column(found, "amount") == [10000, 5000]
    assert [reason for *_, reason in aside(found)] == ["duplicate", "duplicate"]


def test_rows_that_stand_there_twice_are_no_lines_because_one_document_has_some(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount,description
    1,A,2025-01-02,2025-02-01,100.00,Survey
    1,A,2025-01-02,2025-02-01,100.00,Survey
    2,A,2025-01-12,2025-02-11,50.00,Training
    2,A,2025-01-12,2025-02-11,50.00,Training
    3,A,2025-01-12,2025-02-11,30.00,Part one
    3,A,2025-01-12,2025-02-11,20.00,Part two
    """
    found = ledger(tmp_path, test_rows_that_stand_there_twice_are_no_lines_because_one_document_has_some.__doc__ or "")
    assert (sum(column(found, "amount")), found.rows_set_aside) == (20000, 2)


def test_where_no_row_belongs_to_a_document_of_several_nothing_is_asked_of_any() -> None:
    """Three rows that stand alone; then one between the two of a document."""
    assert Groups(np.full(3, -1), np.zeros(0, int)).constant(np.array([1, 2, 3])).tolist() == []
    assert Groups(np.array([0, -1, 0]), np.array([0])).constant(np.array([1, 2, 1])).tolist() == [True]
