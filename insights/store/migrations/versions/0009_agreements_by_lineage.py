"""What was agreed with customers of no named company is kept to the versions of its ledger."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Where one ledger alone has customers of no named company, it was theirs; else nobody knows, and all go on showing it."""
    with op.batch_alter_table("agreements") as batch:
        batch.add_column(sa.Column("lineage_id", sa.String(36), nullable=False, server_default=""))
    with op.batch_alter_table("agreements") as batch:
        batch.alter_column("lineage_id", server_default=None)
    bind = op.get_bind()
    rows = bind.execute(sa.text("SELECT lineage_id, companies FROM ledgers")).all()
    named = [(lineage, json.loads(names) if isinstance(names, str) else names) for lineage, names in rows]
    nameless = {lineage for lineage, companies in named if "" in companies}
    if len(nameless) == 1:
        bind.execute(sa.text("UPDATE agreements SET lineage_id = :lineage WHERE company = ''"), {"lineage": nameless.pop()})


def downgrade() -> None:
    with op.batch_alter_table("agreements") as batch:
        batch.drop_column("lineage_id")
