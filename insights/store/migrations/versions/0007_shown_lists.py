"""Each day's worklist as it was shown first."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "shown_lists",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False, index=True),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Column("ledger_id", sa.String(36), nullable=False, index=True),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("models", sa.JSON, nullable=False),
        sa.Column("customers", sa.Integer, nullable=False),
        sa.Column("held_back", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("entries", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("ledger_id", "as_of"),
    )


def downgrade() -> None:
    op.drop_table("shown_lists")
