"""How does a cash forecast look: choices, tiles, the chart of weeks, and the same figures as a table?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from insights import charts, messages
from insights.ledger.ledger import Ints, as_date
from insights.portfolio import cash
from insights.portfolio.cash import CurrencyForecast
from insights.portfolio.customer_groups import Customers, of_customers
from insights.portfolio.snapshot import flagged
from insights.services.cash import CashBook
from pages.ui.shared import choices, one_currency, query_params, session, sheets, whose, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.tiles import Tile, row
from pages.ui.shared.view import View

PERIODS = {cash.BY_WEEK: "Weeks", cash.BY_DAY: "Days", cash.BY_MONTH: "Months"}
PAST = 8  # weeks drawn before the as-of date
ALT = "Cash expected, stacked by how certain it is"
WEEK = "week"  # of the address: which week's invoices
CUSTOMER = "of"  # of the address: whose cash, company and customer id
MOST = 100  # customers to choose from
OWING = ["company", "customer_id", "customer_name", "currency", "outstanding"]
BETWEEN = "\n"  # company and customer id, in the address and in what-ifs that are kept
SHOW = "show"  # of the address: what stands below the chart
FIGURES, INVOICES, SHORT, SUPPOSED, BEFORE, PROOF = "figures", "invoices", "short", "what_if", "then", "proof"
SHOWN = {
    FIGURES: "The figures",
    INVOICES: "A week's invoices",
    SHORT: "Who falls short",
    SUPPOSED: "What if",
    BEFORE: "Then and now",
    PROOF: "How good it was",
}


@dataclass(frozen=True)
class WantedCash:
    """What the address asks for."""

    currency: str
    company: str | None  # None: all
    period: str


def customer_asked(whole: CashBook) -> Customers | None:
    """The one customer that the address asks for, if anything of theirs is open; None for all."""
    company, _, customer_id = query_params.get(CUSTOMER).partition(BETWEEN)
    alone = frozenset({(company, customer_id)})
    return alone if customer_id and of_customers(whole.rows, alone).any() else None


def largest(rows: pa.Table, many: int) -> dict[str, dict[str, Any]]:
    """Company and customer id, as the address has them -> whoever owes most (`cash.who_owes_most`)."""
    owing = cash.who_owes_most(rows, many).to_pylist()
    return {f"{row['company']}{BETWEEN}{row['customer_id']}": row for row in owing}


def _ask_customer(everybody: CashBook, currency: str) -> None:
    """Draws what `customer_asked` reads: those who owe most, and whoever the address asks for."""
    everywhere = WantedCash(currency, None, "")
    owing = everybody.once(
        "owing", currency, None, lambda: largest(of_view(everybody.rows.select(OWING), everywhere), MOST)
    )  # without the days of each invoice: of many they are large
    known = {key: row["customer_name"] for key, row in owing.items()}
    now = query_params.get(CUSTOMER)
    if now not in known and (mine := customer_asked(everybody)):
        known[now] = everybody.rows.filter(pa.array(of_customers(everybody.rows, mine)))["customer_name"][-1].as_py()
    choices.menu("Customer", CUSTOMER, {"": "All"} | {key: messages.plain(name) for key, name in known.items()}, width=220)


def asked(view: View, book: CashBook, owed: Sequence[str], everybody: CashBook) -> WantedCash:
    """Draws the choices, which live in the URL, and gives what they say.

    `owed`: the currencies as they are; `everybody`: what `book` is a part of, in its currencies.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls-in-a-line"):
        currency = choices.side_by_side("Currency", "currency", choices.names_of_currencies(book.currencies or owed))
        one_currency.ask(owed)
        whose.ask(view)
        period = choices.side_by_side("By", "period", PERIODS)
        company = choices.company(book.companies)
        _ask_customer(everybody, currency)
    return WantedCash(currency, company, period)


def forecast(book: CashBook, wanted: WantedCash) -> CurrencyForecast:
    """The forecast of what is wanted; of a company without the currency all is 0."""
    mine = {made.currency: made for made in book.forecasts(wanted.company)}
    return mine.get(wanted.currency) or cash.nothing(wanted.currency, book.as_of)


def of_view(table: pa.Table, wanted: WantedCash) -> pa.Table:
    """The rows of the currency and company."""
    kept = pc.equal(table["currency"], wanted.currency)
    return table.filter(kept if wanted.company is None else pc.and_(kept, pc.equal(table["company"], wanted.company)))


def tiles(forecast: CurrencyForecast) -> None:
    """The next four and thirteen weeks with their ranges, and what stands behind them."""

    def between(span: tuple[int, int] | None) -> str:
        return fmt.round_range(*span, forecast.currency) if span else "no range"

    beyond = forecast.later + forecast.never
    row(
        Tile("Next 4 weeks", fmt.round_money(forecast.total(4), forecast.currency), between(forecast.range_4), RANGE),
        Tile("Next 13 weeks", fmt.round_money(forecast.total(13), forecast.currency), between(forecast.range_13), RANGE),
        Tile(
            "Of these not invoiced yet",
            fmt.round_money(sum(week.not_invoiced for week in forecast.weeks), forecast.currency),
            "from invoices to come",
            "What past weeks received from invoices issued later, as a share of the book and of four weeks' invoicing then.",
        ),
        Tile(
            "Receivables",
            fmt.round_money(forecast.outstanding, forecast.currency),
            f"{fmt.round_money(beyond, forecast.currency)} later, or never",
            "The open invoices of all weeks, and what comes later or never, are the receivables, to the cent.",
        ),
    )


