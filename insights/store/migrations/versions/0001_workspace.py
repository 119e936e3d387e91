"""Ledgers, models, publications, predictions, records and jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def entry() -> tuple[sa.Column[str], sa.Column[object], sa.Column[str]]:
    """The columns that every table has."""
    return (
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("actor", sa.String, nullable=False),
    )


def text(name: str, *, index: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False, index=index)


def key(name: str, *, nullable: bool = False, index: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(36), nullable=nullable, index=index)


def number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def structure(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON, nullable=False)


def day(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date, nullable=nullable)


def moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def long_text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def upgrade() -> None:
    op.create_table(
        "ledgers",
        *entry(),
        *map(text, ("name", "path", "sha256", "fingerprint")),
        *map(number, ("rows", "rows_read", "rows_set_aside", "rows_ignored", "customers")),
        *map(structure, ("problems", "companies", "outstanding", "known_at_issue")),
        *map(day, ("complete_through", "history_starts", "default_as_of")),
    )
    op.create_table(
        "models",
        *entry(),
        *map(text, ("name", "path", "sha256")),
        key("ledger_id", index=True),
        day("trained_as_of"),
        *map(structure, ("recipe", "fields", "metrics")),
    )
    op.create_table(
        "publications",
        *entry(),
        *map(text, ("scope", "kind")),
        number("number"),
        key("model_id"),
        sa.Column("threshold", sa.Float, nullable=False),
        long_text("reason"),
        key("replaces", nullable=True),
        key("restores", nullable=True),
        structure("gate"),
        sa.UniqueConstraint("scope", "number"),
    )
    op.create_table(
        "predictions",
        *entry(),
        key("ledger_id", index=True),
        key("model_id", index=True),
        day("as_of"),
        *map(text, ("path", "sha256")),
        number("rows"),
        sa.UniqueConstraint("ledger_id", "model_id", "as_of"),
    )
    op.create_table("records", *entry(), text("action"), text("subject", index=True), structure("details"))
    op.create_table(
        "jobs",
        *entry(),
        text("kind"),
        structure("request"),
        key("ledger_id", index=True),
        day("as_of", nullable=True),
        text("state", index=True),
        text("stage"),
        sa.Column("share", sa.Float, nullable=False),
        *map(long_text, ("log", "error")),
        key("model_id"),
        number("attempts"),
        sa.Column("cancel_asked", sa.Boolean, nullable=False),
        text("worker"),
        *map(moment, ("lease_until", "heartbeat_at", "started_at", "ended_at")),
    )


def downgrade() -> None:
    for table in ("jobs", "records", "predictions", "publications", "models", "ledgers"):
        op.drop_table(table)
