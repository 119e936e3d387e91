"""Do attributes join by customer?"""

from pathlib import Path

from insights.ingest.draft import Options
from insights.ingest.parse import parse
from tests.ingest.examples import column, file, ledger, notes
from tests.support.exports import OPEN


def test_attributes_join_by_customer_and_damaged_ids_get_their_figures_back(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "ledger.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["customer_id", "issue_date", "due_date", "amount"])
        page.write_row(1, 0, [1234567890123456789.0, "2024-01-05", "2024-02-05", 5.0])
    people = file(tmp_path, "customer_id;size\n1234567890123456789;big\n99;small", "people.csv")
    found = parse(path, Options(attributes=people)).require()
    assert column(found, "customer_id") == ["1234567890123456789"]
    assert column(found, "x:size") == ["big"]
    assert {"ids_rounded", "ids_restored"} <= set(notes(found))


def test_an_attributes_file_says_what_it_does_not_know(tmp_path: Path) -> None:
    people = file(tmp_path, "customer_id;size\nC1;big\nC1;huge", "people.csv")
    found = ledger(tmp_path, OPEN, Options(attributes=people))
    assert column(found, "x:size") == ["big", "big", None]
    assert (notes(found)["attributes_missing"], notes(found)["attributes_repeated"]) == ("1", "1")
