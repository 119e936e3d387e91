"""How does a workspace of an earlier version look?"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import column, update
from sqlalchemy import table as sa_table

from insights.store import database
from insights.store.seals import seals_of
from insights.store.store import Store


def as_before(workspace: Store, revision: str) -> None:
    """Put the database back to an earlier migration, as a workspace of then has it."""
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    with workspace.database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    with workspace.database.engine.begin() as connection:  # the seals of then, too
        for table, known_id, _, own in list(seals_of(connection)):
            connection.execute(
                update(sa_table(table, column("id"), column("seal"))).values(seal=own).where(column("id") == known_id)
            )
