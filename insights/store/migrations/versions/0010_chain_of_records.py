"""From where somebody did something, what was before, and which record is the one before; where the chain of records ends."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

GIVEN = {"source": "", "address": "", "before": "{}", "previous": ""}  # what records from before say
KINDS: dict[str, sa.types.TypeEngine[Any]] = {
    "source": sa.String(),
    "address": sa.String(),
    "before": sa.JSON(),
    "previous": sa.String(64),
}


def upgrade() -> None:
    """Records from before are chained in their order once all tables are as the code knows them (`seals.chain`)."""
    with op.batch_alter_table("records") as batch:
        for name, value in GIVEN.items():
            batch.add_column(sa.Column(name, KINDS[name], nullable=False, server_default=value))
        batch.add_column(sa.Column("user_id", sa.String(36), nullable=True))
        batch.create_unique_constraint("uq_records_sequence", ["sequence"])
    with op.batch_alter_table("records") as batch:
        for name in GIVEN:
            batch.alter_column(name, server_default=None)
    head = op.create_table(
        "record_head",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "sequence": 0, "seal": ""}])


def downgrade() -> None:
    op.drop_table("record_head")
    with op.batch_alter_table("records") as batch:
        batch.drop_constraint("uq_records_sequence", type_="unique")
        for name in (*GIVEN, "user_id"):
            batch.drop_column(name)
