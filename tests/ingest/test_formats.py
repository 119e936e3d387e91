"""How are days and numbers of a column written, by proof or by question?"""

from datetime import date
from pathlib import Path

import pytest

from insights.ingest.draft import Options
from insights.ingest.grid import text_column
from insights.ingest.recognise import dates
from insights.ledger.errors import Refused
from tests.ingest.examples import aside, column, draft, ledger


def test_a_day_above_12_anywhere_in_the_column_decides_for_all_its_cells(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,C1,1/2/2024,2/3/2024,100.00
    2,C1,1/20/2024,2/20/2024,100.00
    """
    found = draft(tmp_path, test_a_day_above_12_anywhere_in_the_column_decides_for_all_its_cells.__doc__ or "")
    assert found.decided == {"issue_date": "mdy", "due_date": "mdy", "amount": "."}
    assert column(found.require(), "issue_date") == [date(2024, 1, 2), date(2024, 1, 20)]


def test_without_proof_the_order_is_asked_with_both_readings(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,C1,1/2/2024,1/3/2024,100.00
    """
    text = test_without_proof_the_order_is_asked_with_both_readings.__doc__ or ""
    found = draft(tmp_path, text)
    assert found.ledger is None
    assert [question.option for question in found.questions] == ["date_order", "date_order"]
    assert found.questions[0].choices == (
        ("dmy", "day first: 1/2/2024 is 1 February 2024"),
        ("mdy", "month first: 1/2/2024 is 2 January 2024"),
    )
    with pytest.raises(Refused, match=r"1 February 2024 or 2 January 2024.*--date-order dmy\|mdy"):
        found.require()
    assert column(ledger(tmp_path, text, Options(date_order="dmy")), "due_date") == [date(2024, 3, 1)]
    assert column(ledger(tmp_path, text, Options(date_order="mdy")), "due_date") == [date(2024, 1, 3)]


def test_a_column_without_proof_follows_what_the_others_of_the_file_prove_and_says_so(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,C1,31/1/2024,1/3/2024,100.00
    """
    found = draft(tmp_path, test_a_column_without_proof_follows_what_the_others_of_the_file_prove_and_says_so.__doc__ or "")
    assert column(found.require(), "due_date") == [date(2024, 3, 1)]
    assert next((note.reason, note.column, note.value) for note in found.notes) == (
        "order_from_other_column",
        "due_date",
        "day first",
    )


def test_days_that_equal_their_month_need_no_order(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,C1,1/1/2024,2/2/2024,100.00
    """
    assert column(ledger(tmp_path, test_days_that_equal_their_month_need_no_order.__doc__ or ""), "due_date") == [
        date(2024, 2, 2)
    ]


def test_proof_of_both_orders_stops_the_import_and_names_the_rows(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,C1,2024-01-05,31/1/2024,100.00
    2,C1,2024-01-05,1/31/2024,100.00
    """
    text = test_proof_of_both_orders_stops_the_import_and_names_the_rows.__doc__ or ""
    with pytest.raises(Refused, match=r"“31/1/2024” \(row 2\) is day first, “1/31/2024” \(row 3\) is month first"):
        draft(tmp_path, text)
    assert aside(ledger(tmp_path, text, Options(date_order="dmy"))) == [(3, "due_date", "1/31/2024", "date_unreadable")]


@pytest.mark.parametrize(
    "text",
    [
        "20240307",
        "20240307.0",
        "2024-03-07",
        "2024/3/7",
        "2024.03.07",
        "2024-03-07T12:00:00Z",
        "2024-03-07 00:00:00",
        "2024-03-07T23:59:59.123+01:00",
        "7 Mar 2024",
        "07-Mar-24",
        "7. März 2024",
        "7 mars 2024",
        "7 de março de 2024",
        "Mar 7, 2024",
        "March 7 2024",
        "Thu, 7 Mar 2024",
        "45358",
    ],
)
def test_a_date_that_reads_in_one_way_is_read(text: str) -> None:
    assert dates.column(text_column([text])).days("").tolist() == [(date(2024, 3, 7) - date(1970, 1, 1)).days]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00000000",
        "0000-00-00",
        "00.00.0000",
        "1900-01-01T12:00:00Z",
        "1/1/1900",
        "99991231",
        "31.12.9999",
        "-",
        "N/A",
        "null",
    ],
)
def test_the_ways_in_which_systems_say_no_date_are_empty(text: str) -> None:
    assert dates.column(text_column([text])).days("dmy").tolist() == [dates.ABSENT]


@pytest.mark.parametrize("text", ["2024-02-30", "soon", "31/31/2024", "20241301", "1823-05-05", "12", "3024-01-05", "2024-W03-5"])
def test_what_is_no_date_is_unreadable(text: str) -> None:
    assert dates.column(text_column([text])).days("dmy").tolist() == [dates.UNREADABLE]


def test_identifiers_stay_text(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    000123,0000001000,2024-01-05,2024-02-05,5.00
    1000.0,1E5,2024-01-05,2024-02-05,5.00
    """
    found = ledger(tmp_path, test_identifiers_stay_text.__doc__ or "")
    assert column(found, "invoice_id") == ["000123", "1000"]
    assert column(found, "customer_id") == ["0000001000", "1E5"]
