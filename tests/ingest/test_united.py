"""Are several files of invoices one ledger, of which every row can still be found in its own file?"""

from datetime import date
from pathlib import Path

import pytest

from insights import ingest
from insights.ingest.draft import Options
from insights.ingest.parse import parse
from insights.ingest.recognise import mappings
from insights.ledger.errors import Refused
from insights.messages import problems as words
from tests.ingest import forked
from tests.ingest.examples import assert_nothing_lost, column, file
from tests.support.united import OPEN, SETTLED, united


def test_rows_of_several_files_become_one_ledger_with_numbers_of_their_own(tmp_path: Path) -> None:
    found = united(tmp_path, OPEN, SETTLED).require()
    assert_nothing_lost(found)
    assert (column(found, "invoice_id"), column(found, "row")) == (["A1", "B1"], [2, 6])
    assert column(found, "paid_date") == [None, date(2024, 2, 9)]
    assert (found.rows_read, found.rows_ignored) == (5, 1)


def test_a_further_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"^settled\.csv: This is a PDF"):
        united(tmp_path, OPEN, "%PDF-1.7")


def test_a_file_of_another_kind_is_noted(tmp_path: Path) -> None:
    """A list of payments beside the invoices shares one of its three columns with them."""
    found = united(tmp_path, OPEN, "Doc,Zahldatum,Zahlbetrag\nA1,2024-02-05,100.00").require()
    (note,) = [each for each in ingest.reconciliation(found).warnings if each.reason == "united_unlike"]
    assert (
        words.problem(note)
        == "settled.csv: only 1 of 3 columns are those of the first file, so it may be no export of the same kind."
    )


def test_of_a_further_workbook_only_the_sheet_that_fits_is_read(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "settled.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Notes").write_row(0, 0, ["Author", "Purpose"])
        page = book.add_worksheet("Items")
        for at, line in enumerate(OPEN.replace("A", "B").strip().splitlines()):
            page.write_row(at, 0, line.split(","))
    found = parse(file(tmp_path, OPEN, "open.csv"), Options(more=(path,))).require()
    assert column(found, "invoice_id") == ["A1", "B1"]
    assert "Author" not in found.further
    (said,) = [words.problem(each) for each in found.problems if each.reason == "sheet_chosen"]
    assert said == "settled.xlsx: of the sheets of this workbook, “Items” was read."


@pytest.mark.slow
def test_a_saved_mapping_is_recognised_for_the_same_files_in_any_order(tmp_path: Path) -> None:
    renamed = [text.replace("Betrag", "Zzz") for text in (OPEN, SETTLED)]
    options = Options(maps={"amount": "Zzz"})
    mappings.save(tmp_path, "Two lists", united(tmp_path, *renamed, options=options), options)
    paths = [file(tmp_path, text, name) for text, name in zip(renamed, ("open.csv", "settled.csv"), strict=True)]
    for first, second in (paths, reversed(paths)):
        draft = ingest.read(first, Options(more=(second,)), home=tmp_path, run=forked.run)
        assert (draft.mapping, sorted(column(draft.require(), "invoice_id"))) == ("Two lists", ["A1", "B1"])
