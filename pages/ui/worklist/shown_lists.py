"""Which lists were shown, what was done on each, and what did one look like?"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from insights.services import shown_lists
from insights.services.shown_lists import WorkedDay
from insights.store.shown_lists import ShownList
from pages.ui.shared import format as fmt
from pages.ui.shared import links, listing, session
from pages.ui.shared.listing import Column, Group, Listing, Row
from pages.ui.shared.view import View

LATEST, MOST = 60, 200  # lists and rows drawn
KINDS = {"contact": "Contacted", "promise": "Promised", "dispute": "In dispute", "snooze": "Snoozed", "take": "Taken"}
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


def show(view: View, days: Sequence[WorkedDay]) -> None:
    """A row for each day; the list that is chosen as it was shown."""
    st.header("What was shown, and what was done", anchor=False)
    rows = [Row(day.first.id, _day(day)) for day in days[:LATEST]]
    listing.show(Listing("The days whose lists were shown", LISTS, [Group(rows)], "as_of"), view, key="lists")
    by_id = {shown_list.id: (shown_list, at) for day in days for at, shown_list in enumerate(day.lists)}
    chosen = st.selectbox("As it was shown", list(by_id), format_func=lambda list_id: _named(*by_id[list_id]), width=320)
    _entries(view, by_id[chosen][0])


def _named(shown: ShownList, at: int) -> str:
    """What tells a list from the others: its day; of a later one of the day also which it is, and when it was shown."""
    return fmt.day(shown.as_of) + (f": change {at}, {fmt.moment(shown.created_at)}" if at else "")


def _day(day: WorkedDay) -> Mapping[str, listing.Cell]:
    later = fmt.count(len(day.lists) - 1, "change") if len(day.lists) > 1 else ""
    return {
        "as_of": fmt.day(day.first.as_of),
        "customers": fmt.count(day.customers),
        **{kind: fmt.count(day.done[kind]) for kind in KINDS},
        "held_back": fmt.count(day.held_back),
        "shown": listing.cell(f"{fmt.moment(day.first.created_at)}, to {day.first.actor}", below=later),
    }


def _entries(view: View, shown: ShownList) -> None:
    table = shown_lists.as_shown(session.workspace(), shown, view.as_of, view.visible)
    rows = [Row(str(at), _entry(view, row)) for at, row in enumerate(table.slice(0, MOST).to_pylist())]
    columns = [column for column in ENTRIES if any(row.cells[column.name] for row in rows)]
    caption = "The list as it was shown, with what was done"
    listed = Listing(caption, columns, listing.whole(rows), "customer", scrolls=len(rows) > listing.IN_SIGHT)
    listing.show(listed, view, key="as_shown")
    if not rows:
        st.text("Nobody was to be called, and nobody held back.")
    if len(table) > MOST:
        st.caption(f"The first {MOST} of {fmt.count(len(table), 'row')}.")


def _entry(view: View, row: Mapping[str, Any]) -> Mapping[str, listing.Cell]:
    below = row["company"] if len(view.companies) > 1 else ""
    until = f", until {fmt.day(row['returns'])}" if row["returns"] else ""
    return {
        "number": fmt.count(row["number"]) if row["number"] else "",
        "customer": links.customer(row, below=below),
        "likely": fmt.money(row["likely"], row["currency"]),
        "gate": f"{row['gate']}{until}" if row["gate"] else "",
        "owner": row["owner"] or "",
        "done": ", ".join(kind.replace("_", " ") for kind in row["done"]),
    }
