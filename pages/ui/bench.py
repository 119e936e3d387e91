"""What should the next model be made from? Settings and fields of a recipe, and the training that follows."""

from collections.abc import Mapping
from datetime import timedelta

import streamlit as st

from insights import fields, jobs, words
from insights.jobs import Job
from insights.model import Recipe
from insights.outcomes import calendars
from insights.workspace import ModelRecord
from pages.ui import format as written
from pages.ui import session, training

GROUPS = ("invoice", "past", "present", "ledger", "calendar", "own")
ALL, PUBLISHED, HISTORY = "all", "published", "history"
STARTS = {ALL: "All fields", PUBLISHED: "As published", HISTORY: "Nothing but history"}
JOB = "training_job"  # what the tab remembers of a training


def recipe(view: session.View, published: ModelRecord | None) -> Recipe:
    """Draws settings and switches, and gives the recipe that they make; first they stand as published."""
    before = Recipe.from_json(dict(published.recipe)) if published else Recipe()
    very_late, grace, calendar, start = st.columns(4)
    return Recipe(
        fields=_switches(view, published),
        very_late_days=very_late.number_input(
            "Very late after", 1, 365, before.very_late_days, key="very_late_days",
            help="Days after which a late payment counts as very late. The published model is not touched.",
        ),
        grace_days=grace.number_input(
            "Grace days", 0, 60, before.grace_days, key="grace_days", help="Days after the due date that still count as on time."
        ),
        calendar=calendar.selectbox(
            "Business days of", ["", *calendars()], ["", *calendars()].index(before.calendar), key="calendar",
            format_func=lambda code: code or "Every day counts",
            help="A due date on a weekend or holiday of this country moves to the next business day.",
        ),
        training_start=start.date_input(
            "Learn from days since", before.training_start, format="YYYY-MM-DD", key="training_start",
            min_value=view.ledger.history_starts, max_value=view.as_of - timedelta(days=1),
            help="Left empty: the last eight quarters.",
        ),
    )  # fmt: skip


def _switches(view: session.View, published: ModelRecord | None) -> tuple[str, ...] | None:
    """One switch per field, in groups; None where all are on."""
    possible = fields.candidates(view.ledger)
    starts = [name for name in STARTS if name != PUBLISHED or published]
    first = PUBLISHED if published else ALL
    chosen = st.segmented_control(
        "Fields", starts, default=first, required=True, format_func=lambda each: STARTS[each], key="fields_from"
    )
    influence = {each["field"]: each["share"] for each in published.metrics.get("importance", ())} if published else {}
    switched = []
    for group in GROUPS:
        mine = [name for name in possible if fields.field(name).group == group]
        if mine:
            switched += _group(view, words.group(group), mine, preset=chosen or first, influence=influence, published=published)
    st.caption(f"{written.count(len(switched))} of {written.count(len(possible), 'field')} on")
    return None if len(switched) == len(possible) else tuple(switched)


def _group(
    view: session.View,
    heading: str,
    names: list[str],
    *,
    preset: str,
    influence: Mapping[str, float],
    published: ModelRecord | None,
) -> list[str]:
    """The switches of one group; the names of those that are on."""
    standing = published.fields if published else ()
    share = sum(influence.get(name, 0) for name in names)
    told = f"{heading} · {written.count(len(names), 'field')}"
    on = []
    if influence:
        told += f" · {written.percent(share)} of the published model's influence"
    with st.expander(told, key=f"group-{heading}"):
        left_right = st.columns(2, gap="large")
        for at, name in enumerate(names):
            stands = {ALL: True, PUBLISHED: name in standing, HISTORY: fields.field(name).group == "past"}[preset]
            with left_right[at % 2]:
                key = f"use-{view.ledger.id}-{preset}-{name}"
                with st.container(gap=None):
                    if st.toggle(words.field(name), stands, key=key):
                        on.append(name)
                    weight = f" {influence[name]:.1%} of the influence." if name in influence else ""
                    st.caption(words.field_help(name) + weight)
    return on


def start(view: session.View, chosen: Recipe) -> None:
    """Starts the training in a process of its own, and remembers it for this tab."""
    session.remember(JOB, jobs.start_training(session.workspace(), view.ledger.id, view.as_of, chosen))
    st.rerun()


def progress() -> bool:
    """The training that this tab started, while it runs; whether there is one."""
    job_id = session.recall(JOB)
    if not isinstance(job_id, str):
        return False
    job = jobs.job(session.workspace(), job_id)
    if job.state == "failed":
        session.remember(JOB, None)
    training.progress(job_id, _finished)
    return not job.ended


def _finished(job: Job) -> None:
    session.remember(JOB, None)
    session.remember(session.MADE, job.model_id)
    st.rerun()
