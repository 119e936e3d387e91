"""What stands in the cells of a file, before anybody says what it means?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

WHITE = " \t\r\n\v\f\u00a0\u202f\u2007\u3000\ufeff\x00"
ASCII = 128
GUARDED = r'(?s)^="(.*)"$'


@dataclass(frozen=True)
class Formulas:
    """The formulas of a column: how many there are, how many were kept without a value, and how many with 0."""

    count: int = 0
    empty: int = 0
    zero: int = 0

    @property
    def were_calculated(self) -> bool:
        """Programs that write formulas without calculating them leave the value out, or write 0 for all."""
        return not self.empty and not (self.count > 1 and self.zero == self.count)


@dataclass(frozen=True)
class Grid:
    """All cells as text, column by column, trimmed, never null; no header is known yet.

    `typed[k]` is a boolean column that says which cells of column k the file itself types as number or date (None: it types
    none): such a cell reads in one way only, point as decimal mark and ISO dates. `lines` (int64) are lines of the source.
    `headed`: the first row are the names of the columns, as the format itself says. `widths` (int32): how many cells each row
    was written with, where rows differ. `unseen`: lines that a spreadsheet hides. `formulas`: position of a column -> what is
    known of its formulas.
    """

    columns: tuple[pa.ChunkedArray, ...]
    typed: tuple[pa.ChunkedArray | None, ...]
    lines: np.ndarray
    sheet: str = ""
    headed: bool = False
    mended: bool = False  # its text had been garbled, and was put right
    widths: np.ndarray | None = None
    unseen: frozenset[int] = frozenset()
    formulas: Mapping[int, Formulas] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lines)

    def row(self, position: int) -> tuple[str, ...]:
        return tuple(column[position].as_py() for column in self.columns)

    def take(self, positions: np.ndarray) -> "Grid":
        """The rows at ascending `positions`."""
        if len(positions) == len(self):
            return self
        chosen = pa.array(positions)
        return replace(
            self,
            columns=tuple(column.take(chosen) for column in self.columns),
            typed=tuple(None if typed is None else typed.take(chosen) for typed in self.typed),
            lines=self.lines[positions],
            widths=None if self.widths is None else self.widths[positions],
        )

    def slice(self, start: int, stop: int | None = None) -> "Grid":
        """The rows from `start` on, up to `stop`."""
        count = (len(self) if stop is None else stop) - start
        return replace(
            self,
            columns=tuple(column.slice(start, count) for column in self.columns),
            typed=tuple(None if typed is None else typed.slice(start, count) for typed in self.typed),
            lines=self.lines[start : start + count],
            widths=None if self.widths is None else self.widths[start : start + count],
        )

    def with_columns(self, kept: Sequence[int]) -> "Grid":
        """Some of its columns."""
        formulas = {at: self.formulas[k] for at, k in enumerate(kept) if k in self.formulas}
        return replace(
            self, columns=tuple(self.columns[k] for k in kept), typed=tuple(self.typed[k] for k in kept), formulas=formulas
        )


@dataclass(frozen=True)
class Hints:
    """What is known of a file before it is read: its encoding, where the user said it; words that its headers may hold."""

    encoding: str = ""
    words: frozenset[str] = frozenset()


NO_HINTS = Hints()


def of_rows(rows: Sequence[Sequence[object]], lines: Sequence[int] | np.ndarray, sheet: str = "") -> Grid:
    """Rows of any width as a grid: texts as they are, everything else as a typed cell, `None` as an empty one."""
    width = max(map(len, rows), default=0)
    columns, typed = [], []
    for k in range(width):
        cells = [row[k] if k < len(row) else None for row in rows]
        columns.append(trimmed(text_column(["" if cell is None else str(cell) for cell in cells])))
        marks = [cell is not None and not isinstance(cell, str) for cell in cells]
        typed.append(pa.chunked_array([pa.array(marks, pa.bool_())]) if any(marks) else None)
    return Grid(tuple(columns), tuple(typed), np.array(lines if width else [], np.int64), sheet)


def text_column(cells: Sequence[str]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(cells, pa.string())])


def trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text without white space around it (non-breaking and byte-order marks too), without nulls and without a guard.

    Text that a spreadsheet must not take for a number is written ="000123".
    """
    text = pc.fill_null(column, "") if column.null_count else column
    if not _is_without_white(text):
        text = pc.utf8_trim(text, WHITE)
    if pc.any(pc.starts_with(text, '="')).as_py():
        text = pc.utf8_trim(pc.replace_substring_regex(text, GUARDED, r"\1"), WHITE)
    return text


def _is_without_white(column: pa.ChunkedArray) -> bool:
    """Whether all bytes of a column are printed characters of ASCII other than blanks: then there is nothing to trim."""
    if not pa.types.is_string(column.type):
        return False
    held = [np.frombuffer(data, np.uint8) for chunk in column.chunks if (data := chunk.buffers()[2]) is not None and data.size]
    return all(part.min() > ord(" ") and part.max() < ASCII for part in held)


def widened(grid: Grid, width: int) -> Grid:
    """The same rows with at least `width` columns."""
    missing = width - len(grid.columns)
    if missing <= 0:
        return grid
    empty = pa.chunked_array([pa.repeat(pa.scalar("", pa.string()), len(grid))])
    return replace(grid, columns=grid.columns + (empty,) * missing, typed=grid.typed + (None,) * missing)
