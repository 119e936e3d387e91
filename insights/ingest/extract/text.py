"""How does a text file become cells: which encoding, which separator, where does a row end?"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from insights.ingest.draft import Asked, Question
from insights.ingest.extract import encodings, printed
from insights.ingest.grid import NO_HINTS, Grid, Hints, trimmed
from insights.ledger.errors import Refused

SEPARATORS = ",;\t|"
RARE = "^~\x1f\x01"  # only where nearly all lines agree on a wide table
WIDE, NEARLY_ALL = 4, 0.9
CELL_LIMIT = 1 << 20  # characters; a longer cell is no cell of a ledger
COLUMN_LIMIT = 2000
LOOK = 1 << 16  # bytes that are looked at before deciding
STRANGE = 1 << 17  # bytes of different lines whose encoding is to be found
TWICE = ("Ã".encode(), "Ä\x80".encode()[:2], "Å".encode(), "â€".encode())  # how UTF-8 begins that was taken for windows-1252
CHOICES = 4  # encodings that are offered
BATCH = 1 << 16  # rows
BLOCK = 1 << 22  # bytes


@dataclass(frozen=True)
class Layout:
    """What one look at the whole file told: its encoding, its lines, and whether every line may be a row."""

    encoding: str
    lines: int
    is_plain: bool  # no empty lines, carriage returns alone or zero bytes
    twice: bool = False  # it may have been written as UTF-8 twice


def read(path: Path, hints: Hints = NO_HINTS) -> Grid:
    """A delimited or printed text file as a grid; `lines` are physical lines of the file, a row begins on its line.

    Raises Asked where the encoding is not proven.
    """
    layout = layout_of(path, hints)
    with path.open(encoding=layout.encoding, errors="replace", newline="") as file:
        sample = file.read(LOOK)
    separator = separator_of(sample)
    if printed.looks_so(sample, separator):
        return printed.read(path, layout.encoding)
    grid = _parted(path, layout, separator, escaped='\\"' in sample)
    return encodings.mended(grid) if layout.encoding.startswith("utf-8") and layout.twice else grid


def _parted(path: Path, layout: Layout, separator: str, *, escaped: bool) -> Grid:
    """A delimited file: the quick way, the careful way (twice where quotation marks may be escaped), or line by line."""
    quick = layout.encoding == "utf-8" and layout.is_plain and not escaped
    if quick and (grid := _plain(path, separator, layout.lines)) is not None:
        return grid
    for way in (False, True) if escaped else (False,):
        with suppress(csv.Error):
            return _gathered(_records(path, layout.encoding, separator, escaped=way))
    return _gathered(_line_by_line(path, layout.encoding, separator))


def layout_of(path: Path, hints: Hints = NO_HINTS) -> Layout:
    """Reads the file once, block by block."""
    look = _Look()
    with path.open("rb") as file:
        head = file.read(LOOK)
        look.take(head)
        while block := file.read(BLOCK):
            look.take(block)
    plain = not look.odd and look.lines > 0
    return Layout(_encoding(head, look, hints), look.lines + (look.last != b"\n"), plain, look.twice)


class _Look:
    """What was seen of a file so far."""

    def __init__(self) -> None:
        self.lines, self.odd, self.last = 0, False, b"\n"
        self.broken, self.wide = 0, 0
        self.strange: dict[bytes, None] = {}  # different lines with bytes above 127
        self.held = 0
        self.twice = False
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def take(self, block: bytes) -> None:
        if not block:
            return
        self.lines += block.count(b"\n")
        self.odd = self.odd or self._is_odd(block)
        self.last = block[-1:]
        if not block.isascii():
            self.twice = self.twice or any(mark in block for mark in TWICE)
            text = self._decoder.decode(block)
            self.broken += text.count("\ufffd")
            self.wide += sum(character > "\x7f" for character in set(text)) and len(block) - len(text) + text.count("\ufffd")
            if self.broken and self.held < STRANGE:
                self._hold(block)

    def _is_odd(self, block: bytes) -> bool:
        if b"\n\n" in block or b"\0" in block or (self.last == b"\n" and block[:1] in b"\r\n"):
            return True
        if b"\r" not in block:
            return False
        return b"\n\r" in block or (block.count(b"\r") != block.count(b"\r\n") and block[-1:] != b"\r")

    def _hold(self, block: bytes) -> None:
        for line in block.split(b"\n"):
            if not line.isascii() and line not in self.strange and self.held < STRANGE:
                self.strange[line] = None
                self.held += len(line)

    def is_utf8(self) -> bool:
        """A handful of broken bytes among many good sequences still is."""
        return self.broken == 0 or self.wide > 20 * self.broken


def encoding_of(path: Path, hints: Hints = NO_HINTS) -> str:
    """The name of the encoding: as the user says, by byte-order mark, by what decodes, or by what the words become."""
    return layout_of(path, hints).encoding


def _encoding(head: bytes, look: _Look, hints: Hints) -> str:
    if hints.encoding:
        return _named(hints.encoding)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head and (wide := _without_mark(head)):
        return wide
    return "utf-8" if look.is_utf8() else _by_words(tuple(look.strange), hints)


def _named(name: str) -> str:
    """Raises Refused for what is no encoding of text in which a separator is what it is in ASCII, or UTF-16."""
    if not _is_plain_encoding(name):
        sentence = f"There is no encoding “{name}”: for example utf-8, windows-1252, windows-1250 or shift_jis."
        raise Refused(sentence, "no_encoding")
    return codecs.lookup(name).name


def _is_plain_encoding(name: str) -> bool:
    try:
        codec = codecs.lookup(name).name
        plain = b"a\xff".decode(codec, errors="replace")
    except (LookupError, ValueError, AssertionError):
        return False
    return codec.startswith("utf-16") or (plain.startswith("a") and "escape" not in codec and codec != "utf-7")


def _by_words(lines: Sequence[bytes], hints: Hints) -> str:
    """Raises Asked where several encodings make words of the bytes, or none does."""
    decodings = encodings.readings(lines, hints.words)
    if name := encodings.proven(decodings):
        return name
    choices = tuple(
        (decoding.encoding, f"{decoding.encoding}: {', '.join(decoding.examples)}") for decoding in decodings[:CHOICES]
    )
    if not choices:
        choices = tuple((name, name) for name in ("windows-1252", "windows-1250", "cp850", "shift_jis", "gb18030"))
    reason = "several read its letters as words" if decodings else "in none are its letters words"
    raise Asked(
        Question(
            "encoding",
            "encoding",
            "",
            f"The encoding (character set) of this file is not certain: {reason}.",
            choices,
            "--encoding " + "|".join(code for code, _ in choices),
        )
    )


def _without_mark(head: bytes) -> str:
    """UTF-16 without a mark: every second byte of Latin text is zero."""
    half = len(head) // 2
    if half and head[1::2].count(0) > half * 0.7:
        return "utf-16-le"
    if half and head[::2].count(0) > half * 0.7:
        return "utf-16-be"
    return ""


def separator_of(sample: str) -> str:
    """The separator that splits most lines into the same number of cells, at least two."""
    lines = [line for line in sample.splitlines()[:200] if line.strip()][:100]
    regularities = {mark: _regularity(lines, mark) for mark in SEPARATORS + RARE}
    rare = [mark for mark in RARE if regularities[mark][1] >= WIDE and regularities[mark][2] >= NEARLY_ALL * len(lines)]
    best: str = max([*SEPARATORS, *rare], key=lambda mark: regularities[mark])
    return best


def _regularity(lines: list[str], separator: str) -> tuple[int, int, int]:
    """How many lines agree on a width above 1, weighted by it; the width; their number.

    So a title line or a comma in a name does not decide.
    """
    widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if len(row) > 1)
    if not widths:
        return 0, 0, 0
    width, count = max(widths.items(), key=lambda item: (item[1] * min(item[0], 6), item[0]))
    return count * min(width, 6), width, count


def _plain(path: Path, separator: str, rows: int) -> Grid | None:
    """The quick way for files in which every line is a row of the same width; None where it is not so simple."""
    options = pa_csv.ConvertOptions(strings_can_be_null=False, quoted_strings_can_be_null=False, default_column_type=pa.string())
    try:
        table = pa_csv.read_csv(
            path,
            read_options=pa_csv.ReadOptions(autogenerate_column_names=True, block_size=BLOCK),
            parse_options=pa_csv.ParseOptions(delimiter=separator, ignore_empty_lines=False),
            convert_options=options,
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != rows or not 1 < table.num_columns <= COLUMN_LIMIT:
        return None
    if any((pc.max(pc.binary_length(column)).as_py() or 0) > CELL_LIMIT for column in table.columns):
        return None
    return Grid(tuple(map(trimmed, table.columns)), (None,) * table.num_columns, np.arange(1, rows + 1))


def _records(path: Path, encoding: str, separator: str, *, escaped: bool = False) -> Iterator[tuple[int, list[str]]]:
    """(line on which it begins, cells) of each record, quoted line breaks within cells; raises csv.Error on a stray quote.

    `escaped`: a backslash stands before quotation marks within cells, and before the N of an empty one, as in databases.
    """
    csv.field_size_limit(CELL_LIMIT)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = (re.sub(rf"(^|{re.escape(separator)})\\N(?={re.escape(separator)}|\r|\n|$)", r"\1", text) for text in file)
        escape = "\\" if escaped else None
        reader, line = csv.reader(lines if escaped else file, delimiter=separator, strict=True, escapechar=escape), 1
        for row in reader:
            yield line, row
            line = reader.line_num + 1


def _line_by_line(path: Path, encoding: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each line is a row: where a quotation mark is never closed, it must not swallow the rows after it."""
    with path.open(encoding=encoding, errors="replace") as file:
        for line, text in enumerate(file, start=1):
            if len(text) > CELL_LIMIT:
                raise Refused(f"Line {line} has {len(text):,} characters: this is no table of rows and columns.", "cell_too_long")
            yield line, next(csv.reader([text.rstrip("\n")], delimiter=separator), [])


