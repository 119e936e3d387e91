"""What can be done about a customer, or several at once: contact, promise, dispute, snooze, take, done; each is an event."""

from datetime import date, timedelta

import numpy as np
import streamlit as st

from insights.agreements.events import CustomerKey
from insights.services import agreements as use_cases
from insights.services.worklist import Worklist
from pages.ui.agreements import forms
from pages.ui.agreements.forms import About
from pages.ui.shared import session, widgets
from pages.ui.shared.view import View
from pages.ui.worklist import worklist_table

Whom = list[CustomerKey]


def buttons(view: View, worklist: Worklist, number: int, whom: Whom) -> None:
    """The buttons with their keys; what one does is done for each of `whom`."""
    about = about_of(worklist, number, whom)
    with st.container(horizontal=True):
        if st.button("Contact", key="wl_contact", icon=":material/call:", shortcut="L", type="primary"):
            forms.contact(view, about)
        if st.button("Promise", key="wl_promise", icon=":material/handshake:", shortcut="O"):
            forms.promise(view, about)
        if st.button("Dispute", key="wl_dispute", icon=":material/gavel:", shortcut="D"):
            forms.dispute(view, about)
        if st.button("Snooze", key="wl_snooze", icon=":material/snooze:", shortcut="S"):
            forms.snooze(view, about)
        st.button("Take", key="wl_take", icon=":material/front_hand:", shortcut="T", on_click=_take, args=(view, whom))
        st.button(
            "Done, next",
            key="wl_done",
            icon=":material/done_all:",
            shortcut="E",
            on_click=_done,
            args=(view, worklist, number, whom),
            help="Snoozed until the next business day, and on to the next customer.",
        )
        with st.popover("More", icon=":material/more_horiz:"):
            forms.buttons(view, about, forms.FURTHER)


def about_of(worklist: Worklist, number: int, whom: Whom) -> About:
    """These customers; of one of them its invoices on the list may be chosen."""
    rows = worklist.ranked.of(number).to_pylist()
    name = worklist.ranked.customers["customer_name"][number - 1].as_py()
    return About(tuple(whom), name, tuple((row["invoice_id"], row["line"]) for row in rows))


def _take(view: View, whom: Whom) -> None:
    """A callback."""
    with widgets.refusals():
        for customer in whom:
            use_cases.take(session.workspace(), view.ledger, view.as_of, customer, actor=session.person())


def _done(view: View, worklist: Worklist, number: int, whom: Whom) -> None:
    """A callback: enough for today."""
    about = about_of(worklist, number, whom)
    forms.enter(view, about, "snooze", until=next_business_day(view.as_of), text="done for today")
    worklist_table.go_to(worklist, number + 1)


def next_business_day(day: date) -> date:
    """Monday to Friday."""
    next_day: date = np.busday_offset(np.datetime64(day + timedelta(days=1)), 0, roll="forward").astype(date)
    return next_day
