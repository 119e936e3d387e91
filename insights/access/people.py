"""Who acts, what may they do, and whom may they see?"""

import getpass
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from insights.access.capabilities import CAPABILITIES, DEEDS, Capability, Role
from insights.ledger.errors import Refused

JOB_ACTOR = "PAYMENT_INSIGHTS_JOB_ACTOR"  # of the environment of a job's child process
Source = Literal["screen", "command", "server"]  # the server acts by itself, or does a job for somebody


@dataclass(frozen=True)
class Reach:
    """The customers that a person may see: those that every limit which is set leaves in sight. None: there is no such limit.

    companies: by name, "" where the ledger names none. groups: (column, value) of a ledger's further columns that group
    customers. owners: who looks after them, by name. An empty set is nobody.
    """

    companies: frozenset[str] | None = None
    groups: frozenset[tuple[str, str]] | None = None
    owners: frozenset[str] | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is out of sight."""
        return self.companies is None and self.whole_companies

    @property
    def whole_companies(self) -> bool:
        """Whether a company is in sight with all of its customers, or not at all."""
        return self.groups is None and self.owners is None

    def has(self, company: str) -> bool:
        """Whether customers of a company may be seen, where nothing else limits it."""
        return self.companies is None or company in self.companies

    @property
    def words(self) -> str:
        """As a sentence ends that says whom somebody sees: "all customers", "the customers of North"."""
        groups = None if self.groups is None else [f"{column}: {value}" for column, value in sorted(self.groups)]
        companies = None if self.companies is None else [name or "no company" for name in sorted(self.companies)]
        limits = (("of ", companies), ("in the group ", groups), ("of the owner ", _listed(self.owners)))
        limited = [f"{kind}{' or '.join(names) or 'nobody'}" for kind, names in limits if names is not None]
        return f"the customers {', '.join(limited)}" if limited else "all customers"

    def to_json(self) -> dict[str, Any]:
        """As it is kept; no limit is left out."""
        groups = None if self.groups is None else [list(group) for group in sorted(self.groups)]
        limits = {"companies": _listed(self.companies), "groups": groups, "owners": _listed(self.owners)}
        return {kind: limit for kind, limit in limits.items() if limit is not None}

    @classmethod
    def from_json(cls, kept: Mapping[str, object]) -> "Reach":
        """What `to_json` made. NOBODY for a limit of a kind that is not known, or that cannot be read: it is never left out."""
        try:
            return cls(**{kind: LIMITS[kind](limit) for kind, limit in kept.items()})
        except (AttributeError, KeyError, TypeError, ValueError):
            return NOBODY


NOBODY = Reach(companies=frozenset())
EVERYTHING = Reach()


def _listed(names: frozenset[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def _names(limit: object) -> frozenset[str]:
    """The names of a limit as it is kept; raises ValueError where these are none."""
    if not isinstance(limit, list) or not all(isinstance(name, str) for name in limit):
        raise ValueError(limit)
    return frozenset(limit)


def _groups(limit: object) -> frozenset[tuple[str, str]]:
    """The groups of a limit as it is kept; raises TypeError or ValueError where these are none."""
    if not isinstance(limit, list):
        raise TypeError(limit)
    return frozenset((column, value) for column, value in map(_pair, limit))


def _pair(group: object) -> tuple[str, str]:
    if not isinstance(group, list) or [type(part) for part in group] != [str, str]:
        raise ValueError(group)
    return group[0], group[1]


LIMITS: Mapping[str, Callable[[object], Any]] = {"companies": _names, "groups": _groups, "owners": _names}
# What is kept to a reach; all else concerns everything.
WITHIN_REACH = frozenset({Capability.SEE, Capability.AGREE, Capability.EXPORT, Capability.OVERSEE, Capability.JUDGE})
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

    def to_text(self) -> str:
        """Who it is, for the child process of a job (`of_job`)."""
        return json.dumps([self.name, self.user_id, self.address])


def of_job(text: str) -> Person:
    """For whom a job is done, as `Person.to_text` wrote it."""
    return queued_by(*json.loads(text))


def queued_by(name: str, user_id: str | None = None, address: str = "") -> Person:
    """Who queued a job, as the server acts for them: a job is of everything, whatever they see by now."""
    return replace(laptop(name, "server"), user_id=user_id, address=address)


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


def require_everything(person: Person) -> None:
    """Refused for whoever may not see all customers."""
    if not person.reach.everything:
        raise Refused(OUT_OF_REACH, "out_of_reach")


def _one(words: str) -> str:
    """With the article that begins a sentence."""
    return f"{'An' if words[0] in 'aeio' else 'A'} {words}"
