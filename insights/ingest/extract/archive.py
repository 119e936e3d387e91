"""Which files does an archive (ZIP, gzip) hold, and is it safe to unpack them?"""

import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from insights.ingest.grid import Grid
from insights.ledger.errors import Refused

GZIP = b"\x1f\x8b"
UNPACKED_LIMIT = 1 << 30  # bytes
MOST_FILES = 100
BLOCK = 1 << 20
WORKBOOK = ("[Content_Types].xml", "content.xml", "mimetype", "xl/workbook.xml", "xl/workbook.bin")
DAMAGE = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError, NotImplementedError)
INNER = [
    ".csv",
    ".tsv",
    ".txt",
    ".xlsx",
    ".xls",
    ".xlsm",
    ".ods",
    ".json",
    ".jsonl",
    ".html",
    ".htm",
    ".xml",
    ".parquet",
    ".dat",
    ".prn",
    ".asc",
    ".tab",
]


def is_one(path: Path) -> bool:
    """Whether a ZIP file is an archive of files and not a workbook; a damaged one counts as workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except DAMAGE:
        return False
    return bool(names) and not any(name in WORKBOOK for name in names)


def sheets(path: Path, inside: Callable[[Path], list[str]]) -> list[str]:
    """The names of its tables: of the file, and of the sheet where a file has several."""
    inner_sheets = []
    for member in _members(path):
        with _unpacked(path, member) as inner:
            names = inside(inner)
        inner_sheets += [_joined(member, name, len(names)) for name in names]
    return inner_sheets


def grids(path: Path, sheet: str, inside: Callable[[Path, str], Iterator[Grid]]) -> Iterator[Grid]:
    """The tables of its files, or the one that is named."""
    for member in _members(path):
        if sheet and sheet != member and not sheet.startswith(f"{member}/"):
            continue
        with _unpacked(path, member) as inner:
            inner_grids = list(inside(inner, sheet.removeprefix(member).removeprefix("/") if sheet else ""))
        for grid in inner_grids:
            yield Grid(
                grid.columns,
                grid.typed,
                grid.lines,
                _joined(member, grid.sheet, len(inner_grids) if not sheet else 2 * bool(grid.sheet)),
            )


def _joined(member: str, sheet: str, count: int) -> str:
    return f"{member}/{sheet}" if sheet and count > 1 else member


def _members(path: Path) -> list[str]:
    """The files that may hold a table. Raises Refused where there is none, or too many."""
    with path.open("rb") as file:
        if file.read(2) == GZIP:
            return [path.stem or "file"]
    with _opened(path) as archive:
        parts = [part for part in archive.infolist() if not part.is_dir() and not _is_rubbish(part.filename)]
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("This archive is protected by a password: unpack it and upload the file that is in it.", "encrypted")
    chosen = [part for part in parts if PurePosixPath(part.filename).suffix.lower() in INNER]
    names = [part.filename for part in (chosen or (parts if len(parts) == 1 else []))]
    if not names:
        raise Refused("This archive (ZIP) holds no file that may be a table: CSV, XLSX, JSON or the like.", "no_table")
    if len(names) > MOST_FILES or sum(part.file_size for part in parts) > UNPACKED_LIMIT:
        raise Refused(
            f"This archive (ZIP) holds {len(names):,} files of {sum(part.file_size for part in parts) / 1e9:,.1f} GB: unpack it "
            "and upload the file that is the ledger.",
            "unpacks_too_large",
        )
    return names


def _is_rubbish(name: str) -> bool:
    """What systems put into archives beside the files."""
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith(".")


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except DAMAGE as error:
        raise _broken() from error


def _broken() -> Refused:
    return Refused("This archive is damaged or incomplete: pack it again, or upload the file that is in it.", "damaged")


@contextmanager
def _unpacked(path: Path, member: str) -> Iterator[Path]:
    """One of its files, unpacked. Raises Refused for an archive within the archive and for what unpacks without end."""
    with tempfile.TemporaryDirectory(prefix="archive-") as folder:
        target = Path(folder, PurePosixPath(member).name or "file")
        with path.open("rb") as file:
            zipped = file.read(2) == GZIP
        try:
            if zipped:
                with gzip.open(path) as source:
                    _copy(source, target)
            else:
                with zipfile.ZipFile(path) as archive, archive.open(member) as source:
                    _copy(source, target)
        except DAMAGE as error:
            raise _broken() from error
        _refuse_nested(target)
        yield target


def _copy(source: "IO[bytes] | gzip.GzipFile", target: Path) -> None:
    left = UNPACKED_LIMIT
    with target.open("wb") as sink:
        while block := source.read(BLOCK):
            left -= len(block)
            if left < 0:
                raise Refused(
                    f"This archive unpacks to more than {UNPACKED_LIMIT / 1e9:,.1f} GB: it is no ledger.", "unpacks_too_large"
                )
            sink.write(block)


def _refuse_nested(target: Path) -> None:
    with target.open("rb") as file:
        head = file.read(4)
    if head.startswith(GZIP) or (head.startswith(b"PK\x03\x04") and is_one(target)):
        raise Refused("This archive holds another archive: unpack it and upload the file that is the ledger.", "nested_archive")
