"""How is a billing plan kept, and which one counts? The newest of a lineage; earlier ones stay until they are removed."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from insights.access import Person
from insights.ledger.errors import Refused
from insights.portfolio.cash import PlannedInvoice
from insights.store.audit import record
from insights.store.records import BillingPlan
from insights.store.store import Store, no_such
from insights.store.tables import BillingPlanRow, as_record


def keep(
    store: Store, lineage_id: str, name: str, rows: Sequence[PlannedInvoice], set_aside: Sequence[str], *, actor: Person
) -> BillingPlan:
    """Keep a plan of a lineage, which replaces the one before. Recorded."""
    entries = [json.dumps(asdict(row), default=date.isoformat, sort_keys=True) for row in rows]
    row = BillingPlanRow(
        actor=actor.name,
        lineage_id=lineage_id,
        name=name,
        rows=len(rows),
        set_aside=list(set_aside),
        sha256=_digest(entries),
        entries=entries,
    )
    with store.database.write() as session:
        session.add(row)
        session.flush()
        record(session, actor, "billing_plan.keep", row.id, name=name, rows=len(rows))
        return as_record(BillingPlan, row)


def remove(store: Store, plan_id: str, *, actor: Person) -> None:
    """Delete a plan: the one before it counts again. That there was one, and who removed it, stays on record."""
    with store.database.write() as session:
        if (row := session.get(BillingPlanRow, plan_id)) is None:
            raise no_such("billing plan", plan_id)
        record(session, actor, "billing_plan.remove", plan_id, name=row.name, rows=row.rows)
        session.delete(row)


def newest(store: Store, lineage_id: str) -> BillingPlan | None:
    """The plan that counts for a lineage."""
    ordered = select(BillingPlanRow).where(BillingPlanRow.lineage_id == lineage_id).order_by(BillingPlanRow.sequence.desc())
    with store.database.read() as session:
        newest = session.scalars(ordered.limit(1)).first()
        return as_record(BillingPlan, newest) if newest else None


def load(store: Store, plan_id: str) -> tuple[PlannedInvoice, ...]:
    """The rows of a plan. Refused where they are not as they were kept."""
    with store.database.read() as session:
        if (row := session.get(BillingPlanRow, plan_id)) is None:
            raise no_such("billing plan", plan_id)
        if _digest(row.entries) != row.sha256:
            raise Refused(f"The billing plan “{row.name}” is not as it was kept: remove it, or restore a backup.", "damaged")
        return tuple(_row(json.loads(entry)) for entry in row.entries)


def _digest(entries: list[str]) -> str:
    return sha256(json.dumps(entries).encode()).hexdigest()


def _row(values: dict[str, Any]) -> PlannedInvoice:
    return PlannedInvoice(**values | {name: date.fromisoformat(values[name]) for name in ("first", "last")})
