"""What is agreed with customers, and by which weights the worklist is ranked."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "agreements",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False, index=True),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("company", sa.String, nullable=False),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("invoice_id", sa.String, nullable=True),
        sa.Column("line", sa.String, nullable=True),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
    )
    op.create_index("ix_agreements_customer", "agreements", ["company", "customer_id"])
    op.create_table(
        "weights",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False, index=True),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Column("prevention", sa.Integer, nullable=False),
        sa.Column("contact_days", sa.Integer, nullable=False),
        sa.Column("minimum", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("weights")
    op.drop_table("agreements")
