"""Which lists were shown, what was done on each, and what did one look like?"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from insights.services import shown_lists
from insights.services.shown_lists import WorkedList
from insights.store.shown_lists import ShownList
from pages.ui.shared import format as fmt
from pages.ui.shared import session
from pages.ui.shared.view import View

LATEST, MOST = 60, 200  # lists and rows drawn
KINDS = {"contact": "Contacted", "promise": "Promised", "dispute": "In dispute", "snooze": "Put off", "take": "Taken"}


def show(view: View, lists: Sequence[WorkedList]) -> None:
    """A row for each list; the one that is chosen as it was shown."""
    st.header("What was shown, and what was done", anchor=False)
    rows = [
        {
            "As of": fmt.day(each.shown.as_of),
            "To call": fmt.count(each.shown.customers),
            **{label: fmt.count(each.done[kind]) for kind, label in KINDS.items()},
            "Held back": fmt.count(each.shown.held_back),
            "Shown first": f"{fmt.moment(each.shown.created_at)}, to {each.shown.actor}",
        }
        for each in lists[:LATEST]
    ]
    right = {name: st.column_config.TextColumn(name, alignment="right") for name in list(rows[0])[1:-1]}
    st.dataframe(pd.DataFrame(rows, dtype="str"), hide_index=True, column_config=right, alt="The lists that were shown")
    by_id = {each.shown.id: each.shown for each in lists}
    chosen = st.selectbox("As it was shown", list(by_id), format_func=lambda each: fmt.day(by_id[each].as_of), width=240)
    _entries(view, by_id[chosen])


def _entries(view: View, shown: ShownList) -> None:
    table = shown_lists.as_shown(session.workspace(), shown, view.as_of)
    rows = table.slice(0, MOST).to_pylist()
    frame = pd.DataFrame(
        {
            "number": [each["number"] for each in rows],
            "customer": [each["customer_name"] for each in rows],
            "company": [each["company"] for each in rows],
            "likely": [fmt.money(each["likely"], each["currency"]) for each in rows],
            "gate": [each["gate"] or "" for each in rows],
            "returns": [each["returns"] for each in rows],
            "owner": [each["owner"] or "" for each in rows],
            "done": [", ".join(kind.replace("_", " ") for kind in each["done"]) for each in rows],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_order=[name for name in frame.columns if name != "company" or len(view.companies) > 1],
        column_config={
            "number": st.column_config.NumberColumn("Rank", width=60),
            "customer": st.column_config.TextColumn("Customer", width="medium"),
            "company": "Company",
            "likely": st.column_config.TextColumn("Likely to slip", alignment="right"),
            "gate": "Held back by",
            "returns": st.column_config.DateColumn("Returned", format="YYYY-MM-DD"),
            "owner": "Owner",
            "done": "Done on it",
        },
        alt="The list as it was shown, with what was done",
    )
    if len(table) > MOST:
        st.caption(f"The first {MOST} of {fmt.count(len(table), 'row')}.")
