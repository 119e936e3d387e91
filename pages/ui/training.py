"""How far is a training? Its progress on a screen, polled, while every screen stays usable."""

from collections.abc import Callable
from datetime import date

import streamlit as st

from insights import jobs, sample
from insights.errors import Refused
from insights.ledger import Ledger
from insights.model import Recipe
from insights.workspace import Job
from pages.ui import format as written
from pages.ui import parts, session


def offer(ledger: Ledger, as_of: date) -> None:
    """Says that no model qualifies for the as-of date, and offers "Train as of this date" with its progress."""
    if running := _running(ledger.id, as_of):
        progress(running, lambda _: st.rerun())
        return
    with st.container(border=True):
        st.markdown(f"**No model may speak as of {written.day(as_of)}**")
        st.text(
            "A model predicts only from the day it was trained on: on earlier days it has seen the answers. "
            "Train one on what was known then; the published model stays as it is."
            if session.publication()
            else "Train a model on what was known before this day. It takes seconds for thousands of invoices."
        )
        st.button(
            "Train as of this date", type="primary", icon=":material/model_training:", on_click=begin, args=(ledger.id, as_of)
        )


def begin(ledger_id: str, as_of: date) -> None:
    """As `start`, for a button: the next run finds the job."""
    start(ledger_id, as_of)


def start(ledger_id: str, as_of: date) -> str:
    """Starts a training with the published recipe, or the default one; the job's id."""
    store, in_force = session.workspace(), session.publication()
    recipe = store.model(in_force.model_id).recipe if in_force and in_force.model_id else Recipe()
    return jobs.start_training(store, ledger_id, as_of, recipe)


def progress(job_id: str, done: Callable[[Job], None]) -> None:
    """A job's stage and share, polled in a fragment with a Cancel button; a failure as its sentence.

    Calls `done(job)` when the job has succeeded (it may publish, then `session.go` or `st.rerun`).
    """

    @st.fragment(run_every=0.5)
    def watched() -> None:
        job = jobs.job(session.workspace(), job_id)
        if job.state == "done":
            done(job)
        elif job.ended:
            parts.refusal(Refused(job.error or "The training was cancelled."))
        else:
            _draw(job)

    watched()


def _draw(job: Job) -> None:
    left = "" if job.remaining is None else f" · about {max(1, round(job.remaining))} s left"
    with st.container(border=True):
        st.progress(min(max(job.share, 0.0), 1.0), text=f"{job.stage or 'Waiting for the worker'}{left}")
        if st.button("Cancel", key=f"cancel_{job.id}", type="tertiary", icon=":material/close:"):
            jobs.cancel(session.workspace(), job.id)


def _running(ledger_id: str, as_of: date) -> str:
    """The id of a training of this ledger as of this day that has not ended, "" where there is none."""
    mine = (job for job in jobs.jobs(session.workspace()) if (job.ledger_id, job.as_of) == (ledger_id, as_of))
    return next((job.id for job in mine if not job.ended), "")


def start_sample() -> None:
    """Imports the sample ledger and starts to learn from it (a callback); shows it at once where that was done before."""
    store = session.workspace()
    ledger_id = sample.load(store)
    session.choose(ledger_id)
    if sample.model_of(store, ledger_id):
        session.go("open_invoices.py", ledger=ledger_id)
    session.remember("sample_job", start(ledger_id, store.ledger_record(ledger_id).default_as_of))


def publish_and_show(job: Job) -> None:
    """Publishes a finished training's model where nothing is published yet, and shows the open invoices with it."""
    session.remember("sample_job", None)
    if session.publication() is None:
        session.workspace().publish(job.model_id, replaces=None, reason="The first model")
    session.go("open_invoices.py", ledger=job.ledger_id, model=job.model_id)
