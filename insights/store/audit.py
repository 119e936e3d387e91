"""Who did what, when, from where, and what was before? Appended in the transaction that does it; never changed, never deleted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from insights.access import Person
from insights.store.records import Record
from insights.store.store import Store
from insights.store.tables import RecordRow, as_record

ChainEnd: TypeAlias = tuple[int, str]  # the number and the seal of a record


@dataclass(frozen=True)
class RecordFilter:
    """Which records are meant; what is empty is no limit."""

    subject: str = ""  # an id or name, whole
    action: str = ""  # "model.publish", or all that is done to a kind: "model"
    actor: str = ""
    source: str = ""
    first: date | None = None  # days in UTC, both included
    last: date | None = None

    def of(self, rows: Select[RecordRow]) -> Select[RecordRow]:
        """The rows among these."""
        for column in ("subject", "actor", "source"):
            if wanted := getattr(self, column):
                rows = rows.where(getattr(RecordRow, column) == wanted)
        if self.action:
            rows = rows.where(
                or_(RecordRow.action == self.action, RecordRow.action.startswith(f"{self.action}.", autoescape=True))
            )
        if self.first:
            rows = rows.where(RecordRow.created_at >= _midnight(self.first))
        if self.last:
            rows = rows.where(RecordRow.created_at < _midnight(self.last + timedelta(days=1)))
        return rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def listed(store: Store, subject: str = "", action: str = "") -> list[Record]:
    """Records, the newest first; of one subject or action where these are given."""
    return of(store, RecordFilter(subject, action))


def of(store: Store, wanted: RecordFilter, *, skip: int = 0, most: int | None = None) -> list[Record]:
    """The records that a filter leaves, the newest first, at most so many."""
    rows = wanted.of(select(RecordRow)).order_by(RecordRow.sequence.desc()).offset(skip).limit(most)
    with store.database.read() as session:
        return [as_record(Record, row, at=row.created_at) for row in session.scalars(rows)]


def end(store: Store) -> ChainEnd:
    """The last record of the chain, by number and seal; (0, "") where there is none."""
    newest = select(RecordRow.sequence, RecordRow.seal).order_by(RecordRow.sequence.desc()).limit(1)
    with store.database.read() as session:
        row = session.execute(newest).first()
    return (row.sequence, row.seal) if row else (0, "")


def lost(store: Store, ends: Iterable[ChainEnd]) -> list[ChainEnd]:
    """Of ends that the chain had once, those that are no part of it now."""
    known = select(RecordRow.sequence, RecordRow.seal)
    with store.database.read() as session:
        now = {sequence: seal for sequence, seal in session.execute(known)}  # noqa: C416 - rows are no pairs to mypy
    return [(number, seal) for number, seal in ends if number and now.get(number) != seal]


def count(store: Store, wanted: RecordFilter) -> int:
    """How many records a filter leaves."""
    with store.database.read() as session:
        return session.scalar(select(func.count()).select_from(wanted.of(select(RecordRow)).subquery())) or 0


def choices(store: Store) -> tuple[list[str], list[str]]:
    """The people and the actions that there are records of, in alphabetical order."""
    with store.database.read() as session:
        people, actions = (sorted(session.scalars(select(column).distinct())) for column in (RecordRow.actor, RecordRow.action))
    return people, actions


def newest(session: Session, *actions: str) -> RecordRow | None:
    """The last record of one of these actions, whatever the clock said."""
    ordered = select(RecordRow).where(RecordRow.action.in_(actions)).order_by(RecordRow.sequence.desc())
    return session.scalars(ordered.limit(1)).first()


def record(
    session: Session,
    actor: Person,
    action: str,
    subject: str,
    before: Mapping[str, object] | None = None,
    /,
    **details: object,
) -> None:
    """Note who did what, in the transaction that does it.

    `action`: what it is done to, and what ("model.publish"); `subject`: its id or name; `before`: what was so until then;
    `details`: what is so now.
    """
    session.add(
        RecordRow(
            actor=actor.name,
            user_id=actor.user_id,
            source=actor.source,
            address=actor.address,
            action=action,
            subject=subject,
            before=dict(before or {}),
            details=details,
        )
    )
