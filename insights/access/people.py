"""Who acts, what may they do, and whom may they see?"""

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from insights.access.capabilities import CAPABILITIES, DEEDS, Capability, Role
from insights.ledger.errors import Refused

Source = Literal["screen", "command", "server"]  # the server acts by itself: each night, and for what is watched


@dataclass(frozen=True)
class Reach:
    """The customers that a person may see: those of some companies (by name; "" where the ledger names none). None: of all."""

    companies: frozenset[str] | None = None  # an empty set is nobody

    @property
    def everything(self) -> bool:
        """Whether nothing is out of sight."""
        return self.companies is None

    def has(self, company: str) -> bool:
        """Whether a company may be seen."""
        return self.companies is None or company in self.companies

    def to_json(self) -> dict[str, Any]:
        """As it is kept; no limit is left out."""
        return {} if self.companies is None else {"companies": sorted(self.companies)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Reach":
        """What `to_json` made. Raises KeyError for a limit of a kind that is not known: it must not be left out."""
        if unknown := set(kept) - {"companies"}:
            raise KeyError(f"no such limit: {', '.join(sorted(unknown))}")
        companies = kept.get("companies")
        return cls(None if companies is None else frozenset(companies))


EVERYTHING = Reach()
WITHIN_REACH = frozenset({Capability.SEE, Capability.AGREE, Capability.EXPORT})  # kept to a reach; all else concerns everything
OUT_OF_REACH = "You may see some customers only, and this concerns all of them. Ask an administrator."


@dataclass(frozen=True)
class Person:
    """Who acts, as of this run: a lowered role or a narrower reach is another Person."""

    name: str  # as it stands on records
    role: Role
    reach: Reach = EVERYTHING
    user_id: str | None = None  # None: nobody signed in, as on a laptop
    source: Source = "screen"  # through which door
    address: str = ""  # from where; "" on this machine

    def may(self, capability: Capability) -> bool:
        """Whether the role can do this, and the reach lets it: who may not see all does nothing that concerns all of it."""
        within = self.reach.everything or capability in WITHIN_REACH
        return within and capability in CAPABILITIES[self.role]


def laptop(name: str = "", source: Source = "command") -> Person:
    """Whoever sits at the machine where nobody signs in may do and see everything; by default the operating system's user."""
    return Person(name or _os_user(), Role.ADMINISTRATOR, source=source)


def _os_user() -> str:
    """Who is at the keyboard, as the operating system says."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry
        return str(os.getuid())


def require(person: Person, capability: Capability) -> None:
    """Refused where a person's role cannot do this; the sentence says whom to ask."""
    if person.may(capability):
        return
    if capability in CAPABILITIES[person.role]:
        raise Refused(OUT_OF_REACH, "out_of_reach", capability=capability.value)
    able = [role.words for role in Role if capability in CAPABILITIES[role]]
    raise Refused(
        f"{_one(person.role.words)} may not {DEEDS[capability]}. Ask {' or '.join(map(_one, able)).lower()}.",
        "not_allowed",
        capability=capability.value,
        role=person.role.value,
    )


def require_company(person: Person, company: str) -> None:
    """Refused where a company is not one of those that a person may see."""
    if not person.reach.has(company):
        raise Refused("This is not in the companies that you may see.", "out_of_reach")


def _one(words: str) -> str:
    """With the article that begins a sentence."""
    return f"{'An' if words[0] in 'aeio' else 'A'} {words}"
