"""How is a what-if of the cash ahead kept? By name, for all versions of a ledger; the newest of a name counts."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from insights.access import Person
from insights.store.audit import record
from insights.store.records import Scenario
from insights.store.store import Store
from insights.store.tables import ScenarioRow, as_record


def keep(store: Store, lineage_id: str, name: str, values: Mapping[str, Any], *, actor: Person) -> None:
    """Keep values under a name, in place of those before; without any it is removed. Recorded."""
    with store.database.write() as session:
        session.add(ScenarioRow(actor=actor.name, lineage_id=lineage_id, name=name, values=dict(values)))
        record(session, actor, "scenario.keep" if values else "scenario.remove", name, **values)


def listed(store: Store, lineage_id: str) -> list[Scenario]:
    """Those of a lineage that are not removed, by name."""
    ordered = select(ScenarioRow).where(ScenarioRow.lineage_id == lineage_id).order_by(ScenarioRow.sequence)
    with store.database.read() as session:
        newest = {row.name: as_record(Scenario, row) for row in session.scalars(ordered)}
    return [newest[name] for name in sorted(newest) if newest[name].values]
