"""Attempts to sign in are counted over all processes of a server; the last record of an action is found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key_sha256", sa.String(64), nullable=False, index=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    )
    op.create_index("ix_records_action", "records", ["action", "sequence"])


def downgrade() -> None:
    op.drop_index("ix_records_action", "records")
    op.drop_table("sign_in_attempts")
