"""How does a cash forecast look? Weeks stacked by how certain each part is, the range, and what came before."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

import plotly.graph_objects as go

from insights.charts.figures import COLOURS, LINE, NEUTRAL, amount_text, finished, major, unit

CASH_LABELS: Final = {
    "paid": "Came in",
    "promised": "Promised",
    "likely": "Likely",
    "at_risk": "At risk",
    "not_invoiced": "Not yet invoiced",
}
CASH_COLOURS: Final = {
    "paid": NEUTRAL,
    "promised": "#009E73",
    "likely": COLOURS["on_time"],
    "at_risk": COLOURS["late"],
    "not_invoiced": COLOURS["not_due"],
}
CASH_PATTERNS: Final = {"promised": "", "likely": "", "at_risk": "/", "not_invoiced": ".", "paid": ""}


TICK: Final = timedelta(hours=63)  # half the width of a column of weeks: 0.75 of seven days


class PastWeek(NamedTuple):
    """What was said of a past week on its Monday, and what came; minor units."""

    start: date
    forecast: int
    came: int


def cash(
    starts: Sequence[date],
    parts: Mapping[str, Sequence[int]],
    ranges: Sequence[tuple[int, int] | None],
    due: Sequence[int],
    past: Sequence[PastWeek],
    currency: str,
) -> go.Figure:
    """Columns per period ahead stacked by `parts`, with ranges and a thin line of what falls due.

    Before them what came in past weeks, and ticks of what had been said. The customdata of whatever is drawn in a period begins
    with its number, so that a click anywhere there is one on the period.
    """
    figure = go.Figure()
    _came(figure, past, currency)
    for part, amounts in parts.items():
        _column(figure, starts, part, amounts, currency)
    _ranges(figure, starts, [sum(week) for week in zip(*parts.values(), strict=True)], ranges, currency)
    _had_been_said(figure, past, currency)
    _falls_due(figure, starts, due, currency)
    figure.update_layout(barmode="stack", bargap=0.25)
    figure.update_xaxes(showgrid=False)
    if _by_month(starts):
        figure.update_xaxes(type="category")
    else:
        every = [*(week.start for week in past), *starts]
        figure.update_xaxes(range=[every[0] - timedelta(days=5), every[-1] + timedelta(days=5)])
        # Left alone, Plotly names round days of its own, which are the start of no column.
        figure.update_xaxes(tickformat="%-d %b", tickvals=every[:: len(every) // 13 + 1])
    figure.update_yaxes(title=unit(currency), gridcolor=LINE, rangemode="tozero")
    return finished(figure, height=400)


def _by_month(starts: Sequence[date]) -> bool:
    return any(later - earlier > timedelta(weeks=1) for earlier, later in pairwise(starts))


def _places(starts: Sequence[date]) -> list[date] | list[str]:
    """Where the columns of the periods stand: on their first days; months side by side, since a first one may have a day left."""
    return [f"{start:%b %Y}" for start in starts] if _by_month(starts) else list(starts)


def _came(figure: go.Figure, past: Sequence[PastWeek], currency: str) -> None:
    """What came in past weeks; nothing where there are none."""
    if past:
        figure.add_bar(
            x=[week.start for week in past],
            y=[major(week.came, currency) for week in past],
            name=CASH_LABELS["paid"],
            marker={"color": CASH_COLOURS["paid"], "opacity": 0.55},
            hovertemplate=f"Week of %{{x|%d %b %Y}}<br>came in: {amount_text('y', currency)}<extra></extra>",
        )


def _column(figure: go.Figure, starts: Sequence[date], part: str, amounts: Sequence[int], currency: str) -> None:
    """One layer of the columns."""
    figure.add_bar(
        x=_places(starts),
        y=[major(amount, currency) for amount in amounts],
        hovertext=[f"{start:%d %b %Y}" for start in starts],
        name=CASH_LABELS[part],
        marker={"color": CASH_COLOURS[part], "pattern": {"shape": CASH_PATTERNS[part], "size": 6, "solidity": 0.25}},
        customdata=[[number] for number in range(len(starts))],
        hovertemplate=f"From %{{hovertext}}<br>{CASH_LABELS[part]}: {amount_text('y', currency)}<extra></extra>",
    )


def _ranges(
    figure: go.Figure, starts: Sequence[date], totals: Sequence[int], ranges: Sequence[tuple[int, int] | None], currency: str
) -> None:
    """Whiskers around the totals of the periods that have a range."""
    numbered = enumerate(zip(starts, totals, ranges, strict=True))
    banded = [(number, start, total, span) for number, (start, total, span) in numbered if span]
    if not banded:
        return
    lows, highs = ([major(span[side], currency) for *_, span in banded] for side in (0, 1))
    middle = [major(total, currency) for _, _, total, _ in banded]
    figure.add_scatter(
        x=[start for _, start, _, _ in banded],
        y=middle,
        mode="markers",
        marker={"size": 1, "color": NEUTRAL},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [high - value for high, value in zip(highs, middle, strict=True)],
            "arrayminus": [value - low for low, value in zip(lows, middle, strict=True)],
            "color": NEUTRAL,
            "thickness": 2,
            "width": 6,
        },
        name="80 % range",
        customdata=[[number, low, high] for (number, *_), low, high in zip(banded, lows, highs, strict=True)],
        hovertemplate="80 % range: %{customdata[1]:,.0f} to %{customdata[2]:,.0f}<extra></extra>",
    )


def _had_been_said(figure: go.Figure, past: Sequence[PastWeek], currency: str) -> None:
    """Ticks of what had been said of past weeks on their Mondays, as wide as the columns, however wide these are drawn."""
    if past:
        ends: list[tuple[datetime | None, float | None, str]] = []
        for week in past:
            monday, amount = datetime.combine(week.start, time()), major(week.forecast, currency)
            ends += [(monday + at * TICK, amount, f"{week.start:%d %b %Y}") for at in (-1, 0, 1)]
            ends.append((None, None, ""))  # lifts the pen
        figure.add_scatter(
            x=[at for at, _, _ in ends],
            y=[amount for _, amount, _ in ends],
            text=[monday for _, _, monday in ends],
            mode="lines",
            line={"color": COLOURS["on_time"], "width": 4},
            name="Expected on its Monday",
            hovertemplate=f"Week of %{{text}}<br>expected on its Monday: {amount_text('y', currency)}<extra></extra>",
        )


def _falls_due(figure: go.Figure, starts: Sequence[date], due: Sequence[int], currency: str) -> None:
    """The dotted line."""
    figure.add_scatter(
        x=_places(starts),
        y=[major(amount, currency) for amount in due],
        hovertext=[f"{start:%d %b %Y}" for start in starts],
        mode="lines",
        line={"color": COLOURS["very_late"], "width": 2, "dash": "dot"},
        name="Falls due",
        customdata=[[number] for number in range(len(starts))],
        hovertemplate=f"From %{{hovertext}}<br>falls due: {amount_text('y', currency)}<extra></extra>",
    )
