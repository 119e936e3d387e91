"""Why this field? How the fields move a model's probabilities: all of them, one beside another, and two together."""

import streamlit as st

from insights import charts, messages
from insights.prediction.effects import Effects, Interactions
from insights.store.records import ModelRecord
from pages.ui.shared import cache, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.view import View

SHOWN = 12
MOST_PAIRS = 7


def show(record: ModelRecord, view: View) -> None:
    """Behind a switch, for it is computed over many past days of the ledger in view."""
    if st.toggle("How do the fields act?", key=f"effects-{record.id}"):
        measured = cache.effects(view.ledger.id, record.id)
        if measured is None:
            before = fmt.day(record.trained_as_of)
            st.text(f"This model states plain rates, or this ledger has no day before {before} that it could have learned from.")
        else:
            _draw(record, measured, view)


def _draw(record: ModelRecord, effects: Effects, view: View) -> None:
    left, right = st.columns(2, gap="medium")
    with left.container(border=True):
        _all(record, effects)
    with right:  # which says meanwhile what it waits for
        together = cache.interactions(view.ledger.id, record.id)
    if together:
        with left.container(border=True):
            _pairs(record, together)
        with right.container(border=True):
            _one_and_another(record, effects, together)
    st.caption(
        "How this model sees past days of this ledger: what goes together there, which is no cause. Log-odds add up: those of "
        "all fields, and of all their pairs, make the model's probability."
    )


def _all(record: ModelRecord, effects: Effects) -> None:
    """The strongest fields, a strip of points each."""
    st.header("All fields", anchor=False)
    strongest = effects.strongest(SHOWN)
    columns = [effects.of(name) for name in strongest]
    figure = charts.effects([messages.field(name) for name in strongest], *zip(*columns, strict=True))
    st.plotly_chart(figure, key=f"effects-all-{record.id}", config=widgets.STILL, alt="Effects of the fields")
    st.caption("One point per past day of an invoice: blue where the field's value is low, orange where it is high.")


def _pairs(record: ModelRecord, together: Interactions) -> None:
    """The pairs of fields that do most together."""
    strongest = together.strongest(MOST_PAIRS)
    st.header("Fields that act together", anchor=False)
    if not strongest:
        st.text("The model has one field only.")
        return
    names = [(messages.field(field), messages.field(other)) for field, other, _ in strongest]
    figure = charts.pairs(names, [strength for *_, strength in strongest])
    st.plotly_chart(figure, key=f"pairs-{record.id}", config=widgets.STILL, alt="How much pairs of fields do together")
    st.caption("By how many log-odds two fields move it together on average, beyond what each does alone.")


def _one_and_another(record: ModelRecord, effects: Effects, together: Interactions) -> None:
    """One field's effect coloured by another, at first the one that does most together with it, and what the two do together."""
    st.header("One field, and another", anchor=False)
    first, other = st.columns(2)
    field = str(
        first.selectbox("Field", effects.strongest(len(effects.fields)), format_func=messages.field, key=f"of-{record.id}")
    )
    partners = together.partners(field) or (field,)
    shade = str(other.selectbox("Together with", partners, format_func=messages.field, key=f"with-{record.id}-{field}"))
    name, second = messages.field(field), messages.field(shade)
    figure = charts.dependence(name, *effects.of(field), second, effects.of(shade)[0])
    st.plotly_chart(figure, key=f"effect-{record.id}", config=widgets.STILL, alt="Effect of one field")
    st.caption(f"All that the field does, coloured by the other: {messages.plain(second)}, blue where low, orange where high.")
    if shade != field:
        values, both = together.of(field), together.between(field, shade)
        figure = charts.dependence(name, values, both, second, together.of(shade), together=True)
        st.plotly_chart(figure, key=f"both-{record.id}", config=widgets.STILL, alt="What two fields do together")
        st.caption("The part of it that the two do together, beyond what each does alone. The strongest partner stands first.")
