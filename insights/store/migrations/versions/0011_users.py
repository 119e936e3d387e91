"""Who may sign in, in which browsers they did, and the links by which they set a password."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "users",
        *_entry(),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False, unique=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("reach", sa.JSON, nullable=True),
        sa.Column("password", sa.String, nullable=False),
        sa.Column("issuer", sa.String, nullable=True),
        sa.Column("subject", sa.String, nullable=True),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.UniqueConstraint("issuer", "subject"),
    )
    op.create_table(
        "sessions",
        *_entry(),
        sa.Column("token_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("user_id", sa.String(36), nullable=False, index=True),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("agent", sa.String, nullable=False),
    )
    op.create_table(
        "invitations",
        *_entry(),
        sa.Column("token_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("user_id", sa.String(36), nullable=False, index=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
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
    op.drop_table("invitations")
    op.drop_table("sessions")
    op.drop_table("users")
