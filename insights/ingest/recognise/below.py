"""How do tables become one, below each other, and which of the tables of one sheet are meant?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from insights.ingest import source_rows
from insights.ingest.draft import Options, Question
from insights.ingest.grid import Grid, widened
from insights.ingest.recognise import match
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.table import Table
from insights.ingest.source_rows import Origin
from insights.ledger.errors import Refused

ALL = "*"
SHOWN = 6  # headers of a table that a question names


def of_sheet(first: Table, options: Options, decisions: Decisions) -> Table:
    """The table of a sheet: the only one that may be a ledger, the chosen one, or all; asks where several may be.

    Rows of tables that are left out are counted as ignored.
    """
    tables = (replace(first, further=()), *first.further)
    if len(tables) == 1:
        return first
    ledgers = [table for table in tables if _may_be_ledger(table)] or [tables[0]]
    if not options.table and len(ledgers) > 1:
        decisions.questions.append(_which(ledgers, tables))
    if options.table == ALL:
        chosen = ledgers
    elif options.table:
        chosen = [_numbered(tables, options.table)]
    else:
        chosen = ledgers[:1]
    left = Counter({"other_table": sum(table.rows() for table in tables if not any(table is mine for mine in chosen))})
    whole = chosen[0] if len(chosen) == 1 else united([("", table) for table in chosen], numbered_on=False)[0]
    return replace(whole, ignored=whole.ignored + left, further=())


def _may_be_ledger(table: Table) -> bool:
    """Whether a date and an amount are among its headers, by their names."""
    names = {match.compact(header) for header in table.headers}
    kinds = {"date": False, "number": False}
    for entry in match.fields().values():
        if entry.kind in kinds and not entry.outcome and names & {match.compact(name) for name in entry.names}:
            kinds[entry.kind] = True
    return all(kinds.values()) and len(table.body) > 0


def _which(ledgers: Sequence[Table], tables: Sequence[Table]) -> Question:
    numbers = [next(at for at, table in enumerate(tables, start=1) if table is mine) for mine in ledgers]
    single = [(str(number), f"only table {number}: {_told(table)}") for number, table in zip(numbers, ledgers, strict=True)]
    return Question(
        "table",
        "table",
        "",
        f"There are {len(ledgers)} tables below each other, with different headers; the second header is in row "
        f"{int(ledgers[1].body.lines[0]) - 1}.",
        ((ALL, "all of them, as one ledger"), *single),
        "--table " + "|".join([ALL, *map(str, numbers)]),
    )


def _told(table: Table) -> str:
    names = ", ".join(table.headers[:SHOWN])
    return f"{len(table.body):,} rows from row {int(table.body.lines[0])} ({names})"


def _numbered(tables: Sequence[Table], number: str) -> Table:
    if not number.isdecimal() or not 0 < int(number[:6]) <= len(tables):
        raise Refused(
            f"There is no table {number}: the sheet has {len(tables)} tables, numbered from 1; * for all.", "no_such_table"
        )
    return tables[int(number) - 1]


def united(tables: Sequence[tuple[str, Table]], *, numbered_on: bool = True) -> tuple[Table, tuple[Origin, ...]]:
    """Named tables below each other, columns by name; lines of the later ones go on counting after those of the former."""
    headers: dict[str, str] = {}
    for _, table in tables:
        for header in table.headers:
            headers.setdefault(match.compact(header) or header, header)
    grids, offset, ignored, origins = [], 0, Counter[str](), []
    wide: set[int] = set()
    for name, (_, table) in zip(source_rows.distinct([name for name, _ in tables]), tables, strict=True):
        position = {match.compact(header) or header: at for at, header in enumerate(table.headers)}
        body = widened(table.body, len(table.headers) + 1)
        empty = len(table.headers)
        order = [position.get(header, empty) for header in headers]
        grids.append(replace(body.with_columns(order), lines=table.body.lines + offset))
        wide |= {line + offset for line in table.wide}
        origins.append(Origin(name, offset))
        offset += int(table.body.lines.max(initial=0)) if numbered_on else 0
        ignored += table.ignored
    first = tables[0][1]
    return Table(tuple(headers.values()), _stacked(grids), ignored, first.above, frozenset(wide)), tuple(origins)


def _stacked(grids: Sequence[Grid]) -> Grid:
    columns, marks = [], []
    for k in range(len(grids[0].columns)):
        columns.append(pa.chunked_array([chunk for grid in grids for chunk in grid.columns[k].chunks], pa.string()))
        parts = [grid.typed[k] for grid in grids]
        filled = [
            pa.chunked_array([pa.repeat(pa.scalar(value=False), len(g))]) if p is None else p
            for p, g in zip(parts, grids, strict=True)
        ]
        marks.append(pa.chunked_array([c for p in filled for c in p.chunks]) if any(p is not None for p in parts) else None)
    lines = np.concatenate([grid.lines for grid in grids])
    return Grid(tuple(columns), tuple(marks), lines, grids[0].sheet, formulas={**grids[0].formulas})
