"""Which invoices does the list show? Tabs and filters, all in the URL, as a `worklist.WorklistFilter`."""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from insights.portfolio import worklist
from insights.portfolio.worklist import OpenTotal, WorklistFilter
from insights.store.records import NAMELESS
from pages.ui.shared import cache, query_params, session
from pages.ui.shared import format as fmt
from pages.ui.shared.view import View

TAB_WIDTHS = (8, 6, 5)  # the first one says most
BOUNDS = ("days_from", "days_to", "amount_from", "amount_to")
LABELS = {
    worklist.NOT_DUE_FLAGGED: "Not yet due, flagged",
    worklist.NOT_DUE: "Not yet due",
    worklist.OVERDUE: "Overdue",
    worklist.ALL: "All",
}


def filters(view: View) -> WorklistFilter:
    """Draws the filters, and gives what they select together with the tab that the URL asks for."""
    available = cache.choices(view)
    first = worklist.NOT_DUE_FLAGGED if view.model_id else worklist.NOT_DUE
    tab = query_params.get("tab", first)
    search = st.text_input(
        "Customer or invoice",
        key=session.bind("q", query_params.get("q")),
        type="search",
        placeholder="Name, account, number",
        width=200,
        on_change=session.on_filter_change,
        args=("q",),
    )
    companies = _several("Company", "companies", available["company"])
    currencies = _several("Currency", "currencies", available["currency"])
    given = sum(bool(query_params.get(name)) for name in BOUNDS)
    with st.popover(f"Days and amounts{f' ({given})' * bool(given)}", icon=":material/tune:", key="bounds"):
        past_due = _bounds("Days past due", "days", step=1)
        outstanding = _bounds("Outstanding", "amount", step=100)
    if any(query_params.get(name) for name in query_params.FILTERS):
        st.button("Clear", icon=":material/close:", type="tertiary", on_click=query_params.clear_filters, key="clear_filters")
    return WorklistFilter(
        tab=tab if tab in LABELS else first,
        search=search or "",
        companies=companies,
        currencies=currencies,
        past_due=past_due,
        outstanding=outstanding,
        threshold=view.threshold,
        own_thresholds=view.thresholds_by_company,
    )


def tabs(view: View, totals: Mapping[str, OpenTotal], chosen: str) -> None:
    """One button per tab, with how many invoices it holds and what is outstanding on them."""
    first = worklist.NOT_DUE_FLAGGED if view.model_id else worklist.NOT_DUE
    shown = (first, worklist.OVERDUE, worklist.ALL)
    note = fmt.overdue(view.rules_by_company.values())
    labels = {tab: label.replace("Not yet due", "Not yet overdue") if note else label for tab, label in LABELS.items()}
    for column, tab in zip(st.columns(TAB_WIDTHS), shown, strict=True):
        column.button(
            f"**{labels[tab]}** · {fmt.count(totals[tab].count)} · {fmt.short_moneys(totals[tab].sums)}",
            key=f"tab_{tab}",
            type="primary" if tab == chosen else "secondary",
            width="stretch",
            on_click=query_params.set_params,
            kwargs={"tab": tab},
        )
    if note:
        st.caption(note)


def _several(label: str, name: str, options: list[str]) -> tuple[str, ...]:
    """A choice of several values; not drawn where there is but one."""
    if len(options) < 2:
        return ()
    key = session.bind(name, [value for value in query_params.get_all(name) if value in options])
    return tuple(
        st.multiselect(
            label, options, key=key, placeholder="All", width=140, format_func=lambda each: each or NAMELESS,
            on_change=session.on_filter_change, args=(name,),
        )
    )  # fmt: skip


def _bounds(label: str, name: str, *, step: int) -> tuple[int | None, int | None]:
    """A lower and an upper bound, either may stay empty."""
    low, high = st.columns(2)
    return _bound(low, f"{label}, from", f"{name}_from", step), _bound(high, "to", f"{name}_to", step)


def _bound(column: DeltaGenerator, label: str, name: str, step: int) -> int | None:
    key = session.bind(name, query_params.number(name))
    return column.number_input(label, value=None, step=step, key=key, on_change=session.on_filter_change, args=(name,))
