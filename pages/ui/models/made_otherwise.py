"""In what do several models differ, before anything is replayed: ledger, days, rows, settings, fields?"""

from collections.abc import Sequence

import streamlit as st

from insights import messages
from insights.store.records import ModelRecord
from pages.ui.models.model_details import made_from
from pages.ui.shared import sheets

MOST = 8  # fields named
WHAT = "What differs"
ALONE = "Fields that not all have"
CAPTION = "What the chosen models were made from, where it differs"


def show(models: Sequence[ModelRecord]) -> None:
    """A line for each thing in which they differ, a column for each model."""
    lines = [{WHAT: aspect, **dict(zip(letters(models), values, strict=True))} for aspect, values in differing(models).items()]
    if lines:
        sheets.figures(lines, CAPTION, key="made_otherwise", texts=len(models) + 1)
    else:
        st.text("The chosen models were made from the same, in the same way.")


def letters(models: Sequence[ModelRecord]) -> list[str]:
    """`A · Spring`, `B · as of 2026-10-31`: the headings of the columns, no two alike."""
    return [f"{letter} · {record.name}" for letter, record in zip("ABCD", models, strict=False)]


def differing(models: Sequence[ModelRecord]) -> dict[str, list[str]]:
    """What differs -> in words for each of them."""
    made = [made_from(record) for record in models]
    differences = {
        aspect: [values[aspect] for values in made] for aspect in made[0] if len({values[aspect] for values in made}) > 1
    }
    common = frozenset.intersection(*(frozenset(record.fields) for record in models))
    own = [[messages.field(name) for name in record.fields if name not in common] for record in models]
    return differences | ({ALONE: [_some(names) for names in own]} if any(own) else {})


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more or "none"
