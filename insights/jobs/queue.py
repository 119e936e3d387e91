"""What runs outside the web process, how far is it, and what came of it?

The truth of a job is a SQL row with a lease and a heartbeat; `python -m insights worker` does the work, one job at a time.
A worker that dies leaves its lease to expire: the job is tried once more, then failed. Nobody has to notice but whoever
looks at the job next.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from insights.access import Person
from insights.jobs import leases
from insights.jobs.leases import BY
from insights.jobs.wakeup import ensure_worker
from insights.store import audit, ledgers
from insights.store.crash_points import point
from insights.store.database import clock
from insights.store.records import Job, JobKind
from insights.store.store import Store
from insights.store.tables import JobRow, as_record, new_id

KNOWN_PACE = 0.02  # share of the work done from which a remaining time is worth saying


def start(store: Store, kind: JobKind, ledger_id: str, *, actor: Person, as_of: date | None = None, **request: object) -> str:
    """Add the row, which makes the job, then start a worker unless there is one; the job's id."""
    with store.database.write() as session:
        if ledger_id:
            ledgers.find(session, ledger_id)
        job_id = add_on_record(session, kind, ledger_id, actor=actor, as_of=as_of, **request)
    point("job.queued")
    ensure_worker(store)
    return job_id


def add(session: Session, kind: JobKind, ledger_id: str, *, actor: Person, as_of: date | None = None, **request: object) -> str:
    """A job that nobody has begun, in the transaction of the caller; its id."""
    row = waiting(kind, ledger_id, actor, as_of, request)
    row.created_at = clock(session)
    session.add(row)
    session.flush()
    return row.id


def add_on_record(
    session: Session, kind: JobKind, ledger_id: str, *, actor: Person, as_of: date | None = None, **request: object
) -> str:
    """As `add`, with a record of who asked for it: for a job that no other record speaks of."""
    job_id = add(session, kind, ledger_id, actor=actor, as_of=as_of, **request)
    audit.record(session, actor, f"job.{kind}", job_id, ledger=ledger_id)
    return job_id


def waiting(kind: JobKind, ledger_id: str, actor: Person, as_of: date | None, request: dict[str, Any]) -> JobRow:
    """The row of a job that nobody has begun. The id of its model is fixed now, so that a retry makes no second one."""
    return JobRow(
        id=new_id(),
        actor=actor.name,
        kind=kind,
        request=request | {"model_id": new_id(), BY: {"user_id": actor.user_id, "address": actor.address}},
        ledger_id=ledger_id,
        as_of=as_of,
        state="waiting",
        stage="waiting",
        share=0.0,
        log="",
        error="",
        model_id="",
        attempts=0,
        cancel_asked=False,
        worker="",
    )


def job(store: Store, job_id: str) -> Job:
    """How a job is now. Also retries or fails a job whose worker has died."""
    with store.database.read() as session:
        row, at = leases.find(session, job_id), clock(session)
    if leases.expired(row, at):
        leases.settle_expired(store)
        with store.database.read() as session:
            row = leases.find(session, job_id)
    if row.state in ("waiting", "running"):
        ensure_worker(store)
    return to_job(row, at)


def jobs(store: Store) -> list[Job]:
    """All jobs, newest first."""
    rows, at = _newest_first(store)
    if any(leases.expired(row, at) for row in rows):
        leases.settle_expired(store)
        rows, at = _newest_first(store)
    return [to_job(row, at) for row in rows]


def _newest_first(store: Store) -> tuple[list[JobRow], datetime]:
    """All rows, and the time at which they were looked at."""
    with store.database.read() as session:
        return list(session.scalars(select(JobRow).order_by(JobRow.sequence.desc()))), clock(session)


def standing(store: Store) -> tuple[dict[str, int], datetime | None]:
    """How many jobs there are by state, and since when the oldest one waits."""
    by_state = select(JobRow.state, func.count()).group_by(JobRow.state)
    with store.database.read() as session:
        counted = {state: many for state, many in session.execute(by_state)}  # noqa: C416 - of rows
        return counted, session.scalar(select(func.min(JobRow.created_at)).where(JobRow.state == "waiting"))


def cancel(session: Session, job_id: str) -> bool:
    """Ask a job to stop; a waiting one, or one without its worker, ends at once. Whether there was anything to stop.

    Ended ones stay as they are.
    """
    row = leases.find(session, job_id, held=True)
    if row.ended_at:
        return False
    row.cancel_asked = True
    if row.state == "waiting" or leases.lives(row) is False:  # nobody is there who could hear of it
        leases.end(row, "cancelled", clock(session))
    return True


def stop(session: Session, ledger_id: str) -> None:
    """Waiting jobs on a ledger that is deleted end, running ones are asked to; what was asked and logged goes."""
    for row in session.scalars(select(JobRow).where(JobRow.ledger_id == ledger_id).with_for_update()):
        if row.state == "waiting":
            row.state, row.ended_at = "cancelled", clock(session)
        row.cancel_asked, row.log, row.error = True, "", ""
        row.request = {"model_id": row.request["model_id"]}


def to_job(row: JobRow, at: datetime) -> Job:
    return as_record(Job, row, remaining=remaining(row, at))


def remaining(row: JobRow, at: datetime) -> float | None:
    """Seconds left if it goes on at the pace so far."""
    if row.state != "running" or row.started_at is None or row.share < KNOWN_PACE:
        return None
    gone = (at - row.started_at).total_seconds()
    return gone * (1 - row.share) / row.share if gone >= 0 else None  # else the clock was set back
