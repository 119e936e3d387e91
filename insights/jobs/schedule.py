"""What does a server do every half minute, and what every night?"""

from datetime import UTC, datetime, timedelta

from insights.access import laptop
from insights.jobs import leases, queue
from insights.jobs.wakeup import ensure_worker
from insights.store import publications
from insights.store.store import Store

NIGHT = 2  # the hour (local time) of the nightly rescoring


def attend(store: Store) -> None:
    """What a server does every half minute: retry or fail what dead workers left, queue the night's, start who is needed.

    Cheap where there is nothing to do.
    """
    leases.settle_expired(store)
    settle_night(store)
    with store.database.read() as session:
        waiting = session.scalars(leases.in_state("waiting").limit(1)).first()
    if waiting:
        ensure_worker(store)


def settle_night(store: Store, at: datetime | None = None) -> None:
    """Queue the nightly rescoring if none was since last night's hour; a laptop that slept catches up."""
    here = (at or datetime.now(UTC)).astimezone()
    night = here.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    night -= timedelta(days=int(here < night))
    published = [entry.created_at for entry in publications.listed(store)]
    rescored = [job.created_at for job in queue.jobs(store) if job.kind == "rescore"]
    if published and max([*rescored, min(published)]) < night:
        queue.start(store, "rescore", "", actor=laptop(source="server"))
