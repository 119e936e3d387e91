"""Keep a table of exchange rates, and remove one."""

from pathlib import Path

from insights.ingest import rate_table
from insights.sandbox.limits import Heard, unheard
from insights.store import rate_tables
from insights.store.records import RateTable
from insights.store.store import Store


def keep(store: Store, path: Path, *, actor: str, target: str = "", heard: Heard = unheard) -> RateTable:
    """Read a table (date, from, to, rate) and keep it in place of the one before; `target` where it has no such column.

    `heard` is told how many files are read before. Raises Refused, with the row, for what is no rate. Recorded.
    """
    return rate_tables.keep(store, rate_table.read(path, target, heard=heard), path.name, actor=actor)


def remove(store: Store, table_id: str, *, actor: str) -> None:
    """Delete a table: the one before it counts again. Recorded."""
    rate_tables.remove(store, table_id, actor=actor)
