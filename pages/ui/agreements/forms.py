"""What does one fill in when something is agreed: a note, a contact, a promise, a date, an owner ...? Each is an event.

`whom`: customers for each of whom the event is kept; `invoices`: (id, line) of those that it may be of, offered where it is of
one customer; with `fixed` it is of these, and nothing is asked. Each form says whom it is about, and what it does to the list.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pyarrow.compute as pc
import streamlit as st

from insights import messages
from insights.agreements.events import CustomerKey
from insights.agreements.state import IN_PAYMENT_DAYS
from insights.messages.agreements import agreement
from insights.messages.worklist import CHANNELS, OUTCOMES
from insights.services import agreements as use_cases
from insights.services.agreements import Entry
from insights.store import agreements
from pages.ui.agreements import open_disputes
from pages.ui.shared import cache, dialogs, listing, session, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.listing import Focus, Listing
from pages.ui.shared.view import View

A_WEEK = timedelta(days=7)
NEXT_LEDGER, A_DAY, AT_PROMISE = "The next ledger", "A day", "The promised day"
LONGEST = 4000  # characters of a note
LAST = "last_agreed"  # what was kept last in this tab
SAVED_LINE = ".st-key-last_agreed [data-testid=stText]"  # where `last` says what was saved
SAVED = "saved_form"  # by which form, as a mark that no other save has: the focus goes on from there, once


@dataclass(frozen=True)
class About:
    """Whom and what an event is about; `name`: the customer's, where it is one."""

    whom: tuple[CustomerKey, ...]
    name: str = ""
    invoices: tuple[tuple[str, str], ...] = ()
    fixed: bool = False


def enter(view: View, about: About, kind: str, invoices: Sequence[tuple[str, str]] = (), **values: Any) -> None:  # noqa: ANN401
    """Keep an event for each customer, all or none, on the list of the view's day."""
    entries = [Entry(kind, company, customer, tuple(invoices), values) for company, customer in about.whom]
    kept = use_cases.enter(session.workspace(), view.ledger, view.as_of, entries, actor=session.person())
    sentence = f"{_named(about)}: {agreement(kept[0].kind, kept[0].payload)}"
    session.remember(LAST, (view.ledger.id, view.as_of, sentence, tuple(event.id for event in kept), about.whom))


def _save(view: View, about: About, kind: str, invoices: Sequence[tuple[str, str]] = (), **values: Any) -> None:  # noqa: ANN401
    """Keep what a form says, and close it."""
    enter(view, about, kind, invoices, **values)
    session.remember(SAVED, uuid4().hex)
    st.rerun()


def saved() -> str:
    """The mark of the form that was saved last in this tab; empty where none was."""
    return str(session.recall(SAVED) or "")


def last(view: View, customer: CustomerKey | None = None) -> None:
    """What was kept last on this day's list, with its way back: whoever it was about may have left the list by that.

    On the screen of a `customer` only what was kept of it, which then has the focus: the list's own screen sets it otherwise.
    """
    kept = session.recall(LAST)
    if not isinstance(kept, tuple) or kept[:2] != (view.ledger.id, view.as_of):
        return
    _, _, sentence, events, whom = kept
    if customer and customer not in whom:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="last_agreed"):
        st.text(f"Saved. {sentence}")
        st.button("Undo", key="undo_last", type="tertiary", icon=":material/undo:", on_click=_undo, args=(view, events))
        if customer and saved():
            listing.show(Listing("", (), (), ""), view, key="saved", focus=Focus([SAVED_LINE], saved()))


def _undo(view: View, events: Sequence[str]) -> None:
    """A callback."""
    session.remember(LAST, None)
    with widgets.refusals():
        for event in events:
            use_cases.undo(session.workspace(), event, view.as_of, actor=session.person())


def _named(about: About) -> str:
    """Of whom: a name, or how many."""
    if len(about.whom) > 1:
        return fmt.count(len(about.whom), "customer")
    name = about.name or about.whom[0][1]
    return f"{name}, invoice {about.invoices[0][0]}" if about.fixed else name


def _says(about: About, effect: str) -> None:
    """Whom the form is about, and what follows from saving it."""
    st.markdown(f"**{messages.plain(_named(about))}**")
    st.caption(effect)


