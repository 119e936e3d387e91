"""How does the worklist look: its tiles, the ranked rows, which of them is open, which are selected?"""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from insights.agreements.events import CustomerKey
from insights.services.worklist import Worklist
from pages.ui.shared import format as fmt
from pages.ui.shared import session
from pages.ui.shared.tiles import Tile, row
from pages.ui.shared.view import View

GRID, AT = "worklist", "worklist_at"
ROW_HEIGHT, PAGE_SIZE = 36, 15


@dataclass(frozen=True)
class ListPart:
    """Which page of the ranked customers is shown, of how many."""

    page: int
    pages: int
    first: int  # number of its first row, 1 is the first of all


def tiles(found: Worklist) -> None:
    """How many to call, what is likely to slip in all, how many are held back."""
    customers, back = found.ranked.customers, found.ranked.held_back
    likely: dict[str, int] = {}
    for currency, minor in zip(customers["currency"].to_pylist(), customers["likely"].to_pylist(), strict=True):
        likely[currency] = likely.get(currency, 0) + minor
    broken = sum(customers["broken"].to_pylist())
    row(
        Tile("To call", fmt.count(len(customers)), f"{broken} with a broken promise" if broken else ""),
        Tile("Likely to slip", fmt.short_moneys(likely)),
        Tile("Held back", fmt.count(len(back)), "each with its reason, below the list"),
    )


def show(view: View, found: Worklist, *, page: int, size: int) -> ListPart:
    """Draws a page of the ranked customers; rows can be selected by mouse and keyboard."""
    customers = found.ranked.customers
    pages = max(1, -(-len(customers) // size))
    page = min(page, pages)
    part = ListPart(page, pages, (page - 1) * size + 1)
    rows = customers.slice(part.first - 1, size).to_pylist()
    several = len(view.companies) > 1
    frame = pd.DataFrame(
        {
            "number": [each["number"] for each in rows],
            "customer": [each["customer_name"] for each in rows],
            "likely": [fmt.money(each["likely"], each["currency"]) for each in rows],
            "why": ["; ".join(found.reasons(each["number"])[1:]) for each in rows],
            "company": [each["company"] for each in rows],
            "whose": [f"{each['taken_by']} is at it" if each["taken_by"] else each["owner"] for each in rows],
        }
    )
    st.dataframe(
        frame,
        key=f"{GRID}_{part.page}",
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (len(rows) + 1) + 2 if rows else "auto",
        column_order=[name for name in frame.columns if name != "company" or several],
        column_config={
            "number": st.column_config.NumberColumn("", width=40),
            "customer": st.column_config.TextColumn("Customer", width="medium"),
            "company": "Company",
            "likely": st.column_config.TextColumn("Likely to slip", width=120, help=FORMULA),
            "why": st.column_config.TextColumn("Why", width="large"),
            "whose": st.column_config.TextColumn("Whose", width="small"),
        },
        on_select=_on_select,
        selection_mode="multi-row",
        alt="Customers to call, ranked by the money that is likely to slip, with the reasons",
        placeholder="",
    )
    return part


FORMULA = (
    "Outstanding × P(misses its last day on time), of invoices due within ten business days, plus outstanding × P(still unpaid "
    "in seven days) of overdue ones, summed over the customer's invoices that nothing holds back."
)


def formula(found: Worklist) -> None:
    """The one formula behind the order, below the list."""
    weights = found.weights
    weighed = f" Prevention counts {weights.prevention} to {100 - weights.prevention}." if not weights.usual else ""
    order = f"ranked in {found.known.currency}" if found.known.rates else "currencies one after the other"
    st.caption(f"{FORMULA} A broken promise comes first within its third of the listed sum; {order}.{weighed}")


def _on_select() -> None:
    """A row was selected or let go (a callback): the last one that was added is opened."""
    session.remember(AT, None)


def key_of(found: Worklist, number: int) -> tuple[CustomerKey, str]:
    """Customer and currency of a ranked row."""
    row_ = found.ranked.customers.slice(number - 1, 1).to_pylist()[0]
    return (row_["company"], row_["customer_id"]), row_["currency"]


def selected(found: Worklist, part: ListPart) -> list[CustomerKey]:
    """The customers whose rows are selected on this page, each once."""
    numbers = [part.first + at for at in session.picked_rows(f"{GRID}_{part.page}")]
    keys = [key_of(found, number)[0] for number in numbers if number <= len(found.ranked.customers)]
    return list(dict.fromkeys(keys))


def current(found: Worklist) -> int:
    """The number of the row that is open: the one gone to, else the first selected, else the first; 0 where there is none.

    Where that customer has left the list, the one that took its place.
    """
    many = len(found.ranked.customers)
    if not many:
        return 0
    at = session.recall(AT)
    if isinstance(at, tuple):
        key, number = at
        columns = (found.ranked.customers[name].to_pylist() for name in ("company", "customer_id", "currency"))
        places = [
            n for n, (company, who, currency) in enumerate(zip(*columns, strict=True), 1) if ((company, who), currency) == key
        ]
        return places[0] if places else min(number, many)
    for page in range(1, -(-many // PAGE_SIZE) + 1):
        if picked := session.picked_rows(f"{GRID}_{page}"):
            return min((page - 1) * PAGE_SIZE + picked[0] + 1, many)
    return 1


def go_to(found: Worklist, number: int) -> None:
    """Opens a row beside the list (a callback)."""
    number = max(1, min(number, len(found.ranked.customers)))
    session.remember(AT, (key_of(found, number), number))
