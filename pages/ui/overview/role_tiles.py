"""What does an agent, a manager or a power user see first? Tiles, each with the list that it counts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from insights import messages, portfolio
from insights.access import Role
from insights.ledger.errors import Refused
from insights.messages.kpis import KPIS
from insights.portfolio import AgeRanges, worklist
from insights.portfolio.worklist import WorklistFilter
from insights.services import overviews
from insights.services.ageing import SILENT, UNPAID_DAYS
from insights.store.records import ALL_COMPANIES
from pages.ui.figures import report_button
from pages.ui.models import backtest
from pages.ui.shared import cache, session, totals
from pages.ui.shared import format as fmt
from pages.ui.shared.view import View

if TYPE_CHECKING:
    from insights.portfolio.cash import CurrencyForecast

WORDS = {Role.AGENT: "Collections agent", Role.MANAGER: "Manager", Role.POWER_USER: "Power user"}
KEY = "overview_role"
SOON = 4  # weeks of cash among a manager's tiles
SHOWN = ("dso", "cei", "days_beyond_terms", "paid_on_time")  # figures among a manager's tiles


def show() -> None:
    """The overview of whoever looks; nothing where there is no ledger, or the address names what cannot be shown."""
    try:
        view = session.current()
    except Refused:
        return
    if view is None:
        return
    store, person = session.workspace(), session.person()
    with st.container(horizontal=True, vertical_alignment="bottom", key="overview-role"):
        role = st.segmented_control(
            f"Overview of {messages.plain(person.name)}",
            list(overviews.offered(person)),
            format_func=lambda role: WORDS[Role(role)],
            default=overviews.overview_of(store, person),
            key=KEY,
            required=True,
            on_change=session.on_value_change,
            args=(KEY, lambda chosen: overviews.choose(store, chosen, actor=person)),
        )
        if role == Role.MANAGER:
            st.space("stretch")
            report_button.show(view)
    st.caption(f"As of {fmt.day(view.as_of)}. Each tile leads to the list that it counts.")
    {Role.AGENT: _agent, Role.MANAGER: _manager, Role.POWER_USER: _power_user}[role or Role.AGENT](view)


def _tile(
    column: st.delta_generator.DeltaGenerator, label: str, value: str, below: str, page: str, link: Mapping[str, str]
) -> None:
    with column.container(border=True, height="stretch", gap="xxsmall", key=session.free_key("role-tile")):
        st.metric(label, value, below or None, delta_color="off", delta_arrow="off")
        st.page_link(page, label="Show the list", icon=":material/arrow_forward:", icon_position="right", query_params=dict(link))


def _agent(view: View) -> None:
    """Whom to call, and about what: the worklist, and the tabs of the open invoices."""
    to_call = cache.worklist_of(view, session.agreed(), session.person().name).ranked
    source = cache.source(view)
    wanted = WorklistFilter(threshold=view.threshold, own_thresholds=view.thresholds_by_company)
    tabs = worklist.tabs(source, wanted)
    first = worklist.NOT_DUE_FLAGGED if view.model_id else worklist.NOT_DUE
    labels = {
        first: "Not yet due, flagged" if view.model_id else "Not yet due",
        worklist.OVERDUE: "Overdue",
        worklist.ALL: "All open invoices",
    }
    columns = st.columns(5 if view.model_id else 4)
    back = fmt.count(len(to_call.held_back))
    _tile(columns[0], "To call", fmt.count(len(to_call.customers)), f"{back} held back", "worklist.py", session.link(view))
    for column, (tab, label) in zip(columns[1:], labels.items(), strict=False):
        _tile(
            column,
            label,
            fmt.count(tabs[tab].count),
            fmt.moneys(tabs[tab].sums) if len(tabs[tab].sums) < 3 else fmt.short_moneys(tabs[tab].sums),
            "open_invoices.py",
            session.link(view, tab=tab),
        )
    if view.model_id:
        risk = portfolio.tiles(cache.customers(view))
        everybody = portfolio.number_of_customers(cache.customers(view))
        _tile(
            columns[-1],
            "Customers mostly at risk",
            fmt.count(risk.customers_at_risk),
            f"of {fmt.count(everybody, 'customer')}",
            "customers.py",
            session.link(view),
        )


def _manager(view: View) -> None:
    """What is owed, how old it is, and how fast it turns into cash; of the currency with the most open invoices."""
    ranges = AgeRanges()
    aged = totals.aged(view, ranges)
    if not aged.totals:
        st.text("Nothing is open.")
        return
    total = min(aged.totals, key=lambda total: (-total.invoices, total.currency))
    money = total.currency
    past = total.receivables - total.parts[0]
    link = session.link(view, currency=money)
    tiles = [
        ("Receivables", total.receivables, fmt.count(total.invoices, "open invoice"), "receivables"),
        ("Past due", past, f"{fmt.percent(past / total.receivables if total.receivables else None)} of the receivables", ""),
        ("Over 90 days past due", total.parts[-1], "", ranges.columns[-1]),
    ]
    if total.unpaid is not None:
        tiles.append((f"Likely unpaid in {UNPAID_DAYS} days", total.unpaid, "outstanding × probability", "unpaid"))
    columns = st.columns(len(tiles))
    for column, (label, minor, below, cell) in zip(columns, tiles, strict=True):
        page, asked = ("ageing.py", {**link, "cell": cell}) if cell else ("figures.py", {**link, "figure": "add"})
        _tile(column, label, fmt.money(minor, money), below, page, asked)
    figures = totals.figures_over_time(view, portfolio.LedgerPart())
    months, ahead = figures.months[money], _cash_ahead(view, money)
    columns = st.columns(len(SHOWN) + bool(ahead))
    if ahead:
        span = fmt.round_range(*ahead.range_4, money) if ahead.range_4 else ""
        _tile(columns[0], f"Cash of the next {SOON} weeks", fmt.round_money(ahead.total(SOON), money), span, "cash.py", link)
    for column, name in zip(columns[bool(ahead) :], SHOWN, strict=True):
        words, now = KPIS[name], getattr(months[-1], name)
        before = getattr(months[-2], name) if len(months) > 1 else None
        below = f"{fmt.figure(before, words.unit)} a month before" if before is not None else ""
        _tile(column, words.label, fmt.figure(now, words.unit), below, "figures.py", {**link, "figure": name})
    others = [total for total in aged.totals if total.currency != money]
    if others:
        st.caption(
            f"In {messages.plain(money)}; besides, "
            f"{fmt.moneys({total.currency: total.receivables for total in others})} are owed."
        )


def _cash_ahead(view: View, money: str) -> "CurrencyForecast | None":
    """The cash forecast of a currency; None where no model speaks, or it says no dates."""
    if not view.model_id:
        return None
    try:
        forecasts = totals.cash(view, totals.plan(view)).forecasts()
    except Refused as refused:
        if refused.code in SILENT:
            return None
        raise
    return next((forecast for forecast in forecasts if forecast.currency == money), None)


def _power_user(view: View) -> None:
    """Which model speaks, how old it is, and where its proof is."""
    held = view.held
    in_force = held.published.of(ALL_COMPANIES)
    record = held.model(view.model_id) if view.model_id else None
    trained = fmt.day(record.trained_as_of) if record else fmt.NOTHING
    columns = st.columns(3)
    link = session.link(view)
    _tile(
        columns[0],
        "Models",
        fmt.count(len(held.models)),
        "one is published" if in_force else "none is published",
        "models.py",
        link,
    )
    _tile(columns[1], "What speaks was trained as of", trained, "" if record else "no model for this day", "models.py", link)
    replayed = backtest.kept(view, backtest.recipe(view), ())
    proof = fmt.count(replayed.report.rows, "case") if replayed else fmt.NOTHING
    below = f"on {fmt.count(len(replayed.dates), 'past day')}, replayed" if replayed else "nothing is replayed yet"
    _tile(columns[2], "Proof from the past", proof, below, "trust.py", link)
