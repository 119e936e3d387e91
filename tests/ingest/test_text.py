"""Do the quick and the careful way of reading text files see the same cells, on the same lines?"""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.ingest.extract import text
from insights.ingest.grid import Grid


def plain(path: Path, separator: str) -> Grid | None:
    layout = text.layout_of(path)
    return text._plain(path, separator, layout.lines) if layout.is_plain else None


cells = st.text(st.characters(codec="utf-8"), max_size=6)
tables = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8)
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=tables, separator=st.sampled_from(text.SEPARATORS), quoting=st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)))
def test_both_ways_see_the_same_cells(tmp_path: Path, rows: list[list[str]], separator: str, quoting: int) -> None:
    sink = io.StringIO()
    csv.writer(sink, delimiter=separator, quoting=csv.QUOTE_ALL if quoting == csv.QUOTE_ALL else csv.QUOTE_MINIMAL).writerows(
        rows
    )
    path = tmp_path / "table.csv"
    path.write_bytes(sink.getvalue().encode())
    quick = plain(path, separator)
    if quick is None:
        return
    careful = text._gathered(text._records(path, "utf-8", separator))
    assert [column.to_pylist() for column in quick.columns] == [column.to_pylist() for column in careful.columns]
    assert quick.lines.tolist() == careful.lines.tolist()


def test_the_quick_way_is_taken_for_plain_files(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('a,b\n1,"x, y"\n2,z\n', encoding="utf-8")
    quick = plain(path, ",")
    assert quick is not None
    assert [column.to_pylist() for column in quick.columns] == [["a", "1", "2"], ["b", "x, y", "z"]]


@pytest.mark.parametrize("data", ["a,b\n1,2\n\n3,4\n", "a,b\r1,2\r", "a,b\n1\n", 'a,b\n"1\n2",3\n', "a\n1\n"])
def test_the_careful_way_is_taken_where_a_line_is_not_a_row(tmp_path: Path, data: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(data.encode())
    assert plain(path, ",") is None


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"a,b\n", "utf-8"),
        ("ä,b\n".encode(), "utf-8"),
        (b"\xe4,b\n", "windows-1252"),
        ("ä".encode("utf-8-sig"), "utf-8-sig"),
        ("a,b".encode("utf-16"), "utf-16"),
        ("a,b,c,d".encode("utf-16-be"), "utf-16-be"),
        (("äöü" * 50).encode() + b"\xe4", "utf-8"),
    ],
)
def test_the_encoding_is_told_by_the_bytes(tmp_path: Path, data: bytes, encoding: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    assert text.encoding_of(path) == encoding


@pytest.mark.parametrize("separator", [*text.SEPARATORS, *text.RARE])
def test_a_wide_table_is_parted_by_whatever_parts_it(separator: str) -> None:
    """Amounts with a decimal comma and a time of day stand in it, which part nothing."""
    rows = ["Kunde", "Rechnung", "Datum", "Betrag", "Uhrzeit"], ["Müller", "7", "05.01.2024", "1.234;56", "1033"]
    lines = [separator.join(row) for row in (rows[0], *[rows[1]] * 5)]
    assert text.separator_of("\n".join(lines)) == separator


def test_times_of_day_part_nothing() -> None:
    lines = ["customer,issued", *["C1,2024-01-05 10:33:20:001"] * 9]
    assert text.separator_of("\n".join(lines)) == ","
