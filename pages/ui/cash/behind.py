"""Which invoices stand behind a week's cash, and who will probably leave it short?"""

from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc
import streamlit as st

from insights.portfolio import cash
from insights.portfolio.cash import CurrencyForecast
from insights.services.cash import CashBook
from pages.ui.cash import weeks
from pages.ui.cash.weeks import WEEK, WantedCash
from pages.ui.shared import choices, links, listing
from pages.ui.shared import format as fmt
from pages.ui.shared.listing import Cell, Column, Listing, Row
from pages.ui.shared.view import View

MOST = 200  # rows shown; the sum is that of all
SHORT_WEEKS = 4


def invoices(view: View, book: CashBook, forecast: CurrencyForecast, wanted: WantedCash) -> None:
    """The invoices of which something is expected in the week that the address names."""
    names = {str(number): f"Week {number}, from {fmt.day(week.start)}" for number, week in enumerate(forecast.weeks, 1)}
    now = choices.menu("Week", WEEK, names, width=300)
    rows = cash.of_week(weeks.of_view(book.agreed, wanted), int(now) - 1)
    expected = int(pc.sum(rows["expected"]).as_py() or 0)
    later = forecast.weeks[int(now) - 1].not_invoiced
    st.text(
        f"{fmt.money(expected, wanted.currency)} from {fmt.count(len(rows), 'open invoice')}"
        f"{fmt.largest_shown(len(rows), MOST)}; and {fmt.money(later, wanted.currency)} from invoices not issued yet."
    )
    drawn = [Row(links.key(row), _invoice(row, wanted, view)) for row in rows.slice(0, MOST).to_pylist()]
    listing.show(Listing("The invoices of the week", INVOICES, listing.whole(drawn), "invoice", scrolls=True), view, key="week")


INVOICES = (
    Column("invoice", "Invoice"),
    Column("customer", "Customer"),
    Column("expected", "Expected in this week", "right"),
    Column("outstanding", "Outstanding", "right"),
    Column("due", "Due date", "short"),
    Column("on_time", "On time", "right"),
)


def _invoice(row: Mapping[str, Any], wanted: WantedCash, view: View) -> dict[str, Cell]:
    return {
        "invoice": links.invoice(row),
        "customer": links.customer(row),
        "expected": fmt.amount(row["expected"], wanted.currency),
        "outstanding": fmt.amount(row["outstanding"], wanted.currency),
        "due": fmt.day(row["due_date"]),
        "on_time": fmt.percent(row["p_on_time"], view.flag_below(row["company"])),
    }


def shortfall(view: View, book: CashBook, wanted: WantedCash) -> None:
    """Customers by what they will probably leave unpaid of what is due within four weeks, or is past due."""
    rows = cash.shortfall(weeks.of_view(book.agreed, wanted), book.as_of, SHORT_WEEKS)
    due, expected, short = (int(pc.sum(rows[name]).as_py() or 0) for name in ("due", "expected", "short"))
    money = wanted.currency
    more = f" The {MOST} largest of {fmt.count(len(rows), 'customer')} are shown." if len(rows) > MOST else ""
    st.text(
        f"Of {fmt.money(due, money)} that is past due or falls due within four weeks, {fmt.money(expected, money)} will "
        f"probably come by then, and {fmt.money(short, money)} will not.{more}"
    )
    several = len(view.companies) > 1
    drawn = [
        Row(
            links.customer_key(row),
            {
                "customer": links.customer(row, below=row["company"] if several else ""),
                **{name: fmt.amount(row[name], money) for name in ("due", "expected", "short")},
                "share": fmt.percent(row["short"] / short if short else None),
            },
        )
        for row in rows.slice(0, MOST).to_pylist()
    ]
    listing.show(Listing("Who falls short", SHORT, listing.whole(drawn), "customer", scrolls=True), view, key="short")


SHORT = (
    Column("customer", "Customer"),
    Column("due", "Due by then", "right"),
    Column("expected", "Expected by then", "right"),
    Column("short", "Short", "right"),
    Column("share", "Of the whole", "right"),
)
