"""How does a workbook of the year 2003 in XML (SpreadsheetML), often named .xls, become cells?"""

import re
from functools import lru_cache
from pathlib import Path

from lxml import etree

from insights.ingest.grid import Grid, Hints, of_rows
from insights.ledger.errors import Refused

SIZE_LIMIT = 200 << 20  # bytes
CELLS_LIMIT = 5_000_000
COLUMN_LIMIT = 2000
ROW_LIMIT = 1_048_576
MOST_SHEETS = 200
SPACE = "{urn:schemas-microsoft-com:office:spreadsheet}"
Rows = list[list[object]]


def sheets(path: Path, hints: Hints) -> list[str]:
    """The names of its sheets."""
    return list(_named(path, hints))


def read(path: Path, sheet: str, hints: Hints) -> Grid:
    """One sheet as a grid; `lines` are the row numbers that the spreadsheet shows."""
    rows, lines = _named(path, hints)[sheet]
    return of_rows(rows, lines, sheet)


def _named(path: Path, hints: Hints) -> dict[str, tuple[Rows, list[int]]]:
    del hints  # an XML document names its encoding itself
    stat = path.stat()
    return _sheets(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(1)
def _sheets(path: Path, size: int, changed: int) -> dict[str, tuple[Rows, list[int]]]:
    """Rows and their numbers, by sheet. Raises Refused for what is damaged, too large, or has entities."""
    del changed
    if size > SIZE_LIMIT:
        raise Refused(
            f"This XML workbook has {size / 1e6:,.0f} MB; the limit is {SIZE_LIMIT / 1e6:,.0f} MB. Save it as XLSX.",
            "file_too_large",
        )
    with path.open("rb") as file:
        if re.search(rb"<!\s*(?:DOCTYPE|ENTITY)", file.read(1 << 16), re.IGNORECASE):
            raise Refused(
                "This workbook contains a document type or entity definition, which no spreadsheet writes.", "xml_entities"
            )
    by_name: dict[str, tuple[Rows, list[int]]] = {}
    try:
        events = etree.iterparse(
            str(path), events=("end",), tag=f"{SPACE}Worksheet", resolve_entities=False, no_network=True, load_dtd=False
        )
        for _, sheet in events:
            name = sheet.get(f"{SPACE}Name") or f"Sheet {len(by_name) + 1}"
            by_name[name] = _rows(sheet)
            sheet.clear()
            if len(by_name) > MOST_SHEETS:
                raise Refused(f"This workbook has more than {MOST_SHEETS} sheets.", "too_many_sheets")
    except (etree.LxmlError, ValueError, OSError) as error:
        raise Refused(
            "This workbook is damaged or incomplete: open it in a spreadsheet program, save it again and upload that.", "damaged"
        ) from error
    if not by_name:
        raise Refused("This XML workbook has no sheet.", "no_table")
    return by_name


def _rows(sheet: etree._Element) -> tuple[Rows, list[int]]:
    """The rows of a sheet and their numbers; an `Index` leaves rows or cells out, merged cells stand in the first."""
    rows: Rows = []
    lines: list[int] = []
    line, room = 0, CELLS_LIMIT
    for element in sheet.iterfind(f"{SPACE}Table/{SPACE}Row"):
        line = _index(element, line + 1, ROW_LIMIT)
        row: list[object] = []
        for cell in element.iterfind(f"{SPACE}Cell"):
            at = _index(cell, len(row) + 1, COLUMN_LIMIT)
            row += [""] * (at - 1 - len(row))
            row += [_value(cell), *[""] * _count(cell, "MergeAcross")]
            if len(row) > COLUMN_LIMIT:
                raise Refused(f"A row of this workbook has more than {COLUMN_LIMIT:,} columns.", "too_many_columns")
        room -= len(row)
        if room < 0:
            raise Refused(f"This workbook has more than {CELLS_LIMIT:,} cells: save it as XLSX or CSV.", "too_many_cells")
        rows.append(row)
        lines.append(line)
    return rows, lines


def _index(element: etree._Element, following: int, most: int) -> int:
    """The number of a row or cell, which never goes back."""
    given = element.get(f"{SPACE}Index") or ""
    return min(max(int(given), following), most + 1) if re.fullmatch(r"\d{1,7}", given) else following


def _count(cell: etree._Element, name: str) -> int:
    given = cell.get(f"{SPACE}{name}") or ""
    return min(int(given), COLUMN_LIMIT) if re.fullmatch(r"\d{1,4}", given) else 0


class Typed:
    """A cell that the workbook types as a number or a day."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


def _value(cell: etree._Element) -> object:
    data = cell.find(f"{SPACE}Data")
    if data is None:
        return ""
    words = "".join(map(str, data.itertext()))
    kind = data.get(f"{SPACE}Type")
    if kind == "DateTime":
        return Typed(re.sub(r"T00:00:00(?:\.0+)?$", "", words))
    if kind == "Number":
        return Typed(re.sub(r"^(-?\d+)\.0*$", r"\1", words))
    return words
