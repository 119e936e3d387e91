"""Which ledgers are versions of one, and what was said of their customers once and for all?

A lineage is there as long as one of its versions is. Versions are numbered as they were committed; a deleted one leaves a gap.
"""

from collections.abc import Mapping

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from insights.access import Person
from insights.store.store import Store, no_such
from insights.store.tables import AgreementRow, BillingPlanRow, LedgerRow, LineageRow, ScenarioRow, new_id


def add(session: Session, *, actor: Person) -> str:
    """A new lineage without a version; its id."""
    entry = LineageRow(id=new_id(), actor=actor.name, merges={})
    session.add(entry)
    session.flush()
    return entry.id


def next_version(session: Session, lineage_id: str) -> int:
    """The number of the version that comes next."""
    return 1 + (session.scalar(select(func.max(LedgerRow.version)).where(LedgerRow.lineage_id == lineage_id)) or 0)


def move(session: Session, ledger: LedgerRow, lineage_id: str) -> None:
    """Make a ledger a version of another lineage; its versions are numbered anew, in the order of their commits."""
    left, ledger.lineage_id = ledger.lineage_id, lineage_id
    session.flush()
    mine = select(LedgerRow).where(LedgerRow.lineage_id == lineage_id).order_by(LedgerRow.sequence)
    for number, row in enumerate(session.scalars(mine), 1):
        row.version = number
    if forget_empty(session, left):  # what was agreed with its customers comes along
        for event in session.scalars(select(AgreementRow).where(AgreementRow.lineage_id == left)):
            event.lineage_id = lineage_id


def has_others(session: Session, ledger: LedgerRow) -> bool:
    """Whether a ledger has other versions."""
    others = select(func.count()).select_from(LedgerRow).where(LedgerRow.lineage_id == ledger.lineage_id)
    return (session.scalar(others) or 0) > 1


def forget_empty(session: Session, lineage_id: str) -> bool:
    """Remove a lineage of which no version is left, with what was kept for it by name: plans and what-ifs; whether it was."""
    if session.scalar(select(func.count()).select_from(LedgerRow).where(LedgerRow.lineage_id == lineage_id)):
        return False
    session.execute(delete(LineageRow).where(LineageRow.id == lineage_id))
    for kind in (BillingPlanRow, ScenarioRow):
        session.execute(delete(kind).where(kind.lineage_id == lineage_id))
    return True


def merge(session: Session, lineage_id: str, merges: Mapping[str, str]) -> None:
    """Remember for the versions to come that spellings are of one customer: spelling -> customer."""
    entry = find(session, lineage_id)
    entry.merges = {**entry.merges, **merges}


def merges(store: Store, lineage_id: str) -> dict[str, str]:
    """What is remembered of spellings: spelling -> customer."""
    with store.database.read() as session:
        return dict(find(session, lineage_id).merges)


def find(session: Session, lineage_id: str) -> LineageRow:
    """The row of a lineage; Refused where there is none."""
    row = session.get(LineageRow, lineage_id)
    if row is None:
        raise no_such("lineage", lineage_id)
    return row
