"""Why does an invoice have these probabilities? Contributions of the stage that they still depend on, as reasons.

Contributions are in log-odds, scaled by the calibrator's slope, and with the bias they add up to the shown log-odds. They are
said in points of probability, which add up from that of an average invoice to the shown one: each contribution times the
mean slope of the probability on the straight way between the two (the integrated gradient: Sundararajan and others, 2017).
Fields are summed over themes, so that five reasons are five things; each names its strongest field and that one's value.
Lists take the learners' own contributions, quick in bulk; one invoice on a screen (`why`) is explained by shap.TreeExplainer.
"""

import math
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from insights.features.catalog import field, is_text
from insights.features.dataset import FeatureSet, open_rows
from insights.features.events import SnapshotRows
from insights.ledger.errors import Refused
from insights.ledger.ledger import Floats, Ints, Matrix, day
from insights.model.base_learners import BoostedTrees
from insights.model.model import STAGES, Model, sigmoid
from insights.portfolio.snapshot import MOST_REASONS, REASON

if TYPE_CHECKING:
    import shap
    import xgboost

STILL = 1e-6  # log-odds between which a probability is a straight line
LEAST = 1.0  # points; what moves the probability by less is not said
OVERDUE = "overdue"  # the theme of the first reason after the due date


@lru_cache(maxsize=16)
def _explainer(booster: "xgboost.Booster") -> "shap.TreeExplainer":
    """Made once for each booster of the models that speak: to read its trees takes longer than to explain an invoice."""
    import shap

    return shap.TreeExplainer(booster)


def explanation(model: Model, stage: int, matrix: Matrix, past: Ints) -> "shap.Explanation":
    """float64[rows, fields] by shap.TreeExplainer, in calibrated log-odds; `past`: days past the on-time line of each row.

    A logistic regression among the learners needs no explainer: its contributions are its SHAP values.
    """
    import shap

    chosen = model.stages[stage]
    contributions = []
    for learner in chosen.learners:
        if isinstance(learner, BoostedTrees):
            explained = _explainer(learner.booster)(learner.data(matrix))
            contributions.append(
                np.column_stack([explained.values, np.broadcast_to(explained.base_values, len(matrix))]).astype(np.float64)
            )
        else:
            contributions.append(learner.contributions(matrix))
    average = np.mean(contributions, axis=0)
    slope, offset = chosen.scale_and_offset(past)
    return shap.Explanation(
        values=average[:, :-1] * slope[:, None],
        base_values=average[:, -1] * slope + offset,
        data=matrix,
        feature_names=list(model.fields),
    )


def interactions(model: Model, stage: int, matrix: Matrix, past: Ints) -> Floats:
    """float64[rows, fields, fields]: each field's line adds up to its value in `explanation`. Slow: see `effects`."""
    import shap

    chosen = model.stages[stage]
    parts = []
    for learner in chosen.learners:
        if isinstance(learner, BoostedTrees):
            parts.append(
                np.asarray(shap.TreeExplainer(learner.booster).shap_interaction_values(learner.data(matrix)), np.float64)
            )
        else:  # what a logistic regression says of a field holds whatever the others are
            parts.append(learner.contributions(matrix)[:, :-1, None] * np.eye(len(model.fields)))
    average: Floats = np.mean(parts, axis=0)
    return average * chosen.scale_and_offset(past)[0][:, None, None]


@dataclass(frozen=True)
class Themes:
    """How the fields of a model fall into themes."""

    names: tuple[str, ...]
    members: tuple[Ints, ...]  # positions of the fields of each theme

    @classmethod
    def of(cls, fields: tuple[str, ...]) -> "Themes":
        themes = [field(name).theme for name in fields]
        names = tuple(dict.fromkeys(themes))
        members = tuple(np.array([n for n, theme in enumerate(themes) if theme == name]) for name in names)
        return cls(names, members)


def warm() -> None:
    """Import what explaining takes, which is a second of work and 110 MB, before somebody waits for it."""
    import shap
    import xgboost

    _ = shap, xgboost


