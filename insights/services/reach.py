"""What of a workspace, of a ledger and of its predictions may somebody see? Applied where rows are read, and nowhere after."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.access import Reach
from insights.ledger.ledger import Ints, Ledger, of_rows
from insights.services.contents import Contents


@dataclass(frozen=True)
class LedgerWithin:
    """A ledger as somebody may see it, and where each of its rows stands in the whole of it; None: everywhere."""

    ledger: Ledger
    positions: Ints | None = None


def contents_within(held: Contents, reach: Reach) -> Contents:
    """The ledgers that have a company within reach; models and publications say nothing of customers."""
    if reach.everything:
        return held
    return replace(held, ledgers=tuple(ledger for ledger in held.ledgers if any(map(reach.has, ledger.companies))))


def ledger_within(ledger: Ledger, reach: Reach) -> LedgerWithin:
    """A ledger with the rows within reach alone; what was set aside, of which nobody knows whose it is, is left out."""
    if reach.companies is None:
        return LedgerWithin(ledger)
    mine = pc.is_in(ledger.invoices["company"], pa.array(sorted(reach.companies), pa.string()))
    positions = np.flatnonzero(mine.to_numpy())
    seen = of_rows(ledger, positions)
    return LedgerWithin(replace(seen, rows_read=len(positions), rows_ignored=0, aside=()), positions)


def rows_of(rows: pa.Table, reach: Reach) -> pa.Table:
    """The rows of a table with the column company that lie within reach."""
    if reach.companies is None:
        return rows
    return rows.filter(pc.is_in(rows["company"], pa.array(sorted(reach.companies), pa.string())))


def rows_within(source: Path | pa.Table, reach: Reach, positions: Ints | None) -> pa.Table:
    """Predictions with the rows within reach alone, their `position` that of `LedgerWithin.ledger`."""
    rows = pq.read_table(source) if isinstance(source, Path) else source
    if reach.companies is None or positions is None:
        return rows
    rows = rows_of(rows, reach)
    moved = np.searchsorted(positions, rows["position"].to_numpy()).astype(np.int64)
    at = rows.schema.get_field_index("position")
    return rows.set_column(at, rows.schema.field(at), pa.array(moved))
