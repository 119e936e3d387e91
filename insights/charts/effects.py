"""What do the effects of fields look like? A strip of points each, one beside another, pairs, and one invoice step by step.

As in `charts`: plain values in, plotly figures out, for light and dark.
"""

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from insights.charts.figures import COLOURS, LINE, NEUTRAL, bars, distinct, finished, label

Floats = npt.NDArray[np.floating[Any]]

BETTER, WORSE = COLOURS["on_time"], COLOURS["very_late"]
MOST_POINTS = 400  # of a field in a strip
GOLDEN = 0.618033988749895  # its multiples spread evenly
TICKS = (
    0.001,
    0.002,
    0.005,
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.3,
    0.4,
    0.5,
    0.6,
    0.7,
    0.8,
    0.9,
    0.95,
    0.98,
    0.99,
    0.995,
    0.998,
    0.999,
)
LEAST = 0.005  # below it, a share would be rounded to none
NARROWEST = 1.2  # log-odds along an axis
ROOMY = 0.09  # of the axis, between two of its ticks
SAID = {"on_time": "Probability of on time", "very_late": "Probability of very late"}


def steps(base: float, moves: Sequence[tuple[str, float]], *, of: str = "on_time") -> go.Figure:
    """From an average invoice to this one: (name, log-odds) in the order drawn, which add up along the axis.

    The axis is in log-odds and says probabilities. What helps payment is blue, what harms it orange.
    """
    good = 1 if of == "on_time" else -1
    ends = list(accumulate((move for _, move in moves), initial=base))
    span = max(ends) - min(ends)
    room = max(0.16 * span, (NARROWEST - span) / 2)
    left, right = min(ends) - room, max(ends) + room
    said = [_percent(base), *(f"{_percent(one)} to {_percent(other)}" for one, other in pairwise(ends)), _percent(ends[-1])]
    figure = go.Figure(
        go.Bar(
            y=distinct(["On average", *(label(name) for name, _ in moves), "This invoice"]),
            x=[base - left, *(move for _, move in moves), ends[-1] - left],
            base=[left, *ends[:-1], left],
            orientation="h",
            text=[said[0], *[""] * len(moves), said[-1]],
            textposition="outside",
            cliponaxis=False,
            marker={"color": [NEUTRAL, *(BETTER if move * good >= 0 else WORSE for _, move in moves), NEUTRAL]},
            customdata=said,
            hovertemplate="%{y}: %{customdata}<extra></extra>",
        )
    )
    ticks = _apart([tick for tick in TICKS if left < _log_odds(tick) < right], ROOMY * (right - left))
    names = [f"{100 * tick:g}%" for tick in ticks]
    figure.update_xaxes(
        range=[left, right], tickvals=[_log_odds(tick) for tick in ticks], ticktext=names, title=SAID[of], gridcolor=LINE,
        zeroline=False,
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", automargin=True)
    return finished(figure, height=110 + 30 * len(ends), legend=False)


def _apart(ticks: Sequence[float], room: float) -> list[float]:
    """Those of some probabilities that stand apart on an axis of log-odds, the ones nearest to a half first."""
    kept: list[float] = []
    for tick in sorted(ticks, key=lambda each: abs(each - 0.5)):
        if all(abs(_log_odds(tick) - _log_odds(other)) >= room for other in kept):
            kept.append(tick)
    return sorted(kept)


def _log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


def _percent(log_odds: float) -> str:
    """A probability given as log-odds, never as certain."""
    share = 1 / (1 + math.exp(-log_odds))
    return "<1%" if share < LEAST else ">99%" if share >= 1 - LEAST else f"{share:.0%}"


def effects(labels: Sequence[str], values: Sequence[Floats], moves: Sequence[Floats]) -> go.Figure:
    """One strip of points per field, the first on top: how far each value moves the log-odds; low values blue, high ones orange.

    `values` and `moves`: one array per field, of equal lengths; a missing value (NaN) is grey.
    """
    figure = go.Figure()
    for at, (name, own, moved) in enumerate(zip(labels, values, moves, strict=True)):
        some = np.linspace(0, len(own) - 1, min(len(own), MOST_POINTS)).astype(int)
        spread = (np.arange(len(some)) * GOLDEN) % 1 - 0.5  # no chance: the same points every time
        figure.add_scatter(
            x=moved[some],
            y=at + spread * 0.6,
            mode="markers",
            marker=_by_value(_rank(own)[some]),
            customdata=own[some],
            hovertemplate=f"{label(name, 48)}: %{{customdata:,.3g}}<br>%{{x:+.2f}} log-odds<extra></extra>",
        )
    ticks = [label(name, 48) for name in labels]
    figure.update_yaxes(autorange="reversed", tickvals=list(range(len(ticks))), ticktext=ticks, automargin=True, zeroline=False)
    figure.update_xaxes(
        title="Less likely on time  ←  log-odds  →  more likely", zeroline=True, zerolinecolor=NEUTRAL, gridcolor=LINE
    )
    return finished(figure, height=90 + 34 * max(len(labels), 2), legend=False)


def dependence(name: str, values: Floats, moves: Floats, other: str, colours: Floats, *, together: bool = False) -> go.Figure:
    """Every value of one field against how far it moves the log-odds, coloured by the value of another field.

    `together`: `moves` is what the two do together, beyond what each does alone.
    """
    figure = go.Figure(
        go.Scatter(
            x=values,
            y=moves,
            mode="markers",
            marker=_by_value(_rank(colours)),
            customdata=colours,
            hovertemplate=f"{label(name, 48)}: %{{x:,.3g}}<br>{label(other, 48)}: %{{customdata:,.3g}}<extra>%{{y:+.2f}}</extra>",
        )
    )
    what = "Both together move the log-odds" if together else "Moves the log-odds of on time"
    figure.update_xaxes(title=label(name, 60), gridcolor=LINE, zeroline=False)
    figure.update_yaxes(title=what, zeroline=True, zerolinecolor=NEUTRAL, gridcolor=LINE)
    return finished(figure, height=360, legend=False)


def _rank(values: Floats) -> Floats:
    """Each value's place among all, 0 (lowest) to 1; NaN stays NaN."""
    known = np.flatnonzero(~np.isnan(values))
    ranks = np.full(len(values), np.nan)
    distinct, place = np.unique(values[known], return_inverse=True)
    ranks[known] = place / max(len(distinct) - 1, 1)
    return ranks


def _by_value(ranks: Floats) -> dict[str, object]:
    """Markers from blue (low) over grey to orange (high)."""
    scale = [[0, COLOURS["on_time"]], [0.5, "#A9B4C2"], [1, COLOURS["very_late"]]]
    return {
        "size": 5,
        "opacity": 0.65,
        "color": np.nan_to_num(ranks, nan=0.5),
        "colorscale": scale,
        "cmin": 0,
        "cmax": 1,
        "line": {"width": 0},
    }


def pairs(names: Sequence[tuple[str, str]], strengths: Sequence[float]) -> go.Figure:
    """Horizontal bars of what two fields do together on average, in log-odds, the first on top."""
    labels = [f"{label(one, 44)}<br>× {label(other, 44)}" for one, other in names]
    said = [f"{strength:.3f}" for strength in strengths]
    return bars(labels, strengths, said, hover="%{y}: %{x:.3f} log-odds", each=40)
