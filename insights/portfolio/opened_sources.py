"""How is a source of open invoices asked quickly by many people? Read once into an in-memory database, which is kept.

A *source* is as `portfolio.worklist` says: the Parquet file of predictions, or an Arrow table in the same columns.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from insights.ledger.money import exponent

MOST_KEPT = 4


@dataclass(frozen=True)
class _Opened:
    """A source that was read, and the state in which it was: what else would be kept for it is another one."""

    source: Path | pa.Table
    state: tuple[object, ...]
    database: duckdb.DuckDBPyConnection

    def is_of(self, source: Path | pa.Table, state: tuple[object, ...]) -> bool:
        """Whether this is what would be read now. A table is never written to, so that the same one is as it was."""
        same = self.source is source if isinstance(source, pa.Table) else self.source == source
        return same and self.state == state


_kept: list[_Opened] = []  # the last used at the end
_keeping = threading.Lock()


def opened(source: Path | pa.Table, rates: Mapping[str, float] | None = None) -> duckdb.DuckDBPyConnection:
    """A connection to a database with the table `source`: the source, and four columns besides. It is closed by whoever asks.

    The last MOST_KEPT are kept in memory: everybody looks at the same few, and to make one takes longer than to ask it.
    """
    touched = source.stat() if isinstance(source, Path) else None
    state = (
        (touched.st_ino, touched.st_size, touched.st_mtime_ns, touched.st_ctime_ns) if touched else (),
        tuple(sorted(rates.items())) if rates else (),
    )
    with _keeping:
        known = next((kept for kept in _kept if kept.is_of(source, state)), None)
        if known:
            _kept.remove(known)
            _kept.append(known)
            return known.database.cursor()
    made = _Opened(source, state, _read(source, rates))  # beside others: two who ask for the same at once make it twice
    with _keeping:
        _kept.append(made)
        del _kept[:-MOST_KEPT]  # whoever still asks one of these has a connection, which keeps it
        return made.database.cursor()


def _read(source: Path | pa.Table, rates: Mapping[str, float] | None) -> duckdb.DuckDBPyConnection:
    """An in-memory database with the table `source`.

    `major`, `major_amount`: amounts in whole units of their currency; `rate`: what such a unit counts when amounts are compared;
    `block`: which currencies come first where they are not.
    """
    database = duckdb.connect(config={"threads": 1})  # what is asked takes milliseconds, and many ask at once
    relation = database.read_parquet(str(source)) if isinstance(source, Path) else database.from_arrow(source)
    relation.create_view("given")
    codes = table_of(database, "SELECT currency FROM given GROUP BY currency ORDER BY count(*) DESC, currency", [])["currency"]
    named = codes.to_pylist()
    comparable = rates if rates and set(named) <= rates.keys() else None
    scales = {
        "currency": codes,
        "scale": pa.array([10 ** exponent(code) for code in named], pa.int64()),
        "rate": pa.array([comparable[code] if comparable else 1.0 for code in named], pa.float64()),
        "block": pa.array([0 if comparable else place for place in range(len(named))], pa.int64()),
    }
    database.register("scales", pa.table(scales))
    database.execute(
        "CREATE TABLE source AS SELECT given.*, outstanding / scale AS major, amount / scale AS major_amount, rate, block "
        "FROM given JOIN scales USING (currency)"
    )
    database.execute("DROP VIEW given")
    database.unregister("scales")
    return database


def table_of(database: duckdb.DuckDBPyConnection, query: str, values: list[Any]) -> pa.Table:
    table: pa.Table = database.sql(query, params=values).to_arrow_table()
    return table
