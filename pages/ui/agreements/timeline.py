"""What was agreed with a customer so far, the newest first, with its way back; and how well does it keep its word?"""

import streamlit as st

from insights.agreements.events import UNDO, UNDO_WITHIN, Agreement, CustomerKey
from insights.messages.agreements import agreement, kept_rate
from insights.services import agreements as use_cases
from insights.services.agreements import Standing
from pages.ui.shared import cache, session, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.view import View


def standing(view: View) -> Standing:
    """What holds as of the view's day."""
    return cache.standing(view, session.agreed())


def lines(now: Standing, customer: CustomerKey) -> list[tuple[Agreement, str]]:
    """Every event of a customer that was not undone, the newest first, in words."""
    standings = {promise.promise.id: promise.standing for promise in now.promises_of(customer)}
    mine = [event for event in now.agreed.events if event.customer == customer]
    return [
        (event, f"{event.actor}: {_which(event)}{agreement(event.kind, event.payload, standings.get(event.id, ''))}")
        for event in reversed(mine)
    ]


def show(view: View, now: Standing, customer: CustomerKey, *, most: int = 0, invoice: tuple[str, str] | None = None) -> None:
    """The events (`most`: so many of them; `invoice`: those of it and of the customer as a whole), each with its way back."""
    if any(promise.promise.customer == customer for promise in now.judged):
        rate = now.kept.get(customer)
        counts = (rate.kept, rate.partly, rate.broken, rate.interval if rate.share_said else None) if rate else (0, 0, 0, None)
        st.text(f"Promises: {kept_rate(*counts)}")
    shown = [(event, words) for event, words in lines(now, customer) if invoice is None or event.scope in ((None, None), invoice)]
    if not shown:
        st.caption("Nothing was agreed with this customer yet.")
    for event, words in shown[: most or None]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"{fmt.day(event.as_of)}, {words}")
            if event.kind != UNDO and 0 <= (view.as_of - event.as_of).days <= UNDO_WITHIN:
                st.button(
                    "Undo", key=f"undo_{event.id}", type="tertiary", icon=":material/undo:", on_click=_undo, args=(view, event)
                )


def _which(event: Agreement) -> str:
    """The invoice that an event is about, if it is of one."""
    return f"{event.invoice_id}, " if event.invoice_id else ""


def _undo(view: View, event: Agreement) -> None:
    """A callback."""
    with widgets.refusals():
        use_cases.undo(session.workspace(), event.id, view.as_of, actor=session.person())
