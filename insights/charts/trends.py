"""How does a figure run over the months? A line, with the goal as another."""

from collections.abc import Sequence
from datetime import date

import plotly.graph_objects as go

from insights.charts.figures import COLOURS, LINE, NEUTRAL, finished


def trend(
    days: Sequence[date], values: Sequence[float | None], label: str, goal: float | None = None, *, share: bool = False
) -> go.Figure:
    """One figure as of some days, gaps where it is undefined; a share (0 to 1) is written in per cent."""
    written = ".0%" if share else ",.1f"
    figure = go.Figure(
        go.Scatter(
            x=list(days),
            y=list(values),
            mode="lines+markers",
            name=label,
            line={"color": COLOURS["on_time"], "width": 2.5},
            hovertemplate=f"As of %{{x|%d %b %Y}}<br>{label}: %{{y:{written}}}<extra></extra>",
        )
    )
    if goal is not None:
        figure.add_hline(
            y=goal,
            line={"color": COLOURS["very_late"], "dash": "dash", "width": 1.5},
            annotation={"text": f"Goal {goal:{written}}", "font": {"color": COLOURS["very_late"]}},
            annotation_position="top left",
        )
    figure.update_xaxes(showgrid=False, tickformat="%b %Y", tickvals=list(days)[:: len(days) // 9 + 1], linecolor=NEUTRAL)
    figure.update_yaxes(gridcolor=LINE, tickformat=written, rangemode="tozero" if share else "normal")
    return finished(figure, height=280, legend=False)
