"""What do blank customers mean in a file that names each customer once, as a pivot table does?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Question
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.groups import TOTAL
from insights.ingest.recognise.source import Source
from insights.ledger.ledger import Problem

FIELDS = ("customer_id", "customer_name", "company")
FEWEST = 0.2  # of the rows without a customer: fewer are gaps, not a habit
YES, NO = "yes", "no"


def filled_down(source: Source, decisions: Decisions) -> Source:
    """The source with customers filled down, where totals below them prove that it is meant, or the user says so; else asks."""
    at = source.columns
    columns = [at[name] for name in FIELDS if name in at]
    if not {"customer_id", "customer_name"} & set(at) or source.options.fill_down == NO:
        return source
    source = _below_names(source, columns)
    body, parts = source.table.body, source.parts()
    named = [k for k in columns if _is_named_once(body.columns[k].filter(pa.array(parts.is_row)))]
    if not named:
        return source
    header = source.table.headers[named[0]]
    if source.options.fill_down != YES and not _is_proven(body.columns[named[0]], parts.is_row):
        decisions.questions.append(_ask(header, body.columns[named[0]].filter(pa.array(parts.is_row))))
        return source
    decisions.notes.append(Problem(0, header, "", "filled_down", set_aside=False))
    filled = tuple(_filled(column, parts.is_row) if k in named else column for k, column in enumerate(body.columns))
    return replace(source, table=replace(source.table, body=replace(body, columns=filled)))


def _below_names(source: Source, columns: Sequence[int]) -> Source:
    """Rows that hold nothing but a customer name the rows below them, where these name none."""
    body = source.table.body
    if not len(body):
        return source
    filled = [pc.not_equal(column, "").to_numpy() for column in body.columns]
    count, named = np.sum(filled, axis=0), np.sum([filled[k] for k in columns], axis=0)
    only = (count > 0) & (count == named)
    at = np.flatnonzero(only)
    for k in columns:
        only[at] &= ~pc.match_substring_regex(body.columns[k].take(pa.array(at)), TOTAL).to_numpy()
    nameless = (named == 0) & (count > 1)
    if not only.any() or nameless.sum() < max(1, FEWEST * (~only).sum()):
        return source
    mine = pa.chunked_array([pa.array(only)])
    below = pa.chunked_array([pa.array(nameless)])
    cells = list(body.columns)
    for k in columns:
        down = pc.fill_null(pc.fill_null_forward(pc.if_else(mine, cells[k], pa.scalar(None, pa.string()))), "")
        cells[k] = pc.if_else(below, down, cells[k])
    ignored = source.table.ignored + Counter(group=int(only.sum()))
    kept = replace(body, columns=tuple(cells)).take(np.flatnonzero(~only))
    return replace(source, table=replace(source.table, body=kept, ignored=ignored))


def _is_named_once(cells: pa.ChunkedArray) -> bool:
    """Whether every value stands in the first row of a group only, and the rows below it are blank."""
    blank = pc.equal(cells, "").to_numpy()
    if not len(blank) or blank[0] or blank.sum() < FEWEST * len(blank):
        return False
    values = cells.filter(pa.array(~blank))
    again = pc.equal(values.slice(1), values.slice(0, len(values) - 1)).to_numpy()
    return len(values) > 1 and not again.any() and pc.count_distinct(values).as_py() == len(values)


def _is_proven(cells: pa.ChunkedArray, is_row: np.ndarray) -> bool:
    """Whether totals below the groups bear the names of nearly all customers that have several rows: "Alpha Total"."""
    names = set(cells.filter(pa.array(is_row)).to_pylist()) - {""}
    others = set(cells.filter(pa.array(~is_row)).to_pylist())
    sure = {name for name in names if any(other.endswith(name) or other.startswith(name) for other in others if other != name)} \
        if len(others) * len(names) < 10**6 else names & {_bare(other) for other in others}  # fmt: skip
    return len(sure) >= len(names) * (1 - FEWEST)


def _bare(total: str) -> str:
    return total.removesuffix(" Total").removeprefix("Total ")


def _ask(header: str, cells: pa.ChunkedArray) -> Question:
    blank = int(pc.sum(pc.equal(cells, "")).as_py())
    return Question(
        "fill_down",
        "customer_id",
        header,
        f"Column “{header}” names each customer once, and {blank:,} rows below them are blank.",
        ((YES, "they belong to the customer above"), (NO, "they have no customer: set them aside")),
        f"--fill-down {YES}|{NO}",
    )


def _filled(cells: pa.ChunkedArray, is_row: np.ndarray) -> pa.ChunkedArray:
    """Blank cells of ledger rows with the last value above; what stands in totals does not count."""
    mine = pa.array(is_row)
    rows = pc.if_else(pa.chunked_array([mine]), cells, "")
    down = pc.fill_null_forward(pc.if_else(pc.equal(rows, ""), pa.scalar(None, pa.string()), rows))
    return pc.if_else(pa.chunked_array([mine]), pc.fill_null(down, ""), cells)