def open_row(book: FeatureSet, as_of: date, position: int) -> tuple[SnapshotRows, Ints]:
    """The row of one open invoice, and its index in the events. Refused where it is not open as of the date."""
    rows, invoice = open_rows(book.events, day(as_of))
    at = np.flatnonzero(book.positions[invoice] == position)
    if not len(at):
        raise Refused(f"This invoice is not open as of {as_of}.", "not_open")
    return rows.take(at), invoice[at]


@dataclass(frozen=True)
class Why:
    """Why one open invoice has its probability of `of`: the base and the points of its themes add up to it."""

    of: str  # "on_time", or "very_late" of an overdue invoice
    base: float  # probability of an average invoice; of an overdue one, as far as its days past due speak, too
    themes: tuple[tuple[str, float], ...]  # each theme and the percentage points that its fields add, the strongest first
    reasons: tuple[dict[str, Any], ...]  # as the list has them: REASON, at most five

    @property
    def probability(self) -> float:
        """What is shown of `of`."""
        return self.base + sum(points for _, points in self.themes) / 100


def points_per_log_odds(base: Floats, total: Floats) -> Floats:
    """Percentage points that a unit of log-odds is worth, as the mean between two log-odds.

    The parts of `total - base` times it add up to the difference of the two probabilities, in points.
    """
    way = total - base
    still = np.abs(way) < STILL
    middle = sigmoid((base + total) / 2)
    slope: Floats = np.where(still, middle * (1 - middle), (sigmoid(total) - sigmoid(base)) / np.where(still, 1.0, way))
    return 100 * slope


def why(model: Model, book: FeatureSet, as_of: date, position: int) -> Why | None:
    """One open invoice, explained by shap; None where no learner has a say: a plain rate, or very late already.

    `book`: `feature_set(ledger, model.recipe.due_rules, model.fields)`; `position`: in the ledger. Refused where it is not open.
    """
    rows, invoice = open_row(book, as_of, position)
    past = rows.days_past_due_by
    stage = int(past[0] > 0)
    if past[0] > model.recipe.very_late_days or not model.stages[stage].learners:
        return None
    matrix = book.matrix_of_few(rows, invoice)
    explained = explanation(model, stage, matrix, past)
    total = explained.values.sum(axis=1) + explained.base_values
    strongest = _of_stage(model, stage, np.zeros(1, np.int64), (explained.values, total), matrix, own_texts(book, invoice))
    themes = Themes.of(model.fields)
    worth = points_per_log_odds(explained.base_values, total)[0]
    sizes = [
        (name, float(worth * explained.values[0, members].sum()))
        for name, members in zip(themes.names, themes.members, strict=True)
    ]
    return Why(
        of=STAGES[stage],
        base=float(sigmoid(explained.base_values)[0]),
        themes=tuple(sorted(sizes, key=lambda size: -abs(size[1]))),
        reasons=tuple(_lists([_of_overdue(rows), strongest], 1).to_pylist()[0]),
    )


def reasons(model: Model, book: FeatureSet, rows: SnapshotRows, invoice: Ints, matrix: Matrix) -> pa.Array:
    """list<REASON> per row: at most five of LEAST points or more, the strongest first; overdue rows begin with that they are."""
    past = rows.days_past_due_by
    ended = past > model.recipe.very_late_days
    parts = [_of_overdue(rows)]
    for stage, at in ((0, np.flatnonzero(past <= 0)), (1, np.flatnonzero((past > 0) & ~ended))):
        chosen = model.stages[stage]
        if chosen.learners and len(at):
            slope, offset = chosen.scale_and_offset(past[at])
            contributions = chosen.contributions(matrix[at]) * slope[:, None]
            of_stage = (contributions[:, :-1], contributions.sum(axis=1) + offset)
            parts.append(_of_stage(model, stage, at, of_stage, matrix[at], own_texts(book, invoice[at])))
    return _lists(parts, len(rows))


@dataclass(frozen=True)
class _Reasons:
    """Reasons of some rows in columns; `rank` orders those of a row."""

    row: Ints
    rank: Ints
    columns: dict[str, list[Any]]


