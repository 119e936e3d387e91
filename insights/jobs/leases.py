"""Who may work on a job, and until when? A lease that is not renewed in time counts as the death of its worker.

Every change of a running job goes through its claim, so that a worker that slept through its lease changes nothing.

On a database server the row itself is locked while it is changed, and who claims leaves alone what somebody holds: several
workers on several hosts never wait for each other, and no job has two. What time it is says the server.

The clock may be set meanwhile. So a lease that has run out, or begins in the future, counts only where the worker's process
is gone; and where it is there, but gives no sign, whoever looks measures that by a clock that nobody sets.
"""

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from insights.access import Person, queued_by
from insights.store.database import clock
from insights.store.records import JobKind, JobState
from insights.store.settings import Settings
from insights.store.store import Store, no_such
from insights.store.tables import JobRow

ATTEMPTS = 2
BY = "by"  # of what was asked: the user and the address of whoever queued a job, beside the name in its row
CLAIMING = "claim"  # name of the lock of whoever looks for a job
MOST_SEEN = 1_000  # jobs whose signs of life are remembered
LOG_LINES = 400

DIED = (
    "The worker stopped {attempts} times during this job, so it was given up. The log may tell why; memory is the usual reason."
)


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
    actor: Person  # who queued it (`access.queued_by`)


def claim(store: Store, worker: str) -> Claim | None:
    """The oldest waiting job, unless as many as may are running anywhere (`jobs_at_once`)."""
    with store.database.change() as session:
        store.database.alone(session, CLAIMING)  # or two would count the running ones at once
        at = clock(session)
        settle(session, at)
        if len(session.scalars(select(JobRow.id).where(JobRow.state == "running")).all()) >= Settings().jobs_at_once:
            return None
        row = session.scalars(free(in_state("waiting").order_by(JobRow.sequence).limit(1))).first()
        if row is None:
            return None
        row.state, row.worker, row.attempts = "running", worker, row.attempts + 1
        row.started_at, row.stage, row.share = at, "starting", 0.0
        renew(row, at)
        return Claim(
            job_id=row.id,
            worker=worker,
            attempt=row.attempts,
            kind=cast("JobKind", row.kind),
            ledger_id=row.ledger_id,
            as_of=row.as_of,
            model_id=row.request["model_id"],
            request=row.request,
            actor=queued_by(row.actor, **row.request.get(BY, {})),
        )


def heartbeat(store: Store, claimed: Claim, stage: str, share: float, lines: list[str]) -> bool:
    """Renew the lease and say how far it is: whether to go on (not cancelled, and the lease still ours)."""

    def tell(row: JobRow, at: datetime) -> None:
        row.stage, row.share = stage or row.stage, max(row.share, min(share, 1.0))
        add_lines(row, lines, at)
        renew(row, at)

    return bool(change(store, claimed, tell, unless_cancelled=True))


def succeed(store: Store, claimed: Claim, model_id: str) -> bool:
    """The work is done: whether the job was still ours to end."""

    def tell(row: JobRow, at: datetime) -> None:
        row.model_id, row.share = model_id, 1.0
        end(row, "done", at)

    return change(store, claimed, tell)


def fail(store: Store, claimed: Claim, sentence: str) -> bool:
    """The work is impossible, or was cancelled."""

    def tell(row: JobRow, at: datetime) -> None:
        row.error = "" if row.cancel_asked else sentence
        end(row, "cancelled" if row.cancel_asked else "failed", at)

    return change(store, claimed, tell)


def release(store: Store, claimed: Claim) -> bool:
    """A worker that is told to stop gives the job back, and that is no failed attempt."""

    def tell(row: JobRow, at: datetime) -> None:
        row.attempts -= 1
        put_back(row, "the worker was stopped", at)

    return change(store, claimed, tell)


def pending(store: Store) -> bool:
    """Whether any job waits, or runs and may have lost its worker: whether `claim` is worth a look."""
    with store.database.read() as session:
        return session.scalars(select(JobRow.id).where(JobRow.state.in_(("waiting", "running"))).limit(1)).first() is not None


