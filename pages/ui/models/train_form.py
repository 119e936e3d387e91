"""What should the next model be made from? Settings, rows and fields of a recipe, and the training that follows."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from insights import messages
from insights.ledger import row_filters
from insights.ledger.ledger import FURTHER
from insights.ledger.outcomes import calendars
from insights.model.recipe import Recipe
from insights.services import background
from insights.store.records import Job, ModelRecord
from pages.ui.models import field_switches
from pages.ui.shared import cache, job_progress, session, training_progress
from pages.ui.shared import format as fmt
from pages.ui.shared.tiles import Tile, row
from pages.ui.shared.view import View

JOB = "training_job"  # what the tab remembers of a training
AMOUNT = "amount>="
MOST_VALUES = 200


def recipe(view: View, published: ModelRecord | None) -> tuple[Recipe, Mapping[str, str]]:
    """Draws settings, rows and switches, which first stand as published.

    Gives the recipe that they make, and the reasons why columns may be used that look like the outcome.
    """
    before = Recipe.from_json(dict(published.recipe)) if published else Recipe()
    very_late, grace, calendar, write_offs, start = st.columns(5)
    lines = Recipe(
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
        leave_out_write_offs=write_offs.selectbox(
            "Write-offs", [False, True], int(before.leave_out_write_offs), key="write_offs",
            format_func=lambda out: "Leave out" if out else "Count as very late",
            help="What was written off was never paid. Left out, the model learns nothing from it, and is not judged by it.",
        ),
        training_start=start.date_input(
            "Learn from days since", before.training_start, format="YYYY-MM-DD", key="training_start",
            min_value=view.ledger.history_starts, max_value=view.as_of - timedelta(days=1),
            help="Left empty: the last eight quarters.",
        ),
        rows=_rows(view, before),
        seed=before.seed,
    )  # fmt: skip
    _counted(view, lines)
    chosen = field_switches.show(view, published)
    return replace(lines, fields=chosen.fields), chosen.allowed


def _rows(view: View, before: Recipe) -> tuple[str, ...]:
    """Which invoices to learn from, as filters of the recipe; at first those of the published one."""
    stands = {(wanted := row_filters.parse(text)).column + wanted.sign: wanted.value for text in before.rows}
    chosen: dict[str, str] = {}
    with st.expander("Which invoices to learn from", icon=":material/filter_alt:", key="rows"):
        columns = st.columns(4)
        least = columns[0].number_input(
            "Amount, at least", 0.0, None, float(stands.pop(AMOUNT, "0")), 100.0, key="least_amount", format="%g",
            help="In each invoice's own currency; 0 = all.",
        )  # fmt: skip
        if least:
            chosen[AMOUNT] = f"{Decimal(str(least)):f}"
        for at, name in enumerate(_filterable(view), start=1):
            values = _values(view, name)
            standing = [value for value in stands.pop(f"{name}=", "").split("|") if value in values]
            label = messages.plain(name.capitalize().replace("_", " "))
            picked = columns[at % 4].multiselect(label, values, standing, key=f"rows-{name}", placeholder="All")
            if picked:
                chosen[f"{name}="] = "|".join(picked)
        for form, value in stands.items():
            st.text(f"Also: {form}{value}")
    return (*(f"{form}{value}" for form, value in {**chosen, **stands}.items()),)


def _filterable(view: View) -> list[str]:
    """Columns of few values that may choose invoices: what is known of each when it is issued."""
    own = [name for name in view.ledger.known_at_issue if name in (*view.ledger.further, "disputed")]
    return [name for name in ("company", "currency", *own) if 1 < len(_values(view, name)) <= MOST_VALUES]


def _values(view: View, name: str) -> list[str]:
    """The values of a column to choose from; a filter cannot hold the mark that parts its alternatives."""
    if name == "disputed":
        return ["yes", "no"]
    column = view.ledger.invoices[name if name in view.ledger.invoices.column_names else FURTHER + name]
    if not pa.types.is_string(column.type):
        return []
    return sorted(value for value in pc.unique(column).to_pylist() if value and "|" not in value)


def _counted(view: View, lines: Recipe) -> None:
    """How many invoices that leaves in each bucket."""
    learnable = cache.learnable(view.ledger.id, view.as_of, lines)
    row(
        Tile("Invoices to learn from", fmt.count(learnable.total), "" if learnable.enough else training_progress.NEEDED),
        Tile("Paid on time", fmt.count(learnable.on_time)),
        Tile("Late", fmt.count(learnable.late)),
        Tile("Very late", fmt.count(learnable.very_late)),
    )


def enough(view: View, chosen: Recipe) -> bool:
    """Whether there is enough to learn from, and with."""
    return chosen.fields != () and cache.learnable(view.ledger.id, view.as_of, replace(chosen, fields=None)).enough


def start(view: View, chosen: Recipe, allowed: Mapping[str, str]) -> None:
    """Starts the training in a process of its own, and remembers it for this tab."""
    session.remember(
        JOB, background.train(session.workspace(), view.ledger.id, view.as_of, chosen, allow=allowed, actor=session.person())
    )
    st.rerun()


def progress(view: View) -> bool:
    """The training of this ledger that goes on, if one does; whether it does."""
    return job_progress.goes_on(JOB, _finished, adopts=("train", view.ledger.id))


def _finished(job: Job) -> None:
    """Shows the new model, and says what is left to do with it."""
    session.remember(session.MADE, job.model_id)
    session.tell("The model is trained. It does not speak yet: look at it under Models, and publish it there.")
