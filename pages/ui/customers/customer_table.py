"""How do the customers of a view look: tiles, stacked bars, the list beside them, and what a click on one does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from insights import charts, portfolio
from insights.ledger.outcomes import BUCKETS
from insights.messages.kpis import KPIS
from insights.portfolio import Balance, CashKpis
from pages.ui.shared import choices, habit_mark, links, listing, query_params, session, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.listing import Cell, Column, Group, Listing, Row, Turn
from pages.ui.shared.tiles import Tile, row
from pages.ui.shared.view import View

PREDICTED = {"at_risk": "Amount at risk", "share_at_risk": "Share at risk", "outstanding": "Receivables", "customer_name": "Name"}
OWED = {"overdue": "Overdue", "outstanding": "Receivables", "customer_name": "Name"}
HELP = {
    "at_risk": "The part of the receivables expected late or very late: outstanding × probability, summed over the invoices.",
    "outstanding": "What is outstanding on open invoices.",
    "parts": "The receivables by how they will probably be paid; they add up to the receivables.",
    "invoices": "Open invoices, and how many of them are flagged.",
}
SPEED = (("dso", "best_possible_dso", "add"), ("count_back_dso", "cei", "days_beyond_terms"))  # of KPIS, in two rows of tiles
SORTED_BY = {"customer": "customer_name", "risk": "at_risk", "owed": "outstanding", "overdue": "overdue"}  # column -> order


@dataclass(frozen=True)
class Wanted:
    """What the URL asks of the list."""

    currency: str
    by: str
    search: str
    companies: tuple[str, ...] = ()


def asked(view: View, everybody: pa.Table) -> Wanted:
    """Draws the choices, which live in the URL, and gives what they say."""
    counts = everybody["currency"].value_counts().to_pylist()
    currencies = [entry["values"] for entry in sorted(counts, key=lambda entry: (-entry["counts"], entry["values"]))]
    orders = PREDICTED if view.model_id else OWED
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="controls"):
        search = choices.search("Customer", "Name or account", width=240)
        companies = choices.companies(view.companies)
        by = choices.menu("Sorted by", "by", orders)
        currency = choices.menu("Currency", "currency", choices.names_of_currencies(currencies))
    return Wanted(currency, by, search or "", companies)


def _limits(view: View) -> str:
    """The flag threshold, or those of the models that speak."""
    return " or ".join(fmt.percent(threshold) for threshold in sorted({view.threshold, *view.thresholds_by_company.values()}))


def tiles(view: View, everybody: pa.Table, balances: Sequence[Balance], currency: str) -> None:
    """The two tiles of the reference product, and what is owed in the currency in view."""
    mine = portfolio.ranked(everybody, by="outstanding", currency=currency)
    several = pc.count_distinct(everybody["currency"]).as_py() > 1
    invoices = fmt.count(_sum(everybody, "invoices"))
    receivables = _receivables(
        next(balance for balance in balances if balance.currency == currency), fmt.count(len(mine), "customer")
    )
    if not view.model_id:
        overdue = Tile("Overdue", fmt.round_money(_sum(mine, "overdue"), currency))
        row(Tile("Open invoices", invoices, "in all currencies" if several else ""), receivables, overdue)
        return
    tiles = portfolio.tiles(everybody)
    customers = fmt.count(portfolio.number_of_customers(everybody))
    at_risk, owed = _sum(mine, "at_risk"), _sum(mine, "outstanding")
    row(
        Tile(
            "Invoices unlikely to be on time",
            fmt.count(tiles.flagged_invoices),
            f"of {invoices} in all currencies" if several else f"of {invoices} open",
            f"Less than {_limits(view)} likely to be paid on time.",
        ),
        Tile(
            "Customers mostly at risk",
            fmt.count(tiles.customers_at_risk),
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
    owed, net = (fmt.round_money(amount, balance.currency) for amount in (balance.receivables, balance.net_balance))
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
    st.caption("A click on a bar opens the customer, as its name in the list does.")
    for point in event["selection"]["points"]:
        company, customer, *_ = point["customdata"]
        if customer != charts.OTHERS:
            session.go("customer.py", view, company=company, customer=customer)


def show(ranked: pa.Table, view: View, wanted: Wanted, *, page: int, size: int) -> None:
    """One page of the list; the name opens the customer, a heading sorts."""
    pages = max(1, -(-len(ranked) // size))
    page = min(page, pages)
    rows = ranked.slice((page - 1) * size, size).to_pylist()
    first = (page - 1) * size
    which = f"{fmt.count(first + 1)} to {fmt.count(first + len(rows))} of {fmt.count(len(ranked), 'customer')}"
    columns = [_sorting(column, wanted) for column in (PREDICTED_COLUMNS if view.model_id else OWED_COLUMNS)]
    drawn = [Row(links.customer_key(row), _cells(row, view)) for row in rows]
    listed = Listing(
        "Customers with open invoices", columns, (Group(drawn),), "customer", Turn(page, pages, which),
        lambda name: query_params.set_params(by=SORTED_BY[name]),
    )  # fmt: skip
    listing.show(listed, view, key="customers")


PREDICTED_COLUMNS = (
    Column("customer", "Customer"),
    Column("risk", "Amount at risk", "right", help=HELP["at_risk"]),
    Column("owed", "Receivables", "right", help=HELP["outstanding"]),
    Column("parts", "On time · late · very late", "short", help=HELP["parts"]),
    Column("invoices", "Open", "short", help=HELP["invoices"]),
)
OWED_COLUMNS = (
    Column("customer", "Customer"),
    Column("overdue", "Overdue", "right"),
    Column("owed", "Receivables", "right", help=HELP["outstanding"]),
    Column("parts", "Not yet due · overdue", "short"),
    Column("invoices", "Open", "short"),
)


def _sorting(column: Column, wanted: Wanted) -> Column:
    by = SORTED_BY.get(column.name)
    if by is None:
        return column
    return column.sorting(now=by == wanted.by, ascending=by == "customer_name")


def _cells(row: Mapping[str, Any], view: View) -> dict[str, Cell]:
    """One customer's figures, to the cent: they add up."""
    currency, owed = row["currency"], row["outstanding"]
    parts = BUCKETS if view.model_id else charts.OWED
    net = f"net {fmt.amount(row['net_balance'], currency)}" if row["net_balance"] != owed else ""
    figures = [fmt.amount(row[part], currency) for part in parts]
    names = [charts.LABELS[part].lower() for part in parts]
    alt = ", ".join(f"{name} {figure}" for name, figure in zip(names, figures, strict=True))
    cells = {
        "customer": links.customer(row, mark=habit_mark.of(view, row), below=links.account(row, several=len(view.companies) > 1)),
        "owed": listing.cell(fmt.amount(owed, currency), below=net),
        "parts": listing.bar([row[part] / owed if owed else 0 for part in parts], " · ".join(figures), alt, parts),
    }
    if view.model_id:
        share = f"{fmt.percent(row['share_at_risk'])} of it"
        return cells | {
            "risk": listing.cell(fmt.amount(row["at_risk"], currency), below=share),
            "invoices": listing.cell(fmt.count(row["invoices"]), below=f"{fmt.count(row['flagged'])} flagged"),
        }
    return cells | {"overdue": fmt.amount(row["overdue"], currency), "invoices": fmt.count(row["invoices"])}


def ageing(balances: Sequence[Balance], currency: str) -> None:
    """What is owed in a currency by age, and what has come in unapplied."""
    for balance in (mine for mine in balances if mine.currency == currency):
        st.plotly_chart(
            charts.ageing(portfolio.AGES, balance.aged, currency),
            key="ageing",
            config=widgets.STILL,
            alt="Receivables by age",
        )
        if balance.unapplied:
            apart, net = (fmt.round_money(amount, currency) for amount in (balance.unapplied, balance.net_balance))
            st.caption(f"Less {apart} of credit notes and payments not yet applied, the net balance is {net}.")


def speed(figures: Sequence[CashKpis], currency: str) -> None:
    """DSO and its relatives in a currency, as Figures has them, each with its formula."""
    for of_currency in (kpis for kpis in figures if kpis.currency == currency):
        for names in SPEED:
            row(*(_figure(of_currency, name) for name in names))
        days, sales = fmt.days(of_currency.days), fmt.round_money(of_currency.sales, currency)
        st.caption(f"Over the {days} before this day, with sales of {sales}.")


def _figure(figures: CashKpis, name: str) -> Tile:
    words = KPIS[name]
    return Tile(words.label, fmt.figure(getattr(figures, name), words.unit), "", words.formula)
