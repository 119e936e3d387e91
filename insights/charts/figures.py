"""What does it look like? Plain values and tables in, plotly figures out.

Buckets always have the same three colours, told apart by colour-blind eyes too, and patterns besides. Backgrounds are
transparent and lines half so, and the text colour is left to the theme: every figure stands in light and in dark.
Plotly renders a little HTML, so names are escaped before they become labels; `customdata` holds ids as they are.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.money import NO_CURRENCY, decimal_text, exponent
from insights.ledger.outcomes import BUCKETS

NEUTRAL = "#7A869A"
OWED = ("not_due", "overdue")  # what a ledger tells without a model
LABELS = {"on_time": "On time", "late": "Late", "very_late": "Very late", "not_due": "Not yet due", "overdue": "Overdue"}
COLOURS = {"on_time": "#0072B2", "late": "#E69F00", "very_late": "#D55E00", "not_due": "#56B4E9", "overdue": NEUTRAL}
PATTERNS = {"on_time": "", "late": "/", "very_late": "x", "not_due": "", "overdue": "/"}
LINE = "rgba(128, 138, 150, 0.28)"
LONGEST_LABEL = 34
STRONG = 0.5  # share from which a cell is dark in both themes
OTHERS = ""  # the customer id of the bar that holds everybody else


def customers(ranked: pa.Table, currency: str, parts: Sequence[str] = BUCKETS, *, top: int = 15) -> go.Figure:
    """Stacked bars of a table of `portfolio.customers` (or `owing`, with `parts=OWED`) of one currency, the rest as "others".

    Each point's customdata is [company, customer id, share of the customer's outstanding in text].
    """
    shown = ranked.slice(0, top).select(["company", "customer_id", "customer_name", "outstanding", *parts]).to_pylist()
    if rest := len(ranked) - len(shown):
        sums = {name: pc.sum(ranked.slice(top)[name]).as_py() for name in ("outstanding", *parts)}
        shown.append({"company": "", "customer_id": OTHERS, "customer_name": f"{rest:,} others", **sums})
    figure = go.Figure()
    names = distinct([label(row["customer_name"]) for row in shown])
    for part in parts:
        figure.add_bar(
            y=names,
            x=[major(row[part], currency) for row in shown],
            name=LABELS[part],
            orientation="h",
            marker=_marker(part),
            customdata=[(row["company"], row["customer_id"], _share(row[part], row["outstanding"])) for row in shown],
            hovertemplate=f"%{{y}}<br>{LABELS[part]}: {amount_text('x', currency)} (%{{customdata[2]}})<extra></extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.35)
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_xaxes(title=unit(currency), showgrid=True, gridcolor=LINE, zeroline=False)
    return finished(figure, height=110 + 30 * max(len(shown), 2))


def probabilities(p: Sequence[float]) -> go.Figure:
    """One bar of 100 per cent, parted by the three probabilities (on time, late, very late)."""
    return parted(BUCKETS, p)


def parted(parts: Sequence[str], shares: Sequence[float]) -> go.Figure:
    """One bar of 100 per cent, parted by the shares of buckets (or of OWED)."""
    figure = go.Figure()
    for part, share in zip(parts, shares, strict=True):
        figure.add_bar(
            y=[""],
            x=[share],
            name=LABELS[part],
            orientation="h",
            marker=_marker(part),
            hovertemplate=f"{LABELS[part]}: %{{x:.1%}}<extra></extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.1)
    figure.update_xaxes(range=[0, 1], visible=False)
    figure.update_yaxes(visible=False)
    return finished(figure, height=90)


def history(months: pa.Table, currency: str = "") -> go.Figure:
    """Columns per month of a table made by `portfolio.payment_history`: of numbers, or of amounts if a currency is named."""
    names = [f"{first:%b %Y}" for first in months["month"].to_pylist()]
    figure = go.Figure()
    for bucket in BUCKETS:
        values = months[bucket].to_pylist()
        figure.add_bar(
            x=names,
            y=[major(minor, currency) for minor in values] if currency else values,
            name=LABELS[bucket],
            marker=_marker(bucket),
            hovertemplate=f"%{{x}}<br>{LABELS[bucket]}: {amount_text('y', currency) if currency else '%{y:,}'}<extra></extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.3)
    figure.update_xaxes(type="category")
    figure.update_yaxes(title=unit(currency) if currency else "Invoices settled", gridcolor=LINE, rangemode="tozero")
    return finished(figure, height=280)


def ageing(ages: Sequence[str], amounts: Sequence[int], currency: str, *, height: int = 280) -> go.Figure:
    """Columns of what is owed by age; what is not yet due stands apart by its colour."""
    figure = go.Figure(
        go.Bar(
            x=list(ages),
            y=[major(amount, currency) for amount in amounts],
            marker={"color": [COLOURS["not_due"], *[NEUTRAL] * (len(ages) - 1)]},
            hovertemplate=f"%{{x}}: {amount_text('y', currency)}<extra></extra>",
        )
    )
    figure.update_layout(bargap=0.35)
    figure.update_xaxes(type="category", title="Days past due")
    figure.update_yaxes(title=unit(currency), gridcolor=LINE, rangemode="tozero")
    return finished(figure, height=height, legend=False)


def confusion(counts: Sequence[Sequence[int]]) -> go.Figure:
    """Invoices by what happened (rows) and what was most probable (columns), shaded by the share of their row."""
    names = [LABELS[bucket] for bucket in BUCKETS]
    shares = [[count / (sum(row) or 1) for count in row] for row in counts]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=names,
            y=names,
            customdata=list(counts),
            zmin=0,
            zmax=1,
            colorscale=[
                [0, "rgba(0, 84, 135, 0.05)"],
                [STRONG, "rgba(0, 84, 135, 0.26)"],
                [STRONG, "rgba(0, 84, 135, 0.85)"],
                [1, "rgba(0, 84, 135, 1)"],
            ],
            showscale=False,
            xgap=3,
            ygap=3,
            hovertemplate="Happened: %{y}<br>Predicted: %{x}<br>%{customdata:,} invoices, %{z:.0%}<extra></extra>",
        )
    )
    for row, happened in enumerate(names):
        for column, guessed in enumerate(names):
            share = shares[row][column]
            # On a strong shade the text is white, on a weak one the theme decides.
            colour = {"color": "white"} if share >= STRONG else {}
            text = f"{counts[row][column]:,}<br>{share:.0%}"
            figure.add_annotation(x=guessed, y=happened, text=text, showarrow=False, font={"size": 13, **colour})
    figure.update_yaxes(autorange="reversed", title="What happened", showgrid=False)
    figure.update_xaxes(title="What was most probable", side="bottom", showgrid=False)
    return finished(figure, height=300, legend=False)


def importance(labels: Sequence[str], shares: Sequence[float]) -> go.Figure:
    """Horizontal bars of each field's share of the influence, the first on top."""
    texts = [f"{share:.0%}" if share >= 0.01 else "<1%" for share in shares]
    return bars([label(text, 48) for text in labels], shares, texts, hover="%{y}: %{x:.1%}", thickness=26)


