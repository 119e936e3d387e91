"""How do the customers of a view look: tiles, stacked bars, the list beside them, and what a click on one does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from insights import charts, messages, portfolio
from insights.ledger.money import NO_CURRENCY, exponent
from insights.ledger.outcomes import BUCKETS
from insights.portfolio import Balance, CashKpis
from pages.ui.shared import format as fmt
from pages.ui.shared import query_params, session, widgets
from pages.ui.shared.tiles import Tile, row
from pages.ui.shared.view import View

ROW_HEIGHT = 30
PREDICTED = {"at_risk": "Amount at risk", "share_at_risk": "Share at risk", "outstanding": "Receivables", "customer_name": "Name"}
OWED = {"overdue": "Overdue", "outstanding": "Receivables", "customer_name": "Name"}
HEADINGS = {
    "customer": "Customer",
    "outstanding": "Receivables",
    "not_due": "Not yet due",
    "overdue": "Overdue",
    "on_time": "On time",
    "late": "Late",
    "very_late": "Very late",
    "share_at_risk": "At risk",
    "invoices": "Open",
    "flagged": "Flagged",
    "net_balance": "Net balance",
    "company": "Company",
}
AMOUNTS = ("outstanding", "net_balance", *BUCKETS, *charts.OWED)
HELP = {
    "flagged": "Open invoices that are less likely than the threshold to be paid on time.",
    "outstanding": "What is outstanding on open invoices, in whole units of the currency.",
    "net_balance": "Receivables less credit notes and payments on account that are not applied yet.",
    "on_time": "The part of the receivables expected on time: outstanding × probability, summed over the invoices.",
    "late": "The part expected after the due date, but not very late.",
    "very_late": "The part expected very late, or never.",
    "share_at_risk": "Late and very late, as a share of the receivables.",
}


@dataclass(frozen=True)
class Wanted:
    """What the URL asks of the list."""

    currency: str
    by: str
    search: str


@dataclass(frozen=True)
class ListPage:
    """Which page of the list is shown, of how many."""

    page: int
    pages: int


def asked(view: View, everybody: pa.Table) -> Wanted:
    """Draws the choices, which live in the URL, and gives what they say."""
    counts = everybody["currency"].value_counts().to_pylist()
    currencies = [each["values"] for each in sorted(counts, key=lambda each: (-each["counts"], each["values"]))]
    orders = PREDICTED if view.model_id else OWED
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            "Customer",
            key=session.bind("q", query_params.get("q")),
            type="search",
            placeholder="Name or account",
            width=300,
            on_change=session.on_filter_change,
            args=("q",),
        )
        by = _one("Sorted by", "by", orders)
        currency = _one(
            "Currency", "currency", {code: "none" if code == NO_CURRENCY else messages.plain(code) for code in currencies}
        )
    return Wanted(currency, by, search or "")


def _one(label: str, name: str, options: Mapping[str, str]) -> str:
    """A choice of one value (value -> label); not drawn where there is but one."""
    now = query_params.one_of(name, list(options))
    if len(options) > 1:
        st.segmented_control(
            label,
            list(options),
            format_func=lambda each: options[each],
            key=session.bind(name, now),
            on_change=session.on_filter_change,
            args=(name,),
        )
    return now


def _limits(view: View) -> str:
    """The flag threshold, or those of the models that speak."""
    return " or ".join(fmt.percent(each) for each in sorted({view.threshold, *view.thresholds_by_company.values()}))


def tiles(view: View, everybody: pa.Table, balances: Sequence[Balance], currency: str) -> None:
    """The two tiles of the reference product, and what is owed in the currency in view."""
    mine = portfolio.ranked(everybody, by="outstanding", currency=currency)
    several = pc.count_distinct(everybody["currency"]).as_py() > 1
    invoices = fmt.count(_sum(everybody, "invoices"))
    receivables = _receivables(next(each for each in balances if each.currency == currency), fmt.count(len(mine), "customer"))
    if not view.model_id:
        overdue = Tile("Overdue", fmt.round_money(_sum(mine, "overdue"), currency))
        row(Tile("Open invoices", invoices, "in all currencies" if several else ""), receivables, overdue)
        return
    found = portfolio.tiles(everybody)
    customers = fmt.count(portfolio.number_of_customers(everybody))
    at_risk, owed = _sum(mine, "at_risk"), _sum(mine, "outstanding")
    row(
        Tile(
            "Invoices unlikely to be on time",
            fmt.count(found.flagged_invoices),
            f"of {invoices} in all currencies" if several else f"of {invoices} open",
            f"Less than {_limits(view)} likely to be paid on time.",
        ),
        Tile(
            "Customers mostly at risk",
            fmt.count(found.customers_at_risk),
            f"of {customers} in all currencies" if several else f"of {customers} with open invoices",
            "More than half of the receivables is expected late or very late.",
        ),
        receivables,
        Tile(
            "Expected late or very late",
            fmt.round_money(at_risk, currency),
            f"{fmt.percent(at_risk / owed if owed else None)} of the receivables",
        ),
    )


def _receivables(balance: Balance, of: str) -> Tile:
    """Receivables of all customers, with the net balance where it is another figure."""
    owed, net = (fmt.round_money(each, balance.currency) for each in (balance.receivables, balance.net_balance))
    less = f"net balance {net}" if balance.unapplied else of
    return Tile("Receivables", owed, less, "Open invoices. Net balance: less credit notes and payments not yet applied.")


def _sum(table: pa.Table, name: str) -> int:
    return int(pc.sum(table[name]).as_py() or 0)


def chart(ranked: pa.Table, view: View, wanted: Wanted) -> None:
    """The stacked bars; a click on one opens the customer."""
    buckets = BUCKETS if view.model_id else charts.OWED
    key = f"customers-{view.key}-{hash(wanted)}"
    event: Any = st.plotly_chart(
        charts.customers(ranked, wanted.currency, buckets),
        key=key,
        on_select="rerun",
        selection_mode="points",
        config=widgets.STILL,
        alt="Receivables of each customer by how it will probably be paid",
    )
    st.caption("Click a bar to open the customer.")
    for point in event["selection"]["points"]:
        company, customer, *_ = point["customdata"]
        if customer != charts.OTHERS:
            session.go("customer.py", view, company=company, customer=customer)


def show(ranked: pa.Table, view: View, wanted: Wanted, *, page: int, size: int) -> ListPage:
    """One page of the list; the name opens the customer."""
    pages = max(1, -(-len(ranked) // size))
    page = min(page, pages)
    rows = ranked.slice((page - 1) * size, size)
    places = tuple(zip(rows["company"].to_pylist(), rows["customer_id"].to_pylist(), strict=True))
    grid = f"customer-list-{view.key}-{hash((wanted, places))}"  # another page is another grid: no click hits another row
    frame = _frame(rows, wanted.currency)
    config = {name: _config(name) for name in frame.columns}
    config["customer"] = st.column_config.ButtonColumn(
        "Customer",
        width=190,
        type="tertiary",
        alignment="left",
        key=f"{grid}-open",
        on_click=_open,
        args=(f"{grid}-open", places, view),
    )
    st.dataframe(
        frame, key=grid, hide_index=True, row_height=ROW_HEIGHT, column_config=config, alt="Customers with open invoices",
        height=min((len(frame) + 1) * ROW_HEIGHT + 6, 560),
    )  # fmt: skip
    return ListPage(page, pages)


def _frame(rows: pa.Table, currency: str) -> pd.DataFrame:
    """The rows as a grid shows them: amounts in major units, the company only where there are several."""
    table = rows.rename_columns(["customer" if name == "customer_name" else name for name in rows.column_names])
    several = pc.count_distinct(table["company"]).as_py() > 1
    names = [name for name in HEADINGS if name in table.column_names and (name != "company" or several)]
    frame: pd.DataFrame = table.select(names).to_pandas()
    amounts = [name for name in names if name in AMOUNTS]
    frame[amounts] = frame[amounts] / 10 ** exponent(currency)
    if "share_at_risk" in frame:
        frame["share_at_risk"] *= 100
    return frame


def _config(name: str) -> Any:  # noqa: ANN401 - streamlit's column types have no common name
    heading, help_text = HEADINGS[name], HELP.get(name)
    if name == "share_at_risk":
        return st.column_config.NumberColumn(heading, help=help_text, format="%.0f%%", width=62)
    if name in AMOUNTS:
        return st.column_config.NumberColumn(heading, help=help_text, format="%,.0f", width=80)
    if name in ("invoices", "flagged"):
        return st.column_config.NumberColumn(heading, help=help_text, format="%,d", width=62)
    return st.column_config.TextColumn(heading, width=130)


def _open(button: str, places: tuple[tuple[str, str], ...], view: View) -> None:
    """A callback: opens the customer whose name was clicked, as it stood in the list that the browser showed."""
    row = session.clicked(button)
    if row is not None and row < len(places):
        session.go("customer.py", view, company=places[row][0], customer=places[row][1])


def ageing(balances: Sequence[Balance], currency: str) -> None:
    """What is owed in a currency by age, and what has come in unapplied."""
    for balance in (each for each in balances if each.currency == currency):
        st.plotly_chart(
            charts.ageing(portfolio.AGES, balance.aged, currency),
            key="ageing",
            config=widgets.STILL,
            alt="Receivables by age",
        )
        if balance.unapplied:
            apart, net = (fmt.round_money(each, currency) for each in (balance.unapplied, balance.net_balance))
            st.caption(f"Less {apart} of credit notes and payments not yet applied, the net balance is {net}.")


def speed(figures: Sequence[CashKpis], currency: str) -> None:
    """DSO and its relatives in a currency, each with its formula."""
    for found in (each for each in figures if each.currency == currency):
        effectiveness = None if found.cei is None else found.cei / 100
        row(
            Tile("DSO", fmt.days(found.dso, 1), "", "Days sales outstanding: receivables / sales × days."),
            Tile("Best possible DSO", fmt.days(found.best_possible_dso, 1), "", "The same with what is not yet due only."),
            Tile("ADD", fmt.days(found.add, 1), "", "Average days delinquent: DSO less the best possible DSO."),
        )
        row(
            Tile(
                "Count-back DSO",
                fmt.days(found.count_back_dso, 1),
                "",
                "Days of the latest sales that make up the receivables.",
            ),
            Tile("CEI", fmt.percent(effectiveness), "", "Collection effectiveness: of what could be collected, what was."),
            Tile(
                "Days beyond terms",
                fmt.days(found.days_beyond_terms, 1),
                "",
                "Due to payment, of what was paid, weighted by amount; below 0 = early.",
            ),
        )
        st.caption(f"Over the {fmt.days(found.days)} before this day, with sales of {fmt.round_money(found.sales, currency)}.")
