"""What does the address of a page ask for? The query parameters, read with defaults and written in one go."""

from collections.abc import Sequence

import streamlit as st

LEDGER, AS_OF, MODEL = "ledger", "as_of", "model"  # the view
PAGE = "page"  # of a paged list
MOST = 10**15  # what a browser counts exactly to
LONGEST = 20  # digits worth reading
FILTERS = ("q", "companies", "currencies", "days_from", "days_to", "amount_from", "amount_to", "disputed")  # of the open invoices


def get(name: str, default: str = "") -> str:
    """A query parameter of this page: `query_params.get("customer")`."""
    return st.query_params.get(name, default)


def get_all(name: str) -> list[str]:
    """All values of a query parameter that may be repeated."""
    return st.query_params.get_all(name)


def one_of(name: str, options: Sequence[str]) -> str:
    """A query parameter that is one of several values, the first one where it is absent or none of them."""
    return get(name) if get(name) in options else options[0]


def now() -> dict[str, list[str]]:
    """All query parameters of this page."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def number(name: str) -> int | None:
    """A query parameter as a whole number, as `whole`."""
    return whole(get(name))


def whole(text: str) -> int | None:
    """A text as a whole number, None where absent or nonsense, the nearest that a browser can hold otherwise."""
    if not text.removeprefix("-").isdecimal():
        return None
    whole = int(text) if len(text) <= LONGEST else MOST if text[0] != "-" else -MOST
    return max(-MOST, min(whole, MOST))


def page_number() -> int:
    """The page of a list that the URL asks for, the first one by default."""
    return max(1, number(PAGE) or 1)


def set_params(**parameters: str | list[str]) -> None:
    """Sets query parameters of this page (for callbacks: a tab, a sort), and goes back to the first page of its list."""
    wanted = now() | {PAGE: ""} | parameters
    st.query_params.from_dict({name: value for name, value in wanted.items() if value})


def clear_filters() -> None:
    """Empties every filter of the open invoices (a callback); the tab stays."""
    set_params(**dict.fromkeys(FILTERS, ""))
