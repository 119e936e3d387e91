"""What runs outside the web process, how far is it, and what came of it?

The truth of a job is a SQL row with a lease and a heartbeat; `python -m insights worker` does the work, one job at a time.

    job_id = start_training(workspace, ledger.id, as_of, recipe)
    while not (job := jobs.job(workspace, job_id)).ended: ...show job.stage, job.share, job.remaining, job.log...
    job.model_id, or job.error

A worker that dies leaves its lease to expire: the job is tried once more, then failed. Nobody has to notice but whoever
looks at the job next.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from insights.workspace import Job, Workspace
from insights.workspace.database import record
from insights.workspace.faults import point
from insights.workspace.ledgers import find as find_ledger
from insights.workspace.records import JobKind, JobState
from insights.workspace.settings import Settings
from insights.workspace.store import Store, no_such
from insights.workspace.tables import JobRow, now, waiting_job

if TYPE_CHECKING:
    from insights.model import Recipe

ATTEMPTS = 2
LOG_LINES = 400
KNOWN_PACE = 0.02  # share of the work done from which a remaining time is worth saying

DIED = (
    "The worker stopped {attempts} times during this job, so it was given up. The log may tell why; memory is the usual reason."
)


def start_training(workspace: Workspace, ledger_id: str, as_of: date, recipe: "Recipe", *, name: str = "") -> str:
    """Queue a training, wake (or start) the worker, and give the job's id at once."""
    return start(workspace, "train", ledger_id, as_of, {"recipe": json.dumps(recipe.to_json()), "name": name})


def start_rescoring(workspace: Workspace, ledger_id: str = "") -> str:
    """Queue the scoring of one ledger, or of all, with the models in force."""
    return start(workspace, "score" if ledger_id else "rescore", ledger_id, None, {})


def start_check(workspace: Workspace, model_id: str, scope: str = "") -> str:
    """Queue the replays behind `workspace.check`, which then answers at once."""
    ledger_id = workspace.model_record(model_id).ledger_id
    return start(workspace, "check", ledger_id, None, {"models": [model_id], "scope": scope})


def start_comparison(workspace: Workspace, model_ids: Sequence[str], ledger_id: str = "") -> str:
    """Queue the replays behind `workspace.compare`, which then answers at once."""
    ledger_id = workspace.ledger_record(ledger_id or workspace.model_record(model_ids[0]).ledger_id).id
    return start(workspace, "compare", ledger_id, None, {"models": list(model_ids)})


def start(workspace: Workspace, kind: JobKind, ledger_id: str, as_of: date | None, request: dict[str, Any]) -> str:
    """Add the row, which makes the job, then wake whoever does it."""
    row = waiting_job(kind, ledger_id, workspace.actor, as_of, request)
    with workspace.database.write() as session:
        if ledger_id:
            find_ledger(session, ledger_id)
        session.add(row)
        session.flush()
        record(session, workspace.actor, f"job.{kind}", row.id, ledger=ledger_id)
    point("job.queued")
    wake(workspace)
    return row.id


def wake(workspace: Workspace) -> None:
    """Make a worker look at the rows at once, starting one if needed."""
    from insights import worker

    worker.wake(workspace.home)
    worker.ensure(workspace)


def ensure_worker(workspace: Workspace) -> None:
    """Start `python -m insights worker` in the background unless one is running for this workspace. Cheap; call it often."""
    from insights import worker

    worker.ensure(workspace)


def attend(workspace: Workspace) -> None:
    """What a server does every half minute: retry or fail what dead workers left, queue the night's, start who is needed.

    Cheap where there is nothing to do.
    """
    from insights import worker

    settle_expired(workspace)
    worker.settle_night(workspace)
    with workspace.database.read() as session:
        waiting = session.scalars(in_state("waiting").limit(1)).first()
    if waiting:
        ensure_worker(workspace)


def job(workspace: Workspace, job_id: str) -> Job:
    """How a job is now. Also retries or fails a job whose worker has died."""
    with workspace.database.read() as session:
        row = find(session, job_id)
    if expired(row):
        settle_expired(workspace)
        with workspace.database.read() as session:
            row = find(session, job_id)
    if row.state in ("waiting", "running"):
        ensure_worker(workspace)
    return to_job(row)


def jobs(workspace: Workspace) -> list[Job]:
    """All jobs, newest first."""
    with workspace.database.read() as session:
        rows = list(session.scalars(select(JobRow).order_by(JobRow.created_at.desc())))
    if any(expired(row) for row in rows):
        settle_expired(workspace)
        return jobs(workspace)
    return [to_job(row) for row in rows]


def cancel(workspace: Workspace, job_id: str) -> None:
    """Ask a job to stop; a waiting one is cancelled at once, a running one within seconds. Ended ones stay as they are."""
    with workspace.database.write() as session:
        row = find(session, job_id)
        if row.ended_at:
            return
        row.cancel_asked = True
        if row.state == "waiting":
            end(row, "cancelled")
        record(session, workspace.actor, "job.cancel", job_id)


# What the worker does to the rows


@dataclass(frozen=True)
class Claim:
    """The right to work on a job, as long as its lease is renewed. `attempt` fences off a worker that slept through it."""

    job_id: str
    worker: str
    attempt: int
    kind: JobKind
    ledger_id: str
    as_of: date | None
    model_id: str
    request: dict[str, Any]


