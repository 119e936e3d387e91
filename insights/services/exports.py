"""How do rows leave the product? Only by people who may, and with a record of what and how many."""

from pathlib import Path

import pyarrow as pa

from insights.access import Capability, Person, require
from insights.ledger import table_files
from insights.store import audit
from insights.store.store import Store

EXPORT = "export"  # the action on record: "worklist.export"


def note(store: Store, kind: str, rows: int | None, *, actor: Person, subject: str = "", **details: object) -> None:
    """Record that rows leave: of what ("worklist"), how many (None: a document), of which ledger or model (`subject`).

    Before they do: what cannot be recorded is not handed out. Refused where the person may not.
    """
    require(actor, Capability.EXPORT)
    with store.database.write() as session:
        audit.record(session, actor, f"{kind}.{EXPORT}", subject, **({} if rows is None else {"rows": rows}), **details)


def write(  # noqa: PLR0913 - what, of which ledger, to where, by whom
    store: Store, kind: str, table: pa.Table, path: Path, *, actor: Person, subject: str = "", sheet: str = "Invoices"
) -> None:
    """Write a table as .csv, .parquet or .xlsx by its path's ending, on record."""
    note(store, kind, table.num_rows, actor=actor, subject=subject, file=path.name)
    table_files.write(table, path, sheet=sheet)
