"""Where is the header, and which rows below it are no rows of a ledger?

Exports carry titles above the header, group rows, subtotals, repeated headers and footers. Each is counted under its reason; what
carries a date, a document number or several values is never taken for one of them.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.grid import Grid
from insights.ingest.recognise.match import compact
from insights.ledger.errors import Refused

HEADER_WITHIN = 60  # rows
NUMBER_LIKE = re.compile(r"^[-+(]?[\d.,\s'/:-]+[)%-]?$")
TOTAL = (
    r"(?i)^\W*(?:sub|grand |zwischen|sous-|end)?\s*"
    r"(?:total|totals|totaal|totales|totais|gesamt|gesamtsumme|summe|gesamtergebnis|ergebnis|somma|suma|soma|sum)"
    r"\b|^\*{1,4}$|^(?:total|subtotal|summe) "
)
RULE = r"^[-=_*+|\s]*$"
LONELY = 2  # a row with at most so many filled cells may be a title, a group or a footer


@dataclass(frozen=True)
class Table:
    """Headers and the rows below them, as text; `ignored` counts what was left out so far."""

    headers: tuple[str, ...]
    body: Grid
    ignored: Counter[str]
    titles: tuple[str, ...] = ()


def table(grid: Grid, known: Collection[str]) -> Table:
    """Finds the header: the row among the first that holds most `known` names (compact), else the first that looks like one."""
    if not len(grid):
        raise Refused("This file is empty.", "empty")
    head = [grid.row(at) for at in range(min(HEADER_WITHIN, len(grid)))]
    at = 0 if grid.headed else _header_at(head, known)
    titles = [" ".join(cell for cell in row if cell) for row in head[:at]]
    ignored = Counter("title" if title else "blank" for title in titles)
    body, repeated = _without_repeated(grid.slice(at + 1), head[at])
    kept = [k for k in range(len(grid.columns)) if head[at][k] or _has_text(body.columns[k])]
    body = Grid(tuple(body.columns[k] for k in kept), tuple(body.typed[k] for k in kept), body.lines, grid.sheet)
    return Table(_distinct([head[at][k] for k in kept]), body, ignored + Counter(repeated), tuple(filter(None, titles)))


def _header_at(head: Sequence[tuple[str, ...]], known: Collection[str]) -> int:
    scores = [len({compact(cell) for cell in row if cell} & set(known)) for row in head]
    if max(scores) >= LONELY:
        return scores.index(max(scores))
    for at, row in enumerate(head):
        filled = [cell for cell in row if cell]
        if len(filled) >= LONELY and not any(NUMBER_LIKE.match(cell) for cell in filled):
            return at
    if len([cell for cell in head[0] if cell]) < LONELY and len(head) == 1:
        raise Refused("This file has no table: fewer than two columns were found.", "no_table")
    raise Refused(
        "No header was found: the first row of the table must name its columns (customer, issue date, due date, amount).",
        "no_header",
    )


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


@dataclass(frozen=True)
class Parts:
    """Which rows of a body are ledger rows (bool), what the others are (reason -> rows), and the group label of each row."""

    is_row: np.ndarray
    ignored: Mapping[str, int]
    group: pa.Array | None  # the last group row above, "" where none; None where there are no group rows


def parts(body: Grid, dated: Sequence[int], numbered: int | None, identified: Sequence[int]) -> Parts:
    """Tells ledger rows from totals, groups and footers; `numbered` is the column of document numbers.

    `dated` are the columns of dates (a cell with a figure in it is one), `identified` those of document and customer numbers. A
    row with a date is always a ledger row; one without is a total if it says so in front, a group or footer if hardly any cell
    is filled.
    """
    rows = len(body)
    has_date = np.zeros(rows, bool)
    for at in dated:
        has_date |= pc.match_substring_regex(body.columns[at], r"^\W*\d|\d{4}").to_numpy() & ~_counted(body.columns[at])
    alone = np.sum([pc.not_equal(column, "").to_numpy() for column in body.columns], axis=0) == 1
    has_date &= ~alone
    candidates = np.flatnonzero(~has_date)
    if not len(candidates):
        return Parts(np.ones(rows, bool), {}, None)
    few = body.take(candidates)
    filled = [pc.not_equal(column, "").to_numpy() for column in few.columns]
    count = np.sum(filled, axis=0)
    first = _first_text(few)
    texts = _texts(few)
    total = pc.match_substring_regex(first, TOTAL).to_numpy() & (texts <= LONELY)
    if numbered is not None:
        total |= pc.equal(few.columns[numbered], "").to_numpy() & (texts <= 1) & (count > LONELY)
    lonely = (count <= LONELY) & ~total & ~_any_filled(few, identified, count)
    lonely |= _counted(first) & (texts <= 1) & ~total
    last_row = np.flatnonzero(has_date).max(initial=-1)
    footer = lonely & (candidates > last_row)
    group = lonely & ~footer
    is_row = np.ones(rows, bool)
    is_row[candidates[total | lonely]] = False
    ignored = {"total": int(total.sum()), "group": int(group.sum()), "footer": int(footer.sum())}
    return Parts(is_row, {k: v for k, v in ignored.items() if v}, _filled_down(first, candidates[group], group, rows))


def _any_filled(few: Grid, identified: Sequence[int], count: np.ndarray) -> np.ndarray:
    """Rows with two filled cells one of which is a document or customer number: a damaged ledger row, not a title."""
    result = np.zeros(len(few), bool)
    for at in identified:
        result |= pc.not_equal(few.columns[at], "").to_numpy() & (count > 1)
    return result


def _first_text(few: Grid) -> pa.ChunkedArray:
    first = few.columns[0]
    for column in few.columns[1:]:
        first = pc.if_else(pc.equal(first, ""), column, first)
    return first


def _texts(few: Grid) -> np.ndarray:
    """How many cells of each row are more than a figure or a currency code."""
    texts = np.zeros(len(few), np.int64)
    for column in few.columns:
        texts += (~pc.match_substring_regex(column, r"^[\W\d]*$|^[A-Z]{3}$|^\W*\p{Sc}?[\d.,' -]+\W*$").to_numpy()).astype(
            np.int64
        )
    return texts


def _counted(column: pa.ChunkedArray) -> np.ndarray:
    """Group rows that count their members: "29 Jun 2026 (95)"."""
    found: np.ndarray = pc.match_substring_regex(column, r"\(\d+\)$").to_numpy()
    return found


def _filled_down(first: pa.ChunkedArray, at: np.ndarray, group: np.ndarray, rows: int) -> pa.Array | None:
    if not len(at):
        return None
    labels = np.full(rows, -1, np.int64)
    labels[at] = np.arange(len(at))
    np.maximum.accumulate(labels, out=labels)
    named = pa.concat_arrays([pa.array([""], pa.string()), first.filter(pa.array(group)).combine_chunks()])
    return named.take(pa.array(labels + 1))
