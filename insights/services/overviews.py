"""Whose overview does somebody see first? What each chose last, on record; by default that of the person's role."""

from insights.access import Capability, Person, Role, require
from insights.ledger.errors import Refused
from insights.store import audit
from insights.store.store import Store

NEEDED = {Role.AGENT: Capability.SEE, Role.MANAGER: Capability.OVERSEE, Role.POWER_USER: Capability.TRAIN}  # for its tiles
CHOOSE = "overview.choose"  # the action on record
BEFORE = "role.choose"  # as it was called until 2026-11-28


def offered(person: Person) -> tuple[Role, ...]:
    """The roles whose overview a person may see."""
    return tuple(role for role, capability in NEEDED.items() if person.may(capability))


def overview_of(store: Store, person: Person) -> Role:
    """The overview chosen last by somebody who may still see it, else that of the role; an administrator's is an agent's."""
    chosen = next((entry for entry in audit.listed(store, person.name) if entry.action in (CHOOSE, BEFORE)), None)
    role = chosen.details.get("role") if chosen else person.role
    return Role(role) if role in offered(person) else person.role if person.role in NEEDED else Role.AGENT


def choose(store: Store, role: str, *, actor: Person) -> None:
    """From now on somebody sees the overview of a role. Recorded; Refused where there is none, or not for this person."""
    if role not in NEEDED:
        raise Refused(f"There is no overview of a role “{role}”.", "no_such_role")
    require(actor, NEEDED[Role(role)])
    if role != (before := overview_of(store, actor)):
        with store.database.write() as session:
            audit.record(session, actor, CHOOSE, actor.name, {"role": before}, role=role)
