"""What would others have said of the same invoices, learning from the same rows and fields, or as is usual?

Every peer is a function of a bench (what was known before its date) and the snapshot to predict; it returns float64[n, 3]:
on time, late, very late. Development dependencies only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from insights.evaluation.backtest import Snapshot, baselines_say, model_dates
from insights.features import sampling
from insights.features.dataset import FeatureSet
from insights.features.events import labels_of, rows_at
from insights.features.kernel import features
from insights.features.sampling import Sample
from insights.ledger.ledger import NEVER, Floats, Matrix, day
from insights.ledger.outcomes import bucket_probabilities
from insights.model.model import Model, Stage, combine, logit, probabilities
from insights.model.recipe import Recipe
from insights.model.training import train
from insights.model.tuning import rate_table

THREADS = 2
SMALLEST = 1e-6


class Classifier(Protocol):
    """What scikit-learn, LightGBM and CatBoost have in common."""

    def fit(self, matrix: Any, answer: Any, *, sample_weight: Any) -> Any: ...  # noqa: ANN401

    def predict_proba(self, matrix: Any) -> Any: ...  # noqa: ANN401


@dataclass(frozen=True)
class Bench:
    """A ledger as of a date, with the rows that our own model learns from."""

    book: FeatureSet
    as_of: date
    recipe: Recipe

    @cached_property
    def samples(self) -> tuple[Sample, Sample]:
        start, at = self.recipe.training_span(self.book.ledger, self.as_of)
        events, seed = self.book.events, self.recipe.seed
        return sampling.first_stage(events, start, at, seed), sampling.second_stage(events, start, at, seed)

    @cached_property
    def matrices(self) -> tuple[Matrix, Matrix]:
        first, second = (self.book.matrix(sample.rows, sample.invoice) for sample in self.samples)
        return first, second

    @cached_property
    def model(self) -> Model:
        return train(self.book.ledger, self.as_of, self.recipe)

    def matrix(self, snapshot: Snapshot) -> Matrix:
        return self.book.assemble(snapshot.computed, snapshot.rows, snapshot.invoice)


Peer = Callable[[Bench, Snapshot], Floats]


def ours(bench: Bench, snapshot: Snapshot) -> Floats:
    model = bench.model
    if model.fields != bench.book.fields:
        message = "the fields of the model are not those of the bench"
        raise ValueError(message)
    return probabilities(model, snapshot.rows, bench.matrix(snapshot))


def base_rates(bench: Bench, snapshot: Snapshot) -> Floats:
    return baselines_say(bench.book, at_date(snapshot, bench.as_of), bench.recipe)["base_rates"]


def customer_past(bench: Bench, snapshot: Snapshot) -> Floats:
    return baselines_say(bench.book, at_date(snapshot, bench.as_of), bench.recipe)["customer_past"]


def at_date(snapshot: Snapshot, as_of: date) -> Snapshot:
    """The snapshot, its training date moved: at issue every row has its own day."""
    return Snapshot(as_of, snapshot.rows, snapshot.invoice, snapshot.outcome, snapshot.computed, 0, 0)


def rates_by_days(bench: Bench, snapshot: Snapshot) -> Floats:
    """Both stages by the smoothed rate of invoices so many days past due."""
    stages = [Stage((), 1.0, *rate_table(sample)) for sample in bench.samples]
    first, second = (logit(stage.rate(snapshot.rows.days_past_due_by)) for stage in stages)
    return combine(first, second, snapshot.rows.days_past_due_by, bench.recipe.very_late_days)


def two_stages(make: Callable[[], Classifier]) -> Peer:
    """A peer that answers our two questions from our rows and fields."""

    def say(bench: Bench, snapshot: Snapshot) -> Floats:
        matrix, said = bench.matrix(snapshot), []
        for sample, known in zip(bench.samples, bench.matrices, strict=True):
            if len(np.unique(sample.label)) < 2:  # one answer only: nothing to learn
                said.append(np.full(len(matrix), float(sample.label.mean()) if len(sample) else 0.5))
                continue
            fitted = make()
            fitted.fit(known, sample.label, sample_weight=sample.weight / sample.weight.mean())
            said.append(np.asarray(fitted.predict_proba(matrix), np.float64)[:, 1])
        first, second = (logit(np.clip(p, SMALLEST, 1 - SMALLEST)) for p in said)
        return combine(first, second, snapshot.rows.days_past_due_by, bench.recipe.very_late_days)

    return say


class Logistic:
    """Logistic regression on standardised fields, gaps filled by the median and marked."""

    def __init__(self) -> None:
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import FunctionTransformer, StandardScaler

        self.pipeline = make_pipeline(
            SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
            StandardScaler(),
            FunctionTransformer(np.clip, kw_args={"a_min": -5, "a_max": 5}),
            LogisticRegression(max_iter=2_000),
        )

    def fit(self, matrix: Matrix, answer: npt.NDArray[np.uint8], *, sample_weight: Floats) -> None:
        self.pipeline.fit(matrix.astype(np.float64), answer, logisticregression__sample_weight=sample_weight)

    def predict_proba(self, matrix: Matrix) -> Floats:
        out: Floats = self.pipeline.predict_proba(matrix.astype(np.float64))
        return out


def lightgbm() -> Classifier:
    from lightgbm import LGBMClassifier

    fitted: Classifier = LGBMClassifier(n_jobs=THREADS, verbose=-1, random_state=0)
    return fitted


def catboost() -> Classifier:
    from catboost import CatBoostClassifier

    fitted: Classifier = CatBoostClassifier(
        thread_count=THREADS, verbose=False, random_seed=0, allow_writing_files=False, loss_function="Logloss"
    )
    return fitted


def histogram() -> Classifier:
    from sklearn.ensemble import HistGradientBoostingClassifier

    fitted: Classifier = HistGradientBoostingClassifier(random_state=0)
    return fitted


# ---------------------------------------------------------------- the usual notebook


def notebook(bench: Bench, snapshot: Snapshot) -> Floats:
    """Three-class XGBoost with its defaults on the invoices paid before the date, features as of their issue."""
    import xgboost

    events, book, at = bench.book.events, bench.book, day(bench.as_of)
    paid = np.flatnonzero(events.paid < at)
    labels = labels_of(events, everything=True)
    label = (labels.missed_due.astype(np.int64) + labels.very_late)[paid]
    fitted = xgboost.XGBClassifier(
        objective="multi:softprob", n_estimators=100, random_state=0, n_jobs=THREADS, enable_categorical=False
    )
    present = np.unique(label)
    fitted.fit(at_issue(book, paid), np.searchsorted(present, label))
    said = np.zeros((len(snapshot.invoice), 3))
    said[:, present] = fitted.predict_proba(at_issue(book, snapshot.invoice))
    return said


def at_issue(book: FeatureSet, which: npt.NDArray[np.int64]) -> Matrix:
    """The fields of invoices as of their day of issue."""
    rows = rows_at(book.events, which, book.events.issue[which])
    return book.assemble(features(book.events, rows, book.rates), rows, which)


def with_lines(said: Floats, snapshot: Snapshot, very_late_days: int) -> Floats:
    """The same, told that an overdue invoice cannot be on time, nor one past the very-late line just late."""
    very = said[:, 2] / np.maximum(said[:, 1] + said[:, 2], 1e-12)
    return bucket_probabilities(said[:, 0], very, snapshot.rows.days_past_due_by, very_late_days)


# ---------------------------------------------------------------- expected dates: float64[n, 3], days ahead: low, expected, high


def our_dates(bench: Bench, snapshot: Snapshot) -> Floats:
    found = model_dates(bench.model, bench.book, snapshot, ours(bench, snapshot))
    if found is None:
        message = "the model has no timing"
        raise ValueError(message)
    columns = (found.low, found.expected, found.high)
    return np.column_stack([np.where(d == NEVER, np.inf, d.astype(np.float64) - day(bench.as_of)) for d in columns])


def quantile_dates(bench: Bench, snapshot: Snapshot) -> Floats:
    """XGBoost quantile regression of the days until payment on our rows of either stage; open ones count up to the date."""
    import xgboost

    (first, second), at = bench.samples, day(bench.as_of)
    overdue = np.flatnonzero(second.rows.at > second.rows.due_by)
    invoice = np.concatenate([first.invoice, second.invoice[overdue]])
    seen_on = np.concatenate([first.rows.at, second.rows.at[overdue]])
    matrix = np.concatenate([bench.matrices[0], bench.matrices[1][overdue]])
    weight = np.concatenate([first.weight / first.weight.mean(), second.weight[overdue] / second.weight.mean()])
    until = np.minimum(bench.book.events.paid[invoice], at).astype(np.float64) - seen_on
    fitted = xgboost.XGBRegressor(
        objective="reg:quantileerror", quantile_alpha=np.array([0.1, 0.5, 0.9]), n_estimators=100, learning_rate=0.1,
        n_jobs=THREADS, random_state=0,
    )  # fmt: skip
    fitted.fit(matrix, np.minimum(until, 180), sample_weight=weight)
    return np.maximum(np.sort(np.asarray(fitted.predict(bench.matrix(snapshot)), np.float64), axis=1), 0)


DATES: Final[dict[str, Peer]] = {"our_dates": our_dates, "quantile_dates": quantile_dates}
PEERS: Final[dict[str, Peer]] = {
    "ours": ours,
    "base_rates": base_rates,
    "customer_past": customer_past,
    "rates_by_days": rates_by_days,
    "notebook": notebook,
    "logistic": two_stages(Logistic),
    "lightgbm": two_stages(lightgbm),
    "catboost": two_stages(catboost),
    "histogram": two_stages(histogram),
}
RULED = {"notebook_with_rule": "notebook"}  # the same predictions under the rule of the lines
LABELS: Final = {
    "ours": "**Payment Insights**",
    "base_rates": "base rates",
    "customer_past": "customer's own past, smoothed",
    "rates_by_days": "rates by days past due",
    "notebook": "the usual notebook",
    "notebook_with_rule": "the same, with the overdue rule",
    "logistic": "logistic regression",
    "lightgbm": "LightGBM",
    "catboost": "CatBoost",
    "histogram": "HistGradientBoosting",
}
