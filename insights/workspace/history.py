"""Who did what, when?"""

from sqlalchemy import select

from insights.workspace.records import Record
from insights.workspace.store import Store
from insights.workspace.tables import RecordRow


def listed(store: Store, subject: str = "") -> list[Record]:
    ordered = select(RecordRow).order_by(RecordRow.created_at.desc())
    if subject:
        ordered = ordered.where(RecordRow.subject == subject)
    with store.database.read() as session:
        return [to_record(row) for row in session.scalars(ordered)]


def to_record(row: RecordRow) -> Record:
    return Record(id=row.id, at=row.created_at, actor=row.actor, action=row.action, subject=row.subject, details=row.details)
