"""What can be done about a customer, or several at once: contact, promise, dispute, snooze, take, done; each is an event."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import streamlit as st

from insights.agreements.events import CustomerKey
from insights.messages.worklist import CHANNELS, OUTCOMES
from insights.services import agreements as use_cases
from insights.services.agreements import Entry
from insights.services.worklist import Worklist
from pages.ui.shared import session, widgets
from pages.ui.shared.view import View
from pages.ui.worklist import worklist_table

Whom = list[CustomerKey]
A_WEEK = timedelta(days=7)
NEXT_LEDGER, A_DAY, AT_PROMISE = "The next ledger", "A day", "The promised day"


def buttons(view: View, found: Worklist, number: int, whom: Whom) -> None:
    """The buttons with their keys; what one does is done for each of `whom`."""
    with st.container(horizontal=True):
        if st.button("Contact", key="wl_contact", icon=":material/call:", shortcut="L", type="primary"):
            _contact(view, whom)
        if st.button("Promise", key="wl_promise", icon=":material/handshake:", shortcut="O"):
            _promise(view, found, number, whom)
        if st.button("Dispute", key="wl_dispute", icon=":material/gavel:", shortcut="D"):
            _dispute(view, found, number, whom)
        if st.button("Snooze", key="wl_snooze", icon=":material/snooze:", shortcut="S"):
            _snooze(view, whom)
        st.button("Take", key="wl_take", icon=":material/front_hand:", shortcut="T", on_click=_take, args=(view, whom))
        st.button(
            "Done, next",
            key="wl_done",
            icon=":material/done_all:",
            shortcut="E",
            on_click=_done,
            args=(view, found, number, whom),
            help="Put off until the next business day, and on to the next customer.",
        )


def _enter(view: View, whom: Whom, kind: str, invoices: tuple[tuple[str, str], ...] = (), **values: Any) -> None:  # noqa: ANN401
    """Keep an event for each customer, all or none, and show the list as it is then."""
    entries = [Entry(kind, company, customer, invoices, values) for company, customer in whom]
    use_cases.enter(session.workspace(), view.ledger, view.as_of, entries, actor=session.actor())


@st.dialog("Log a contact")
def _contact(view: View, whom: Whom) -> None:
    with widgets.refusals(), st.form("contact", border=False):
        channel = st.radio("How", list(CHANNELS), format_func=lambda each: CHANNELS[each], horizontal=True)
        outcome = st.radio("What came of it", list(OUTCOMES), format_func=lambda each: OUTCOMES[each], horizontal=True)
        text = st.text_area("Note", max_chars=4000)
        if st.form_submit_button("Save", type="primary"):
            _enter(view, whom, "contact", channel=channel, outcome=outcome, text=text)
            st.rerun()


@st.dialog("A promise to pay")
def _promise(view: View, found: Worklist, number: int, whom: Whom) -> None:
    with widgets.refusals(), st.form("promise", border=False):
        on = st.date_input("Promised for", view.as_of + A_WEEK, min_value=view.as_of, format="YYYY-MM-DD")
        invoices = _of_which(found, number, whom)
        amount = st.text_input("Amount", placeholder="all that is outstanding") if len(whom) == 1 else ""
        text = st.text_area("Note", max_chars=4000)
        if st.form_submit_button("Save", type="primary"):
            _enter(view, whom, "promise", invoices, on=on, amount=amount.strip() or None, text=text)
            st.rerun()


@st.dialog("A dispute")
def _dispute(view: View, found: Worklist, number: int, whom: Whom) -> None:
    with widgets.refusals(), st.form("dispute", border=False):
        reasons = use_cases.dispute_reasons(session.workspace())
        reason = st.selectbox("Reason", reasons, accept_new_options=True)
        invoices = _of_which(found, number, whom)
        resolve = st.checkbox("It is resolved")
        text = st.text_area("Note", max_chars=4000)
        if st.form_submit_button("Save", type="primary"):
            _enter(view, whom, "dispute", invoices, reason=reason or "", resolve=resolve, text=text)
            st.rerun()


@st.dialog("Put off")
def _snooze(view: View, whom: Whom) -> None:
    with widgets.refusals(), st.form("snooze", border=False):
        until = st.radio("Until", [A_DAY, NEXT_LEDGER, AT_PROMISE], horizontal=True)
        day = st.date_input("The day", view.as_of + A_WEEK, min_value=view.as_of + timedelta(days=1), format="YYYY-MM-DD")
        text = st.text_area("Note", max_chars=4000)
        if st.form_submit_button("Save", type="primary"):
            ends: dict[str, object] = {NEXT_LEDGER: use_cases.NEXT_LEDGER, AT_PROMISE: use_cases.AT_PROMISE, A_DAY: day}
            _enter(view, whom, "snooze", until=ends[until], text=text)
            st.rerun()


def _of_which(found: Worklist, number: int, whom: Whom) -> tuple[tuple[str, str], ...]:
    """The invoices that are meant; none chosen: the customer as a whole, and so it is with several customers."""
    if len(whom) > 1:
        return ()
    rows = found.ranked.of(number).to_pylist()
    keys = [(each["invoice_id"], each["line"]) for each in rows]
    chosen = st.multiselect("Of which invoices", keys, format_func=lambda key: key[0], placeholder="all of the customer's")
    return tuple(chosen)


def _take(view: View, whom: Whom) -> None:
    """A callback."""
    with widgets.refusals():
        for customer in whom:
            use_cases.take(session.workspace(), view.ledger, view.as_of, customer, actor=session.actor())


def _done(view: View, found: Worklist, number: int, whom: Whom) -> None:
    """A callback: enough for today."""
    _enter(view, whom, "snooze", until=next_business_day(view.as_of), text="done for today")
    worklist_table.go_to(found, number + 1)


def next_business_day(day: date) -> date:
    """Monday to Friday."""
    found: date = np.busday_offset(np.datetime64(day + timedelta(days=1)), 0, roll="forward").astype(date)
    return found
