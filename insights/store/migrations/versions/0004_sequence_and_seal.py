"""What came first, whatever the clock said; whether a row is as it was written; the digests of files that can be made again."""

import json
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ENTRIES = ("ledgers", "models", "publications", "predictions", "rate_tables", "records", "jobs")


def upgrade() -> None:
    """The order of rows so far is that of their moments; seals are made when all tables are as the code knows them."""
    for table in ENTRIES:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("sequence", sa.Integer, nullable=False, server_default="0"))
            batch.add_column(sa.Column("seal", sa.String(64), nullable=False, server_default=""))
            batch.create_index(f"ix_{table}_sequence", ["sequence"])
        number(table)
        with op.batch_alter_table(table) as batch:
            batch.alter_column("sequence", server_default=None)
            batch.alter_column("seal", server_default=None)
    digest_rates()
    op.create_table("files", sa.Column("path", sa.String, primary_key=True), sa.Column("sha256", sa.String, nullable=False))
    with op.batch_alter_table("models") as batch:
        batch.add_column(sa.Column("imported", sa.Boolean, nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("tried", sa.Boolean, nullable=False, server_default=sa.true()))
    op.execute(
        "UPDATE models SET imported = TRUE, tried = FALSE WHERE id IN (SELECT subject FROM records WHERE action = 'model.import')"
    )
    with op.batch_alter_table("models") as batch:
        batch.alter_column("imported", server_default=None)
        batch.alter_column("tried", server_default=None)


def number(table: str) -> None:
    """1, 2, 3 ... by moment; rows of one moment by id."""
    connection = op.get_bind()
    rows = sa.table(table, sa.column("id", sa.String), sa.column("created_at", sa.String), sa.column("sequence", sa.Integer))
    ids = connection.execute(sa.select(rows.c.id).order_by(rows.c.created_at, rows.c.id)).scalars().all()
    for place, row_id in enumerate(ids, 1):
        connection.execute(sa.update(rows).where(rows.c.id == row_id).values(sequence=place))


def digest_rates() -> None:
    with op.batch_alter_table("rate_tables") as batch:
        batch.add_column(sa.Column("sha256", sa.String, nullable=False, server_default=""))
    connection = op.get_bind()
    rows = sa.table("rate_tables", sa.column("id", sa.String), sa.column("entries", sa.JSON), sa.column("sha256", sa.String))
    for row_id, entries in connection.execute(sa.select(rows.c.id, rows.c.entries)).all():
        digest = sha256(json.dumps(entries).encode()).hexdigest()
        connection.execute(sa.update(rows).where(rows.c.id == row_id).values(sha256=digest))
    with op.batch_alter_table("rate_tables") as batch:
        batch.alter_column("sha256", server_default=None)


def downgrade() -> None:
    op.drop_table("files")
    for table in ENTRIES:
        more = {"models": ("imported", "tried"), "rate_tables": ("sha256",)}.get(table, ())
        with op.batch_alter_table(table) as batch:
            batch.drop_index(f"ix_{table}_sequence")
            for column in ("sequence", "seal", *more):
                batch.drop_column(column)
