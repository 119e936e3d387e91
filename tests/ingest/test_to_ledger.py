"""What does the ledger of a file look like?"""

from datetime import date
from pathlib import Path

from insights.ingest.draft import Options
from tests.ingest.examples import aside, column, ledger, notes


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


def test_a_file_without_paid_dates_says_that_it_cannot_train(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,C1,2024-01-10,2024-02-09,100.00
    """
    found = ledger(tmp_path, test_a_file_without_paid_dates_says_that_it_cannot_train.__doc__ or "")
    assert "no_paid_dates" in notes(found)
