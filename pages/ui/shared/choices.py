"""How is one of several values chosen? By a control whose value lives in the address; not drawn where there is but one."""

from collections.abc import Mapping, Sequence

import streamlit as st

from insights import messages
from insights.ledger.money import NO_CURRENCY
from insights.store.records import NAMELESS
from pages.ui.shared import query_params, session

COMPANY = "company_shown"  # of the address: "=" and the company, nothing for all


def side_by_side(label: str, name: str, options: Mapping[str, str]) -> str:
    """Side by side: value -> label (Markdown, never from a ledger)."""
    now = query_params.one_of(name, list(options))
    if len(options) > 1:
        st.segmented_control(
            label,
            list(options),
            format_func=lambda value: options[value],
            key=session.bind(name, now),
            on_change=session.on_filter_change,
            args=(name,),
        )
    return now


def menu(label: str, name: str, options: Mapping[str, str], *, width: int = 170) -> str:
    """As `side_by_side`, one below the other."""
    now = query_params.one_of(name, list(options))
    if len(options) > 1:
        st.selectbox(
            label,
            list(options),
            format_func=lambda value: options[value],
            key=session.bind(name, now),
            width=width,
            on_change=session.on_filter_change,
            args=(name,),
        )
    return now


def search(label: str, placeholder: str, *, width: int) -> str:
    """What customers or invoices are searched for: `q` of the address."""
    typed = st.text_input(
        label,
        key=session.bind("q", query_params.get("q")),
        type="search",
        placeholder=placeholder,
        width=width,
        on_change=session.on_filter_change,
        args=("q",),
    )
    return typed or ""


def companies(offered: Sequence[str]) -> tuple[str, ...]:
    """Some of the companies, none for all; not drawn where there is but one."""
    if len(offered) < 2:
        return ()
    now = [company for company in query_params.get_all("companies") if company in offered]
    st.multiselect(
        "Company", offered, key=session.bind("companies", now), placeholder="All", width=180,
        format_func=lambda company: company or NAMELESS, on_change=session.on_filter_change, args=("companies",),
    )  # fmt: skip
    return tuple(now)


def names_of_currencies(codes: Sequence[str]) -> dict[str, str]:
    """Code -> how a control calls it."""
    return {code: "none" if code == NO_CURRENCY else messages.plain(code) for code in codes}


def company(companies: Sequence[str]) -> str | None:
    """One of the companies, None for all of them."""
    menu("Company", COMPANY, _names(companies))
    return chosen_company(companies)


def chosen_company(companies: Sequence[str]) -> str | None:
    """What `company` gives, without drawing it."""
    chosen = query_params.one_of(COMPANY, list(_names(companies)))
    return chosen[1:] if chosen else None


def _names(companies: Sequence[str]) -> dict[str, str]:
    several = companies if len(companies) > 1 else ()
    return {"": "All", **{f"={value}": messages.plain(value or NAMELESS) for value in several}}
