"""Where is the home folder, and what is the database?"""

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
    def open(cls, home: Path | None = None) -> Self:
        """The store in `home` (default: INSIGHTS_HOME, else ./workspace), made and brought up to date where needed."""
        settings = Settings()
        home = (home or settings.home).expanduser().absolute()
        if not settings.database:
            check_present(home)
        files.own(home)
        store = cls(home, open_database(home, settings.database))
        reserve.keep_back(home)
        return store

    def path(self, relative: str) -> Path:
        return self.home / relative

    def lock_file(self, name: str) -> Path:
        return self.home / "locks" / f"{name}.lock"


def no_such(what: str, known_id: str) -> Refused:
    return Refused(f"There is no {what} {known_id} in this workspace.", f"no_{what}", id=known_id)