RANGE = "In four of five past weeks what came was within such a range. It rests on the same forecast, made on past Mondays."


@dataclass(frozen=True)
class Drawn:
    """The periods of a forecast: their first days, each part's amounts, what falls due."""

    starts: tuple[Any, ...]
    parts: dict[str, Ints]
    due: Ints


def drawn(view: View, book: CashBook, forecast: CurrencyForecast, wanted: WantedCash) -> Drawn:
    """The forecast by period and certainty; every total is that of the forecast."""
    by_day, due = book.once("by_day", wanted.currency, wanted.company, lambda: _by_day(view, book, forecast, wanted))
    starts, of = cash.periods(book.as_of, wanted.period)
    parts = {
        part: cash.by_period(amounts, of)
        for part, amounts in by_day.items()
        if amounts.any() or part in (cash.LIKELY, cash.AT_RISK)
    }
    return Drawn(starts, parts, cash.by_period(due, of))


def _by_day(view: View, book: CashBook, forecast: CurrencyForecast, wanted: WantedCash) -> tuple[dict[str, Ints], Ints]:
    """What comes on each day by certainty, and what falls due; a book is of one view, with its thresholds."""
    rows = of_view(book.agreed, wanted)
    mine = np.isin(book.agreed["position"].to_numpy(), rows["position"].to_numpy())
    promised = cash.promised_days(book.agreed, book.moves, book.as_of)[mine]
    risky = flagged(rows["p_on_time"].to_numpy(), view.thresholds(rows))
    later = np.array([week.not_invoiced for week in forecast.weeks], np.int64)
    return cash.certainty(rows, risky, promised, later, book.as_of), cash.due_by_day(rows, book.as_of)


def past(book: CashBook, wanted: WantedCash) -> list[charts.PastWeek]:
    """The last past Mondays that are kept: what had been said of their week, and what came."""
    replayed = cash.of_currency(book.replays, wanted.currency, book.as_of, wanted.company)
    over = np.flatnonzero(cash.known(replayed, book.as_of)[:, 0])[-PAST:]
    weeks = zip(replayed.days[over].tolist(), replayed.total[over, 0].tolist(), replayed.came[over, 0].tolist(), strict=True)
    return [charts.PastWeek(as_date(monday), round(total), round(came)) for monday, total, came in weeks]


def chart(view: View, book: CashBook, forecast: CurrencyForecast, wanted: WantedCash) -> None:
    """The columns; a click on one of a week opens its invoices."""
    shown = drawn(view, book, forecast, wanted)
    weekly = wanted.period == cash.BY_WEEK
    ranges = [week.range for week in forecast.weeks] if weekly else [None] * len(shown.starts)
    figure = charts.cash(
        shown.starts,
        {part: amounts.tolist() for part, amounts in shown.parts.items()},
        ranges,
        shown.due.tolist(),
        past(book, wanted) if weekly else [],
        wanted.currency,
    )
    key = f"cash-{wanted.currency}-{wanted.company}-{wanted.period}"
    with st.container(border=True):
        if weekly:
            st.plotly_chart(
                figure, key=key, config=widgets.STILL, alt=ALT, on_select=lambda: on_click(key), selection_mode="points"
            )
        else:
            st.plotly_chart(figure, key=key, config=widgets.STILL, alt=ALT)


def on_click(key: str) -> None:
    """A column was clicked (a callback): its week's invoices."""
    if (number := session.picked_point(key)) is not None:
        query_params.set_params(**{WEEK: str(number + 1), SHOW: INVOICES})


def table(view: View, book: CashBook, forecast: CurrencyForecast, wanted: WantedCash) -> None:
    """The figures of the chart."""
    shown = drawn(view, book, forecast, wanted)
    money = wanted.currency
    lines = []
    for number, start in enumerate(shown.starts):
        week = forecast.weeks[number] if wanted.period == cash.BY_WEEK else None
        amounts = {charts.CASH_LABELS[part]: fmt.amount(int(values[number]), money) for part, values in shown.parts.items()}
        total = sum(int(values[number]) for values in shown.parts.values())
        line = {"From": fmt.day(start), **amounts, "Together": fmt.amount(total, money)}
        if week:
            low, high = week.range or (None, None)
            line |= {"80 % range: from": fmt.amount(low, money), "to": fmt.amount(high, money)}
        lines.append(line | {"Falls due": fmt.amount(int(shown.due[number]), money)})
    sheets.figures(lines, ALT, key="weeks")
    st.caption(
        f"Open invoices of these 13 weeks {fmt.money(sum(week.open_book for week in forecast.weeks), money)}, later "
        f"{fmt.money(forecast.later, money)}, probably never {fmt.money(forecast.never, money)}: together the receivables of "
        f"{fmt.money(forecast.outstanding, money)}. What is past due falls due in none of these weeks, but is expected in them."
    )
