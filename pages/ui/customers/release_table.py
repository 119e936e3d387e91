"""How does the release list look: its tiles, its rule, who is on it, and how is its threshold set?"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from insights import messages, portfolio
from insights.access import Capability
from insights.services import release as use_case
from insights.services.release import ReleaseList
from pages.ui.shared import cache, choices, dialogs, habit_mark, links, listing, session, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.listing import Cell, Column, Listing, Row, Turn
from pages.ui.shared.tiles import Tile, row
from pages.ui.shared.view import View

AT_RISK = "The part of the receivables expected late or very late: outstanding × probability, summed over the invoices."
LIMIT = "As the ledger's file has it; used: the net balance."
COLUMNS = (
    Column("customer", "Customer"),
    Column("why", "Why", "wide"),
    Column("owed", "Receivables", "right"),
    Column("risk", "Amount at risk", "right", help=AT_RISK),
    Column("limit", "Credit limit", "right", help=LIMIT),
    Column("over", "Over it by", "right"),
)


def chosen(view: View, waiting: ReleaseList) -> pa.Table:
    """Draws the choices, and gives the rows of the list that they leave."""
    search = choices.search("Customer", "Name or account", width=240)
    return portfolio.matching(waiting.table, search=search, companies=choices.companies(view.companies))


def tiles(view: View, waiting: ReleaseList) -> None:
    """How many wait, for which of the two reasons, and how much of what they owe is at risk."""
    table = waiting.table
    over = portfolio.number_of_customers(table.filter(pc.greater(table["over_limit"], 0)))
    limits = Tile("Over the limit", fmt.count(over) if waiting.limits else fmt.NOTHING, *_of_limits(view, waiting))
    risky = table.filter(pc.greater(pc.multiply(table["at_risk"], 100), pc.multiply(table["outstanding"], waiting.threshold)))
    everybody = portfolio.number_of_customers(cache.customers(view))
    row(
        Tile("To look at", fmt.count(waiting.customers), f"of {fmt.count(everybody)} with open invoices"),
        limits,
        Tile(
            f"More than {waiting.threshold}% at risk",
            fmt.count(portfolio.number_of_customers(risky)) if waiting.is_predicted else fmt.NOTHING,
            f"{fmt.short_moneys(portfolio.sums(risky, 'at_risk'))} in all" if waiting.is_predicted and len(risky) else "",
            AT_RISK,
        ),
    )


def _of_limits(view: View, waiting: ReleaseList) -> tuple[str, str]:
    """What stands below the tile, and explains it."""
    if waiting.limits:
        return "", "Of those with a credit limit: the net balance is above it."
    if view.as_of != view.ledger.last_as_of:
        return "not known on this day", "Limits are those of the ledger's last day; of earlier days nobody knows them."
    return "no limits in this ledger", "A column of the file that is called Credit Limit has them."


def rule(view: View, waiting: ReleaseList) -> None:
    """The one rule behind the list, and its order."""
    order = ", currencies one after the other" if pc.count_distinct(waiting.table["currency"]).as_py() > 1 else ""
    if ranking := cache.ranking(view):
        order = f", compared in {messages.plain(ranking.currency)}"
    st.caption(
        f"On the list: whose net balance is above the credit limit, or more than {waiting.threshold}% of whose receivables are "
        f"expected late or very late. The largest amount at risk comes first{order}."
    )


def nobody(waiting: ReleaseList) -> tuple[str, str]:
    """What stands in place of an empty list: a heading, and what was looked at."""
    if waiting.limits and waiting.is_predicted:
        return "Nobody waits", "No customer is over its limit, or has too much of what it owes at risk."
    return "Nobody waits" if waiting.limits or waiting.is_predicted else "Not known", waiting.sentence


def show(view: View, table: pa.Table, *, page: int, size: int) -> None:
    """A page of the list; the name opens the customer."""
    pages = max(1, -(-len(table) // size))
    page = min(page, pages)
    first = (page - 1) * size
    rows = table.slice(first, size).to_pylist()
    which = f"{fmt.count(first + 1)} to {fmt.count(first + len(rows))} of {fmt.count(len(table), _rows_are(table))}"
    drawn = [Row(f"{links.customer_key(waits)}/{waits['currency']}", _cells(view, waits)) for waits in rows]
    shown = [column for column in COLUMNS if any(line.cells[column.name] for line in drawn)]
    listed = Listing("Customers whose orders wait", shown, listing.whole(drawn), "customer", Turn(page, pages, which))
    listing.show(listed, view, key="release")


def _rows_are(table: pa.Table) -> str:
    """What a row of the list is: a customer, or what it owes in one of several currencies."""
    return "customer" if portfolio.number_of_customers(table) == len(table) else "row"


def _cells(view: View, waits: Mapping[str, Any]) -> Mapping[str, Cell]:
    currency, limit = waits["currency"], waits["credit_limit"]
    net = f"net {fmt.amount(waits['net_balance'], currency)}" if waits["net_balance"] != waits["outstanding"] else ""
    used = f"{fmt.percent(max(waits['net_balance'], 0) / limit)} used" if limit else ""
    return {
        "customer": links.customer(
            waits, mark=habit_mark.of(view, waits), below=links.account(waits, several=len(view.companies) > 1)
        ),
        "why": f"{waits['why'][:1].upper()}{waits['why'][1:]}",
        "risk": ""
        if waits["at_risk"] is None
        else listing.cell(fmt.amount(waits["at_risk"], currency), below=f"{fmt.percent(waits['share_at_risk'])} of it"),
        "owed": listing.cell(fmt.money(waits["outstanding"], currency), below=net),
        "limit": "" if limit is None else listing.cell(fmt.amount(limit, currency), below=used),
        "over": fmt.amount(waits["over_limit"], currency) if waits["over_limit"] else "",
    }


def offer(threshold: int) -> None:
    """The button that opens the form, for whoever may set it."""
    if session.person().may(Capability.PLAN) and st.button("Threshold", key="release_threshold", icon=":material/tune:"):
        form(threshold)


@dialogs.of_person("When orders wait")
def form(now: int) -> None:
    with widgets.refusals(), st.form("release_threshold", border=False):
        per_cent = st.slider("More than this share of the receivables at risk", 0, 100, now, 5, format="%d%%")
        st.caption("It holds for everybody from now on, for the command as well, and is recorded under your name.")
        if st.form_submit_button("Save", type="primary"):
            use_case.set_threshold(session.workspace(), per_cent, actor=session.person())
            st.rerun()
