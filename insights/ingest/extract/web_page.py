"""How do the tables of a web page become cells? Many systems write one and call it a spreadsheet (.xls)."""

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from lxml import etree, html

from insights.ingest.extract import text
from insights.ingest.grid import Grid, Hints, of_rows
from insights.ledger.errors import Refused

SIZE_LIMIT = 100 << 20  # bytes
CELLS_LIMIT = 5_000_000
COLUMN_LIMIT = 2000
MOST_TABLES = 200
WIDEST = 1000  # columns or rows that one cell may span
DECLARED = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
Rows = list[list[str]]


def sheets(path: Path, hints: Hints) -> list[str]:
    """The names of its tables: "Table 1" and so on; [""] where it has one. Raises Refused where it has none."""
    return list(by_name(_tables, path, hints))


def read(path: Path, sheet: str, hints: Hints) -> Grid:
    """One table as a grid; `lines` count its rows."""
    return grid_of(by_name(_tables, path, hints)[sheet], sheet)


def by_name(tables: Callable[[Path, Hints, int, int], list[Rows]], path: Path, hints: Hints) -> dict[str, Rows]:
    """Name -> rows of what `tables` reads of a file, given its size and when it was changed."""
    stat = path.stat()
    of_file = tables(path, hints, stat.st_size, stat.st_mtime_ns)
    return {"": of_file[0]} if len(of_file) == 1 else {f"Table {at}": rows for at, rows in enumerate(of_file, start=1)}


def grid_of(rows: Rows, sheet: str) -> Grid:
    return of_rows(rows, range(1, len(rows) + 1), sheet)


@lru_cache(1)
def _tables(path: Path, hints: Hints, size: int, changed: int) -> list[Rows]:
    del changed
    check_size(size)
    return tables_of(_text(path, hints))


def check_size(size: int) -> None:
    if size > SIZE_LIMIT:
        raise Refused(
            f"This web page has {size / 1e6:,.0f} MB; the limit is {SIZE_LIMIT / 1e6:,.0f} MB. Export the ledger as CSV.",
            "file_too_large",
        )


def _text(path: Path, hints: Hints) -> str:
    """The page as text: in the encoding that the user or the page names, else as any text."""
    data = path.read_bytes()
    declared = DECLARED.search(data[:4096])
    if not hints.encoding and declared and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode(declared[1].decode("ascii"))
        except (LookupError, ValueError):
            pass
    return data.decode(text.encoding_of(path, hints), errors="replace")


def tables_of(page: str) -> list[Rows]:
    """The tables of a page that have rows, the innermost of nested ones. Raises Refused where there is none."""
    page = re.sub(r"^\s*<\?xml[^>]*\?>", "", page.lstrip("\ufeff").replace("\0", ""))
    parser = html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(page, parser=parser) if page.strip() else None
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise Refused("This web page is damaged: no table can be told in it.", "damaged") from error
    tables = [] if root is None else [rows for rows in map(_rows, _innermost(root)) if rows]
    if not tables:
        framed = root is not None and root.find(".//frame") is not None
        hint = " Its sheets are in files of their own: save it as XLSX." if framed else " Export the ledger as CSV or XLSX."
        raise Refused(f"This is a web page (HTML) without a table.{hint}", "no_table")
    return tables


def _innermost(root: html.HtmlElement) -> list[html.HtmlElement]:
    """The tables that hold no other table, in the order of the page."""
    tables = [table for table in root.iter("table") if table.find(".//table") is None]
    if len(tables) > MOST_TABLES:
        raise Refused(f"This web page has {len(tables):,} tables: export the ledger as CSV or XLSX.", "too_many_tables")
    return tables


def _rows(table: html.HtmlElement) -> Rows:
    """Its rows, every cell in its column: words that span several rows stand in all of them, other cells in the first."""
    rows: Rows = []
    taken: dict[int, tuple[int, str]] = {}  # column -> (rows that a cell above still covers, what it says)
    room = CELLS_LIMIT
    for line in table.iter("tr"):
        row: list[str] = []
        covered = {at: words for at, (_, words) in taken.items()}
        taken = {at: (left - 1, words) for at, (left, words) in taken.items() if left > 1}
        for cell in line.iterchildren("td", "th"):
            while len(row) in covered:
                row.append(covered.pop(len(row)))
            wide, high, words = _span(cell, "colspan"), _span(cell, "rowspan"), _said(cell)
            if high > 1:
                taken |= dict.fromkeys(range(len(row), len(row) + wide), (high - 1, ""))
                taken[len(row)] = (high - 1, "" if re.fullmatch(r"[\W\d]*", words) else words)
            row += [words, *[""] * (wide - 1)]
            if len(row) > COLUMN_LIMIT:
                raise Refused(f"A row of this web page has more than {COLUMN_LIMIT:,} columns.", "too_many_columns")
        while len(row) in covered:
            row.append(covered.pop(len(row)))
        room -= len(row)
        if room < 0:
            raise Refused(f"This web page has more than {CELLS_LIMIT:,} cells: export the ledger as CSV.", "too_many_cells")
        rows.append(row)
    return rows if any(any(row) for row in rows) else []


def _span(cell: html.HtmlElement, name: str) -> int:
    figures = re.match(r"\s*(\d{1,6})", cell.get(name) or "")
    return min(max(int(figures[1]), 1), WIDEST) if figures else 1


def _said(cell: html.HtmlElement) -> str:
    """The text of a cell; a line break is a blank."""
    return " ".join(("".join(_parts(cell)) if len(cell) else cell.text or "").split())


def _parts(cell: html.HtmlElement) -> list[str]:
    parts = []
    for event, element in etree.iterwalk(cell, events=("start", "end")):
        if event == "start":
            parts += [" " if element.tag == "br" else "", element.text or ""]
        elif element is not cell:
            parts.append(element.tail or "")
    return parts
