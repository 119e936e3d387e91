"""Where is that customer, or that invoice? A search from every screen, by Ctrl+K."""

from collections.abc import Sequence

import streamlit as st

from insights import messages
from insights.agreements.events import Agreement
from insights.agreements.state import with_words
from insights.messages.agreements import agreement
from insights.portfolio import search as searching
from insights.portfolio.search import Matches
from pages.ui.shared import cache, dialogs, listing, session
from pages.ui.shared import format as fmt
from pages.ui.shared.listing import Focus, Listing
from pages.ui.shared.view import View

MOST_NOTES, LONGEST = 5, 120  # shown; characters of each


def offer(view: View) -> None:
    """The button in the sidebar, with its key."""
    if st.button("Search", icon=":material/search:", shortcut="Ctrl+K", width="stretch", key="search"):
        _ask(view)


@dialogs.of_person("Search", icon=":material/search:", width="medium")
def _ask(view: View) -> None:
    """Asks while one types; what matches opens by a click, or by Tab and Enter."""
    text = st.text_input(
        "Customer, account, invoice or note", key="search_text", live=True, type="search", placeholder="Two letters or more"
    )
    # Dialogs keep the focus among what Streamlit itself draws, so the matches are its links; the empty list sets the focus.
    listing.show(Listing("", (), (), ""), view, key="search", focus=Focus([".st-key-search_text input"]))
    matches = searching.search(view.ledger, view.as_of, text or "")
    if len((text or "").strip()) < searching.LEAST:
        st.caption(
            f"In {fmt.count(len(view.ledger.invoices), 'row')} of this ledger, settled or open, as of {fmt.day(view.as_of)}."
        )
        return
    notes = with_words(cache.standing(view, session.agreed()).agreed, text or "")
    if not (matches.customers or matches.invoices or notes):
        st.text("No customer, invoice or note has this.")
    _draw(matches, view)
    _notes(notes, view)


def _draw(matches: Matches, view: View) -> None:
    """Customers, then invoices."""
    with st.container(gap="xsmall"):
        for customer in matches.customers:
            facts = (customer.customer_id, customer.company, fmt.count(customer.invoices, "invoice"))
            place = session.link(view, company=customer.company, customer=customer.customer_id)
            label = f"{customer.customer_name} · {' · '.join(fact for fact in facts if fact)}"
            st.page_link("customer.py", label=messages.plain(label), icon=":material/person:", query_params=place)
        _more(matches.customers_in_all - len(matches.customers), "customer")
        for match in matches.invoices:
            place = session.link(view, customer=match.key.customer_id, invoice=match.key.invoice_id)
            place |= {"company": match.key.company, "line": match.key.line}
            label = f"{match.key.invoice_id} · {match.customer_name} · {'open' if match.is_open else 'settled'}"
            st.page_link("invoice.py", label=messages.plain(label), icon=":material/receipt:", query_params=place)
        _more(matches.invoices_in_all - len(matches.invoices), "invoice")


def _notes(notes: Sequence[Agreement], view: View) -> None:
    """What was agreed, each leading to its customer."""
    for event in notes[:MOST_NOTES]:
        place = session.link(view, company=event.company, customer=event.customer_id)
        words = messages.plain(f"{event.customer_id} · {fmt.day(event.as_of)} · {agreement(event.kind, event.payload)[:LONGEST]}")
        st.page_link("customer.py", label=words, icon=":material/edit_note:", query_params=place)
    _more(len(notes) - MOST_NOTES, "note")


def _more(left: int, noun: str) -> None:
    if left > 0:
        st.caption(f"and {fmt.count(left, f'more {noun}')}")
