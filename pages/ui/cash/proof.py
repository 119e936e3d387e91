"""What do the ranges of a cash forecast rest on, and how good was it on past Mondays?"""

import streamlit as st

from insights.access import Capability
from insights.evaluation.cash_quality import HorizonQuality, cash_quality, pooled_coverage
from insights.messages.cash import no_range
from insights.portfolio import cash
from insights.portfolio.cash import CurrencyForecast
from insights.services import background
from insights.services.cash import CashBook
from pages.ui.cash.weeks import WantedCash
from pages.ui.shared import choices, job_progress, session, sheets
from pages.ui.shared import format as fmt
from pages.ui.shared.view import View

JOB = "cash_job"  # what the tab remembers
LAYERS = {cash.TOTAL: "Everything that comes in", cash.OPEN: "Open invoices alone"}
WAYS = {
    "ours": "This forecast",
    "due": "Due date",
    "usual": "Customer's usual delay",
    "trailing": "Mean of 13 weeks before",
}


def offer(view: View, forecast: CurrencyForecast, whole: CashBook) -> None:
    """Why there is no range, and the button that replays past Mondays; its progress while it runs.

    No button where those of the `whole` ledger are kept: of a part of it there are no more.
    """
    running = job_progress.goes_on(JOB, lambda _: st.rerun(), adopts=("cash", view.ledger.id))
    if forecast.judged >= forecast.fewest:
        return
    with st.container(gap="small"):
        st.text(no_range(forecast.currency, forecast.judged, forecast.fewest), width="stretch")
        enough = any(made.judged >= made.fewest for made in whole.forecasts())
        if enough or not view.usual or not session.person().may(Capability.PLAN):
            return
        if st.button("Replay past weeks", icon=":material/history:", disabled=running, key="replay_cash"):
            job_id = background.replay_cash(session.workspace(), view.ledger.id, view.as_of, actor=session.person())
            session.remember(JOB, job_id)
            st.rerun()


def show(book: CashBook, wanted: WantedCash) -> None:
    """Errors, bias and ranges by horizon, beside simple ways."""
    past = cash.of_currency(book.replays, wanted.currency, book.as_of, wanted.company)
    of = choices.side_by_side("Of what", "layer", LAYERS)
    judged = cash_quality(past, book.as_of, of)
    if not judged[0].judged:
        st.text("Nothing is replayed yet: the forecast of past Mondays, made on what was known then, shows how good it is.")
        return
    held, many = pooled_coverage(past, book.as_of, of)
    st.text(
        f"The forecast of {fmt.count(judged[0].judged, 'past Monday')}, made on what was known then, against what came. "
        + (
            f"Of {fmt.count(many, 'range')} of weeks 1 to 6, {fmt.percent(held)} held; they are meant to hold 80%."
            if many
            else ""
        )
    )
    sheets.figures([line(horizon) for horizon in judged], "How far off past Mondays were, by how far ahead", key="proof")
    st.caption(
        "Off by: the sum of what each week was off, as a share of what came (WAPE). Too much: what was said too much or (below "
        "0) too little over all weeks. The simple ways stand beside it, also where they are better."
    )


def line(horizon: HorizonQuality) -> dict[str, str]:
    begin, end = horizon.weeks
    return {
        "Weeks ahead": str(end) if end - begin == 1 else f"1 to {end} together",
        "Judged": fmt.count(horizon.judged),
        **{f"Off by: {WAYS[way]}": fmt.percent(error) for way, error in horizon.errors.items()},
        "Too much": fmt.percent(horizon.bias) if (horizon.bias or 0) >= 0 else f"−{fmt.percent(-(horizon.bias or 0))}",
        "Ranges": fmt.count(horizon.ranges),
        "Held": fmt.percent(horizon.held),
        "Width": fmt.percent(horizon.width),
    }
