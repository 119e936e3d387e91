"""How does each field move a model's probability of being paid on time, over many past days? The model's view, not causes.

The effects are SHAP values of the first stage (P(on time)), scaled as the calibrated log-odds are, so that they and the base
add up to what the model says.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from insights import sampling
from insights.explain import contributions
from insights.ledger import day
from insights.model import Book, Floats, Matrix, Model
from insights.training import QUARTERS

MOST_ROWS = 1_500


@dataclass(frozen=True)
class Effects:
    """Values (float32[rows, fields], NaN = missing) and their effects (float64[rows, fields], log-odds of being on time)."""

    fields: tuple[str, ...]
    values: Matrix
    effects: Floats

    def of(self, field: str) -> tuple[npt.NDArray[np.float32], Floats]:
        """The values of one field and their effects."""
        at = self.fields.index(field)
        return self.values[:, at], self.effects[:, at]

    def strongest(self, most: int) -> tuple[str, ...]:
        """The fields that move the probability most on average, the strongest first."""
        order = np.argsort(-np.abs(self.effects).mean(axis=0), kind="stable")
        return tuple(self.fields[at] for at in order[:most])

    def interacting(self, field: str) -> str:
        """The other field that goes most with what `field` does beyond its own value: what to colour its points by.

        Measured as the correlation of the other's values with the effects within narrow bands of the field's own values.
        """
        own, effects = self.of(field)
        order = np.argsort(own, kind="stable")
        scores = {name: _within_bands(self.of(name)[0][order], effects[order]) for name in self.fields if name != field}
        return max(scores, key=lambda name: scores[name]) if scores else field


def effects(model: Model, book: Book) -> Effects | None:
    """The effects over past days that the model could learn from; None for a model of plain rates, which has no fields.

    `book`: `open_book(ledger, model.recipe.lines, model.fields)`.
    """
    stage = model.stages[0]
    if stage.booster is None:
        return None
    at = day(model.trained_as_of)
    start = max(at - QUARTERS.days, day(book.ledger.history_starts) + 1)
    sample = sampling.first_stage(book.events, start, at, model.recipe.seed)
    some = np.unique(np.linspace(0, max(len(sample) - 1, 0), min(MOST_ROWS, len(sample))).astype(np.int64))
    matrix = book.matrix(sample.rows.take(some), sample.invoice[some])
    return Effects(model.fields, matrix, contributions(stage.booster, matrix, model.fields)[:, :-1] * stage.slope)


def _within_bands(other: npt.NDArray[np.float32], effects: Floats, bands: int = 10) -> float:
    """Mean absolute correlation of two columns within bands of rows."""
    found = []
    for rows in np.array_split(np.arange(len(effects)), bands):
        known = rows[~np.isnan(other[rows])]
        if len(known) > bands and np.ptp(other[known]) > 0 and np.ptp(effects[known]) > 0:
            found.append(abs(float(np.corrcoef(other[known], effects[known])[0, 1])) * len(known))
    return sum(found) / max(len(effects), 1)
