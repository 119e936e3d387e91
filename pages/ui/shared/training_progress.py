"""How far is a training? Its progress on a screen, polled, while every screen stays usable."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import streamlit as st

from insights import jobs
from insights.access import Capability
from insights.features import catalog
from insights.ledger import row_filters
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.model.recipe import Recipe
from insights.model.training import FEWEST
from insights.services import background, publishing, sample
from insights.store import ledgers, models, publications
from insights.store.records import Job
from pages.ui.shared import cache, dialogs, session, widgets
from pages.ui.shared import format as fmt

NEEDED = f"{FEWEST} are needed, some of them late and some not"
STAGES = {  # of a job -> what the progress line says
    "waiting": "Waiting for the worker",
    "starting": "Starting",
    "features": "Looking back at what was known on past days",
    "on_time": "Learning who pays on time",
    "very_late": "Learning who pays very late",
    "score": "Predicting the open invoices",
    "done": "Done",
}


def offer(ledger: Ledger, as_of: date) -> None:
    """Says that no model qualifies for the as-of date, and offers "Train as of this date" with its progress."""
    if running := _running(ledger.id, as_of):
        progress(running, show_result)
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        lacking = too_few(ledger, as_of) if session.person().may(Capability.TRAIN) else ""
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(f"**No model may predict as of {fmt.day(as_of)}**")
            st.text(_why_none(ledger, as_of, lacking))
        if session.person().may(Capability.TRAIN):
            st.button(
                "Train as of this date",
                type="primary",
                icon=":material/model_training:",
                on_click=begin,
                args=(ledger.id, as_of),
                disabled=bool(lacking),
            )


def too_few(ledger: Ledger, as_of: date) -> str:
    """Why a training like `start` would be refused for the number of its invoices, "" where it would not."""
    held = session.contents()
    in_force = held.published.of_all(held.ledger(ledger.id).lineage_id)
    recipe = Recipe.from_json(dict(held.model(in_force.model_id).recipe)) if in_force and in_force.model_id else Recipe()
    learnable = cache.learnable(ledger.id, as_of, fitting(recipe, ledger))
    return "" if learnable.enough else f"{fmt.count(learnable.total, 'invoice')} to learn from as of {fmt.day(as_of)}: {NEEDED}."


def _why_none(ledger: Ledger, as_of: date, lacking: str) -> str:
    """Why nothing speaks, though something may be published, and what a training lacks, where it does."""
    held = session.contents()
    in_force = held.published.of_all(held.ledger(ledger.id).lineage_id)
    if in_force is None:
        return lacking or "Train one on what was known before this day: it takes seconds for thousands of invoices."
    if held.model(in_force.model_id).trained_as_of > as_of:
        why = "On days before it was trained, a model has seen the answers. The published one stays as it is."
        return f"{why} {lacking}".rstrip()
    why = "The published one was trained on a ledger of other companies. It stays as it is"
    return f"{why}. {lacking}" if lacking else f"{why}; train one on this ledger beside it."


def begin(ledger_id: str, as_of: date) -> None:
    """As `start`, for a button: the next run finds the job."""
    start(ledger_id, as_of)


def start(ledger_id: str, as_of: date) -> str:
    """Starts a training with the published recipe, or the default one; the job's id."""
    store = session.workspace()
    in_force = publications.published(store).of_all(ledgers.get(store, ledger_id).lineage_id)
    recipe = models.load(store, in_force.model_id).recipe if in_force and in_force.model_id else Recipe()
    return background.train(store, ledger_id, as_of, fitting(recipe, session.open_ledger(ledger_id)), actor=session.person())


def fitting(recipe: Recipe, ledger: Ledger) -> Recipe:
    """The recipe without the fields and the filters of columns that this ledger has not, or may not use."""
    possible, usable = catalog.allowed(ledger), (*row_filters.COLUMNS, *ledger.known_at_issue)
    kept = None if recipe.fields is None else tuple(name for name in recipe.fields if name in possible)
    rows = tuple(text for text in recipe.rows if row_filters.parse(text).column in usable)
    return replace(recipe, fields=kept or None, rows=rows)


