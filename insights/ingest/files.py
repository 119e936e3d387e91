"""What kind of file is this, by its content, and which cells does it hold?"""

from collections.abc import Iterator
from pathlib import Path

from insights.errors import Refused
from insights.ingest import parquet, text, workbook
from insights.ingest.grid import Grid

SIZE_LIMIT = 1 << 30  # bytes


def sheets(path: Path) -> list[str]:
    """The names of the sheets of a workbook; [""] for every other file."""
    return workbook.sheets(path) if kind_of(path) == "workbook" else [""]


def grids(path: Path, sheet: str = "") -> Iterator[Grid]:
    """The cells of a file, sheet by sheet; only `sheet` where one is named. Raises Refused for what is no table."""
    kind = kind_of(path)
    if kind == "workbook":
        names = workbook.sheets(path)
        if sheet and sheet not in names:
            raise Refused(f"This workbook has no sheet “{sheet}”; it has {', '.join(names)}.", "no_such_sheet")
        for name in [sheet] if sheet else names:
            yield workbook.read(path, name)
    else:
        yield parquet.read(path) if kind == "parquet" else text.read(path)


def kind_of(path: Path) -> str:
    """One of "workbook", "parquet" and "text", by content; raises Refused for what is none of them."""
    size = _size(path)
    if size > SIZE_LIMIT:
        raise Refused(f"This file has {size / 1e9:,.1f} GB; the limit is {SIZE_LIMIT / 1e9:,.1f} GB.", "file_too_large")
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b" \t\r\n\0\xff\xfe\xef\xbb\xbf"):
        raise Refused("This file is empty.", "empty")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", workbook.OLE)):
        return "workbook"
    if head.startswith(b"PAR1"):
        return "parquet"
    if name := _foreign(head):
        raise Refused(f"This is {name}, not a table: export the ledger as CSV, XLSX or Parquet.", "not_a_table", kind=name)
    return "text"


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
        b"\x1f\x8b": "a gzip archive",
        b"7z\xbc\xaf": "a 7-Zip archive",
        b"rar!": "a RAR archive",
        b"bzh": "a bzip2 archive",
        b"sqlite format": "a database",
        b"\x7felf": "a program",
        b"mz\x90": "a program",
        b"<!doctype": "a web page",
        b"<html": "a web page",
        b"<?xml": "an XML document",
        b"{\\rtf": "a text document",
        b"arrow1": "an Arrow file",
    }
    for signature, name in signatures.items():
        if start.startswith(signature):
            return name
    if start.startswith((b"{", b"[{")):
        return "a JSON document"
    return "a binary file" if _binary(head) else ""


def _binary(head: bytes) -> bool:
    """Control bytes that no encoding of text has, where it is not UTF-16 (every second byte zero)."""
    control = sum(head.count(bytes([code])) for code in (*range(1, 9), *range(14, 27), *range(28, 32)))
    zeros = head.count(0)
    wide = max(head[::2].count(0), head[1::2].count(0)) > 0.7 * (len(head) // 2)
    return control > len(head) * 0.05 or (
        zeros > len(head) * 0.05 and not wide and not head.startswith((b"\xff\xfe", b"\xfe\xff"))
    )
