"""How does a workbook (XLSX, XLS, ODS) become cells, and is it safe to open at all?"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from insights.ingest.extract import formulas
from insights.ingest.grid import NO_HINTS, Grid, Hints, text_column, trimmed
from insights.ledger.errors import Refused

CELLS_LIMIT = 40_000_000  # a dense sheet of that size just fits into the memory of the child process
UNPACKED_LIMIT = 1 << 30  # bytes
COLUMN_LIMIT = 2000
EXACT = 2.0**53  # whole numbers above are rounded by a spreadsheet
DAMAGE = (BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, OSError, EOFError, RuntimeError, ValueError, OverflowError)
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def sheets(path: Path, hints: Hints = NO_HINTS) -> list[str]:
    """The names of the sheets that can hold a table."""
    del hints  # a workbook says itself how its text is encoded
    return list(_opened(path).sheet_names)


def hidden(path: Path) -> frozenset[str]:
    """The names of the sheets that are not shown."""
    return frozenset(sheet.name for sheet in _opened(path).sheets_metadata if sheet.visible != SheetVisibleEnum.Visible)


def read(path: Path, sheet: str, hints: Hints = NO_HINTS) -> Grid:
    """One sheet as a grid; `lines` are the row numbers that the spreadsheet shows, merged cells hold the value of their first."""
    del hints
    rows = _rows(_opened(path), sheet)
    width = max(map(len, rows), default=0)
    if width > COLUMN_LIMIT:
        raise Refused(f"Sheet “{sheet}” has {width:,} columns; a ledger has at most {COLUMN_LIMIT:,}.", "too_many_columns")
    columns, typed = [], []
    for cells in zip(*rows, strict=True):
        columns.append(trimmed(text_column([_text(cell) for cell in cells])))
        marks = [not isinstance(cell, str) for cell in cells]
        typed.append(pa.chunked_array([pa.array(marks, pa.bool_())]) if any(marks) else None)
    known = formulas.known_of(path, sheet) if _is_zip(path) else formulas.KnownCells()
    return Grid(
        tuple(columns),
        tuple(typed),
        np.arange(1, len(rows) + 1) if width else np.array([], np.int64),
        sheet,
        unseen=frozenset(known.hidden),
        formulas=known.formulas,
    )


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def _rows(book: CalamineWorkbook, sheet: str) -> list[list[object]]:
    try:
        cells = book.get_sheet_by_name(sheet)
        rows: list[list[object]] = list(map(list, cells.to_python(skip_empty_area=False)))
        _fill_merged(rows, cells.merged_cell_ranges or [])
    except (CalamineError, *DAMAGE) as error:
        raise _broken() from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # the library's own way of failing; it cannot be imported
            raise _broken() from error
        raise
    return rows


def _fill_merged(rows: list[list[object]], ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Words and days merged down a column stand for every row; a merged number may be a sum, and stays in the first."""
    for (top, left), (bottom, right) in ranges:
        if left != right or not 0 < top < bottom < len(rows) or left >= len(rows[top]) or isinstance(rows[top][left], float):
            continue
        for row in rows[top + 1 : bottom + 1]:
            if row[left] == "":
                row[left] = rows[top][left]


def _opened(path: Path) -> CalamineWorkbook:
    stat = path.stat()
    return _book(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(1)
def _book(path: Path, size: int, changed: int) -> CalamineWorkbook:
    """The workbook, looked at once for all its sheets."""
    del size, changed  # they tell apart what stood under this path before
    _look(path)
    try:
        return CalamineWorkbook.from_path(str(path))
    except PasswordError as error:
        raise _protected() from error
    except (CalamineError, *DAMAGE) as error:
        raise _broken() from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise _broken() from error
        raise


def _text(cell: object) -> str:
    """A typed cell as the one text that it can mean."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(sep=" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


def _number(value: float) -> str:
    if value.is_integer():
        return str(int(value))
    text = repr(value)
    return f"{value:.10f}" if "e" in text else text


def _look(path: Path) -> None:
    """Refuses what must not be opened: protected, truncated, bombs, and sheets of absurd dimensions."""
    with path.open("rb") as file:
        head = file.read(8)
        if head == OLE:
            if ENCRYPTED in head + file.read(1 << 24):
                raise _protected()
            return
    try:
        with ZipFile(path) as archive:
            _check_parts(archive)
    except DAMAGE as error:
        raise _broken() from error


def _check_parts(archive: ZipFile) -> None:
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if any(part.flag_bits & 1 for part in parts):
        raise _protected()
    if unpacked > UNPACKED_LIMIT or len(parts) > 10_000:
        raise Refused(
            f"This workbook unpacks to {unpacked / 1e9:,.1f} GB; the limit is {UNPACKED_LIMIT / 1e9:,.1f} GB. "
            "Save the sheet as CSV and upload that.",
            "unpacks_too_large",
        )
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            _check_part(archive, part)


def _check_part(archive: ZipFile, part: zipfile.ZipInfo) -> None:
    """Reads a part once, as a stream: document types (XXE) are refused, and the span of its cells is measured."""
    with archive.open(part) as stream:
        first = stream.read(1 << 16)
        if b"<!DOCTYPE" in first or b"<!ENTITY" in first:
            raise Refused(
                "This workbook contains a document type or entity definition, which no spreadsheet writes.", "xml_entities"
            )
        if part.filename.startswith("xl/worksheets/sheet"):
            _check_span(_blocks(first, stream))
        if part.filename == "content.xml":
            _check_whole(_blocks(first, stream))


def _check_whole(blocks: Iterable[bytes]) -> None:
    """The spreadsheet library waits for ever for the end of an OpenDocument part that breaks off."""
    parser = expat.ParserCreate()
    try:
        for block in blocks:
            parser.Parse(block, False)  # noqa: FBT003 - expat knows no keywords
        parser.Parse(b"", True)  # noqa: FBT003
    except expat.ExpatError as error:
        raise _broken() from error


def _blocks(first: bytes, stream: Iterable[bytes]) -> Iterable[bytes]:
    yield first
    read = getattr(stream, "read")  # noqa: B009 - a zip member is a stream without a common type
    while block := read(1 << 20):
        yield block


def _check_span(blocks: Iterable[bytes]) -> None:
    """The spreadsheet library lays a sheet out densely, so one cell far away would take all memory."""
    letters: set[bytes] = set()
    last, tail = 0, b""
    for block in blocks:
        data = tail + block
        letters.update(re.findall(rb'<c r="([A-Z]{1,3})\d', data), re.findall(rb'<c [^>]{0,60}?r="([A-Z]{1,3})\d', data[:4096]))
        rows = re.findall(rb'<row [^>]{0,200}?\br="(\d+)', data)
        far = re.findall(rb'<c r="[A-Z]{1,3}(\d{7,})', data)  # a cell may say that it lies far from its row
        last = max(last, *(int(digits[:12]) for digits in rows + far), 0)
        tail = data[-64:]
    width = max(map(_column_number, letters), default=0)
    if width * last > CELLS_LIMIT or width > COLUMN_LIMIT * 4:
        raise Refused(
            f"A sheet of this workbook spans {last:,} rows and {width:,} columns, far more than a ledger: "
            "delete what stands outside the table, or save the sheet as CSV.",
            "sheet_too_wide",
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _protected() -> Refused:
    return Refused(
        "This workbook is protected by a password: remove the protection in the spreadsheet and upload it again.", "encrypted"
    )


def _broken() -> Refused:
    return Refused(
        "This workbook is damaged or incomplete: open it in a spreadsheet program, save it again and upload that.", "damaged"
    )
