"""Who did what, when?"""

from sqlalchemy import select

from insights.store.records import Record
from insights.store.store import Store
from insights.store.tables import RecordRow, as_record


def listed(store: Store, subject: str = "") -> list[Record]:
    ordered = select(RecordRow).order_by(RecordRow.created_at.desc())
    if subject:
        ordered = ordered.where(RecordRow.subject == subject)
    with store.database.read() as session:
        return [as_record(Record, row, at=row.created_at) for row in session.scalars(ordered)]
