"""Which further columns of a file may become fields, and which tell the outcome?"""

from datetime import date
from pathlib import Path

import pytest

from insights.ingest.draft import Options
from insights.ledger.errors import Refused
from tests.ingest.examples import column, ledger


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
