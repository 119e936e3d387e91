"""What does a workbook (XLSX) know of a sheet besides its values: formulas that were never calculated, rows that are hidden?"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZipFile

from lxml import etree

from insights.ingest.grid import Formulas

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
SMALL = 10 << 20  # bytes of the parts that name the sheets
BLOCK = 1 << 20
LONGEST_CELL = 1 << 16  # bytes of a cell with its formula
CELL = re.compile(rb"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
ROW = re.compile(rb"<row\b([^>]*)>")
PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
NUMBER = re.compile(rb'\br="(\d+)"')
VALUE = re.compile(rb"<v>([^<]*)</v>")


@dataclass
class KnownCells:
    """Position of a column -> its formulas; the numbers of the hidden rows."""

    formulas: dict[int, Formulas] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)


def known_of(path: Path, sheet: str) -> KnownCells:
    """What is known of a sheet; nothing of files that are no XLSX, or whose parts cannot be told."""
    try:
        with ZipFile(path) as archive:
            part = _part(archive, sheet)
            return _scanned(archive, part) if part in archive.namelist() else KnownCells()
    except (OSError, ValueError, KeyError, EOFError, RuntimeError, etree.LxmlError):
        return KnownCells()  # what the values are read with says what is damaged


def _part(archive: ZipFile, sheet: str) -> str:
    """The part of the archive that holds a sheet, "" where none is named."""
    book, relations = (_parsed(archive, name) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    if book is None or relations is None:
        return ""
    wanted = next((entry.get(f"{RELATION}id") for entry in book.iter(f"{MAIN}sheet") if entry.get("name") == sheet), None)
    target = next((entry.get("Target") or "" for entry in relations if entry.get("Id") == wanted), "")
    return posixpath.normpath(posixpath.join("xl", target)).lstrip("/") if target else ""


def _parsed(archive: ZipFile, name: str) -> etree._Element | None:
    if name not in archive.namelist() or archive.getinfo(name).file_size > SMALL:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(archive.read(name), parser)


def _scanned(archive: ZipFile, part: str) -> KnownCells:
    """Reads the part as a stream, and only looks into cells where it has formulas."""
    known = KnownCells()
    with archive.open(part) as stream:
        for piece in _pieces(iter(lambda: stream.read(BLOCK), b"")):
            if b"hidden=" in piece:
                known.hidden |= set(_hidden(piece))
            if b"<f" in piece:
                _count(piece, known.formulas)
    return known


def _pieces(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The stream in pieces that end between two cells."""
    rest = b""
    for block in blocks:
        data = rest + block
        end = max(data.rfind(b"<c "), data.rfind(b"<row"))
        if end > 0 and len(data) - end < LONGEST_CELL:
            yield data[:end]
            rest = data[end:]
        else:
            yield data
            rest = b""
    yield rest


def _hidden(piece: bytes) -> Iterator[int]:
    for row in ROW.findall(piece):
        if re.search(rb'\bhidden="(?:1|true)"', row) and (number := NUMBER.search(row)):
            yield int(number[1][:9])


def _count(piece: bytes, counted: dict[int, Formulas]) -> None:
    for attributes, content in CELL.findall(piece):
        place = PLACE.search(attributes)
        if b"<f" not in content or not place:
            continue
        at = _position(place[1])
        before, value = counted.get(at, Formulas()), VALUE.search(content)
        text = value[1].strip() if value else b""
        is_text = b't="str"' in attributes
        counted[at] = Formulas(
            before.count + 1,
            before.empty + (not text and not is_text),
            before.zero + (text in {b"0", b"0.0"}),
        )


def _position(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
