"""Versions: each ledger is one of a lineage.

A ledger that was committed under the name of an earlier one, whose invoices it holds, becomes its next version; each other one
has a lineage of its own. What is published of a ledger without companies is kept to its lineage from now on.
"""

from collections import defaultdict
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa
from alembic import context, op

revision = "0006"
down_revision = "0005"

KEY = ("company", "customer_id", "invoice_id", "line", "issue_date")
NEW = """
    INSERT INTO lineages (id, created_at, actor, sequence, seal, merges) VALUES (:id, :at, :actor, :sequence, '', '{}')
"""
ENOUGH = 0.5  # of the invoices of the smaller one of two


def upgrade() -> None:
    op.create_table(
        "lineages",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False, index=True),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Column("merges", sa.JSON, nullable=False),
    )
    with op.batch_alter_table("ledgers") as batch:
        batch.add_column(sa.Column("lineage_id", sa.String(36), nullable=False, server_default=""))
        batch.add_column(sa.Column("version", sa.Integer, nullable=False, server_default="1"))
        batch.add_column(sa.Column("balance", sa.JSON, nullable=True))
    lineages = _joined(op.get_bind())
    with op.batch_alter_table("ledgers") as batch:
        batch.alter_column("lineage_id", server_default=None)
        batch.alter_column("version", server_default=None)
        batch.create_index("ix_ledgers_lineage_id", ["lineage_id"])
    _keep_publications_apart(op.get_bind(), lineages)


def downgrade() -> None:
    """What was published of ledgers without companies has no place there: it goes."""
    op.execute("DELETE FROM publications WHERE scope LIKE 'lineage:%'")
    with op.batch_alter_table("ledgers") as batch:
        batch.drop_index("ix_ledgers_lineage_id")
        for name in ("balance", "version", "lineage_id"):
            batch.drop_column(name)
    op.drop_table("lineages")


def _joined(bind: sa.Connection) -> dict[str, str]:
    """Gives the ledgers lineages, as they came; ledger id -> lineage id, of those without companies."""
    ledgers = bind.execute(
        sa.text("SELECT id, name, path, companies, actor, created_at FROM ledgers ORDER BY sequence")
    ).mappings()
    newest: dict[tuple[str, str], tuple[str, str, int]] = {}  # name and companies -> path, lineage and version of the newest
    nameless = {}
    for sequence, ledger in enumerate(ledgers.all(), 1):
        of_a_name = (ledger["name"], str(ledger["companies"]))
        path, lineage, version = newest.get(of_a_name, ("", "", 0))
        if not (version and _shared(path, ledger["path"])):
            lineage, version = str(uuid4()), 0
            made = {"id": lineage, "at": ledger["created_at"], "actor": ledger["actor"], "sequence": sequence}
            bind.execute(sa.text(NEW), made)
        newest[of_a_name] = (ledger["path"], lineage, version + 1)
        values = {"id": ledger["id"], "lineage": lineage, "version": version + 1}
        bind.execute(sa.text("UPDATE ledgers SET lineage_id = :lineage, version = :version WHERE id = :id"), values)
        if _without_names(ledger["companies"]):
            nameless[ledger["id"]] = lineage
    return nameless


def _without_names(companies: object) -> bool:
    """Whether the list of a ledger's companies, as text or not, holds no name."""
    return companies in ('[""]', [""])


def _shared(earlier: str, other: str) -> bool:
    """Whether the smaller one of two ledgers shares half of its invoices with the other; no where they cannot be read."""
    home = context.config.attributes.get("home")
    if home is None:
        return False
    keys = []
    for path in (earlier, other):
        try:
            table = pq.read_table(Path(home) / path / "invoices.parquet", columns=list(KEY))
        except (OSError, pa.ArrowException):
            return False
        texts = [table[name].cast(pa.string()) for name in KEY]
        keys.append(pc.binary_join_element_wise(*texts, "\x1f").combine_chunks())
    both = pc.sum(pc.is_in(keys[1], value_set=keys[0])).as_py() or 0
    return bool(both >= ENOUGH * min(map(len, keys)) and both)


def _keep_publications_apart(bind: sa.Connection, lineages: dict[str, str]) -> None:
    """Publications of models that learned from a ledger without companies move to its lineage, in the order that they had."""
    learned_from = {row.id: row.ledger_id for row in bind.execute(sa.text("SELECT id, ledger_id FROM models"))}
    rows = bind.execute(
        sa.text("SELECT id, scope, number, kind, model_id, replaces FROM publications ORDER BY sequence")
    ).mappings()
    scope_of: dict[str, str] = {}
    last: dict[str, str] = {}
    numbers: dict[str, int] = defaultdict(int)
    moved: list[dict[str, Any]] = []
    for row in rows.all():
        lineage = lineages.get(learned_from.get(row["model_id"], ""))
        scope = f"lineage:{lineage}:{row['scope']}" if lineage else row["scope"]
        if not row["model_id"]:  # withdrawn: there where what it withdrew stands
            scope = scope_of.get(row["replaces"] or "", row["scope"])
        numbers[scope] += 1
        scope_of[row["id"]] = scope
        moved.append({"id": row["id"], "scope": scope, "number": numbers[scope], "replaces": last.get(scope)})
        last[scope] = row["id"]
    if not any(scope.startswith("lineage:") for scope in scope_of.values()):
        return
    for entry in moved:  # first out of the way: a number within a scope is unique
        bind.execute(sa.text("UPDATE publications SET number = -number WHERE id = :id"), {"id": entry["id"]})
    for entry in moved:
        bind.execute(
            sa.text("UPDATE publications SET scope = :scope, number = :number, replaces = :replaces WHERE id = :id"), entry
        )