def claim(workspace: Workspace, worker: str) -> Claim | None:
    """The oldest waiting job, unless one is running anywhere."""
    with workspace.database.write() as session:
        settle(session)
        if session.scalars(in_state("running")).first():
            return None
        row = session.scalars(in_state("waiting").order_by(JobRow.created_at).limit(1)).first()
        if row is None:
            return None
        row.state, row.worker, row.attempts = "running", worker, row.attempts + 1
        row.started_at, row.stage, row.share = now(), "starting", 0.0
        renew(row)
        return Claim(
            job_id=row.id,
            worker=worker,
            attempt=row.attempts,
            kind=cast("JobKind", row.kind),
            ledger_id=row.ledger_id,
            as_of=row.as_of,
            model_id=row.request["model_id"],
            request=row.request,
        )


def heartbeat(workspace: Workspace, claimed: Claim, stage: str, share: float, lines: list[str]) -> bool:
    """Renew the lease and say how far it is: whether to go on (not cancelled, and the lease still ours)."""

    def tell(row: JobRow) -> None:
        row.stage, row.share = stage or row.stage, max(row.share, min(share, 1.0))
        add_lines(row, lines)
        renew(row)

    return bool(change(workspace, claimed, tell, unless_cancelled=True))


def succeed(workspace: Workspace, claimed: Claim, model_id: str) -> bool:
    """The work is done: whether the job was still ours to end."""

    def tell(row: JobRow) -> None:
        row.model_id, row.share = model_id, 1.0
        end(row, "done")

    return change(workspace, claimed, tell)


def fail(workspace: Workspace, claimed: Claim, sentence: str) -> bool:
    """The work is impossible, or was cancelled."""

    def tell(row: JobRow) -> None:
        row.error = "" if row.cancel_asked else sentence
        end(row, "cancelled" if row.cancel_asked else "failed")

    return change(workspace, claimed, tell)


def release(workspace: Workspace, claimed: Claim) -> bool:
    """A worker that is told to stop gives the job back, and that is no failed attempt."""

    def tell(row: JobRow) -> None:
        row.attempts -= 1
        put_back(row, "the worker was stopped")

    return change(workspace, claimed, tell)


def change(workspace: Workspace, claimed: Claim, tell: Callable[[JobRow], None], *, unless_cancelled: bool = False) -> bool:
    """Change the row if the claim still holds: whether it did."""
    with workspace.database.write() as session:
        row = session.get(JobRow, claimed.job_id)
        ours = row is not None and (row.state, row.worker, row.attempts) == ("running", claimed.worker, claimed.attempt)
        if row is None or not ours or (unless_cancelled and row.cancel_asked):
            return False
        tell(row)
        return True


def settle_expired(store: Store) -> None:
    with store.database.write() as session:
        settle(session)


def settle(session: Session) -> None:
    """Put the jobs of dead workers back, once; then fail them."""
    for row in session.scalars(in_state("running")):
        if not expired(row):
            continue
        if row.cancel_asked:
            end(row, "cancelled")
        elif row.attempts < ATTEMPTS:
            put_back(row, "the worker stopped; trying once more")
        else:
            row.error = DIED.format(attempts=row.attempts)
            end(row, "failed")


def expired(row: JobRow) -> bool:
    return row.state == "running" and (row.lease_until is None or row.lease_until < now())


def renew(row: JobRow) -> None:
    row.heartbeat_at = now()
    row.lease_until = row.heartbeat_at + timedelta(seconds=Settings().lease_seconds)


def put_back(row: JobRow, why: str) -> None:
    row.state, row.worker, row.lease_until, row.stage, row.share = "waiting", "", None, "waiting", 0.0
    add_lines(row, [why])


def end(row: JobRow, state: JobState) -> None:
    row.state, row.ended_at, row.lease_until, row.stage = state, now(), None, state
    add_lines(row, [state if not row.error else f"{state}: {row.error}"])


def add_lines(row: JobRow, lines: list[str]) -> None:
    """Append to the log, keeping its end."""
    if lines:
        row.log = "\n".join([*row.log.splitlines(), *(f"{now():%T} {line}" for line in lines)][-LOG_LINES:])


def in_state(state: JobState) -> Select[JobRow]:
    return select(JobRow).where(JobRow.state == state)


def find(session: Session, job_id: str) -> JobRow:
    row = session.get(JobRow, job_id)
    if row is None:
        raise no_such("job", job_id)
    return row


def to_job(row: JobRow) -> Job:
    return Job(
        id=row.id,
        kind=cast("JobKind", row.kind),
        state=cast("JobState", row.state),
        stage=row.stage,
        share=row.share,
        remaining=remaining(row, now()),
        log=row.log,
        error=row.error,
        ledger_id=row.ledger_id,
        as_of=row.as_of,
        model_id=row.model_id,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        actor=row.actor,
        attempts=row.attempts,
        cancel_asked=row.cancel_asked,
    )


def remaining(row: JobRow, at: datetime) -> float | None:
    """Seconds left if it goes on at the pace so far."""
    if row.state != "running" or row.started_at is None or row.share < KNOWN_PACE:
        return None
    return (at - row.started_at).total_seconds() * (1 - row.share) / row.share


__all__ = [
    "Job",
    "cancel",
    "ensure_worker",
    "job",
    "jobs",
    "start_check",
    "start_comparison",
    "start_rescoring",
    "start_training",
]
