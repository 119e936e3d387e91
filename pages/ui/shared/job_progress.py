"""Which job did this tab start, and how far is it? Remembered under a name, shown, and forgotten when it has ended."""

from collections.abc import Callable

import streamlit as st

from insights import jobs
from insights.store.records import Job, JobKind
from pages.ui.shared import session, training_progress


def goes_on(name: str, done: Callable[[Job], None], *, adopts: tuple[JobKind, str] | None = None) -> bool:
    """Draws the progress of the job remembered under `name`, if there is one, and says whether it still goes on.

    Calls `done(job)` once it has succeeded, after which it is forgotten; a failure is said once, as its sentence, with its log.
    `adopts`: kind and ledger of jobs that are taken over where none is remembered: a reload forgets, the job goes on.
    """
    job_id = session.recall(name) or (_unended(*adopts) if adopts else None)
    if not isinstance(job_id, str):
        return False
    session.remember(name, job_id)
    job = jobs.job(session.workspace(), job_id)
    if job.ended:
        session.remember(name, None)
        if job.state == "done":
            done(job)
        else:
            training_progress.ended(job, "This was cancelled.")
        return False
    training_progress.progress(job_id, lambda _: st.rerun(), failed=lambda _: st.rerun())
    return True


def _unended(kind: JobKind, ledger_id: str) -> str | None:
    """The id of the oldest job of a kind on a ledger that waits or runs."""
    waiting = [
        job.id for job in jobs.jobs(session.workspace()) if (job.kind, job.ledger_id) == (kind, ledger_id) and not job.ended
    ]
    return waiting[-1] if waiting else None
