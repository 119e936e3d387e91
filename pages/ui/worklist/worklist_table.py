"""How does the worklist look: its tiles, the ranked rows, which of them is open, which are selected?"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from insights.agreements.events import CustomerKey
from insights.ledger.keys import SEPARATOR
from insights.services.worklist import Worklist
from pages.ui.agreements import forms
from pages.ui.shared import format as fmt
from pages.ui.shared import habit_mark, links, listing, query_params, session
from pages.ui.shared.listing import Column, Focus, Listing, Picking, Row, Turn
from pages.ui.shared.tiles import Tile, row
from pages.ui.shared.view import View

GRID, AT, MARKED = "worklist", "worklist_at", "worklist_marked"
PAGE_SIZE = 15
# Where the focus goes on: whoever is open beside the list now; or, where nobody is left, what was saved.
AFTER_SAVING = (".st-key-drawer h2", forms.SAVED_LINE)


@dataclass(frozen=True)
class ListPart:
    """Which page of the ranked customers is shown, of how many."""

    page: int
    pages: int
    first: int  # number of its first row, 1 is the first of all


def tiles(worklist: Worklist) -> None:
    """How many to call, what is likely to slip in all, how many are held back."""
    customers, back = worklist.ranked.customers, worklist.ranked.held_back
    likely: dict[str, int] = {}
    for currency, minor in zip(customers["currency"].to_pylist(), customers["likely"].to_pylist(), strict=True):
        likely[currency] = likely.get(currency, 0) + minor
    broken = sum(customers["broken"].to_pylist())
    row(
        Tile("To call", fmt.count(len(customers)), f"{broken} with a broken promise" if broken else ""),
        Tile("Likely to slip" if worklist.is_predicted else "Outstanding", fmt.short_moneys(likely)),
        Tile("Held back", fmt.count(len(back)), "each with its reason, below the list"),
    )


def show(view: View, worklist: Worklist, part: ListPart) -> None:
    """Draws a page of the ranked customers: names open the customer, numbers the row beside the list, boxes mark rows."""
    rows = worklist.ranked.customers.slice(part.first - 1, PAGE_SIZE).to_pylist()
    at = current(worklist)
    keys = {_key(row): row["number"] for row in rows}
    opened = next((key for key, number in keys.items() if number == at), "")
    picking = Picking(
        _marked(keys), opened, lambda marked: session.remember(MARKED, marked), lambda key: go_to(worklist, keys[key])
    )
    many = len(worklist.ranked.customers)
    turn = Turn(part.page, part.pages, f"{part.first:,} to {part.first + len(rows) - 1:,} of {fmt.count(many, 'customer')}")
    columns = (
        Column("number", "Rank", "short", help="Opens the customer beside the list."),
        Column("customer", "Customer"),
        Column(
            "likely",
            "Likely to slip" if worklist.is_predicted else "Outstanding",
            "right",
            help=FORMULA if worklist.is_predicted else UNPREDICTED,
        ),
        Column("why", "Why", "wide"),
        Column("whose", "Whose"),
    )
    listed = [Row(_key(row), _cells(view, worklist, row)) for row in rows]
    shown = [column for column in columns if column.name != "whose" or any(row.cells["whose"] for row in listed)]
    focus = Focus(AFTER_SAVING, forms.saved()) if forms.saved() else None
    listing.show(Listing(CAPTION, shown, listing.whole(listed), "customer", turn, picking=picking), view, key=GRID, focus=focus)


def _cells(view: View, worklist: Worklist, row: Mapping[str, Any]) -> Mapping[str, listing.Cell]:
    below = links.account(row, several=len(view.companies) > 1)
    return {
        "number": listing.shows(str(row["number"]), f"Show {row['customer_name']} beside the list"),
        "customer": links.customer(row, mark=habit_mark.of(view, row), below=below),
        "likely": fmt.money(row["likely"], row["currency"]),
        "why": "; ".join(worklist.reasons(row["number"])[1:]),
        "whose": f"{row['taken_by']} is at it" if row["taken_by"] else row["owner"],
    }


def part_of(worklist: Worklist, page: int) -> ListPart:
    """The page of the list that is asked for, or the last one."""
    pages = max(1, -(-len(worklist.ranked.customers) // PAGE_SIZE))
    page = min(page, pages)
    return ListPart(page, pages, (page - 1) * PAGE_SIZE + 1)


def _key(row: Mapping[str, Any]) -> str:
    return SEPARATOR.join((row["company"], row["customer_id"], row["currency"]))


def _marked(here: Collection[str]) -> list[str]:
    """The marked rows of those that are shown."""
    kept = session.recall(MARKED)
    return [key for key in kept if key in here] if isinstance(kept, list) else []


CAPTION = "Customers to call, ranked by the money that is likely to slip, with the reasons"
FORMULA = (
    "What is likely to slip: of an invoice due within ten business days, what is outstanding × how probable it is to be paid too "
    "late; of an overdue one, × how probable it is to be still unpaid in seven days; summed over the customer's invoices that "
    "nothing holds back."
)
UNPREDICTED = (
    "No model says what is likely to slip: the whole outstanding counts, of what is overdue and of what is due within ten "
    "business days, summed over the customer's invoices that nothing holds back."
)


def formula(worklist: Worklist) -> None:
    """The one formula behind the order, below the list."""
    weights = worklist.weights
    weighed = f" Prevention counts {weights.prevention} to {100 - weights.prevention}." if not weights.usual else ""
    order = f"ranked in {worklist.known.currency}" if worklist.known.rates else "currencies one after the other"
    sentence = FORMULA if worklist.is_predicted else UNPREDICTED
    st.caption(f"{sentence} A broken promise comes first within its third of the listed sum; {order}.{weighed}")


def key_of(worklist: Worklist, number: int) -> tuple[CustomerKey, str]:
    """Customer and currency of a ranked row."""
    row_ = worklist.ranked.customers.slice(number - 1, 1).to_pylist()[0]
    return (row_["company"], row_["customer_id"]), row_["currency"]


def selected(worklist: Worklist, part: ListPart) -> list[CustomerKey]:
    """The customers whose rows are marked on this page, once each."""
    rows = worklist.ranked.customers.slice(part.first - 1, PAGE_SIZE).to_pylist()
    marked = _marked([_key(row_) for row_ in rows])
    return list(dict.fromkeys((row_["company"], row_["customer_id"]) for row_ in rows if _key(row_) in marked))


def current(worklist: Worklist) -> int:
    """The number of the row that is open: the one gone to, else the first; 0 where there is none.

    Where that customer has left the list, the one that took its place.
    """
    many = len(worklist.ranked.customers)
    if not many:
        return 0
    at = session.recall(AT)
    if isinstance(at, tuple):
        key, number = at
        columns = (worklist.ranked.customers[name].to_pylist() for name in ("company", "customer_id", "currency"))
        places = [
            n for n, (company, who, currency) in enumerate(zip(*columns, strict=True), 1) if ((company, who), currency) == key
        ]
        return places[0] if places else min(number, many)
    return 1


def is_chosen() -> bool:
    """Whether somebody went to the row that is open, which is not just the first one."""
    return isinstance(session.recall(AT), tuple)


def back() -> None:
    """Nobody is gone to any more (a callback)."""
    session.remember(AT, None)


def go_to(worklist: Worklist, number: int) -> None:
    """Opens a row beside the list, and the page of the list that has it (a callback)."""
    number = max(1, min(number, len(worklist.ranked.customers)))
    page = (number - 1) // PAGE_SIZE + 1
    query_params.set_params(**{query_params.PAGE: str(page) if page > 1 else ""})
    session.remember(AT, (key_of(worklist, number), number))
