"""Billing plans, and what-ifs that are kept by name."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "billing_plans",
        *_entry(),
        sa.Column("lineage_id", sa.String(36), nullable=False, index=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("set_aside", sa.JSON, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("entries", sa.JSON, nullable=False),
    )
    op.create_table(
        "scenarios",
        *_entry(),
        sa.Column("lineage_id", sa.String(36), nullable=False, index=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("values", sa.JSON, nullable=False),
    )


def _entry() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False, index=True),
        sa.Column("seal", sa.String(64), nullable=False),
    ]


def downgrade() -> None:
    op.drop_table("scenarios")
    op.drop_table("billing_plans")
