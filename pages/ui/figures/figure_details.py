"""How is one figure made: its months and goal, its formula in words, its inputs, and the invoices behind it?"""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from insights import charts
from insights.access import Capability
from insights.messages.kpis import DAYS, INPUTS, KPIS, OF_MONEY, PERCENT, PROMISES_KEPT, SHARE, WITH_GOALS
from insights.portfolio import CashKpis
from insights.services import figures as figure_service
from insights.services import rates
from insights.services.figures import FiguresOverTime, PromisesKept
from pages.ui.figures import figure_tiles
from pages.ui.shared import cache, choices, links, listing, session, totals, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.listing import Cell, Column, Group, Listing, Row
from pages.ui.shared.view import View

MOST = 500
AT_RISK, SHARE_AT_RISK = "at_risk", "Share at risk"
COUNTS = ("fell_due_count", "in_time_count")


def show(view: View, figures: FiguresOverTime, currency: str) -> None:
    """The figure that the address names, the first one by default."""
    st.header("One by one", anchor=False)
    months = figures.months[currency]
    risk = _at_risk(view, figures, currency)
    promised = figure_tiles.promises_by_month(view, figures)
    silent = [code for code, there in ((AT_RISK, risk is not None), (PROMISES_KEPT, bool(promised))) if not there]
    named = {code: words.label for code, words in WITH_GOALS.items() if code not in silent}
    name = choices.side_by_side("Figure", "figure", named)
    words, goal = WITH_GOALS[name], figure_service.goals(session.workspace()).get(name)
    drawn, made = st.columns([3, 2], gap="medium")
    if name == PROMISES_KEPT:
        _show_promises(promised, (drawn, made), goal)
        return
    if name == AT_RISK and risk is not None:
        _show_at_risk(view, figures, currency, risk, (drawn, made), goal)
        return
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


def _at_risk(view: View, figures: FiguresOverTime, currency: str) -> int | None:
    """The amount at risk of the part that is shown; None where no model speaks."""
    risk = totals.at_risk(view, figures.part)
    return (rates.sums(risk, figures.by) if figures.by else risk).get(currency)


def _show_at_risk(
    view: View,
    figures: FiguresOverTime,
    currency: str,
    risk: int,
    places: tuple[DeltaGenerator, DeltaGenerator],
    goal: float | None,
) -> None:
    """The amount at risk: its share of the receivables on past Mondays and now, how it is made, and the invoices behind it."""
    drawn, made = places
    words, owed = KPIS[AT_RISK], figures.now(currency).receivables
    before = totals.at_risk_before(view, figures.part, currency, figures.by)
    shares = before | ({view.as_of: risk / owed} if owed else {})
    with drawn.container(border=True):
        figure = charts.trend(list(shares), list(shares.values()), SHARE_AT_RISK, goal, share=True)
        st.plotly_chart(figure, key="trend-at-risk", config=widgets.STILL, alt=f"{SHARE_AT_RISK} over the months")
        st.caption(
            "Share of the receivables; of past Mondays as a model taught on what was known then would have said."
            if before
            else "Past months come once past weeks are replayed, on the screen Cash: what a model would have said then."
        )
    with made.container(border=True, height="stretch"):
        st.text(words.formula)
        share = fmt.percent(risk / owed if owed else None)
        shown = {INPUTS["receivables"]: fmt.money(owed, currency), words.label: fmt.money(risk, currency), SHARE_AT_RISK: share}
        widgets.facts(shown)
        if session.person().may(Capability.PLAN):
            _goal(AT_RISK, goal, words.unit)
    rows = figure_service.behind_at_risk(cache.source(view), currency, figures.part, figures.by)
    _behind(view, rows, currency, words.behind)


def _show_promises(months: Sequence[PromisesKept], places: tuple[DeltaGenerator, DeltaGenerator], goal: float | None) -> None:
    """The share of promises kept by month, how it is made, and its goal; which they are stands above."""
    (drawn, made), words, now = places, WITH_GOALS[PROMISES_KEPT], months[-1]
    with drawn.container(border=True):
        figure = charts.trend([month.as_of for month in months], [month.share for month in months], words.label, goal, share=True)
        st.plotly_chart(figure, key="trend-promises", config=widgets.STILL, alt=f"{words.label} over the months")
    with made.container(border=True, height="stretch"):
        st.text(words.formula)
        counted = {"Promises judged": fmt.count(len(now.judged)), "Of these kept in full": fmt.count(now.kept)}
        widgets.facts(counted | {words.label: fmt.percent(now.share)})
        if session.person().may(Capability.PLAN):
            _goal(PROMISES_KEPT, goal, words.unit)


def _input(figure: CashKpis, name: str, currency: str) -> str:
    value = getattr(figure, name)
    return fmt.count(value) if name in COUNTS or name == "days" else fmt.money(value, currency)


def _result(figure: CashKpis, name: str) -> dict[str, str]:
    return {KPIS[name].label: fmt.figure(getattr(figure, name), KPIS[name].unit)}


def _goal(name: str, goal: float | None, unit: str) -> None:
    """Asks for the goal; a change is recorded."""
    shown = goal * 100 if goal is not None and unit in OF_MONEY else goal
    key = session.bind(f"goal_{name}", shown)
    st.number_input(
        "Goal, in days" if unit == DAYS else "Goal, in per cent",
        value=None,
        step=1.0,
        format="%.1f",
        min_value=None if unit == DAYS else 0.0,
        max_value=None if unit == DAYS else 100.0,
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
    _behind(view, rows, currency, KPIS[name].behind)


def _behind(view: View, rows: pa.Table, currency: str, which: str) -> None:
    total = int(pc.sum(rows["weight"]).as_py() or 0)
    st.text(
        f"Behind it: {fmt.count(len(rows), 'invoice')}, {fmt.money(total, currency)} ({which})"
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
