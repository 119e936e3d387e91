"""How does each field move a model's probability of being paid on time, over many past days? The model's view, not causes.

The effects are SHAP values of the first stage (P(on time)) by shap.TreeExplainer, scaled as the calibrated log-odds are, so
that they and the base add up to what the model says. Of pairs of fields they are split further, over fewer days.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from insights.features import sampling
from insights.features.dataset import FeatureSet
from insights.ledger.ledger import Floats, Matrix
from insights.model.base_learners import BoostedTrees
from insights.model.model import Model
from insights.prediction import explain

MOST_ROWS = 1_500
PAIRED_ROWS = (60, 300)  # fewest and most; pairs are dear: with 48 fields and 400 rounds 45 ms a row, single fields 0.5
PAIRED_WORK = 2_000_000  # rows x rounds x fields, which one core does in about four seconds


@dataclass(frozen=True)
class Effects:
    """Values (float32[rows, fields], NaN = missing) and their effects (float64[rows, fields], log-odds of being on time)."""

    fields: tuple[str, ...]
    values: Matrix
    effects: Floats
    base: float  # log-odds before any field is looked at

    def of(self, field: str) -> tuple[npt.NDArray[np.float32], Floats]:
        """The values of one field and their effects."""
        at = self.fields.index(field)
        return self.values[:, at], self.effects[:, at]

    def strongest(self, most: int) -> tuple[str, ...]:
        """The fields that move the probability most on average, the strongest first."""
        order = np.argsort(-np.abs(self.effects).mean(axis=0), kind="stable")
        return tuple(self.fields[at] for at in order[:most])


@dataclass(frozen=True)
class Interactions:
    """Effects split over pairs of fields: float64[rows, fields, fields] in log-odds, what a field does alone on the diagonal.

    Symmetric: half of what two fields do together stands in either place, so that a field's line adds up to its effect.
    """

    fields: tuple[str, ...]
    values: Matrix
    pairs: Floats

    def of(self, field: str) -> npt.NDArray[np.float32]:
        """The values of one field."""
        return self.values[:, self.fields.index(field)]

    def between(self, field: str, other: str) -> Floats:
        """What two fields do together beyond what each does alone."""
        return 2 * self.pairs[:, self.fields.index(field), self.fields.index(other)]

    def partners(self, field: str) -> tuple[str, ...]:
        """All other fields, the one that does most together with `field` first."""
        strength = np.abs(self.pairs[:, self.fields.index(field)]).mean(axis=0)
        order = np.argsort(-strength, kind="stable")
        return tuple(self.fields[at] for at in order if self.fields[at] != field)

    def strongest(self, most: int) -> tuple[tuple[str, str, float], ...]:
        """The pairs that do most together, and by how many log-odds on average."""
        first, other = np.triu_indices(len(self.fields), 1)
        strength = 2 * np.abs(self.pairs[:, first, other]).mean(axis=0)
        order = np.argsort(-strength, kind="stable")[:most]
        return tuple((self.fields[first[at]], self.fields[other[at]], float(strength[at])) for at in order)


def effects(model: Model, book: FeatureSet) -> Effects | None:
    """The effects over past days that the model could learn from; None where it has no fields, or the ledger no such days.

    `book`: `feature_set(ledger, model.recipe.due_rules, model.fields)`.
    """
    if not model.stages[0].learners:
        return None
    start, at = model.recipe.training_span(book.ledger, model.trained_as_of)
    sample = sampling.first_stage(book.events, start, at, model.recipe.seed)
    if not len(sample):
        return None
    some = spread(len(sample), MOST_ROWS)
    matrix = book.matrix(sample.rows.take(some), sample.invoice[some])
    explained = explain.explanation(model, 0, matrix, sample.rows.days_past_due_by[some])
    return Effects(model.fields, matrix, explained.values, float(explained.base_values[0]))


def interactions(model: Model, effects: Effects) -> Interactions:
    """The effects split over pairs of fields, on some of the rows of `effects`."""
    matrix = effects.values[spread(len(effects.values), paired_rows(model))]
    before_the_line = np.zeros(len(matrix), np.int64)
    return Interactions(effects.fields, matrix, explain.interactions(model, 0, matrix, before_the_line))


def paired_rows(model: Model) -> int:
    """On how many rows pairs of fields are looked at, so that it takes seconds."""
    rounds = sum(
        learner.booster.num_boosted_rounds() for learner in model.stages[0].learners if isinstance(learner, BoostedTrees)
    )
    fewest, most = PAIRED_ROWS
    return min(max(PAIRED_WORK // max(rounds * len(model.fields), 1), fewest), most)


def spread(rows: int, most: int) -> npt.NDArray[np.int64]:
    """At most so many places, evenly over all."""
    return np.unique(np.linspace(0, rows - 1, min(most, rows)).astype(np.int64))
