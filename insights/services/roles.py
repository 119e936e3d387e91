"""For which role does somebody look at the overview? What each chose last, on record; until there is sign-in, by name."""

from insights.ledger.errors import Refused
from insights.store import audit
from insights.store.store import Store

AGENT, MANAGER, POWER_USER = "agent", "manager", "power_user"
ROLES = (AGENT, MANAGER, POWER_USER)
CHOOSE = "role.choose"  # the action on record


def role_of(store: Store, actor: str) -> str:
    """The role chosen last by somebody; an agent's where none was."""
    entry = next((each for each in audit.listed(store, actor) if each.action == CHOOSE), None)
    role = str(entry.details.get("role")) if entry else AGENT
    return role if role in ROLES else AGENT


def choose(store: Store, role: str, *, actor: str) -> None:
    """From now on the overview is that of a role. Recorded; Refused where there is no such role."""
    if role not in ROLES:
        raise Refused(f"There is no role “{role}”.", "no_such_role")
    if role != role_of(store, actor):
        with store.database.write() as session:
            audit.record(session, actor, CHOOSE, actor, role=role)
