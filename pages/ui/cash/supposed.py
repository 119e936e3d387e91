"""What if the largest pay as due, everybody later, a customer nothing, or new invoices had other terms?"""

from typing import Any

import streamlit as st

from insights import messages
from insights.portfolio import cash
from insights.portfolio.cash import CurrencyForecast
from insights.services.cash import CashBook
from pages.ui.cash import weeks
from pages.ui.cash.weeks import WantedCash
from pages.ui.shared import choices, query_params, session
from pages.ui.shared import format as fmt

LARGEST, LATER, FAILS, TERMS = "largest", "later", "fails", "terms"
SCENARIOS = {
    LARGEST: "The ten largest invoices are paid when due",
    LATER: "Everybody pays later",
    FAILS: "A customer fails",
    TERMS: "New invoices have shorter terms",
}
MOST = 100  # customers to choose from


def show(book: CashBook, base: CurrencyForecast, wanted: WantedCash) -> None:
    """A scenario of the address beside the base, week by week. Its ranges are as wide as the base's."""
    scenario = choices.one("Suppose", "suppose", SCENARIOS)
    by_group, rows = dict(book.not_invoiced), weeks.of_view(book.agreed, wanted)
    if scenario == LARGEST:
        rows = cash.largest_as_due(rows, book.as_of)
    elif scenario == LATER:
        rows = cash.everyone_later(rows, book.as_of, days("Days later", 10, 60))
    elif scenario == FAILS:
        rows = cash.customer_fails(rows, *customer(book, wanted))
    else:
        by = days("Days shorter", 14, 60)
        by_group = {key: cash.terms_shortened(each[None], by)[0] for key, each in by_group.items()}
    found = {each.currency: each for each in book.supposing(rows, by_group, wanted.company)}
    other = found.get(wanted.currency, base)
    four, thirteen = (
        f"{fmt.money(other.total(many), wanted.currency)} instead of {fmt.money(base.total(many), wanted.currency)}"
        for many in (4, 13)
    )
    st.text(f"In 4 weeks {four}, in 13 weeks {thirteen}.")
    weeks.listing([line(one, two, wanted.currency) for one, two in zip(base.weeks, other.weeks, strict=True)])
    st.caption("The scenario stands in the address of this page: kept as a bookmark or sent on, it is the same again.")


def days(label: str, usual: int, most: int) -> int:
    """So many days, from the address."""
    now = min(max(query_params.number("shift") or usual, 1), most)
    st.number_input(
        label, 1, most, key=session.bind("shift", now), on_change=session.on_filter_change, args=("shift",), width=160
    )
    return now


def customer(book: CashBook, wanted: WantedCash) -> tuple[str, str]:
    """Company and customer id, from the address; the one that owes most by default."""
    rows = weeks.of_view(book.agreed, wanted)
    sums = rows.group_by(["company", "customer_id", "customer_name"]).aggregate([("outstanding", "sum")])
    largest = sums.sort_by([("outstanding_sum", "descending"), ("customer_id", "ascending")]).slice(0, MOST).to_pylist()
    names = {f"{each['company']}\n{each['customer_id']}": each for each in largest}
    now = query_params.one_of("who", list(names))
    st.selectbox(
        "Customer",
        list(names),
        format_func=lambda key: messages.plain(owing(names[key], wanted.currency)),
        key=session.bind("who", now),
        on_change=session.on_filter_change,
        args=("who",),
        width=420,
    )
    return names[now]["company"], names[now]["customer_id"]


def owing(each: dict[str, Any], currency: str) -> str:
    return f"{each['customer_name']}: {fmt.money(each['outstanding_sum'], currency)}"


def line(one: cash.ForecastWeek, two: cash.ForecastWeek, currency: str) -> dict[str, str]:
    low, high = two.range or (None, None)
    return {
        "Week from": fmt.day(one.start),
        "As it stands": fmt.amount(one.total, currency),
        "Supposed": fmt.amount(two.total, currency),
        "Difference": fmt.amount(two.total - one.total, currency),
        "80 % range: from": fmt.amount(low, currency),
        "to": fmt.amount(high, currency),
    }
