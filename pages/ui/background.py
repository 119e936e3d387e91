"""Which job did this tab start, and how far is it? Remembered under a name, shown, and forgotten when it has ended."""

from collections.abc import Callable

import streamlit as st

from insights import jobs
from insights.errors import Refused
from insights.workspace import Job
from pages.ui import parts, session, training


def goes_on(name: str, done: Callable[[Job], None]) -> bool:
    """Draws the progress of the job remembered under `name`, if there is one, and says whether it still goes on.

    Calls `done(job)` once it has succeeded, after which it is forgotten; a failure is said once, as its sentence.
    """
    job_id = session.recall(name)
    if not isinstance(job_id, str):
        return False
    job = jobs.job(session.workspace(), job_id)
    if job.ended:
        session.remember(name, None)
        if job.state == "done":
            done(job)
        else:
            parts.refusal(Refused(job.error or "This was cancelled."))
        return False
    training.progress(job_id, lambda _: st.rerun(), failed=lambda _: st.rerun())
    return True
