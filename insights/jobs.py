"""What runs outside the web process, how far is it, and what came of it?

The truth of a job is a SQL row with a lease and a heartbeat; `python -m insights worker` does the work, one job at a time.

    job_id = start_training(workspace, ledger.id, as_of, recipe)
    while not (job := jobs.job(workspace, job_id)).ended: ...show job.stage, job.share, job.remaining, job.log...
    job.model_id, or job.error
"""

from datetime import date
from typing import TYPE_CHECKING

from insights.workspace import Job, Workspace

if TYPE_CHECKING:
    from insights.model import Recipe


def start_training(workspace: Workspace, ledger_id: str, as_of: date, recipe: "Recipe", *, name: str = "") -> str:
    """Queue a training, wake (or start) the worker, and give the job's id at once."""
    raise NotImplementedError


def job(workspace: Workspace, job_id: str) -> Job:
    """How a job is now. Also retries or fails a job whose worker has died."""
    raise NotImplementedError


def jobs(workspace: Workspace) -> list[Job]:
    """All jobs, newest first."""
    raise NotImplementedError


def cancel(workspace: Workspace, job_id: str) -> None:
    """Ask a job to stop; a waiting one is cancelled at once, a running one within seconds. Ended ones stay as they are."""
    raise NotImplementedError


def ensure_worker(workspace: Workspace) -> None:
    """Start `python -m insights worker` in the background unless one is running for this workspace. Cheap; call it often."""
    raise NotImplementedError