@dialogs.of_person("A note")
def note(view: View, about: About) -> None:
    with widgets.refusals(), st.form("note", border=False):
        _says(about, "For whoever looks next. The worklist stays as it is.")
        text = st.text_area("Note", max_chars=LONGEST)
        if st.form_submit_button("Save", type="primary"):
            _save(view, about, "note", about.invoices if about.fixed else (), text=text)


@dialogs.of_person("Log a contact")
def contact(view: View, about: About) -> None:
    with widgets.refusals(), st.form("contact", border=False):
        alone = agreements.weights(session.workspace()).contact_days
        off = f"Off the worklist for {fmt.days(alone)}; whoever was not reached is back the next day."
        _says(about, off if alone else "The customer stays on the worklist.")
        channel = st.radio("How", list(CHANNELS), format_func=lambda code: CHANNELS[code], horizontal=True)
        outcome = st.radio("What came of it", list(OUTCOMES), format_func=lambda code: OUTCOMES[code], horizontal=True)
        text = st.text_area("Note", max_chars=LONGEST)
        if st.form_submit_button("Save", type="primary"):
            _save(view, about, "contact", channel=channel, outcome=outcome, text=text)


@dialogs.of_person("A promise to pay")
def promise(view: View, about: About) -> None:
    with widgets.refusals(), st.form("promise", border=False):
        _says(about, "Off the worklist until that day. What has not come in by then is back, as a broken promise.")
        on = st.date_input("Promised for", view.as_of + A_WEEK, min_value=view.as_of, format="YYYY-MM-DD")
        invoices = _of_which(about)
        amount = _amount(view, about)
        text = st.text_area("Note", max_chars=LONGEST)
        if st.form_submit_button("Save", type="primary"):
            _save(view, about, "promise", invoices, on=on, text=text, **amount)


@dialogs.of_person("A dispute")
def dispute(view: View, about: About) -> None:
    """A new one; or, where some are open, one of them that is resolved."""
    open_now = open_disputes.opened(view, about.whom, about.invoices[0] if about.fixed else None)
    names = ["A new one", *(f"Resolved: {open_one.words}" for open_one in open_now)]
    with widgets.refusals(), st.form("dispute", border=False):
        _says(about, "Off the worklist until it is said here that it is resolved.")
        chosen = st.selectbox("Which", range(len(names)), format_func=lambda at: names[at]) if open_now else 0
        reasons = use_cases.dispute_reasons(session.workspace(), session.person().reach)
        reason = st.selectbox("Reason of a new one" if open_now else "Reason", reasons, accept_new_options=True)
        invoices = _of_which(about)
        amount = _amount(view, about)
        text = st.text_area("Note", max_chars=LONGEST)
        if st.form_submit_button("Save", type="primary"):
            if chosen:
                ended = open_now[chosen - 1]
                whose = replace(about, whom=ended.whom)
                _save(view, whose, "dispute", ended.invoices, reason=ended.reason, resolve=True, text=text)
            else:
                _save(view, about, "dispute", invoices, reason=reason or "", text=text, **amount)


@dialogs.of_person("Snooze")
def snooze(view: View, about: About) -> None:
    with widgets.refusals(), st.form("snooze", border=False):
        _says(about, "Off the worklist until then.")
        until = st.radio("Until", [A_DAY, NEXT_LEDGER, AT_PROMISE], horizontal=True)
        first: date = view.as_of + timedelta(days=1)
        day = st.date_input("The day", view.as_of + A_WEEK, min_value=first, format="YYYY-MM-DD")
        text = st.text_area("Note", max_chars=LONGEST)
        if st.form_submit_button("Save", type="primary"):
            ends: dict[str, object] = {NEXT_LEDGER: use_cases.NEXT_LEDGER, AT_PROMISE: use_cases.AT_PROMISE, A_DAY: day}
            _save(view, about, "snooze", about.invoices if about.fixed else (), until=ends[until], text=text)