def progress(job_id: str, done: Callable[[Job], None], failed: Callable[[Job], None] | None = None) -> None:
    """A job's stage and share, polled in a fragment with a Cancel button; a failure as its sentence.

    Calls `done(job)` when the job has succeeded (it may publish, then `session.go_next` or `st.rerun`), and `failed(job)`,
    where given, in place of the sentence.
    """

    def watched() -> None:
        job = jobs.job(session.workspace(), job_id)
        if job.state == "done":
            done(job)
        elif job.ended and failed:
            failed(job)
        elif job.ended:
            ended(job, "The training was cancelled.")
        else:
            _draw(job)

    dialogs.by_the_clock(watched, 0.5)


def ended(job: Job, cancelled: str) -> None:
    """Why a job has not succeeded, with its log; `cancelled` where there was no error.

    A job speaks of all customers: whoever may see some of them only learns that it failed.
    """
    why = job.error if session.person().reach.everything else "This could not be done." if job.error else ""
    widgets.refusal(Refused(why or cancelled))
    log(job)


def log(job: Job) -> None:
    """What a job has logged, behind a line; nothing where it has logged nothing, and for whoever may not see all customers."""
    if job.log and session.person().reach.everything:
        with st.expander("Log", icon=":material/notes:"):
            st.code(job.log, language=None)


def show_result(job: Job) -> None:
    """Publishes a finished training's model where nothing is published yet, if who looks may; draws the page again."""
    if session.person().may(Capability.PUBLISH):
        publishing.publish_first(session.workspace(), job.model_id, actor=session.person())
    st.rerun()


def start_sample() -> None:
    """Imports the sample ledger and starts to learn from it; shows it at once where that was done before."""
    store = session.workspace()
    with st.spinner("Reading the sample ledger …"):
        ledger_id = sample.load(store, actor=session.person())
    session.choose(ledger_id)
    if sample.model_of(store, ledger_id):
        session.go("open_invoices.py", ledger=ledger_id)
    session.remember("sample_job", start(ledger_id, ledgers.get(store, ledger_id).default_as_of))
    st.rerun()


def sample_job() -> str:
    """The id of the training that `start_sample` started in this tab, "" where none goes on; says so if it failed."""
    job_id = session.recall("sample_job")
    if not isinstance(job_id, str):
        return ""
    job = jobs.job(session.workspace(), job_id)
    if job.state in ("failed", "cancelled"):
        session.remember("sample_job", None)
        ended(job, "The training was cancelled.")
        return ""
    return job_id


def publish_and_show(job: Job) -> None:
    """Publishes a finished training's model where nothing is published yet, and shows the open invoices with it."""
    session.remember("sample_job", None)
    publishing.publish_first(session.workspace(), job.model_id, actor=session.person())
    session.go_next("open_invoices.py", ledger=job.ledger_id, model=job.model_id)


@dataclass(frozen=True)
class Estimate:
    """When a job will have ended, by the share that was done when it was made; on a clock that only counts."""

    job_id: str
    share: float
    ends: float


def estimate(job: Job, before: Estimate | None, clock: float) -> Estimate | None:
    """Made anew when more is done; in between time passes, and what is left gets less. None while nothing can be said."""
    if before and (before.job_id, before.share) == (job.id, job.share):
        return before
    return None if job.remaining is None else Estimate(job.id, job.share, clock + job.remaining)


def left(estimated: Estimate | None, clock: float) -> str:
    """What the progress line says of the time left, "" while nothing can be said."""
    if estimated is None:
        return ""
    seconds = round(estimated.ends - clock)
    return f" · about {seconds} s left" if seconds >= 1 else " · takes longer than estimated"


def _draw(job: Job) -> None:
    clock, before = time.monotonic(), session.recall("estimate")
    made = estimate(job, before if isinstance(before, Estimate) else None, clock)
    session.remember("estimate", made)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.progress(min(max(job.share, 0.0), 1.0), text=f"{STAGES.get(job.stage, job.stage.capitalize())}{left(made, clock)}")
        if session.person().may(Capability.TRAIN) and st.button(
            "Cancel", key=f"cancel_{job.id}", type="tertiary", icon=":material/close:"
        ):
            background.cancel(session.workspace(), job.id, actor=session.person())
    log(job)


def _running(ledger_id: str, as_of: date) -> str:
    """The id of a training of this ledger as of this day that has not ended, "" where there is none."""
    mine = (job for job in jobs.jobs(session.workspace()) if (job.kind, job.ledger_id, job.as_of) == ("train", ledger_id, as_of))
    return next((job.id for job in mine if not job.ended), "")
