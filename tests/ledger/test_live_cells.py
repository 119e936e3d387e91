"""Is there no cell in a file of ours that a spreadsheet would run, however the spreadsheet is set to part the cells?"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

from insights.ledger import table_files

SEPARATORS = ",;\t|"
SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
BODIES = ("1+1", "cmd|'/c calc'!A0", 'HYPERLINK("http://evil.example";"x")', "SUM(A1:A9)", "1,1", "A1;2")
FORMULAS = [sign + body for sign in SIGNS for body in BODIES] + ["--1+1"]
BEFORE = ("", " ", "  \t", "\u00a0", "\ufeff", "\u200b", "\r", "\n", "\x00", "'", '"', '""', ' "', "\x0b", "\u3000", "\x85")
PLAIN = ["fine", "a=b", "Müller & Söhne", "A, b; c | d\te", "1-2", "x@y.example", "", "-12.50", "-3", "-1e-05", "12.5", "5 - 3"]


def texts() -> Iterator[str]:
    """Every formula at the beginning of a cell and behind every separator and line end within one, with all that hides it."""
    for formula in FORMULAS:
        for hidden in BEFORE:
            yield hidden + formula
            for separator in (*SEPARATORS, "\n", "\r\n", ";;", ';"', "|\t", ';"";'):
                yield f"x{separator}{hidden}{formula}{separator}y"


def live(cell: str) -> bool:
    """Whether a spreadsheet might run it: a sign of a formula comes first, but for what is passed over, and it is no number."""
    stripped = re.sub(r"""^[\s"\x00-\x20\x7f-\x9f\ufeff\u200b]*""", "", cell)
    return stripped[:1] in set(SIGNS) and not re.fullmatch(r"-\d+(\.\d+)?(e-?\d+)?", cell)


def read(told: str, separator: str) -> Iterator[str]:
    """The cells as a program reads them that is set to this separator, with quotes and without."""
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        for row in csv.reader(io.StringIO(told.replace("\x00", ""), newline=""), delimiter=separator, quoting=quoting):
            yield from row


@pytest.mark.slow
@pytest.mark.parametrize("separator", SEPARATORS)
def test_no_cell_comes_alive_whatever_parts_them(separator: str) -> None:
    found = list(texts())
    assert len(FORMULAS) == 49
    for columns in ([found, found[::-1]], [["1"] * len(found), found]):
        table = pa.table({"first;=1+1": columns[0], "=2+2": columns[1], "amount": [-1.5] * len(found)})
        assert {cell for cell in read(table_files.csv_text(table), separator) if live(cell)} == set()


def test_the_comma_reads_back_what_was_meant() -> None:
    """Plain text and numbers below zero stay as they are, in cells and in headers."""
    table = pa.table({"name": PLAIN, "place": pa.array(PLAIN, pa.large_string())})
    rows = list(csv.reader(io.StringIO(table_files.csv_text(table), newline="")))
    assert rows == [["name", "place"], *([text, text] for text in PLAIN)]


def test_a_live_cell_is_marked_where_it_would_begin() -> None:
    marked = table_files.harmless(pa.table({"=a": ["=1", "x;=1+1;y", "x;  =1", 'x|"@A1', "a\n-b", "A; B-C", "-1"]}))
    assert marked.to_pydict() == {"'=a": ["'=1", "x;'=1+1;y", "x;'  =1", "x|'\"@A1", "a\n'-b", "A; B-C", "-1"]}


def test_a_workbook_holds_text_in_its_headers_too(tmp_path: Path) -> None:
    table_files.write(pa.table({"=1+1": FORMULAS}), path := tmp_path / "out.xlsx")
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows] == ["'=1+1", *(f"'{formula}" for formula in FORMULAS)]


def test_a_workbook_holds_no_formula_and_no_link_whatever_hides_it(tmp_path: Path) -> None:
    found = list(texts())
    table_files.write(pa.table({"first": found, "second": found[::-1]}), path := tmp_path / "out.xlsx")
    with zipfile.ZipFile(path) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets" in name]
    assert len(sheets) == 1
    assert not re.search(r"<f[ >]|<hyperlink", sheets[0])
    assert sheets[0].count("<c ") == 2 * (len(found) + 1)
