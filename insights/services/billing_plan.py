"""Read a billing plan, keep it for the versions of a ledger, and remove it."""

from pathlib import Path

from insights.access import Capability, Person, require
from insights.ingest import billing_plan
from insights.ingest.billing_plan import ReadPlan
from insights.sandbox.limits import Heard, unheard
from insights.store import billing_plans, ledgers
from insights.store.records import BillingPlan
from insights.store.store import Store


def read(store: Store, ledger_id: str, path: Path, *, heard: Heard = unheard) -> ReadPlan:
    """A file (period or date, amount, and perhaps currency, company, customer, terms) as a plan of a ledger; nothing is kept.

    Raises Refused without the columns, or where no row can be used.
    """
    record = ledgers.get(store, ledger_id)
    return billing_plan.read(path, record.companies, sorted(record.outstanding), heard=heard)


def keep(store: Store, ledger_id: str, path: Path, *, actor: Person, heard: Heard = unheard) -> BillingPlan:
    """Keep a file as the plan of a ledger and its later versions, in place of the one before. Recorded."""
    require(actor, Capability.PLAN)
    plan = read(store, ledger_id, path, heard=heard)
    lineage = ledgers.get(store, ledger_id).lineage_id
    return billing_plans.keep(store, lineage, path.name, plan.rows, plan.set_aside, actor=actor)


def counting(store: Store, ledger_id: str) -> BillingPlan | None:
    """The plan that counts for a ledger."""
    return billing_plans.newest(store, ledgers.get(store, ledger_id).lineage_id)


def remove(store: Store, plan_id: str, *, actor: Person) -> None:
    """Delete a plan: the one before it counts again, else what past weeks received. Recorded."""
    require(actor, Capability.PLAN)
    billing_plans.remove(store, plan_id, actor=actor)
