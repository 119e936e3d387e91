"""How is a workspace of an earlier version looked at as it is, and as this version would make it?"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from insights.ledger.errors import Refused
from insights.store import copies
from insights.store.database import FILE, HEAD, revision
from insights.store.settings import Settings
from insights.store.store import Store


def as_it_is() -> tuple[Store, str]:
    """The workspace without migrating it, and the migration that it is at. Refused where there is none, or of a later version."""
    settings = Settings()
    home = settings.home.expanduser().absolute()
    if settings.database or (home / FILE).exists():
        store = Store.open(home, as_it_is=True)
        if at := revision(store.database.engine):
            return store, at
    raise Refused(f"There is no workspace in {home} yet: there is nothing to upgrade.", "no_workspace")


@contextmanager
def migrated(store: Store, backup: Path, at: str) -> Iterator[tuple[Store, str]]:
    """The workspace as this version would make it, on a copy of the database in a backup; and the migration it is at then.

    On a database server the migrations are tried there as well, in a transaction that is taken back.
    """
    if store.database.url and at != HEAD:
        copies.try_migrations(store.database)
    with copies.up_to_date(backup / FILE, at, store.home) as database:
        yield Store(store.home, database), HEAD
