"""What is there to know of the customer whose row is open, and what can be done about it by button and key?"""

from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc
import streamlit as st

from insights import messages
from insights.agreements.events import CustomerKey
from insights.portfolio.snapshot import is_flagged
from insights.services import worklist as worklists
from insights.services.worklist import Worklist
from pages.ui.agreements import forms, timeline
from pages.ui.shared import cache, links, listing, session, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.listing import Cell, Column, Group, Listing, Row
from pages.ui.shared.view import View
from pages.ui.worklist import actions, worklist_table

LATEST = 6  # events shown
SLIPS = "Of overdue ones: still unpaid in seven days. Of others: missing their last day on time."
EXPECTED = "With what promises, disputes and overrides do to it."
CAPTION = "The customer's invoices that count, with their expected dates"
MOST = 12  # invoices drawn
COLUMNS = (
    Column("circle", "Flag", "short", hidden=True),
    Column("invoice", "Invoice"),
    Column("outstanding", "Outstanding", "right"),
    Column("p", "Slips", "right", help=SLIPS),
    Column("due", "Due", "short"),
    Column("expected", "Expected", "short", help=EXPECTED),
)


def show(view: View, worklist: Worklist, number: int, selected: list[CustomerKey]) -> None:
    """The open row: why, invoices, what was agreed; and the buttons, for all selected rows where there are several."""
    if not number:
        forms.last(view)
        st.text(
            "Nobody is left to call." if len(worklist.ranked.held_back) else "Nothing is overdue or due within ten business days."
        )
        return
    row = worklist.ranked.customers.slice(number - 1, 1).to_pylist()[0]
    customer = (row["company"], row["customer_id"])
    whom = selected if len(selected) > 1 else [customer]
    _steps(worklist, number)
    widgets.data_heading(row["customer_name"])
    st.text(f"{row['customer_id']}{', ' * bool(row['company'])}{row['company']}")
    if row["taken_by"] and row["taken_by"] != session.person().name:
        st.warning(f"{messages.plain(row['taken_by'])} is at it.", icon=":material/person_alert:")
    if len(whom) > 1:
        st.info(f"What you do now is done for the {len(whom)} selected customers.", icon=":material/select_all:")
    actions.buttons(view, worklist, number, whom)
    forms.last(view)
    _warnings(view, customer, row["currency"])
    st.text("\n".join(worklist.reasons(number)))
    if row["owner"]:
        st.text(f"Owner: {row['owner']}")
    _invoices(view, worklist, number)
    timeline.show(view, worklist.standing, customer, most=LATEST)


def _steps(worklist: Worklist, number: int) -> None:
    """On to others; where the window is narrow, who is chosen stands in place of the list (`app.css`), with the way back."""
    if worklist_table.is_chosen():
        st.button("Back to the list", key="wl_back", icon=":material/arrow_back:", type="tertiary", on_click=worklist_table.back)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Previous", key="wl_previous", icon=":material/chevron_left:", shortcut="P", disabled=number <= 1,
            on_click=worklist_table.go_to, args=(worklist, number - 1),
        )  # fmt: skip
        st.button(
            "Next", key="wl_next", icon=":material/chevron_right:", shortcut="N",
            disabled=number >= len(worklist.ranked.customers), on_click=worklist_table.go_to, args=(worklist, number + 1),
        )  # fmt: skip
        st.caption(f"{number:,} of {len(worklist.ranked.customers):,}")


def _warnings(view: View, customer: CustomerKey, currency: str) -> None:
    """What would make a call embarrassing."""
    table = cache.customers(view)
    mine = pc.and_(pc.equal(table["company"], customer[0]), pc.equal(table["customer_id"], customer[1]))
    unapplied = table.filter(pc.and_(mine, pc.equal(table["currency"], currency)))["unapplied"].to_pylist()
    if unapplied and unapplied[0]:
        amount = messages.plain(fmt.money(unapplied[0], currency))
        st.caption(f":material/savings: {amount} came in or was credited and is not applied to an invoice: look before you call.")


def _invoices(view: View, worklist: Worklist, number: int) -> None:
    """The customer's invoices that count, the most likely to slip first; numbers open the invoice."""
    _, table = worklists.adjusted(worklist.ranked.of(number), worklist.standing)
    rows = [Row(f"{row['invoice_id']}/{row['line']}", _cells(view, row)) for row in table.slice(0, MOST).to_pylist()]
    left = len(table) - len(rows)
    group = Group(rows, more=f"and {fmt.count(left, 'more invoice')}" if left else "")
    listing.show(Listing(CAPTION, COLUMNS, [group], "invoice", narrow=True), view, key="drawer")


def _cells(view: View, row: Mapping[str, Any]) -> Mapping[str, Cell]:
    flagged = is_flagged(row["p_on_time"], view.flag_below(row["company"]))
    return {
        "circle": listing.flag(flagged=flagged, alt=widgets.flag_word(flagged=flagged)),
        "invoice": links.invoice(row),
        "outstanding": fmt.amount(row["outstanding"], row["currency"]),
        "p": fmt.NOTHING if row["p_on_time"] is None else fmt.percent(row["p"]),
        "due": _due(row["days_past_due"]),
        "expected": fmt.day(row["expected_date"]),
    }


def _due(days_past_due: int) -> str:
    if days_past_due == 0:
        return "today"
    return f"{days_past_due} d ago" if days_past_due > 0 else f"in {-days_past_due} d"
