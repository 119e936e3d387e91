"""Who did what, when?"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from insights.access import Person
from insights.store.records import Record
from insights.store.store import Store
from insights.store.tables import RecordRow, as_record


def listed(store: Store, subject: str = "", action: str = "") -> list[Record]:
    """Records, the newest first; of one subject or action where these are given."""
    ordered = select(RecordRow).order_by(RecordRow.sequence.desc())
    if subject:
        ordered = ordered.where(RecordRow.subject == subject)
    if action:
        ordered = ordered.where(RecordRow.action == action)
    with store.database.read() as session:
        return [as_record(Record, row, at=row.created_at) for row in session.scalars(ordered)]


def newest(session: Session, *actions: str) -> RecordRow | None:
    """The last record of one of these actions, whatever the clock said."""
    ordered = select(RecordRow).where(RecordRow.action.in_(actions)).order_by(RecordRow.sequence.desc())
    return session.scalars(ordered.limit(1)).first()


def record(session: Session, actor: Person, action: str, subject: str, **details: object) -> None:
    """Note who did what, in the transaction that does it."""
    session.add(RecordRow(actor=actor.name, action=action, subject=subject, details=details))
