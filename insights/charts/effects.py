"""What do the effects of fields look like? A strip of points each, one beside another, pairs, and one invoice step by step.

As in `charts`: plain values in, plotly figures out, for light and dark.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from textwrap import wrap
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from insights.charts.figures import COLOURS, LINE, NEUTRAL, bars, distinct, finished, label

Floats = npt.NDArray[np.floating[Any]]

BETTER, WORSE = COLOURS["on_time"], COLOURS["very_late"]
MOST_POINTS = 400  # of a field in a strip
GOLDEN = 0.618033988749895  # its multiples spread evenly
LEAST = 0.5  # per cent; below it, a share would be rounded to none
NARROWEST = 20  # percentage points along an axis
LINE_LENGTH = 24  # characters of a name beside a bar, before it goes on below
ROOM = 0.18  # of the way of the steps, beside them
SAID = {"on_time": "Probability of on time", "very_late": "Probability of very late"}


def steps(base: float, moves: Sequence[tuple[str, float]], *, of: str = "on_time") -> go.Figure:
    """From an average invoice (its probability, `base`) to this one: (name, percentage points) in the order drawn, which add up.

    What helps payment is blue, what harms it orange. The figures on the bars are rounded so that they add up, too: what
    rounding leaves over goes to the last one.
    """
    good = 1 if of == "on_time" else -1
    ends = list(accumulate((move for _, move in moves), initial=100 * base))
    room = max(ROOM * (max(ends) - min(ends)), (NARROWEST - max(ends) + min(ends)) / 2)
    left, right = min(ends) - room, max(ends) + room
    numbers = [round(move) for _, move in moves[:-1]]
    numbers += [round(ends[-1]) - round(ends[0]) - sum(numbers)] * bool(moves)
    spans = [_percent(ends[0]), *(f"{_percent(low)} to {_percent(other)}" for low, other in pairwise(ends)), _percent(ends[-1])]
    figure = go.Figure(
        go.Bar(
            y=distinct(["On average", *(_in_lines(name) for name, _ in moves), "This invoice"]),
            x=[ends[0] - left, *(move for _, move in moves), ends[-1] - left],
            base=[left, *ends[:-1], left],
            orientation="h",
            text=[spans[0], *(_signed(number) for number in numbers), spans[-1]],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            marker={"color": [NEUTRAL, *(BETTER if move * good >= 0 else WORSE for _, move in moves), NEUTRAL]},
            customdata=spans,
            hovertemplate="%{y}: %{customdata}<extra></extra>",
        )
    )
    figure.update_xaxes(range=[left, right], ticksuffix="%", nticks=6, title=SAID[of], gridcolor=LINE, zeroline=False)
    figure.update_yaxes(autorange="reversed", automargin=True)
    return finished(figure, height=110 + 34 * len(ends), legend=False)


def _in_lines(name: str) -> str:
    """A name in as many lines as it takes: beside bars there is little room."""
    return "<br>".join(label(line) for line in wrap(name, LINE_LENGTH))


def _signed(number: int) -> str:
    """Points on a bar, with a minus sign; none where there are none."""
    return f"{number:+d}".replace("-", "\N{MINUS SIGN}") if number else ""


def _percent(points: float) -> str:
    """A probability in per cent, never as certain."""
    return "<1%" if points < LEAST else ">99%" if points >= 100 - LEAST else f"{points:.0f}%"


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
    title = "Both together move the log-odds" if together else "Moves the log-odds of on time"
    figure.update_xaxes(title=label(name, 60), gridcolor=LINE, zeroline=False)
    figure.update_yaxes(title=title, zeroline=True, zerolinecolor=NEUTRAL, gridcolor=LINE)
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
    labels = [f"{label(field, 44)}<br>× {label(other, 44)}" for field, other in names]
    texts = [f"{strength:.3f}" for strength in strengths]
    return bars(labels, strengths, texts, hover="%{y}: %{x:.3f} log-odds", thickness=40)