@dialogs.of_person("When it will be paid")
def override(view: View, about: About) -> None:
    with widgets.refusals(), st.form("override", border=False):
        _says(about, "Takes the place of the expected date in the lists and in the cash forecast. The probabilities stay.")
        on = st.date_input("Expected on", view.as_of + A_WEEK, min_value=view.as_of, format="YYYY-MM-DD")
        invoices = _of_which(about)
        reason = st.text_input("Because", max_chars=LONGEST)
        if st.form_submit_button("Save", type="primary"):
            _save(view, about, "override", invoices, on=on, reason=reason)


@dialogs.of_person("In payment")
def in_payment(view: View, about: About) -> None:
    with widgets.refusals(), st.form("in_payment", border=False):
        _says(about, f"Money is under way: nobody calls about it for {fmt.days(IN_PAYMENT_DAYS)}.")
        invoices = _of_which(about)
        text = st.text_area("Note", max_chars=LONGEST, placeholder="by what one knows: a remittance advice, a bank's message")
        if st.form_submit_button("Save", type="primary"):
            _save(view, about, "in_payment", invoices, text=text)


@dialogs.of_person("Why it is overdue")
def overdue_reason(view: View, about: About) -> None:
    with widgets.refusals(), st.form("overdue_reason", border=False):
        _says(about, "For whoever looks next. The worklist stays as it is.")
        invoices = _of_which(about)
        reason = st.text_input("Because", max_chars=200)
        text = st.text_area("Note", max_chars=LONGEST)
        if st.form_submit_button("Save", type="primary"):
            _save(view, about, "overdue_reason", invoices, reason=reason, text=text)


@dialogs.of_person("Who looks after the customer")
def owner(view: View, about: About) -> None:
    with widgets.refusals(), st.form("owner", border=False):
        _says(about, "The name stands by the customer on the worklist. Whoever owes very much is called by the owner alone.")
        name = st.text_input("Owner", session.person().name, max_chars=200, help="Left empty: nobody.")
        if st.form_submit_button("Save", type="primary"):
            _save(view, about, "owner", name=name)


Way = tuple[str, str, str | None, Callable[[View, About], None]]  # label, icon, key, form
SPOKEN: tuple[Way, ...] = (
    ("Contact", "call", "L", contact),
    ("Promise", "handshake", "O", promise),
    ("Dispute", "gavel", "D", dispute),
    ("Snooze", "snooze", "S", snooze),
)
FURTHER: tuple[Way, ...] = (
    ("Note", "edit_note", None, note),
    ("Expected date", "event", None, override),
    ("In payment", "payments", None, in_payment),
    ("Overdue because", "help", None, overdue_reason),
    ("Owner", "person", None, owner),
)


def buttons(view: View, about: About, ways: Sequence[Way] = SPOKEN + FURTHER) -> None:
    """A button for each kind of event, by the keys of the worklist; an owner is of a customer as a whole."""
    with st.container(horizontal=True, key="agree"):
        for label, icon, key, form in ways:
            if about.fixed and form is owner:
                continue
            if st.button(label, key=f"agree_{label}", icon=f":material/{icon}:", shortcut=key):
                form(view, about)


def _amount(view: View, about: About) -> dict[str, str]:
    """How much is meant; nothing, and with several customers: all of it.

    Where the customer owes in several currencies and no invoice is fixed, it is asked in which one, and none is proposed.
    """
    if len(about.whom) > 1:
        return {}
    typed = st.text_input("Amount", placeholder="all that is outstanding").strip()
    if about.fixed:
        return {"amount": typed} if typed else {}
    owing = cache.customers(view)
    (customer,) = about.whom
    mine = pc.and_(pc.equal(owing["company"], customer[0]), pc.equal(owing["customer_id"], customer[1]))
    codes = sorted(owing.filter(mine)["currency"].to_pylist())
    currency = st.selectbox("Currency of the amount", codes, index=None, placeholder="Choose") if len(codes) > 1 else None
    return {"amount": typed, "currency": currency or ""} if typed else {}


def _of_which(about: About) -> tuple[tuple[str, str], ...]:
    """The invoices that are meant; none chosen: the customer as a whole, and so it is with several customers."""
    if about.fixed:
        return about.invoices
    if len(about.whom) > 1:
        return ()
    chosen = st.multiselect(
        "Of which invoices", about.invoices, format_func=lambda key: key[0], placeholder="all of the customer's"
    )
    return tuple(chosen)
