"""How do values become figures? Plotly figures from plain values and frames; nothing is computed here.

paper   the same on paper: a PDF of tables and vector charts
"""

from insights.charts.cash import CASH_LABELS, PastWeek, cash
from insights.charts.effects import BETTER, WORSE, dependence, effects, pairs, steps
from insights.charts.figures import (
    LABELS,
    OTHERS,
    OWED,
    ageing,
    confusion,
    customers,
    history,
    importance,
    parted,
    probabilities,
    reliability,
    replayed,
    trade_off,
)
from insights.charts.trends import trend

__all__ = [
    "BETTER",
    "CASH_LABELS",
    "LABELS",
    "OTHERS",
    "OWED",
    "WORSE",
    "PastWeek",
    "ageing",
    "cash",
    "confusion",
    "customers",
    "dependence",
    "effects",
    "history",
    "importance",
    "pairs",
    "parted",
    "probabilities",
    "reliability",
    "replayed",
    "steps",
    "trade_off",
    "trend",
]
