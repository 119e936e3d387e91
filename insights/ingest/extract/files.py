"""What kind of file is this, by its content, and which cells does it hold?"""

import re
from collections.abc import Iterator
from pathlib import Path

from insights.ingest.extract import archive, parquet, records, text, web_archive, web_page, workbook, xml_workbook
from insights.ingest.grid import NO_HINTS, Grid, Hints
from insights.ledger.errors import Refused

SIZE_LIMIT = 1 << 30  # bytes


READERS = {"workbook": workbook, "page": web_page, "web archive": web_archive, "xml workbook": xml_workbook, "records": records}


def sheets(path: Path, hints: Hints = NO_HINTS) -> list[str]:
    """The names of the sheets of a workbook, tables of a page, lists of a JSON document, files of an archive; else [""]."""
    kind = kind_of(path)
    if kind == "archive":
        return archive.sheets(path, lambda inner: sheets(inner, hints))
    return READERS[kind].sheets(path, hints) if kind in READERS else [""]


def grids(path: Path, sheet: str = "", hints: Hints = NO_HINTS) -> Iterator[Grid]:
    """The cells of a file, sheet by sheet; only `sheet` where one is named. Raises Refused for what is no table."""
    kind = kind_of(path)
    if kind in ("parquet", "text"):
        yield parquet.read(path) if kind == "parquet" else text.read(path, hints)
        return
    names = sheets(path, hints)
    if sheet and sheet not in names:
        raise Refused(f"This file has no sheet “{sheet}”; it has {', '.join(names)}.", "no_such_sheet")
    if kind == "archive":
        yield from archive.grids(path, sheet, lambda inner, name: grids(inner, name, hints))
        return
    for name in [sheet] if sheet else names:
        yield READERS[kind].read(path, name, hints)


def hidden(path: Path) -> frozenset[str]:
    """The sheets that a workbook does not show."""
    return workbook.hidden(path) if kind_of(path) == "workbook" else frozenset()


def kind_of(path: Path) -> str:
    """What a file is by its content: a key of READERS, "archive", "parquet" or "text". Raises Refused for what is none."""
    size = _size(path)
    if size > SIZE_LIMIT:
        raise Refused(f"This file has {size / 1e9:,.1f} GB; the limit is {SIZE_LIMIT / 1e9:,.1f} GB.", "file_too_large")
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b" \t\r\n\0\xff\xfe\xef\xbb\xbf"):
        raise Refused("This file is empty.", "empty")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", workbook.OLE)):
        return "archive" if not head.startswith(workbook.OLE) and archive.is_one(path) else "workbook"
    if head.startswith(archive.GZIP):
        return "archive"
    if head.startswith(b"PAR1"):
        return "parquet"
    if kind := _marked(head):
        return kind
    if name := _foreign(head):
        raise Refused(f"This is {name}, not a table: export the ledger as CSV, XLSX or Parquet.", "not_a_table", kind=name)
    return "text"


def _marked(head: bytes) -> str:
    """What a file with marks in it is: "page", "web archive", "xml workbook", "records"; "" for others."""
    start = _plain(head).lstrip("\ufeff \t\r\n").lower()
    if start.startswith("mime-version:") or re.match(r"(?:[\w-]+: .*\n)*mime-version: ", start):
        return "web archive"
    if "urn:schemas-microsoft-com:office:spreadsheet" in start and "<html" not in start:
        return "xml workbook"
    if re.match(r"<(?:!doctype html|html|head|body|table|meta|style|div|font|center|p\b|!--)", start) or (
        start.startswith("<?xml") and "<html" in start
    ):
        return "page"
    return "records" if re.match(r'\[\s*(?:\{|\[|$)|\{\s*"', start) else ""


def _plain(head: bytes) -> str:
    """The first bytes as text, whatever their encoding: for signatures only."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or head[1:2] == b"\0" or head[:1] == b"\0":
        return head.replace(b"\0", b"").decode("latin-1").lstrip("ÿþ")
    return head.decode("utf-8", errors="replace")


def _size(path: Path) -> int:
    if not path.is_file():
        raise Refused(f"There is no file {path.name}.", "no_such_file")
    return path.stat().st_size


def _foreign(head: bytes) -> str:
    """What a file is that cannot be a table, in words; "" for text."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    signatures = {
        b"%pdf": "a PDF",
        b"\x89png": "an image",
        b"\xff\xd8\xff": "an image",
        b"gif8": "an image",
        b"7z\xbc\xaf": "a 7-Zip archive",
        b"rar!": "a RAR archive",
        b"bzh": "a bzip2 archive",
        b"sqlite format": "a database",
        b"\x7felf": "a program",
        b"mz\x90": "a program",
        b"<!doctype": "an XML document",
        b"<?xml": "an XML document",
        b"{\\rtf": "a text document",
        b"arrow1": "an Arrow file",
    }
    for signature, name in signatures.items():
        if start.startswith(signature):
            return name
    return "a binary file" if _binary(head) else ""


def _binary(head: bytes) -> bool:
    """Control bytes that no encoding of text has, where it is not UTF-16 (every second byte zero)."""
    control = sum(head.count(bytes([code])) for code in (*range(1, 9), *range(14, 27), *range(28, 32)))
    zeros = head.count(0)
    wide = max(head[::2].count(0), head[1::2].count(0)) > 0.7 * (len(head) // 2)
    return control > len(head) * 0.05 or (
        zeros > len(head) * 0.05 and not wide and not head.startswith((b"\xff\xfe", b"\xfe\xff"))
    )
