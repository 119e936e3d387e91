"""Where is the home folder, and what is the database?"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from insights.ledger.errors import Refused
from insights.store import files, reserve
from insights.store.database import Database, check_present, open_database
from insights.store.settings import Settings


@dataclass(frozen=True)
class Store:
    """A home folder: SQLite (or PostgreSQL) for what changes, Parquet and model files for what does not.

    Safe to use from several threads and processes at once.
    """

    home: Path
    database: Database

    @classmethod
    def open(cls, home: Path | None = None, *, as_it_is: bool = False) -> Self:
        """The store in `home` (default: INSIGHTS_HOME, else ./workspace), made and brought up to date where needed.

        `as_it_is`: the database is not migrated; only `backups.write` knows what to do with it.
        """
        settings = Settings()
        home = (home or settings.home).expanduser().absolute()
        if not settings.database:
            check_present(home)
        files.own(home)
        store = cls(home, open_database(home, settings.database, as_it_is=as_it_is))
        reserve.keep_back(home)
        return store

    def path(self, relative: str) -> Path:
        return self.home / relative

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Hold the lock of a name: one holder at a time over all processes and threads, and hosts where they share a server."""
        return self.database.lock(name)

    def try_lock(self, name: str) -> AbstractContextManager[bool]:
        """Hold the lock of a name if nobody else does: whether that succeeded."""
        return self.database.try_lock(name)

    def lock_of(self, folder: Path) -> str:
        """The name of the lock of a folder in the home."""
        return "-".join(folder.relative_to(self.home).parts)

    def forget_lock(self, name: str) -> None:
        """Remove what is left of a lock that nobody needs any more."""
        self.database.forget_lock(name)


def no_such(kind: str, known_id: str) -> Refused:
    return Refused(f"There is no {kind} {known_id} in this workspace.", f"no_{kind}", id=known_id)


@contextmanager
def present(store: Store, table: type[object], kind: str, known_id: str) -> Iterator[None]:
    """While the files of a row are read. Refused as where there is none, if somebody deletes it meanwhile: first its row goes."""
    try:
        yield
    except (OSError, Refused):
        with store.database.read() as session:
            if session.get(table, known_id) is None:
                raise no_such(kind, known_id) from None
        raise
