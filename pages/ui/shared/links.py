"""How do a customer and an invoice stand in a list: under which name, and what does a press on it open?

`row` has company, customer_id and customer_name, of an invoice also invoice_id and line.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from insights.ledger.keys import SEPARATOR, InvoiceKey
from pages.ui.shared import listing, session
from pages.ui.shared.listing import Json
from pages.ui.shared.view import View

LISTS = {
    "customers": "Customers",
    "open_invoices": "Open invoices",
    "worklist": "Worklist",
    "ageing": "Ageing",
    "release_list": "Release list",
}


def back(view: View, *lists: str) -> None:
    """The way back to the list that one comes from; to the first of these where one comes from nowhere."""
    name = session.last_list(lists)
    st.page_link(f"{name}.py", label=LISTS[name], icon=":material/arrow_back:", query_params=session.list_link(view, name))


def number(row: Mapping[str, Any]) -> str:
    """`4711`, of a later instalment `4711 / 2`."""
    return str(row["invoice_id"]) + ("" if row["line"] == "1" else f" / {row['line']}")


def key(row: Mapping[str, Any]) -> str:
    """What tells the row of an invoice from all others."""
    return SEPARATOR.join(InvoiceKey.of(row))


def customer_key(row: Mapping[str, Any]) -> str:
    """The same of a customer."""
    return f"{row['company']}{SEPARATOR}{row['customer_id']}"


def invoice(row: Mapping[str, Any], *, mark: str = "") -> Json:
    """The number, which opens the invoice."""
    asked = {"company": row["company"], "customer": row["customer_id"], "invoice": row["invoice_id"], "line": row["line"]}
    return listing.link(number(row), "invoice", mark=mark, **asked)


def customer(row: Mapping[str, Any], *, mark: str = "", below: str = "") -> Json:
    """The name, which opens the customer."""
    return listing.link(
        row["customer_name"], "customer", mark=mark, below=below, company=row["company"], customer=row["customer_id"]
    )


def account(row: Mapping[str, Any], *, several: bool) -> str:
    """The account where the name is another, and the company where there are `several`."""
    own = row["customer_id"] if row["customer_id"] != row["customer_name"] else ""
    return " · ".join(filter(None, (own, row["company"] if several else "")))
