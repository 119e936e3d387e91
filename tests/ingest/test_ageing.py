"""Do the columns of an ageing report say what is open of each invoice?"""

from pathlib import Path

from tests.ingest.examples import column, draft, ledger, notes


def test_ages_are_what_is_open_where_a_part_was_paid(tmp_path: Path) -> None:
    """
    Customer,Invoice,Invoice Date,Due Date,Amount,Current,1-30,31-60,Over 60
    A,1,2026-01-05,2026-02-04,100.00,0.00,40.00,0.00,0.00
    B,2,2026-01-06,2026-02-05,200.00,200.00,0.00,0.00,0.00
    """
    found = ledger(tmp_path, test_ages_are_what_is_open_where_a_part_was_paid.__doc__ or "")
    assert (column(found, "amount"), column(found, "outstanding")) == ([10000, 20000], [4000, 20000])
    assert "ageing_is_open" in notes(found)


def test_ages_that_exceed_some_amount_contradict_it(tmp_path: Path) -> None:
    """
    Customer,Invoice,Invoice Date,Due Date,Amount,Current,1-30,31-60,Over 60
    A,1,2026-01-05,2026-02-04,100.00,0.00,140.00,0.00,0.00
    B,2,2026-01-06,2026-02-05,200.00,200.00,0.00,0.00,0.00
    C,3,2026-01-06,2026-02-05,300.00,300.00,0.00,0.00,0.00
    """
    (question,) = draft(tmp_path, test_ages_that_exceed_some_amount_contradict_it.__doc__ or "").questions
    assert question.option == "accept_contradiction"
