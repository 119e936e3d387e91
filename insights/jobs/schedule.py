"""What does a server do every half minute, and what every night?"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from insights.access import laptop
from insights.jobs import leases, queue
from insights.jobs.wakeup import ensure_worker
from insights.store.database import clock
from insights.store.store import Store
from insights.store.tables import JobRow, PublicationRow

NIGHT = 2  # the hour (local time) of the nightly rescoring


def attend(store: Store) -> None:
    """What a server does every half minute: retry or fail what dead workers left, queue the night's, start who is needed.

    Cheap where there is nothing to do, however many jobs have ended.
    """
    if leases.pending(store):
        leases.settle_expired(store)
    settle_night(store)
    with store.database.read() as session:
        waiting = session.scalars(leases.in_state("waiting").limit(1)).first()
    if waiting:
        ensure_worker(store)


def settle_night(store: Store, at: datetime | None = None) -> None:
    """Queue the nightly rescoring if none was since last night's hour; a laptop that slept catches up.

    Once, however many servers and workers of however many hosts look at the same time: who adds it looks again, alone.
    """
    with store.database.read() as session:
        night = last_night(at or clock(session))
        if not is_due(session, night):
            return
    with store.database.write() as session:
        if not is_due(session, night):
            return
        queue.add_on_record(session, "rescore", "", actor=laptop(source="server"))
    ensure_worker(store)


def last_night(at: datetime) -> datetime:
    """The last time that it was the night's hour here."""
    here = at.astimezone()
    night = here.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return (night - timedelta(days=int(here < night))).astimezone(UTC)


def is_due(session: Session, night: datetime) -> bool:
    """Whether something was published before the night, and nothing rescored since: neither by a night nor by hand."""
    first = session.scalar(select(func.min(PublicationRow.created_at)))
    last = session.scalar(select(func.max(JobRow.created_at)).where(JobRow.kind == "rescore"))
    return first is not None and max(first, last or first) < night
