"""Keep a what-if of the cash ahead by name, for all versions of a ledger, and remove it."""

from collections.abc import Mapping
from typing import Final

from insights.access import Capability, Person, require
from insights.ledger.errors import Refused
from insights.store import ledgers, scenarios
from insights.store.records import Scenario
from insights.store.store import Store

LONGEST_NAME: Final = 80
MOST: Final = 50


def keep(store: Store, ledger_id: str, name: str, values: Mapping[str, str], *, actor: Person) -> None:
    """Keep what is supposed under a name, in place of what had it. Recorded. Refused without a name, or with too many kept."""
    require(actor, Capability.PLAN)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(f"A name has 1 to {LONGEST_NAME} characters.", "no_name")
    here = {scenario.name for scenario in listed(store, ledger_id)}
    if len(here | {name}) > MOST:
        raise Refused(f"{MOST} are kept already: remove one first.", "too_many")
    scenarios.keep(store, ledgers.get(store, ledger_id).lineage_id, name, values, actor=actor)


def remove(store: Store, ledger_id: str, name: str, *, actor: Person) -> None:
    """Remove what is kept under a name. Recorded."""
    require(actor, Capability.PLAN)
    scenarios.keep(store, ledgers.get(store, ledger_id).lineage_id, name, {}, actor=actor)


def listed(store: Store, ledger_id: str) -> list[Scenario]:
    """Everything that is kept for a ledger, by name."""
    return scenarios.listed(store, ledgers.get(store, ledger_id).lineage_id)