def _of_overdue(rows: SnapshotRows) -> _Reasons:
    """What is past its on-time line, and for how many days it has been due."""
    row = np.flatnonzero(rows.at > rows.due_by)
    many = len(row)
    columns: dict[str, list[Any]] = {
        "theme": [OVERDUE] * many,
        "field": ["days_past_due"] * many,
        "value": (rows.at - rows.due)[row].astype(str).tolist(),
        "effect": [0.0] * many,
        "of": ["on_time"] * many,
        "contribution": [0.0] * many,
    }
    return _Reasons(row, np.full(many, -1, np.int64), columns)


def _of_stage(
    model: Model, stage: int, at: Ints, contributions: tuple[Floats, Floats], matrix: Matrix, texts: dict[str, list[str]]
) -> _Reasons:
    """`contributions`: (float64[rows, fields]) and the log-odds that they and the base add up to."""
    by_field, total = contributions
    themes = Themes.of(model.fields)
    # Side by side, so that a row's sum is made in the same order however many rows there are.
    by_theme = np.column_stack([np.ascontiguousarray(by_field[:, members]).sum(axis=1) for members in themes.members])
    most = min(MOST_REASONS - stage, len(themes.names))  # an overdue invoice's first reason is that it is overdue
    best = np.argsort(-np.abs(by_theme), axis=1, kind="stable")[:, :most]
    row = np.repeat(np.arange(len(matrix)), most)
    theme = best.ravel()
    size = by_theme[row, theme]
    strongest = np.column_stack([_strongest(by_field, members, by_theme[:, n]) for n, members in enumerate(themes.members)])
    place = strongest[row, theme]
    effect = points_per_log_odds(total - by_field.sum(axis=1), total)[row] * size
    shown = np.abs(effect) >= LEAST
    rank = np.tile(np.arange(most), len(matrix))
    row, theme, size, place, effect, rank = (column[shown] for column in (row, theme, size, place, effect, rank))
    columns: dict[str, list[Any]] = {
        "theme": np.array(themes.names)[theme].tolist(),
        "field": np.array(model.fields)[place].tolist(),
        "value": _values(model, matrix, row, place, texts),
        "effect": effect.tolist(),
        "of": ["on_time" if stage == 0 else "very_late"] * len(row),
        "contribution": size.tolist(),
    }
    return _Reasons(at[row], rank, columns)


def _strongest(by_field: Floats, members: Ints, total: Floats) -> Ints:
    """The field of a theme that pushes most in the theme's own direction."""
    picked: Ints = members[(by_field[:, members] * np.sign(total)[:, None]).argmax(axis=1)]
    return picked


def own_texts(book: FeatureSet, invoice: Ints) -> dict[str, list[str]]:
    """What the ledger's own text columns say of some invoices: the model sees rates, people read the value."""
    table, at = book.ledger.invoices, pa.array(book.positions[invoice])
    named = [name for name in book.fields if name in table.column_names and field(name).group == "own" and is_text(table, name)]
    return {name: [value or "" for value in table[name].cast(pa.string()).take(at).to_pylist()] for name in named}


def _values(
    model: Model,
    matrix: Matrix,
    row: Ints,
    place: Ints,
    texts: dict[str, list[str]],
) -> list[str]:
    out = []
    for number, at, column in zip(matrix[row, place].tolist(), row.tolist(), place.tolist(), strict=True):
        name = model.fields[column]
        if name in texts:
            out.append(texts[name][at])
        else:
            out.append("" if math.isnan(number) else f"{number:.6g}")
    return out


def _lists(parts: list[_Reasons], many: int) -> pa.Array:
    row = np.concatenate([part.row for part in parts])
    order = np.lexsort((np.concatenate([part.rank for part in parts]), row))
    columns = [pa.array([v for p in parts for v in p.columns[f.name]], f.type).take(pa.array(order)) for f in REASON]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=many))]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.StructArray.from_arrays(columns, fields=list(REASON)))
