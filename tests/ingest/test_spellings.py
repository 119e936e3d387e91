"""Is a customer under several ids remarked, and merged where the user says so?"""

from pathlib import Path

from insights.ingest.draft import Options
from tests.ingest.examples import column, ledger


def test_spellings_of_one_customer_are_remarked_and_merged_only_where_the_user_says_so(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,customer_name,issue_date,due_date,amount
    1,10,Alpha Ltd.,2025-01-05,2025-02-04,10.00
    2,11,ALPHA LIMITED,2025-01-05,2025-02-04,20.00
    3,12,Alpha Trading Ltd,2025-01-05,2025-02-04,30.00
    4,13,Béta S.A.,2025-01-05,2025-02-04,40.00
    5,14,Beta SA,2025-01-05,2025-02-04,50.00
    """
    text = test_spellings_of_one_customer_are_remarked_and_merged_only_where_the_user_says_so.__doc__ or ""
    found = ledger(tmp_path, text)
    assert [entry.value for entry in found.problems if entry.reason == "customer_spellings"] == [
        "“Alpha Ltd.” (10), “ALPHA LIMITED” (11)",
        "“Béta S.A.” (13), “Beta SA” (14)",
    ]
    assert column(found, "customer_id") == ["10", "11", "12", "13", "14"]
    merged = ledger(tmp_path, text, Options(merges={"11": "10"}))
    assert column(merged, "customer_id") == ["10", "10", "12", "13", "14"]
    assert [entry.value for entry in merged.problems if entry.reason == "customer_spellings"] == [
        "“Béta S.A.” (13), “Beta SA” (14)"
    ]


def test_numbers_of_customers_that_differ_in_case_only_are_remarked(tmp_path: Path) -> None:
    """
    Customer No,Invoice No,Invoice Date,Due Date,Amount
    c7,1,2026-01-05,2026-02-04,100.00
    C7,2,2026-01-07,2026-02-06,200.00
    """
    found = ledger(tmp_path, test_numbers_of_customers_that_differ_in_case_only_are_remarked.__doc__ or "")
    assert [entry.value for entry in found.problems if entry.reason == "customer_spellings"] == ["“C7”, “c7”"]
