"""Are several files of invoices one ledger, of which every row can still be found in its own file?"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from insights import ingest
from insights.ingest.draft import Draft, Options
from insights.ingest.parse import parse
from insights.ingest.recognise import mappings
from insights.ledger.errors import Refused
from insights.messages import problems as words
from tests.ingest import forked
from tests.ingest.examples import assert_nothing_lost, column, file

OPEN = """
Doc,Kunde,Belegdatum,Fällig,Betrag
A1,C1,2024-01-05,2024-02-05,100.00
A2,C1,2024-01-06,2024-01-02,100.00
"""
SETTLED = """
Settled items
Doc,Kunde,Belegdatum,Fällig,Ausgleich,Betrag
B1,C2,2024-01-07,2024-02-05,2024-02-09,50.00
B2,,2024-01-08,2024-02-05,2024-02-09,50.00
"""


def united(folder: Path, first: str, *others: str, options: Options | None = None) -> Draft:
    more = tuple(file(folder, text, f"settled{at or ''}.csv") for at, text in enumerate(others))
    return parse(file(folder, first, "open.csv"), replace(options or Options(), more=more))


def test_rows_of_several_files_become_one_ledger_with_numbers_of_their_own(tmp_path: Path) -> None:
    found = united(tmp_path, OPEN, SETTLED).require()
    assert_nothing_lost(found)
    assert (column(found, "invoice_id"), column(found, "row")) == (["A1", "B1"], [2, 6])
    assert column(found, "paid_date") == [None, date(2024, 2, 9)]
    assert (found.rows_read, found.rows_ignored) == (5, 1)


def test_a_row_set_aside_is_named_by_its_file_and_its_line_there(tmp_path: Path) -> None:
    table = ingest.problems_table(united(tmp_path, OPEN, SETTLED).require())
    assert table.select(["file", "row", "reason"]).to_pylist() == [
        {"file": "open.csv", "row": 3, "reason": "due_before_issue"},
        {"file": "settled.csv", "row": 4, "reason": "customer_missing"},
    ]
    assert table["sentence"].to_pylist() == [
        "Row 3 of open.csv, Fällig: due on 2024-01-02, before it was issued.",
        "Row 4 of settled.csv, Kunde: no customer is named.",
    ]


def test_files_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    second = file(tmp_path / "other", SETTLED, "open.csv")
    table = ingest.problems_table(parse(file(tmp_path, OPEN, "open.csv"), Options(more=(second,))).require())
    assert table["file"].to_pylist() == ["open.csv", "open.csv (2)"]


def test_of_one_file_no_file_is_named(tmp_path: Path) -> None:
    table = ingest.problems_table(parse(file(tmp_path, OPEN), Options()).require())
    assert (table["file"].to_pylist(), table["sentence"].to_pylist()) == (
        [""],
        ["Row 3, Fällig: due on 2024-01-02, before it was issued."],
    )


def test_a_contradiction_between_two_files_names_both(tmp_path: Path) -> None:
    """The first file proves day first, the second month first: nothing is guessed."""
    with pytest.raises(Refused, match=r"“25/01/2024” \(row 2 of open.csv\) is day first, “02/26/2024” \(row 2 of settled.csv\)"):
        united(tmp_path, OPEN.replace("2024-01-05", "25/01/2024"), OPEN.replace("2024-01-05", "02/26/2024"))


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


def test_a_saved_mapping_is_recognised_for_the_same_files_in_any_order(tmp_path: Path) -> None:
    renamed = [text.replace("Betrag", "Zzz") for text in (OPEN, SETTLED)]
    options = Options(maps={"amount": "Zzz"})
    mappings.save(tmp_path, "Two lists", united(tmp_path, *renamed, options=options), options)
    paths = [file(tmp_path, text, name) for text, name in zip(renamed, ("open.csv", "settled.csv"), strict=True)]
    for first, second in (paths, reversed(paths)):
        draft = ingest.read(first, Options(more=(second,)), home=tmp_path, run=forked.run)
        assert (draft.mapping, sorted(column(draft.require(), "invoice_id"))) == ("Two lists", ["A1", "B1"])


def test_counts_are_said_in_the_right_number() -> None:
    assert [words.ignored("blank", count) for count in (1, 2, 1234)] == ["1 blank line", "2 blank lines", "1,234 blank lines"]
    assert words.ignored("total") == "totals"
    assert [words.ignored(code, 1) for code in ("repeated_header", "title", "footer")] == [
        "1 repeated header",
        "1 title line",
        "1 footer",
    ]


@pytest.mark.parametrize("code", words.IGNORED)
def test_what_is_ignored_has_a_name_for_one_and_for_many(code: str) -> None:
    assert words.ignored(code, 1) != words.ignored(code, 2).replace("2", "1")
