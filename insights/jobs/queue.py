"""What runs outside the web process, how far is it, and what came of it?

The truth of a job is a SQL row with a lease and a heartbeat; `python -m insights worker` does the work, one job at a time.

    job_id = start_training(workspace, ledger.id, as_of, recipe)
    while not (job := jobs.job(workspace, job_id)).ended: ...show job.stage, job.share, job.remaining, job.log...
    job.model_id, or job.error

A worker that dies leaves its lease to expire: the job is tried once more, then failed. Nobody has to notice but whoever
looks at the job next.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from insights.jobs import leases
from insights.services.workspace import Workspace
from insights.store.crash_points import point
from insights.store.database import record
from insights.store.ledgers import find as find_ledger
from insights.store.records import ALL_COMPANIES, Job, JobKind, Scope
from insights.store.tables import JobRow, as_record, now, waiting_job

if TYPE_CHECKING:
    from insights.model.recipe import Recipe

KNOWN_PACE = 0.02  # share of the work done from which a remaining time is worth saying

DIED = (
    "The worker stopped {attempts} times during this job, so it was given up. The log may tell why; memory is the usual reason."
)


def start_training(
    workspace: Workspace,
    ledger_id: str,
    as_of: date,
    recipe: "Recipe",
    *,
    name: str = "",
    allow: Mapping[str, str] | None = None,
) -> str:
    """Queue a training, wake (or start) the worker, and give the job's id at once.

    `allow`: column -> reason, of columns that look like the outcome (`leakage.found`) and are to be used nevertheless.
    """
    request = {"recipe": json.dumps(recipe.to_json()), "name": name, "allow": dict(allow or {})}
    return start(workspace, "train", ledger_id, as_of, request)


def start_backtest(workspace: Workspace, ledger_id: str, recipe: "Recipe") -> str:
    """Queue the replay of a recipe on the last months of a ledger; `workspace.backtests` then has it."""
    return start(workspace, "backtest", ledger_id, None, {"recipe": json.dumps(recipe.to_json())})


def start_rescoring(workspace: Workspace, ledger_id: str = "") -> str:
    """Queue the scoring of one ledger, or of all, with the models in force."""
    return start(workspace, "score" if ledger_id else "rescore", ledger_id, None, {})


def start_check(workspace: Workspace, model_id: str, scope: Scope = ALL_COMPANIES) -> str:
    """Queue the replays behind `workspace.check`, which then answers at once."""
    ledger_id = workspace.model_record(model_id).ledger_id
    return start(workspace, "check", ledger_id, None, {"models": [model_id], "company": scope.company})


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
    from insights.jobs import wakeup

    wakeup.wake(workspace.home)
    wakeup.ensure(workspace)


def ensure_worker(workspace: Workspace) -> None:
    """Start `python -m insights worker` in the background unless one is running for this workspace. Cheap; call it often."""
    from insights.jobs import wakeup

    wakeup.ensure(workspace)


def job(workspace: Workspace, job_id: str) -> Job:
    """How a job is now. Also retries or fails a job whose worker has died."""
    with workspace.database.read() as session:
        row = leases.find(session, job_id)
    if leases.expired(row):
        leases.settle_expired(workspace)
        with workspace.database.read() as session:
            row = leases.find(session, job_id)
    if row.state in ("waiting", "running"):
        ensure_worker(workspace)
    return to_job(row)


def jobs(workspace: Workspace) -> list[Job]:
    """All jobs, newest first."""
    with workspace.database.read() as session:
        rows = list(session.scalars(select(JobRow).order_by(JobRow.created_at.desc())))
    if any(leases.expired(row) for row in rows):
        leases.settle_expired(workspace)
        return jobs(workspace)
    return [to_job(row) for row in rows]


def cancel(workspace: Workspace, job_id: str) -> None:
    """Ask a job to stop; a waiting one is cancelled at once, a running one within seconds. Ended ones stay as they are."""
    with workspace.database.write() as session:
        row = leases.find(session, job_id)
        if row.ended_at:
            return
        row.cancel_asked = True
        if row.state == "waiting":
            leases.end(row, "cancelled")
        record(session, workspace.actor, "job.cancel", job_id)


def to_job(row: JobRow) -> Job:
    return as_record(Job, row, remaining=remaining(row, now()))


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
