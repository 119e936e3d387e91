"""Which model speaks, and who decided so? Publish, change the threshold, roll back, and the list of what was published."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from insights.errors import Refused
from insights.workspace import DEFAULT_THRESHOLD, ModelRecord, Publication
from pages.ui import format as written
from pages.ui import session

KINDS = {"publish": "Published", "roll_back": "Rolled back", "withdraw": "Withdrawn"}


def publish(record: ModelRecord, view: session.View, in_force: Publication | None) -> None:
    """Threshold, reason and the button; what somebody else published meanwhile is not overwritten."""
    is_in_force = in_force is not None and in_force.model_id == record.id
    seen = in_force.id if in_force else ""
    with st.form(f"publish-{record.id}-{seen}"):  # another publication is another form: a click on an old one does nothing
        threshold, reason, button = st.columns([2, 5, 2], vertical_alignment="bottom")
        per_cent = threshold.number_input(
            "Flag below, per cent", 1.0, 99.0, (in_force.threshold if in_force else DEFAULT_THRESHOLD) * 100, 1.0, format="%g",
            help="An invoice is flagged where its probability of being paid on time is below this. Changing it trains nothing.",
        )  # fmt: skip
        why = reason.text_input("Reason", placeholder="Why, for the record")
        words, kind = ("Change the threshold", "secondary") if is_in_force else ("Publish this model", "primary")
        if button.form_submit_button(words, type=kind, icon=":material/publish:", width="stretch"):  # type: ignore[arg-type]
            session.workspace().publish(record.id, replaces=seen or None, threshold=per_cent / 100, reason=why)
            _published(view, record.id)


def roll_back(view: session.View, in_force: Publication, names: Mapping[str, str]) -> None:
    """Two clicks back to what was published before; nothing where there is nothing before."""
    try:
        earlier = session.workspace().before(in_force.id)
    except Refused:
        return
    with st.popover("Roll back", icon=":material/undo:"):
        st.text(f"Back to {names.get(earlier.model_id, earlier.model_id)},\nflagged below {written.percent(earlier.threshold)}.")
        if st.button("Roll back now", key=f"roll-back-{in_force.id}", type="primary"):
            session.workspace().roll_back(replaces=in_force.id, reason="Rolled back on the screen")
            _published(view, earlier.model_id)


def _published(view: session.View, model_id: str) -> None:
    """From now on this tab speaks with what is in force, and shows it."""
    session.choose(view.ledger.id, view.as_of)
    session.remember(session.MADE, model_id)
    st.rerun()


def history(publications: Sequence[Publication], names: Mapping[str, str]) -> None:
    """What was published, when, by whom and why; the first line is in force."""
    rows = [
        {
            "When": written.moment(each.created_at),
            "Who": each.actor,
            "What": KINDS[each.kind],
            "Model": names.get(each.model_id, "deleted"),
            "Flag below": written.percent(each.threshold),
            "Reason": each.reason,
        }
        for each in publications
    ]
    st.dataframe(pd.DataFrame(rows, dtype="str"), key=f"publications-{len(rows)}", hide_index=True, alt="Publications")
