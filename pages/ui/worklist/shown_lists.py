"""Which lists were shown, what was done on each, and what did one look like?"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from insights.services import shown_lists
from insights.services.shown_lists import WorkedList
from insights.store.shown_lists import ShownList
from pages.ui.shared import format as fmt
from pages.ui.shared import listing, session
from pages.ui.shared.listing import Column, Group, Listing, Row
from pages.ui.shared.view import View

LATEST, MOST = 60, 200  # lists and rows drawn
KINDS = {"contact": "Contacted", "promise": "Promised", "dispute": "In dispute", "snooze": "Put off", "take": "Taken"}
LISTS = (
    Column("as_of", "As of", "short"),
    Column("customers", "To call", "right"),
    *(Column(kind, label, "right") for kind, label in KINDS.items()),
    Column("held_back", "Held back", "right"),
    Column("shown", "Shown first"),
)
ENTRIES = (
    Column("number", "Rank", "right"),
    Column("customer", "Customer"),
    Column("likely", "Likely to slip", "right"),
    Column("gate", "Held back"),
    Column("owner", "Owner"),
    Column("done", "Done on it"),
)


def show(view: View, lists: Sequence[WorkedList]) -> None:
    """A row for each list; the one that is chosen as it was shown."""
    st.header("What was shown, and what was done", anchor=False)
    rows = [Row(each.shown.id, _list(each)) for each in lists[:LATEST]]
    listing.show(Listing("The lists that were shown", LISTS, [Group(rows)], "as_of"), view, key="lists")
    by_id = {each.shown.id: each.shown for each in lists}
    chosen = st.selectbox("As it was shown", list(by_id), format_func=lambda each: fmt.day(by_id[each].as_of), width=240)
    _entries(view, by_id[chosen])


def _list(each: WorkedList) -> Mapping[str, listing.Cell]:
    return {
        "as_of": fmt.day(each.shown.as_of),
        "customers": fmt.count(each.shown.customers),
        **{kind: fmt.count(each.done[kind]) for kind in KINDS},
        "held_back": fmt.count(each.shown.held_back),
        "shown": f"{fmt.moment(each.shown.created_at)}, to {each.shown.actor}",
    }


def _entries(view: View, shown: ShownList) -> None:
    table = shown_lists.as_shown(session.workspace(), shown, view.as_of)
    rows = [Row(str(at), _entry(view, each)) for at, each in enumerate(table.slice(0, MOST).to_pylist())]
    told = [column for column in ENTRIES if any(row.cells[column.name] for row in rows)]
    caption = "The list as it was shown, with what was done"
    listing.show(Listing(caption, told, [Group(rows)] if rows else [], "customer"), view, key="as_shown")
    if not rows:
        st.text("Nobody was to be called, and nobody held back.")
    if len(table) > MOST:
        st.caption(f"The first {MOST} of {fmt.count(len(table), 'row')}.")


def _entry(view: View, row: Mapping[str, Any]) -> Mapping[str, listing.Cell]:
    below = row["company"] if len(view.companies) > 1 else ""
    place = {"company": row["company"], "customer": row["customer_id"]}
    until = f", until {fmt.day(row['returns'])}" if row["returns"] else ""
    return {
        "number": fmt.count(row["number"]) if row["number"] else "",
        "customer": listing.link(row["customer_name"], "customer", below=below, **place),
        "likely": fmt.money(row["likely"], row["currency"]),
        "gate": f"{row['gate']}{until}" if row["gate"] else "",
        "owner": row["owner"] or "",
        "done": ", ".join(kind.replace("_", " ") for kind in row["done"]),
    }
