"""How does a print become cells: a text whose columns are aligned by blanks?

Blanks part words too, so a column ends only where at least two follow each other in all rows, or where one parts figures from
what stands beside them.
"""

import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from insights.ingest.grid import Grid, of_rows
from insights.ledger.errors import Refused

GAP = r" {2,}"
RULE = re.compile(r"^\s*[-=_]{2,}(?:\s+[-=_]{2,})+\s*$")  # dashes below each column tell where it stands
FIGURES = re.compile(r"^[-+(]?\d[\d.,/:'-]*\)?$")
FEWEST_PIECES = 3
FEWEST_ROWS = 2
MOST_LINES = 300_000  # a print, not a dump
NEARLY_ALL = 0.7
TAB = 8


def looks_so(sample: str, separator: str) -> bool:
    """Whether lines are parted by blanks where the best separator parts hardly any of them."""
    lines = [line for line in sample.splitlines()[:200] if line.strip()][:100]
    if any(RULE.match(line) and len(line.split()) >= FEWEST_PIECES for line in lines) and separator != "|":
        return sum(separator in line for line in lines) < NEARLY_ALL * len(lines)
    aligned = [line for line in lines if len(_pieces(line)) >= FEWEST_PIECES]
    if len(aligned) <= FEWEST_ROWS or len(aligned) < len(lines) / 2:
        return False
    parted = [line for line in aligned if separator in line.strip()]
    widths = {line.count(separator) for line in aligned}
    return len(parted) < NEARLY_ALL * len(aligned) or (separator == "," and len(widths) > 1)


def _pieces(line: str) -> list[str]:
    return re.split(GAP, line.expandtabs(TAB).strip())


def read(path: Path, encoding: str) -> Grid:
    """The cells of a print; a title or a group row is a single cell."""
    with path.open(encoding=encoding, errors="replace") as file:
        lines = [line.rstrip("\n").replace("\f", "").expandtabs(TAB) for line in islice(file, MOST_LINES + 1)]
    if len(lines) > MOST_LINES:
        raise Refused(
            f"This file has no separator, its columns are aligned by blanks; more than {MOST_LINES:,} lines of that kind are "
            "not read: export it as CSV.",
            "print_too_long",
        )
    edges = _edges(lines)
    return of_rows([_cells(line, edges) for line in lines], range(1, len(lines) + 1))


def _edges(lines: Sequence[str]) -> list[int]:
    """Where the columns begin."""
    rule = next((line for line in lines if RULE.match(line)), "")
    if rule:
        return [0, *(match.start() for match in re.finditer(r"[-=_]+", rule))][1:] or [0]
    rows = [line for line in lines if len(_pieces(line)) >= FEWEST_PIECES]
    width = max(map(len, rows), default=0)
    filled = [False] * (width + 1)
    for row in rows:
        for at, letter in enumerate(row):
            filled[at] = filled[at] or letter != " "
    runs = _runs(filled)
    return _joined(runs, rows)


def _runs(filled: Sequence[bool]) -> list[tuple[int, int]]:
    """(start, end) of the stretches in which some row has a letter."""
    runs, start = [], -1
    for at, letter in enumerate([*filled, False]):
        if letter and start < 0:
            start = at
        if not letter and start >= 0:
            runs.append((start, at))
            start = -1
    return runs


def _joined(runs: Sequence[tuple[int, int]], rows: Sequence[str]) -> list[int]:
    """The starts of the columns: one blank parts the words of a name, but it parts figures from what stands beside them."""
    columns: list[tuple[int, int]] = []
    for start, end in runs:
        if columns and start - columns[-1][1] == 1 and not (_figures(rows, *columns[-1]) or _figures(rows, start, end)):
            columns[-1] = (columns[-1][0], end)
        else:
            columns.append((start, end))
    return [start for start, _ in columns] or [0]


def _figures(rows: Sequence[str], start: int, end: int) -> bool:
    """Whether nearly all rows below the header have a number or a date there."""
    cells = [row[start:end].strip() for row in rows[1:]]
    return sum(bool(FIGURES.match(cell)) for cell in cells) >= NEARLY_ALL * len(cells)


def _keeps(line: str, edges: Sequence[int]) -> bool:
    """Whether a line has blanks before the columns, and text in most of them."""
    inside = [edge for edge in edges if edge < len(line)]
    filled = [bool(line[start:end].strip()) for start, end in zip(edges, [*edges[1:], None], strict=True)]
    return sum(filled) >= max(FEWEST_PIECES, len(edges) / 2) and all(not edge or line[edge - 1] == " " for edge in inside)


def _moved(line: str, edge: int) -> int:
    """Where a column begins in a line, whose text may reach over its edge: figures into the column before, words beyond it."""
    if edge >= len(line) or line[edge - 1] == " " or line[edge] == " ":
        return edge
    start, end = line.rfind("  ", 0, edge) + 1, line.find("  ", edge)
    end = len(line) if end < 0 else end
    return max(0, start) if FIGURES.match(line[start:end].strip()) else end


def _cells(line: str, edges: Sequence[int]) -> list[str]:
    """The cells of a line; one that does not keep to the columns is a single cell."""
    if len(_pieces(line)) < FEWEST_PIECES and not _keeps(line, edges):
        return [line.strip()]
    starts = [0, *(_moved(line, edge) for edge in edges[1:])]
    return [line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
