"""How is one figure made: its months and goal, its formula in words, its inputs, and the invoices behind it?"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from insights import charts
from insights.access import Capability
from insights.messages.kpis import INPUTS, KPIS, PERCENT, SHARE
from insights.portfolio import CashKpis
from insights.services import figures as figure_service
from insights.services.figures import FiguresOverTime
from pages.ui.shared import choices, links, listing, session, totals, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.listing import Cell, Column, Group, Listing, Row
from pages.ui.shared.view import View

MOST = 500
COUNTS = ("fell_due_count", "in_time_count")


def show(view: View, figures: FiguresOverTime, currency: str) -> None:
    """The figure that the address names, the first one by default."""
    st.header("One by one", anchor=False)
    months = figures.months[currency]
    name = choices.side_by_side("Figure", "figure", {code: words.label for code, words in KPIS.items() if code != "at_risk"})
    words, goal = KPIS[name], figure_service.goals(session.workspace()).get(name)
    drawn, made = st.columns([3, 2], gap="medium")
    with drawn.container(border=True):
        values = [getattr(month, name) for month in months]
        scaled = [None if value is None else value / 100 for value in values] if words.unit == PERCENT else values
        aim = goal / 100 if goal is not None and words.unit == PERCENT else goal
        figure = charts.trend([month.as_of for month in months], scaled, words.label, aim, share=words.unit in (SHARE, PERCENT))
        st.plotly_chart(figure, key=f"trend-{name}", config=widgets.STILL, alt=f"{words.label} over the months")
    with made.container(border=True, height="stretch"):
        st.text(words.formula)
        widgets.facts({INPUTS[part]: _input(months[-1], part, currency) for part in words.inputs} | _result(months[-1], name))
        if session.person().may(Capability.PLAN):
            _goal(name, goal, words.unit)
    _evidence(view, figures, currency, name)


def _input(figure: CashKpis, name: str, currency: str) -> str:
    value = getattr(figure, name)
    return fmt.count(value) if name in COUNTS or name == "days" else fmt.money(value, currency)


def _result(figure: CashKpis, name: str) -> dict[str, str]:
    return {KPIS[name].label: fmt.figure(getattr(figure, name), KPIS[name].unit)}


def _goal(name: str, goal: float | None, unit: str) -> None:
    """Asks for the goal; a change is recorded."""
    shown = goal * 100 if goal is not None and unit == SHARE else goal
    key = session.bind(f"goal_{name}", shown)
    st.number_input(
        "Goal, in per cent" if unit in (SHARE, PERCENT) else "Goal, in days",
        value=None,
        step=1.0,
        format="%.1f",
        min_value=0.0 if unit in (SHARE, PERCENT) else None,
        max_value=100.0 if unit in (SHARE, PERCENT) else None,
        key=key,
        width=190,
        on_change=session.on_value_change,
        args=(key, lambda value: figure_service.set_goal(session.workspace(), name, value, actor=session.person())),
        help="Drawn as a line. Empty: no goal.",
    )


def _evidence(view: View, figures: FiguresOverTime, currency: str, name: str) -> None:
    """The invoices behind the figure, with what of them is counted."""
    ledger = totals.ledger_in(view, figures.by) if figures.by else view.ledger
    rows = figure_service.behind(ledger, figures.now(currency), name, view.rules_by_company, figures.part)
    total = int(pc.sum(rows["weight"]).as_py() or 0)
    st.text(
        f"Behind it: {fmt.count(len(rows), 'invoice')}, {fmt.money(total, currency)} ({KPIS[name].behind})"
        f"{fmt.largest_shown(len(rows), MOST)}"
    )
    if len(rows):
        _list(view, rows.slice(0, MOST), currency)


COLUMNS = (
    Column("invoice", "Invoice"),
    Column("customer", "Customer"),
    Column("weight", "Counted", "right"),
    Column("state", "State", "short"),
    Column("due", "Due date", "short"),
    Column("paid", "Paid", "short"),
    Column("issued", "Issued", "short"),
)


def _list(view: View, rows: pa.Table, currency: str) -> None:
    """Names open the customer."""
    listed = rows.to_pylist()
    columns = [column for column in COLUMNS if column.name != "paid" or any(row["paid_date"] for row in listed)]
    drawn = [Row(links.key(row), _cells(row, currency)) for row in listed]
    listing.show(Listing("The invoices behind the figure", columns, [Group(drawn)], "invoice", scrolls=True), view, key="behind")


def _cells(row: Mapping[str, Any], currency: str) -> dict[str, Cell]:
    return {
        "invoice": links.number(row),
        "customer": links.customer(row),
        "weight": fmt.amount(row["weight"], currency),
        "state": _state(row["days"], paid=row["paid_date"] is not None),
        "due": fmt.day(row["due_date"]),
        "paid": fmt.day(row["paid_date"]),
        "issued": fmt.day(row["issue_date"]),
    }


def _state(days: int, *, paid: bool) -> str:
    if not paid:
        return fmt.past_due(days)
    return f"paid {fmt.days(days)} late" if days > 0 else f"paid {fmt.days(-days)} early" if days else "paid when due"
