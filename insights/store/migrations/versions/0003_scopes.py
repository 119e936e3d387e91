"""The scope of a publication: "all" and "company:NAME", where it was "" and NAME, so that a company may be called ""."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("UPDATE publications SET scope = CASE WHEN scope = '' THEN 'all' ELSE 'company:' || scope END")


def downgrade() -> None:
    """What was published for the company called "" has no place there: it goes."""
    op.execute("DELETE FROM publications WHERE scope = 'company:'")
    op.execute("UPDATE publications SET scope = CASE WHEN scope = 'all' THEN '' ELSE substr(scope, 9) END")
