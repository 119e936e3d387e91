"""Which page of the open invoices is shown, row by row or by customer, and what do they come to?"""

from typing import Any

import streamlit as st

from insights.ledger.keys import InvoiceKey
from insights.portfolio import worklist
from insights.portfolio.worklist import OpenTotal, WorklistFilter
from pages.ui.invoices import filters, invoice_table
from pages.ui.invoices.invoice_table import Look, Sort
from pages.ui.shared import agreed_dates, cache, query_params, session
from pages.ui.shared import format as fmt
from pages.ui.shared.listing import Turn
from pages.ui.shared.view import View

INVOICES, CUSTOMERS = 50, 20  # on a page
GROUPED = "by_customer"  # the parameter, "True" where it is on


def choose_grouping() -> None:
    """Draws the switch between rows and customers."""
    st.toggle(
        "By customer",
        width=125,
        key=session.bind(GROUPED, query_params.get(GROUPED) == "True"),
        on_change=session.on_filter_change,
        args=(GROUPED,),
    )


def show(view: View, wanted: WorklistFilter, sort: Sort) -> bool:
    """The list, and above it what it comes to; False, and nothing, where it is empty."""
    look = Look(sort, overdue=wanted.tab == worklist.OVERDUE and bool(view.model_id))
    if query_params.get(GROUPED) == "True":
        grouped = worklist.by_customer(
            agreed_dates.source(view), wanted, page=query_params.page_number(), size=CUSTOMERS, **_order(view, sort)
        )
        if grouped.groups:
            _sums(view, grouped.total, look)
            turn = Turn(grouped.page, grouped.pages, _which(grouped.page, CUSTOMERS, grouped.customers, "customer"))
            invoice_table.show_grouped(grouped.groups, view, key="open_invoices", look=look, turn=turn)
        return bool(grouped.groups)
    page = worklist.select(
        agreed_dates.source(view), wanted, page=query_params.page_number(), size=INVOICES, **_order(view, sort)
    )
    if page.total.count:
        _sums(view, page.total, look)
        turn = Turn(page.page, page.pages, _which(page.page, INVOICES, page.total.count, "invoice"))
        invoice_table.show(page.rows, view, key="open_invoices", look=look, turn=turn)
    return bool(page.total.count)


def walk(view: View, key: InvoiceKey) -> None:
    """Buttons to the invoices before and after one in the list, with keys; nothing where the list does not hold it."""
    before, after = neighbours(view, key)
    for label, to, shortcut, icon in (("Previous", before, "Alt+P", "west"), ("Next", after, "Alt+N", "east")):
        if before or after:
            st.button(
                label,
                shortcut=shortcut,
                icon=f":material/{icon}:",
                disabled=to is None,
                key=f"walk_{label}",
                on_click=_go,
                args=(view, to),
            )


def _go(view: View, key: InvoiceKey | None) -> None:
    """A callback: opens an invoice."""
    if key:
        session.go("invoice.py", view, company=key.company, customer=key.customer_id, invoice=key.invoice_id, line=key.line)


def neighbours(view: View, key: InvoiceKey) -> tuple[InvoiceKey | None, InvoiceKey | None]:
    """The invoices before and after one in the list as it was left, or as it stands at first."""
    asked = session.kept_list()
    wanted = filters.wanted(view, asked)
    sort = invoice_table.sort_of(view, wanted.tab, asked)
    return worklist.neighbours(agreed_dates.source(view), wanted, key, **_order(view, sort))


def _order(view: View, sort: Sort) -> dict[str, Any]:
    """How `worklist` sorts: by what, in which direction, and at which rates amounts are compared."""
    ranking = cache.ranking(view)
    return {"sort": sort.by, "ascending": sort.ascending, "rates": ranking.rates if ranking else None}


def _which(page: int, size: int, many: int, noun: str) -> str:
    """`1 to 50 of 169 invoices`."""
    return f"{fmt.count((page - 1) * size + 1)} to {fmt.count(min(page * size, many))} of {fmt.count(many, noun)}"


def _sums(view: View, total: OpenTotal, look: Look) -> None:
    """What all of it comes to, not only the page: the sums of the columns."""
    parts = [fmt.count(total.count, "invoice"), f"outstanding {fmt.moneys(total.sums)}"]
    if view.model_id:
        risk, sums = ("likely very late", total.very_late) if look.overdue else ("at risk", total.at_risk)
        parts.append(f"{risk} {fmt.moneys(sums)}")
    if look.sort and look.sort.by in worklist.MONEY and len(total.sums) > 1:
        ranking = cache.ranking(view)
        parts.append(
            f"in the order of {ranking.currency}, by the rates of {fmt.day(ranking.day)}"
            if ranking
            else "each currency by itself, for no rates are kept"
        )
    st.text(", ".join(parts))
