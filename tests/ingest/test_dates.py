"""Which day does a cell mean, and what says that there is no day?"""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
import xlsxwriter

from insights.ingest.draft import Options
from insights.ingest.parse import parse
from insights.ingest.recognise import dates
from insights.ledger.ledger import as_date
from tests.ingest.examples import aside, column, draft, ledger

HEADER = "invoice,customer,invoice date,due date,paid date,amount"


def days(*cells: str, order: str = "") -> list[date | None]:
    found = dates.column(pa.chunked_array([pa.array(cells)]), six_figures=True).days(order)
    return [as_date(int(value)) if value > dates.UNREADABLE else None for value in found]


def test_days_with_signs_of_east_asia_and_years_of_an_emperor() -> None:
    cells = ("2025年1月5日", "2025年12月31日", "2025년 3월 7일", "令和7年4月1日", "R7.4.2", "平成31年4月30日")
    assert days(*cells) == [
        date(2025, 1, 5), date(2025, 12, 31), date(2025, 3, 7), date(2025, 4, 1), date(2025, 4, 2), date(2019, 4, 30),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "cell",
    ["\\N", "1970-01-01", "4712-12-31", "2099-12-31", "2079-06-06", "9999-12-31", "31/12/9999", "Not paid", "PENDING", "offen",
     "en attente", "#N/A", "(blank)", "0000-00-00 00:00:00", "?"],
)  # fmt: skip
def test_what_systems_and_people_write_for_no_day_yet(cell: str) -> None:
    found = dates.column(pa.chunked_array([pa.array([cell])]))
    assert found.days("dmy").tolist() == [dates.ABSENT]


def test_a_cell_that_says_paid_is_settled_without_a_day(tmp_path: Path) -> None:
    text = f"""{HEADER}
    1,C1,2025-01-02,2025-02-01,2025-02-03,100.00
    2,C1,2025-01-03,2025-02-02,paid,50.00
    3,C1,2025-01-04,2025-02-03,not yet paid,70.00"""
    found = ledger(tmp_path, text)
    assert column(found, "paid_date") == [date(2025, 2, 3), None]
    assert aside(found) == [(3, "paid date", "paid", "settled_without_date")]


def test_a_year_of_two_figures_in_front_is_asked_for_where_both_ends_vary_alike(tmp_path: Path) -> None:
    text = f"""{HEADER}
    1,C1,24/05/11,24/06/10,,100.00
    2,C1,24/07/14,24/08/14,,100.00
    3,C1,25/01/21,25/02/20,,100.00"""
    asked = draft(tmp_path, text).questions
    assert {value for value, _ in asked[0].choices} == {"dmy", "ymd"}
    assert column(ledger(tmp_path, text, Options(date_order="ymd")), "issue_date") == [
        date(2024, 5, 11), date(2024, 7, 14), date(2025, 1, 21),
    ]  # fmt: skip


def test_the_end_that_hardly_varies_is_the_year(tmp_path: Path) -> None:
    rows = [f"{k},C1,{k:02}/03/25,{k:02}/04/25,,10.00" for k in range(13, 25)]
    found = ledger(tmp_path, "\n".join([HEADER, *rows]))
    assert column(found, "issue_date")[0] == date(2025, 3, 13)


def test_a_year_in_front_that_makes_invoices_due_before_issue_is_none(tmp_path: Path) -> None:
    found = ledger(tmp_path, f"{HEADER}\n1,C1,17/01/25,16/02/25,,10.00")
    assert column(found, "due_date") == [date(2025, 2, 16)]


def test_days_of_jd_edwards_are_century_year_and_day_of_the_year(tmp_path: Path) -> None:
    text = """
    doc,customer,invoice date,due date,amount
    1,C1,125015,125045,150000
    2,C1,125060,125090,2500"""
    asked = draft(tmp_path, text).questions
    assert [(question.option, question.field) for question in asked] == [("hundredths", "amount")]
    found = ledger(tmp_path, text, Options(hundredths="implied"))
    assert column(found, "issue_date") == [date(2025, 1, 15), date(2025, 3, 1)]
    assert column(found, "amount") == [150000, 2500]


def test_a_spreadsheet_that_turned_day_and_month_is_asked_about_and_put_right(tmp_path: Path) -> None:
    """Days up to the twelfth became days, turned; those above stayed text."""
    path = tmp_path / "turned.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["invoice", "customer", "invoice date", "due date", "amount"])
        for at, (issue, due) in enumerate(
            [(date(2025, 4, 1), "20/02/2025"), ("17/01/2025", date(2025, 3, 3)), (date(2025, 5, 1), "28/02/2025"),
             ("22/01/2025", date(2025, 5, 2))], start=1,
        ):  # fmt: skip
            sheet.write_row(at, 0, [at, "C1"])
            for column_, value in ((2, issue), (3, due)):
                sheet.write(at, column_, value) if isinstance(value, str) else sheet.write_datetime(at, column_, value, day)
            sheet.write(at, 4, 10)
    questions = parse(path, Options()).questions
    assert {question.option for question in questions} == {"date_order"}
    assert "day and month seem to be exchanged" in questions[0].sentence
    found = parse(path, Options(date_order="dmy")).require()
    assert column(found, "issue_date") == [date(2025, 1, 4), date(2025, 1, 17), date(2025, 1, 5), date(2025, 1, 22)]
    assert column(found, "due_date")[1] == date(2025, 3, 3)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("05012025", date(2025, 1, 5)),
        ("1736035200", date(2025, 1, 5)),
        ("1736035200000", date(2025, 1, 5)),
        ("Mon 5 Jan 2026", date(2026, 1, 5)),
        ("5 gennaio 2025", date(2025, 1, 5)),
        ("15 października 2025", date(2025, 10, 15)),
        ("3 maj 2025", date(2025, 5, 3)),
        ("lunedì, 5 maggio 2025", date(2025, 5, 5)),
        ("20250105", date(2025, 1, 5)),
    ],
)
def test_further_ways_to_write_a_day(cell: str, day: date) -> None:
    assert days(cell, order="dmy") == [day]
