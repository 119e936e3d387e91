"""Where is the header, and which rows below it are no rows of a ledger?

Exports carry titles above the header, group rows, subtotals, repeated headers, footers and whole further tables. Each is counted
under its reason; what carries a date, a document number or several values is never taken for one of them.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.grid import Formulas, Grid
from insights.ingest.recognise import groups
from insights.ingest.recognise.match import compact
from insights.ledger.errors import Refused

HEADER_WITHIN = 60  # rows
HEADLESS_WITHIN = 5  # rows that all must look like data where there is no header
NUMBER_LIKE = re.compile(r"^[-+(]?[\d.,\s'/:-]+[)%-]?$")
DATE_LIKE = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
RULE = r"^[-=_*+|\s]*$"
LONELY = 2  # a row with at most so many filled cells may be a title, a group or a footer
NEARLY = 0.6  # of the known names of the best row: an earlier row with as many is the header of an earlier table
MOST_WIDE = 0.5  # of the rows wider than the header: more, and the file itself is at fault
NO_HEADER = "none"


@dataclass(frozen=True)
class Table:
    """Headers and the rows below them, as text; `ignored` counts what was left out so far.

    `above`: the rows over the header, their filled cells. `wide`: lines of rows with more cells than the header has.
    `further`: the tables below this one in the same sheet.
    """

    headers: tuple[str, ...]
    body: Grid
    ignored: Counter[str]
    above: tuple[tuple[str, ...], ...] = ()
    wide: frozenset[int] = frozenset()
    further: tuple["Table", ...] = ()
    is_headed: bool = True

    @property
    def formulas(self) -> dict[str, Formulas]:
        """Header -> what is known of the formulas of a column."""
        return {self.headers[at]: formulas for at, formulas in self.body.formulas.items()}

    def rows(self) -> int:
        """All rows of the sheet below the header, of further tables too, and what was left out."""
        return len(self.body) + self.ignored.total() + sum(table.rows() for table in self.further)


def table(grid: Grid, known: Collection[str], header: str = "") -> Table:
    """Finds the header: the first row that holds about as many `known` names (compact) as any, else that looks like one.

    `header`: the line of the header as the user says it, or "none". Further headers below begin further tables.
    """
    if not len(grid):
        raise Refused("This file is empty.", "empty")
    head = [grid.row(at) for at in range(min(HEADER_WITHIN, len(grid)))]
    at = _chosen(grid, header) if header else 0 if grid.headed else _header_at(head, known)
    starts = [at, *(_further_headers(grid, at, set(known)) if at >= 0 and not grid.headed else ())]
    ends = [*starts[1:], len(grid)]
    tables = [_below(grid, start, end, head[:at] if start == at else []) for start, end in zip(starts, ends, strict=True)]
    return replace(tables[0], further=tuple(tables[1:]))


def _chosen(grid: Grid, header: str) -> int:
    """The position of the line that the user names, -1 for none. Raises Refused for a line that is not there."""
    if header == NO_HEADER:
        return -1
    number = int(header) if header.isdecimal() and len(header) < len(str(2**31)) else -1
    at = np.flatnonzero(grid.lines == number)
    if not len(at):
        raise Refused(f"There is no line {header} that could be the header: name its number, or “none”.", "no_such_header")
    return int(at[0])


def _below(grid: Grid, at: int, end: int, above: Sequence[tuple[str, ...]]) -> Table:
    """The table whose header is the row `at`, -1 for none, up to the row `end`."""
    names = grid.row(at) if at >= 0 else ("",) * len(grid.columns)
    body, trailing = _without_titles(grid.slice(at + 1, end)) if end < len(grid) else (grid.slice(at + 1, end), {})
    body, repeated = _without_repeated(body, names)
    kept = [k for k in range(len(grid.columns)) if names[k] or _has_text(body.columns[k])]
    wide = _wide(grid, at, body)
    titles = Counter("title" if any(row) else "blank" for row in above)
    return Table(
        _distinct([names[k] for k in kept]),
        body.with_columns(kept),
        titles + Counter(repeated) + Counter(trailing),
        tuple(filled for row in above if (filled := tuple(filter(None, row)))),
        wide,
        is_headed=at >= 0,
    )


def _wide(grid: Grid, at: int, body: Grid) -> frozenset[int]:
    """The lines of rows that have a value beyond the last name. Raises Refused where these are most of the rows."""
    if grid.widths is None or body.widths is None or at < 0 or not len(body):
        return frozenset()
    last = int(grid.widths[at])
    wide = body.widths > last
    if not wide.any():
        return frozenset()
    beyond = np.zeros(len(body), bool)
    for column in body.columns[last:]:
        beyond |= pc.not_equal(column, "").to_numpy()
    wide &= beyond
    if wide.sum() > MOST_WIDE * len(body):
        row = int(np.flatnonzero(wide)[0])
        raise Refused(
            f"Row {int(body.lines[row])} has {int(body.widths[row])} values, but the header only {last} names: a separator "
            "seems to stand within a value without quotation marks, as a comma in 1,234.50. Export the file with another "
            "separator, or with quotation marks around the values.",
            "rows_wider_than_header",
        )
    return frozenset(body.lines[wide].tolist())


def _header_at(head: Sequence[tuple[str, ...]], known: Collection[str]) -> int:
    """The position of the header, -1 where all rows are data."""
    names = set(known)
    scores = [len({compact(cell) for cell in row if cell} & names) for row in head]
    if max(scores) >= LONELY:
        least = max(LONELY, NEARLY * max(scores))
        candidates = (at for at, score in enumerate(scores) if score >= least and _names(head[at]))
        return next(candidates, scores.index(max(scores)))
    for at, row in enumerate(head):
        filled = [cell for cell in row if cell]
        if len(filled) >= LONELY and not any(NUMBER_LIKE.match(cell) for cell in filled):
            return at
    if len([cell for cell in head[0] if cell]) < LONELY and len(head) == 1:
        raise Refused("This file has no table: fewer than two columns were found.", "no_table")
    if _is_data(head):
        return -1
    raise Refused(
        "No header was found: the first row of the table must name its columns (customer, issue date, due date, amount).",
        "no_header",
    )


def _names(row: Sequence[str]) -> bool:
    """Whether a row with known names could be a header: more words than figures."""
    filled = [cell for cell in row if cell]
    return sum(bool(NUMBER_LIKE.match(cell)) for cell in filled) * 2 <= len(filled)


def _is_data(head: Sequence[tuple[str, ...]]) -> bool:
    """Whether the first rows have a date and a number each: a table without a header."""
    rows = [[cell for cell in row if cell] for row in head[:HEADLESS_WITHIN]]
    return all(
        len(row) > LONELY and any(map(DATE_LIKE.match, row)) and sum(bool(NUMBER_LIKE.match(cell)) for cell in row) >= LONELY
        for row in rows
    )


def _further_headers(grid: Grid, first: int, known: Collection[str]) -> list[int]:
    """The positions of rows below the first header that name columns too, and others than it."""
    header = grid.row(first)
    spelled = pa.array(sorted({*filter(None, header), *groups.common_headers()}), pa.string())
    body = grid.slice(first + 1)
    count = np.zeros(len(body), np.int16)
    for column in body.columns:
        count += pc.is_in(column, value_set=spelled).to_numpy()
    headers = []
    likely = np.flatnonzero(count >= LONELY)
    for column in body.columns:  # a header holds no number: most rows are out at the first columns
        numbers = pc.match_substring_regex(column.take(pa.array(likely)), NUMBER_LIKE.pattern)
        likely = likely[~numbers.to_numpy()]
    for at in likely.tolist():
        row = body.row(at)
        filled = [cell for cell in row if cell]
        names = {compact(cell) for cell in filled} & set(known)
        is_header = len(filled) > LONELY and len(names) >= max(LONELY, len(filled) / 2)
        if is_header and row != header:
            headers.append(first + 1 + at)
    return headers


def _without_titles(body: Grid) -> tuple[Grid, dict[str, int]]:
    """Drops the last rows with a single cell: the titles of the table below."""
    end = len(body)
    counts = Counter[str]()
    while end and sum(map(bool, row := body.row(end - 1))) <= 1:
        counts["title" if any(row) else "blank"] += 1
        end -= 1
    return body.slice(0, end), dict(counts)


def _has_text(column: pa.ChunkedArray) -> bool:
    return bool(pc.any(pc.not_equal(column, "")).as_py())


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Headers made unique: a second "Amount" is "Amount (2)", an empty one "Column 3"."""
    seen: Counter[str] = Counter()
    result: list[str] = []
    for at, name in enumerate(names, start=1):
        text = (name or f"Column {at}")[:200]
        seen[text] += 1
        result.append(text if seen[text] == 1 and text not in result else f"{text} ({seen[text]})")
    return tuple(result)


def is_unnamed(header: str) -> bool:
    """Whether the file itself gives this column no name."""
    return re.fullmatch(r"Column \d+", header) is not None


def _without_repeated(body: Grid, header: Sequence[str]) -> tuple[Grid, dict[str, int]]:
    """Drops blank rows, rules of dashes and rows that say the header again."""
    if not len(body) or not body.columns:
        return body, {}
    blank = _all(pc.equal(column, "") for column in body.columns)
    rule = _all(pc.match_substring_regex(column, RULE) for column in body.columns) & ~blank
    again = _all(pc.equal(column, name) for column, name in zip(body.columns, header, strict=True)) & ~blank
    keep = np.flatnonzero(~(blank | rule | again))
    counts = {"blank": int(blank.sum()), "rule": int(rule.sum()), "repeated_header": int(again.sum())}
    return body.take(keep), {reason: count for reason, count in counts.items() if count}


def _all(masks: object) -> np.ndarray:
    result: np.ndarray | None = None
    for mask in masks:  # type: ignore[attr-defined]
        values = mask.to_numpy()
        result = values if result is None else result & values
        if not result.any():
            break
    return result if result is not None else np.zeros(0, bool)
