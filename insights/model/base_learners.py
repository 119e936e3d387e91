"""Which base learners are there? Boosted trees and a logistic regression: log-odds, and how the fields make them up.

A stage averages its learners in log-odds, so that contributions average too and still add up. Trees find what holds only
together; a logistic regression errs less where invoices are few, and what it learnt holds beyond the values it has seen.
"""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from insights.ledger.ledger import Floats, Matrix
from insights.model.tree_contributions import TreeContributions, made_ready

if TYPE_CHECKING:
    import xgboost

FAR = 5.0  # standard deviations: values beyond count as this far
SHRUNK = 0.01  # scikit-learn's C: weights are drawn strongly towards 0


def neutral_names(many: int) -> list[str]:
    """f0, f1, ...: what a booster calls its fields. XGBoost refuses some signs that a file's headers may have."""
    return [f"f{number}" for number in range(many)]


class BaseLearner(Protocol):
    """Log-odds per row of float32[rows, fields], NaN = missing."""

    def margins(self, matrix: Matrix) -> Floats:
        """float64[rows]."""
        ...

    def contributions(self, matrix: Matrix) -> Floats:
        """float64[rows, fields + 1], the last column the base; each row adds up to its margin."""
        ...


@dataclass(frozen=True)
class BoostedTrees:
    """Boosted trees."""

    booster: "xgboost.Booster"

    def margins(self, matrix: Matrix, rounds: int = 0) -> Floats:
        """Of the first `rounds` rounds (0, or more than there are: all)."""
        rounds = min(rounds, self.booster.num_boosted_rounds())
        margins = self.booster.inplace_predict(
            matrix, iteration_range=(0, rounds), predict_type="margin", validate_features=False
        )
        return np.asarray(margins, np.float64)

    def contributions(self, matrix: Matrix) -> Floats:
        """SHAP values by the trees' tables, quick in bulk; XGBoost's own for trees that have none."""
        if self.tables is not None:
            return self.tables.of(matrix)
        return np.asarray(self.booster.predict(self.data(matrix), pred_contribs=True), np.float64)

    @cached_property
    def tables(self) -> TreeContributions | None:
        """What the trees add for which field, made once."""
        return made_ready(self.booster)

    def data(self, matrix: Matrix) -> "xgboost.DMatrix":
        """The matrix under the names that this booster was fitted with."""
        import xgboost

        return xgboost.DMatrix(matrix, feature_names=self.booster.feature_names)


@dataclass(frozen=True)
class LogisticModel:
    """Logistic regression on standardised fields: one number per field each, and the base.

    A field adds `weights` times its distance from `centre` in units of `scale`; a missing value adds `gaps` instead. Both are
    counted from the average (`missing`: share of rows), so that the base is what an average invoice has, and the rest
    are the SHAP values of a linear model whose fields are taken one by one.
    """

    BY_FIELD: ClassVar = ("centre", "scale", "weights", "gaps", "missing")

    centre: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    gaps: tuple[float, ...]
    missing: tuple[float, ...]
    base: float

    def margins(self, matrix: Matrix) -> Floats:
        margins: Floats = self.contributions(matrix).sum(axis=1)
        return margins

    def contributions(self, matrix: Matrix) -> Floats:
        far, gap = standardised(matrix, np.array(self.centre), np.array(self.scale))
        by_field = far * np.array(self.weights) + (gap - np.array(self.missing)) * np.array(self.gaps)
        return np.column_stack([by_field, np.full(len(matrix), self.base)])

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "LogisticModel":
        return cls(base=values["base"], **{name: tuple(values[name]) for name in cls.BY_FIELD})

    @classmethod
    def fit(cls, matrix: Matrix, label: npt.NDArray[np.uint8], weight: Floats) -> "LogisticModel":
        """The line that explains the answers best, its weights drawn towards 0."""
        from sklearn.linear_model import LogisticRegression

        known = ~np.isnan(matrix)
        count = np.maximum(known.sum(axis=0), 1)
        filled = np.where(known, matrix, 0).astype(np.float64)
        centre = filled.sum(axis=0) / count
        spread = np.sqrt((np.where(known, matrix - centre, 0).astype(np.float64) ** 2).sum(axis=0) / count)
        scale = np.where(spread > 0, spread, 1.0)
        far, gap = standardised(matrix, centre, scale)
        missing = gap.mean(axis=0)
        fitted = LogisticRegression(C=SHRUNK, max_iter=2_000).fit(
            np.column_stack([far, gap - missing]), label, sample_weight=weight / weight.mean()
        )
        weights, gaps = np.split(fitted.coef_[0], 2)
        by_field = zip(cls.BY_FIELD, (centre, scale, weights, gaps, missing), strict=True)
        return cls(base=float(fitted.intercept_[0]), **{name: tuple(map(float, column)) for name, column in by_field})


def standardised(matrix: Matrix, centre: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """Distances from the centre in units of scale (0 where missing), and 1 where a value is missing."""
    gap = np.isnan(matrix)
    far = np.clip((matrix.astype(np.float64) - centre) / scale, -FAR, FAR)
    return np.where(gap, 0.0, far), gap.astype(np.float64)