def _gathered(records: Iterator[tuple[int, list[str]]]) -> Grid:
    """Records of any width as columns, batch by batch; short ones are filled with empty cells."""
    lines: list[int] = []
    widths: list[int] = []
    batches: list[list[pa.Array]] = []
    while batch := list(islice(records, BATCH)):
        lines += [line for line, _ in batch]
        widths += [len(row) for _, row in batch]
        batches.append(_columns([row for _, row in batch]))
    width = max(map(len, batches), default=0)
    if width > COLUMN_LIMIT:
        raise Refused(f"This file has {width:,} columns; a ledger has at most {COLUMN_LIMIT:,}.", "too_many_columns")
    sizes = [len(batch[0]) if batch else 0 for batch in batches]
    columns = tuple(
        pa.chunked_array(
            [
                batch[k] if k < len(batch) else pa.repeat(pa.scalar("", pa.string()), n)
                for batch, n in zip(batches, sizes, strict=True)
            ],
            pa.string(),
        )
        for k in range(width)
    )
    numbers = np.array(lines if width else [], np.int64)
    return Grid(tuple(map(trimmed, columns)), (None,) * width, numbers, widths=np.array(widths if width else [], np.int32))


def _columns(rows: list[list[str]]) -> list[pa.Array]:
    width = max(1, *map(len, rows))
    if width > COLUMN_LIMIT:
        return [pa.nulls(len(rows), pa.string())] * width
    full = (row if len(row) == width else row + [""] * (width - len(row)) for row in rows)
    return [pa.array(column, pa.string()) for column in zip(*full, strict=True)]
