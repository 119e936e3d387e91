"""Why this field? How the fields move a model's probabilities: all of them, and one beside another."""

import streamlit as st

from insights import charts, words
from insights.workspace import ModelRecord
from pages.ui import computed, parts, session

SHOWN = 12


def show(record: ModelRecord, view: session.View) -> None:
    """Behind a switch, for it is computed over many past days; only where the model's ledger is the one in view."""
    if record.ledger_id != view.ledger.id:
        return
    if st.toggle("How do the fields act?", key=f"effects-{record.id}"):
        _draw(record, view)


def _draw(record: ModelRecord, view: session.View) -> None:
    found = computed.effects(view.ledger.id, record.id)
    if found is None:
        st.text("This model states plain rates: it has no fields.")
        return
    strongest = found.strongest(SHOWN)
    left, right = st.columns(2, gap="medium")
    with left.container(border=True):
        st.subheader("All fields", anchor=False)
        columns = [found.of(name) for name in strongest]
        figure = charts.effects([words.field(name) for name in strongest], *zip(*columns, strict=True))
        st.plotly_chart(figure, key=f"effects-all-{record.id}", config=parts.STILL, alt="Effects of the fields")
        st.caption("One point per past day of an invoice: blue where the field's value is low, orange where it is high.")
    with right.container(border=True):
        st.subheader("One field, and another", anchor=False)
        one, other = st.columns(2)
        options = found.strongest(len(found.fields))
        field = str(one.selectbox("Field", options, format_func=words.field, key=f"effect-of-{record.id}"))
        with_it = found.interacting(field)
        shade = str(other.selectbox("Coloured by", options, options.index(with_it), words.field, key=f"with-{record.id}-{field}"))
        values, moves = found.of(field)
        figure = charts.dependence(words.field(field), values, moves, words.field(shade), found.of(shade)[0])
        st.plotly_chart(figure, key=f"effect-{record.id}", config=parts.STILL, alt="Effect of one field")
        st.caption("At first coloured by the field that goes most with it. Seen together, which is no cause.")
