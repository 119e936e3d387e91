"""What does a threshold mean for the week's work? Flags, calls and money at the one that is entered, and at all others."""

import pyarrow as pa
import streamlit as st

from insights import charts
from insights.services import thresholds
from insights.services.thresholds import Consequences
from insights.store.records import ModelRecord, Scope
from pages.ui.shared import cache, sheets, widgets
from pages.ui.shared import format as fmt
from pages.ui.shared.tiles import Tile, row
from pages.ui.shared.view import View

SHOWN = "Flag below"
CALLS = f"Calls in the next {thresholds.WEEK} days"
CAUGHT, WORTH = "Of those late, flagged", "Of those flagged, late"


def show(view: View, record: ModelRecord, scope: Scope, threshold: float) -> None:
    """Nothing as of days on which this model may not speak, and where no invoice can be paid on time any more."""
    if record.trained_as_of > view.as_of:
        return
    rows = cache.can_be_on_time(view, record.id, scope.company)
    if not len(rows):
        return
    now = thresholds.consequences(rows, view.as_of, threshold)
    row(
        Tile("Would be flagged", f"{fmt.count(now.flagged)} of {fmt.count(now.invoices)}", fmt.moneys(now.outstanding)),
        Tile(
            CALLS,
            fmt.count(now.calls),
            f"of {fmt.count(now.customers, 'flagged customer')}",
            "Customers with a flagged invoice that has to be paid within these days.",
        ),
        Tile(WORTH, fmt.percent(now.precision), _money_late(now), "As the model expects; Trust shows whether that held."),
        Tile(
            CAUGHT,
            fmt.percent(now.recall),
            f"about {fmt.count(round(now.late))} late in all",
            "The others are late without a warning: a higher threshold finds more of them, and costs more calls.",
        ),
    )
    with st.expander("What another threshold would mean", icon=":material/tune:"):
        _others(rows, view, threshold)


def _money_late(now: Consequences) -> str:
    return f"about {fmt.short_moneys(now.at_stake)} of it" if now.flagged else ""


def _others(rows: pa.Table, view: View, threshold: float) -> None:
    curve = thresholds.curve(rows, view.as_of)
    points = [(point.threshold, point.precision, point.recall) for point in curve]
    st.plotly_chart(
        charts.trade_off(points, threshold), key="expected_trade_off", config=widgets.STILL, alt="Threshold against both shares"
    )
    lines = [
        {
            SHOWN: fmt.percent(point.threshold),
            "Flagged": fmt.count(point.flagged),
            "Outstanding": fmt.moneys(point.outstanding),
            "of it late, about": fmt.short_moneys(point.at_stake),
            CALLS: fmt.count(point.calls),
            WORTH: fmt.percent(point.precision),
            CAUGHT: fmt.percent(point.recall),
        }
        for point in curve
    ]
    sheets.figures(lines, "Consequences of each threshold", key="thresholds", texts=0)
