"""Which invoices does the list show? Tabs and filters, all in the URL, as a `worklist.WorklistFilter`."""

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from insights.portfolio import worklist
from insights.portfolio.worklist import WorklistFilter
from insights.store.records import NAMELESS
from pages.ui.shared import cache, choices, query_params, session
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


def draw(view: View) -> None:
    """The filters, which show what the URL asks for."""
    available = cache.choices(view)
    choices.search("Customer or invoice", "Name, account, number", width=200)
    given = sum(bool(query_params.get(name)) for name in query_params.FILTERS if name != "q")
    with st.popover(f"Filters{f' ({given})' * bool(given)}", icon=":material/tune:", key="filters", width=130):
        _several("Company", "companies", available["company"])
        _several("Currency", "currencies", available["currency"])
        _bounds("Days past due", "days", step=1)
        _bounds("Outstanding", "amount", step=100)
        if disputes := len(cache.disputed(view)):
            st.checkbox(
                f"Disputed only ({fmt.count(disputes)})",
                key=session.bind("disputed", query_params.get("disputed") == "True"),
                on_change=session.on_filter_change,
                args=("disputed",),
            )
    if any(query_params.get(name) for name in query_params.FILTERS):
        st.button("Clear", icon=":material/close:", type="tertiary", on_click=query_params.clear_filters, key="clear_filters")


def wanted(view: View, asked: Mapping[str, Sequence[str]]) -> WorklistFilter:
    """What the parameters of the list (of the URL, or as it was left) select; nonsense in them is passed over."""
    available, tab = cache.choices(view), _last(asked, "tab")
    days_from, days_to, amount_from, amount_to = (query_params.whole(_last(asked, name)) for name in BOUNDS)
    return WorklistFilter(
        tab=tab if tab in LABELS else first_tab(view),
        search=_last(asked, "q"),
        companies=tuple(company for company in asked.get("companies", ()) if company in available["company"]),
        currencies=tuple(currency for currency in asked.get("currencies", ()) if currency in available["currency"]),
        past_due=(days_from, days_to),
        outstanding=(amount_from, amount_to),
        positions=cache.disputed(view) if _last(asked, "disputed") == "True" else None,
        threshold=view.threshold,
        own_thresholds=view.thresholds_by_company,
    )


def first_tab(view: View) -> str:
    """What can still be prevented."""
    return worklist.NOT_DUE_FLAGGED if view.model_id else worklist.NOT_DUE


def _last(asked: Mapping[str, Sequence[str]], name: str) -> str:
    values = asked.get(name, ())
    return values[-1] if values else ""


def tabs(view: View, chosen: WorklistFilter) -> None:
    """One button per tab, with how many invoices it holds and what is outstanding on them."""
    totals = worklist.tabs(cache.source(view), chosen)
    shown = (first_tab(view), worklist.OVERDUE, worklist.ALL)
    note = fmt.overdue(view.rules_by_company.values())
    labels = {tab: label.replace("Not yet due", "Not yet overdue") if note else label for tab, label in LABELS.items()}
    for column, tab in zip(st.columns(TAB_WIDTHS), shown, strict=True):
        column.button(
            f"**{labels[tab]}** · {fmt.count(totals[tab].count)} · {fmt.short_moneys(totals[tab].sums)}",
            key=f"tab_{tab}",
            type="primary" if tab == chosen.tab else "secondary",
            width="stretch",
            on_click=query_params.set_params,
            kwargs={"tab": tab},
        )
    if note:
        st.caption(note)


def _several(label: str, name: str, options: list[str]) -> None:
    """A choice of several values; not drawn where there is but one."""
    if len(options) > 1:
        key = session.bind(name, [value for value in query_params.get_all(name) if value in options])
        st.multiselect(
            label, options, key=key, placeholder="All", format_func=lambda value: value or NAMELESS,
            on_change=session.on_filter_change, args=(name,),
        )  # fmt: skip


def _bounds(label: str, name: str, *, step: int) -> None:
    """A lower and an upper bound, either may stay empty."""
    low, high = st.columns(2)
    _bound(low, f"{label}, from", f"{name}_from", step)
    _bound(high, "to", f"{name}_to", step)


def _bound(column: DeltaGenerator, label: str, name: str, step: int) -> None:
    key = session.bind(name, query_params.number(name))
    column.number_input(label, value=None, step=step, key=key, on_change=session.on_filter_change, args=(name,))
