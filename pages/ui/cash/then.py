"""What did we say on an earlier day, what do we say now, and what came?"""

import streamlit as st

from insights.portfolio.cash import ThenAndNow
from insights.services import cash as cash_service
from insights.services.cash import CashBook
from pages.ui.cash.weeks import WantedCash
from pages.ui.shared import format as fmt
from pages.ui.shared import query_params, session, sheets
from pages.ui.shared.view import View


def show(view: View, book: CashBook, wanted: WantedCash) -> None:
    """An earlier forecast of the address beside today's, the change explained."""
    forecasts = cash_service.shown_before(session.workspace(), view.ledger.id, view.as_of, view.visible)
    earlier = {forecast.as_of.isoformat(): forecast for forecast in forecasts}
    if not earlier:
        st.text(
            "No forecast of an earlier day is kept, of which some days are still ahead. Each one that this screen or the "
            "command forecast shows is kept, and stands here beside the later ones."
        )
        return
    now = query_params.one_of("then", list(earlier))
    st.selectbox(
        "What was said as of",
        list(earlier),
        format_func=lambda shown: fmt.day(earlier[shown].as_of),
        key=session.bind("then", now),
        on_change=session.on_filter_change,
        args=("then",),
        width=240,
    )
    both = cash_service.compared(book, earlier[now], view.ledger, wanted.currency, wanted.company)
    then, today = fmt.day(earlier[now].as_of), fmt.day(view.as_of)
    st.text(f"Of the days from {then} to before {today}")
    sheets.figures(lines(since(both), wanted.currency), "What was said of the days since, and what came", key="since")
    st.text(f"Of the days from {today} on that both forecasts speak of, open invoices alone")
    sheets.figures(
        lines(ahead(both, then, today), wanted.currency), "What changed in what is said of the days ahead", key="ahead"
    )


def since(both: ThenAndNow) -> dict[str, int]:
    return {
        "Said then of the open invoices": both.since_said,
        "Came from them": both.since_came,
        "Difference": both.since_came - both.since_said,
        "Came from invoices issued since": both.since_came_new,
    }


def ahead(both: ThenAndNow, then: str, today: str) -> dict[str, int]:
    return {
        f"Said on {then}": both.ahead_then,
        "New invoices": both.new,
        "Settled since": both.settled,
        "Moved to other days": both.moved,
        "Promises, disputes and overrides": both.agreed,
        f"Said on {today}": both.ahead_now,
    }


def lines(amounts: dict[str, int], currency: str) -> list[dict[str, str]]:
    return [{"What": name, "Amount": fmt.amount(amount, currency)} for name, amount in amounts.items()]