def bars(labels: Sequence[str], values: Sequence[float], texts: Sequence[str], *, hover: str, thickness: int) -> go.Figure:
    """Horizontal bars, the first on top, with the text beside each; `hover`: a template, `thickness`: pixels of a bar."""
    figure = go.Figure(
        go.Bar(
            y=distinct(list(labels)),
            x=list(values),
            orientation="h",
            text=list(texts),
            textposition="outside",
            cliponaxis=False,
            marker={"color": COLOURS["on_time"]},
            hovertemplate=f"{hover}<extra></extra>",
        )
    )
    figure.update_xaxes(visible=False, range=[0, max(values, default=1) * 1.15])
    figure.update_yaxes(autorange="reversed", automargin=True)
    return finished(figure, height=60 + thickness * max(len(labels), 2), legend=False)


def replayed(days: Sequence[date], series: Mapping[str, Sequence[float | None]]) -> go.Figure:
    """A line per series over past as-of dates; the first, our own, stands out. Lower is better."""
    figure = go.Figure()
    looks = [
        (COLOURS["on_time"], "solid", 3),
        (NEUTRAL, "dash", 1.5),
        (COLOURS["late"], "dot", 1.5),
        (COLOURS["not_due"], "dashdot", 1.5),
    ]
    for (name, values), (colour, dash, width) in zip(series.items(), looks, strict=False):
        figure.add_scatter(
            x=list(days),
            y=list(values),
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": width},
            hovertemplate=f"%{{x|%d %b %Y}}<br>{name}: %{{y:.4f}}<extra></extra>",
        )
    figure.update_xaxes(showgrid=False, tickformat="%b %Y", tickvals=list(days)[:: len(days) // 13 + 1])
    figure.update_yaxes(title="How far off (log loss): lower is better", rangemode="tozero", gridcolor=LINE)
    return finished(figure, height=320)


def trade_off(points: Sequence[tuple[float, float | None, float | None]], threshold: float) -> go.Figure:
    """Both shares of the flag over its threshold, as (threshold, flagged that were late, late that were flagged)."""
    figure = go.Figure()
    for place, (name, colour, dash) in enumerate(
        [("Of those flagged, late", COLOURS["very_late"], "solid"), ("Of those late, flagged", COLOURS["on_time"], "dash")], 1
    ):
        figure.add_scatter(
            x=[point[0] for point in points],
            y=[point[place] for point in points],
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            hovertemplate=f"Flag below %{{x:.0%}}<br>{name}: %{{y:.0%}}<extra></extra>",
        )
    figure.add_vline(x=threshold, line={"color": NEUTRAL, "dash": "dot"})
    figure.update_xaxes(range=[0, 1], tickformat=".0%", title="Flag below", gridcolor=LINE)
    figure.update_yaxes(range=[0, 1.03], tickformat=".0%", gridcolor=LINE)
    return finished(figure, height=320)


def reliability(points: Sequence[tuple[float, float, int]], *, of: str = "on time") -> go.Figure:
    """What was said (probability of a bucket) against what happened (its share), as (said, happened, invoices)."""
    largest = max((count for *_, count in points), default=1)
    figure = go.Figure()
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": NEUTRAL}, hoverinfo="skip", name="Perfect")
    figure.add_scatter(
        x=[forecast for forecast, _, _ in points],
        y=[happened for _, happened, _ in points],
        mode="lines+markers",
        marker={"size": [7 + 15 * (count / largest) ** 0.5 for *_, count in points], "color": COLOURS["on_time"]},
        line={"color": COLOURS["on_time"], "width": 1},
        customdata=[count for *_, count in points],
        hovertemplate="Said %{x:.0%}, happened %{y:.0%}, %{customdata:,} invoices<extra></extra>",
        name="This model",
        cliponaxis=False,
    )
    figure.update_xaxes(range=[-0.03, 1.03], tickformat=".0%", title=f"Said: {of}", gridcolor=LINE, zeroline=False)
    figure.update_yaxes(range=[-0.03, 1.03], tickformat=".0%", title=f"Happened: {of}", gridcolor=LINE, zeroline=False)
    return finished(figure, height=300, legend=False)


def label(text: str, longest: int = LONGEST_LABEL) -> str:
    """A name as plotly may show it: shortened, then with nothing left that it could take for HTML or a place in a template.

    >>> label('<a href="https://example.org">Acme</a>', 60)
    '&lt;a href="https://example.org"&gt;Acme&lt;/a&gt;'
    """
    shown = escape(text if len(text) <= longest else text[: longest - 1].rstrip() + "…", quote=False)
    return shown.replace("%{", "%\u2060{")


def distinct(labels: Sequence[str]) -> list[str]:
    """Labels that stay apart as categories: a repeated one gets invisible marks, for plotly adds up equal ones."""
    seen: dict[str, int] = {}
    unique = []
    for text in labels:
        seen[text] = seen.get(text, -1) + 1
        unique.append(text + "\u200b" * seen[text])
    return unique


def _marker(bucket: str) -> dict[str, object]:
    pattern = {
        "shape": PATTERNS[bucket],
        "fillmode": "overlay",
        "fgcolor": "rgba(255, 255, 255, 0.6)",
        "size": 7,
        "solidity": 0.22,
    }
    return {"color": COLOURS[bucket], "pattern": pattern, "line": {"width": 0}}


def major(minor: int, currency: str) -> float:
    return float(decimal_text(minor, currency))


def amount_text(axis: str, currency: str) -> str:
    """A piece of a hover template: the amount on an axis with its currency's decimals."""
    return f"%{{{axis}:,.{exponent(currency)}f}} {unit(currency)}".strip()


def unit(currency: str) -> str:
    """The currency as an axis names it; nothing where the ledger names none."""
    return "" if currency == NO_CURRENCY else label(currency)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "—"


def finished(figure: go.Figure, *, height: int, legend: bool = True) -> go.Figure:
    """The look that all figures share."""
    return figure.update_layout(
        height=height,
        margin={"l": 8, "r": 24, "t": 36 if legend else 12, "b": 8},
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "traceorder": "normal"},
        hoverlabel={"align": "left"},
        dragmode=False,
    )
