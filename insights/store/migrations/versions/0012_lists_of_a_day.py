"""Of a day's worklist every change is kept, not what was shown first alone."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
TABLE = "shown_lists"
NAMES = {"uq": "uq_%(table_name)s"}  # how a constraint is called here that has no name in the database


def upgrade() -> None:
    name = _name()
    op.add_column(TABLE, sa.Column("number", sa.Integer, nullable=False, server_default="1"))
    op.add_column(TABLE, sa.Column("base_id", sa.String(36), nullable=True))
    op.add_column(TABLE, sa.Column("added", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE shown_lists SET added = customers")
    with op.batch_alter_table(TABLE, naming_convention=NAMES) as batch:
        batch.drop_constraint(name, type_="unique")
        batch.create_unique_constraint("uq_shown_lists_number", ["ledger_id", "as_of", "number"])
        batch.alter_column("number", server_default=None)
        batch.alter_column("added", server_default=None)


def downgrade() -> None:
    op.execute("DELETE FROM shown_lists WHERE number > 1")
    name = _name()
    with op.batch_alter_table(TABLE, naming_convention=NAMES) as batch:
        batch.drop_constraint(name, type_="unique")
        batch.create_unique_constraint("uq_shown_lists_day", ["ledger_id", "as_of"])
        for column in ("number", "base_id", "added"):
            batch.drop_column(column)


def _name() -> str:
    (constraint,) = sa.inspect(op.get_bind()).get_unique_constraints(TABLE)
    return constraint["name"] or NAMES["uq"] % {"table_name": TABLE}
