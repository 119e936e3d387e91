"""In which one currency does a screen show amounts? A choice in the address, where several are owed and rates are kept."""

from collections.abc import Iterable

import streamlit as st

from insights import messages
from insights.ledger.errors import Refused
from insights.portfolio.converted import Conversion
from insights.services import rates
from insights.store import rate_tables
from pages.ui.shared import choices, query_params, session
from pages.ui.shared.view import View

INTO = "into"  # of the address; "" for each currency by itself


def asked(view: View, currencies: Iterable[str]) -> Conversion | None:
    """What the address asks for, without drawing it; None where that is nothing, or cannot be."""
    into = query_params.get(INTO)
    if not into or into not in _offered(currencies):
        return None
    try:
        return rates.conversion(session.workspace(), currencies, into, view.as_of)
    except Refused:  # `ask` says so
        return None


def ask(currencies: Iterable[str]) -> None:
    """Draws what `asked` reads; nothing where there is one currency, or no rates."""
    if offered := _offered(currencies):
        choices.menu(
            "All currencies in", INTO, {"": "Each by itself", **{currency: messages.plain(currency) for currency in offered}}
        )


def say(view: View, currencies: Iterable[str], by: Conversion | None) -> None:
    """By which rates, and what stands apart for want of one."""
    for sentence in rates.sentences(by) if by else ():
        st.caption(messages.plain(sentence))
    into = query_params.get(INTO)
    if into and by is None and into in _offered(currencies):
        try:
            rates.conversion(session.workspace(), currencies, into, view.as_of)
        except Refused as refused:
            st.caption(messages.plain(str(refused)))


def _offered(currencies: Iterable[str]) -> tuple[str, ...]:
    kept = rate_tables.newest(session.workspace())
    return kept.currencies if kept and len(set(currencies)) > 1 else ()