def change(store: Store, claimed: Claim, tell: Callable[[JobRow, datetime], None], *, unless_cancelled: bool = False) -> bool:
    """Change the row if the claim still holds: whether it did."""
    with store.database.change() as session:
        row = session.get(JobRow, claimed.job_id, with_for_update=True)
        ours = row is not None and (row.state, row.worker, row.attempts) == ("running", claimed.worker, claimed.attempt)
        if row is None or not ours or (unless_cancelled and row.cancel_asked):
            return False
        tell(row, clock(session))
        return True


def settle_expired(store: Store) -> None:
    with store.database.change() as session:
        settle(session, clock(session))


def settle(session: Session, at: datetime) -> None:
    """Put the jobs of dead workers back, once; then fail them. What is just being changed gives a sign of life."""
    for row in session.scalars(free(in_state("running"))):
        if not expired(row, at):
            continue
        if row.cancel_asked:
            end(row, "cancelled", at)
        elif row.attempts < ATTEMPTS:
            put_back(row, "the worker stopped; trying once more", at)
        else:
            row.error = DIED.format(attempts=row.attempts)
            end(row, "failed", at)


def expired(row: JobRow, at: datetime) -> bool:
    """Whether a running job has lost its worker."""
    if row.state != "running":
        return False
    lasts = timedelta(seconds=Settings().lease_seconds)
    if unrenewed(row) >= lasts.total_seconds():
        return True
    fresh = row.lease_until is not None and row.lease_until - 2 * lasts <= at < row.lease_until
    return not fresh and lives(row) is not True


_seen: dict[str, tuple[object, float]] = {}  # job -> its last sign of life, and since when this process knows of it


def unrenewed(row: JobRow) -> float:
    """For how many seconds this process has seen the same sign of life."""
    sign, at = (row.worker, row.attempts, row.heartbeat_at), time.monotonic()
    if len(_seen) > MOST_SEEN:
        _seen.clear()
    known = _seen.get(row.id)
    if known is None or known[0] != sign:
        _seen[row.id] = (sign, at)
        return 0.0
    return at - known[1]


def lives(row: JobRow) -> bool | None:
    """Whether the process of a job's worker is there; None where its name does not tell, and on another host."""
    import psutil

    name, _, host = row.worker.partition("@")
    number = name.partition("-")[0]
    here = not host or host == platform.node()
    return psutil.pid_exists(int(number)) if number.isdigit() and here else None


def name_of(number: int, known_id: str) -> str:
    """The name of a worker: the number of its process, an id of its own, its host."""
    return f"{number}-{known_id}@{platform.node()}"


def renew(row: JobRow, at: datetime) -> None:
    row.heartbeat_at = at
    row.lease_until = row.heartbeat_at + timedelta(seconds=Settings().lease_seconds)


def put_back(row: JobRow, why: str, at: datetime) -> None:
    row.state, row.worker, row.lease_until, row.stage, row.share = "waiting", "", None, "waiting", 0.0
    add_lines(row, [why], at)


def end(row: JobRow, state: JobState, at: datetime) -> None:
    row.state, row.ended_at, row.lease_until, row.stage = state, at, None, state
    add_lines(row, [state if not row.error else f"{state}: {row.error}"], at)


def add_lines(row: JobRow, lines: list[str], at: datetime) -> None:
    """Append to the log, keeping its end."""
    if lines:
        row.log = "\n".join([*row.log.splitlines(), *(f"{at:%T} {line}" for line in lines)][-LOG_LINES:])


def in_state(state: JobState) -> Select[JobRow]:
    return select(JobRow).where(JobRow.state == state)


def free(rows: Select[JobRow]) -> Select[JobRow]:
    """Lock these rows, without those that somebody else holds."""
    return rows.with_for_update(skip_locked=True)


def find(session: Session, job_id: str, *, held: bool = False) -> JobRow:
    """The row of a job; `held`: nobody else changes it until the transaction ends."""
    row = session.get(JobRow, job_id, with_for_update=held)
    if row is None:
        raise no_such("job", job_id)
    return row
