"""Where is the home folder, who is asking, and what is the database?"""

import getpass
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from insights.ledger.errors import Refused
from insights.store.database import Database


@dataclass(frozen=True)
class Store:
    """What every part of the workspace works on."""

    home: Path
    actor: str
    database: Database

    def path(self, relative: str) -> Path:
        return self.home / relative

    def lock_file(self, name: str) -> Path:
        return self.home / "locks" / f"{name}.lock"


def os_user() -> str:
    """Who is at the keyboard, as the operating system says."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry
        return str(os.getuid())


def no_such(what: str, known_id: str) -> Refused:
    return Refused(f"There is no {what} {known_id} in this workspace.", f"no_{what}", id=known_id)


def no_model(ledger_id: str, as_of: date) -> Refused:
    return Refused(
        f"No model in this workspace was trained on what was known before {as_of}. "
        f"Train one with: python -m insights train --ledger {ledger_id} --as-of {as_of}",
        "no_model",
        as_of=as_of,
    )


def trained_too_late(trained_as_of: date, as_of: date) -> Refused:
    return Refused(
        f"This model was trained on what was known before {trained_as_of}: as of {as_of} it would have seen the answers. "
        f"Train a model as of {as_of} instead.",
        "trained_too_late",
        trained_as_of=trained_as_of,
        as_of=as_of,
    )
