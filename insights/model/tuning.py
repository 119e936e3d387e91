"""How is a model made from a ledger, with nothing that was not known strictly before the training date?

Samples of past snapshots per stage; rolling-origin folds choose the rounds and fit the calibrator; a further fold that
neither has seen decides whether the calibrator stays and gives the metrics; then all resolved rows are refitted. Which
learners a stage has beside its cautious trees is chosen on the folds, too, or given by how many invoices there are.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from insights.features import sampling
from insights.features.catalog import field
from insights.ledger.ledger import Floats, Matrix
from insights.model import boosting
from insights.model.base_learners import BaseLearner, BoostedTrees, LogisticModel, neutral_names
from insights.model.model import Stage, sigmoid

if TYPE_CHECKING:
    import xgboost

Progress = Callable[[str, float], None]

FEWEST_VERY_LATE = 50  # very late ones for a second booster
FOLD_ROWS = 100_000
READ_EVERY = 5  # rounds between two looks at a fold's loss, where there are more rows than a fold takes
FOLDS: Final = (0.35, 0.5, 0.65, 0.8)  # of the span: where each fold's training ends; the last fold is for the metrics
TRIES = 600  # rounds at most
PATIENCE = 40
FIXED_ROUNDS = 60
BLEND_WEIGHTS = (0.25, 0.5, 0.75, 1.0)  # never none: the reasons of an overdue invoice are the learners'
FEWEST_OVERDUE = 50  # held-out rows to choose among them
STEEPEST, HALVINGS = 16.0, 30  # of a slope, and of the span in which it is looked for


def quiet(stage: str, share: float) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class BoosterParams:
    """The parameters of a booster. One place, so that what was measured and what runs are the same."""

    depth: int
    leaf_weight: float
    columns: float
    rate: float = 0.05
    rows: float = 0.8
    l2: float = 1.0
    fewest_rounds: int = 1  # where the folds would stop sooner
    extra_learners: tuple[tuple[str, ...], ...] = ((),)  # which further learners there may be; the first where nothing tells


FURTHER_BOOSTERS: Final = {  # beside the cautious trees, with their rounds
    "bold": (BoosterParams(depth=6, leaf_weight=2, columns=1.0, rate=0.1, rows=1.0, l2=0.0), 70),
    "deep": (BoosterParams(depth=6, leaf_weight=50, columns=0.3, rate=0.03, l2=10), 200),
}
ANY: Final = (("line",), ("bold",), ("bold", "line"))
# By the number of invoices that a stage learns from: what more of them bear was measured (docs/decisions).
BOOSTER_PARAMS: Final = {
    "on_time": {
        0: BoosterParams(depth=3, leaf_weight=50, columns=0.3, l2=10, extra_learners=ANY),
        5_000: BoosterParams(depth=6, leaf_weight=50, columns=0.4, fewest_rounds=250, extra_learners=ANY),
        25_000: BoosterParams(depth=6, leaf_weight=50, columns=0.4, fewest_rounds=250, extra_learners=(("bold",),)),
    },
    "very_late": {
        0: BoosterParams(depth=2, leaf_weight=50, columns=0.3, l2=10),
        2_000: BoosterParams(depth=3, leaf_weight=100, columns=0.4, l2=10, extra_learners=(("deep",),)),
        20_000: BoosterParams(depth=5, leaf_weight=100, columns=0.4, l2=10),  # a second one would cost a third of the training
    },
}


def used_fields(stage: str, fields: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    """Which fields a stage learns from: on_time all, very_late no habits, which cost it more than they told (docs/decisions)."""
    used = np.array([stage == "on_time" or field(name).group != "habit" for name in fields])
    return used if used.any() else np.ones(len(fields), np.bool_)


def learns_habits(stage: str, fields: tuple[str, ...]) -> bool:
    """Whether a stage learns from any field of habit."""
    return any(used and field(name).group == "habit" for name, used in zip(fields, used_fields(stage, fields), strict=True))


@dataclass(frozen=True)
class Training:
    """What one stage learns from."""

    name: str
    fields: tuple[str, ...]
    sample: sampling.Sample
    matrix: Matrix
    small: bool
    seed: int
    start: int
    at: int

    def fold(self, number: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Row numbers to train on (answers known at the fold's own date) and to judge on (days up to the next fold's)."""
        begin, end = self.fold_day(number), self.fold_day(number + 1)
        known = np.flatnonzero(self.sample.label_known_from <= begin)
        judged = np.flatnonzero((self.sample.rows.at >= begin) & (self.sample.rows.at < end))
        return self._some(known), self._some(judged)

    def fold_day(self, number: int) -> int:
        return self.at if number >= len(FOLDS) else self.start + int(FOLDS[number] * (self.at - self.start))

    def _some(self, which: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        if len(which) <= FOLD_ROWS:
            return which
        return np.sort(np.random.default_rng(self.seed).choice(which, FOLD_ROWS, replace=False))

    @property
    def read_every(self) -> int:
        """After how many rounds each the loss of a fold is read."""
        return READ_EVERY if len(self.sample) > FOLD_ROWS else 1

    @property
    def params(self) -> BoosterParams:
        """The booster parameters of this stage for so many invoices."""
        sizes, invoices = BOOSTER_PARAMS[self.name], len(np.unique(self.sample.invoice))
        return sizes[max(size for size in sizes if size <= invoices)]

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Which fields this stage learns from, bool each."""
        return used_fields(self.name, self.fields)

    def xgboost_params(self, params: BoosterParams | None = None) -> dict[str, Any]:
        params = params or self.params
        return {
            "objective": "binary:logistic",
            "tree_method": "hist",
            "max_depth": params.depth,
            "min_child_weight": params.leaf_weight,
            # A share of all columns, of which only used ones are drawn.
            "colsample_bytree": params.columns * float(self.used.mean()),
            "eta": params.rate,
            "subsample": params.rows,
            "reg_lambda": params.l2,
            "seed": self.seed,
            "nthread": 2,
        }

    def data(self, which: npt.NDArray[np.int64]) -> "xgboost.DMatrix":
        """Some rows, binned. Fields that are never drawn are left empty: XGBoost would add up histograms of them all the same."""
        weight, values = self.sample.weight[which], self.matrix[which]
        values[:, ~self.used] = np.nan
        return boosting.binned(values, self.sample.label[which], weight / weight.mean(), self.used)

    def fit_learners(self, which: npt.NDArray[np.int64], rounds: int, extra_learners: tuple[str, ...]) -> tuple[BaseLearner, ...]:
        """The learners of the stage, taught by some rows."""
        data = self.data(which)
        return BoostedTrees(boosting.train(self.xgboost_params(), data, rounds)), *(
            self.learner(name, which, data) for name in extra_learners
        )

    def learner(self, name: str, which: npt.NDArray[np.int64], data: "xgboost.DMatrix") -> BaseLearner:
        """One of those beside the cautious trees: "bold", "deep" or "line"; `data`: those rows, for boosters."""
        if name == "line":
            return LogisticModel.fit(self.matrix[which], self.sample.label[which], self.sample.weight[which])
        params, rounds = FURTHER_BOOSTERS[name]
        return BoostedTrees(boosting.train(self.xgboost_params(params), data, rounds))


@dataclass(frozen=True)
class Fitted:
    """A stage refitted on all resolved rows, and its twin that knows only what was known when the last fold began."""

    final: Stage
    held_out: Stage | None
    rounds: int
    calibrated: bool
    extra_learners: tuple[str, ...] = ()  # the learners beside the cautious trees


@dataclass(frozen=True)
class Tuned:
    """What the folds before the last say: rounds, learners, calibrator, and the loss of learners and rate on held-out rows."""

    extra_learners: tuple[str, ...]

    rounds: int = FIXED_ROUNDS
    slope: float = 1.0
    pivot: float = 0.0
    losses: tuple[float, float] = (0.0, 0.0)  # weighted sums
    blend_weight: float = 0.5


def fit(training: Training, progress: Progress = quiet, done: float = 0.0) -> Fitted:
    """Rounds and calibrator from the first folds, judged on the last; then all rows again."""
    sample = training.sample
    edges, rates = rate_table(sample)
    plain_rate = Stage((), edges=edges, rates=rates)
    if training.name == "very_late" and sample.label[_distinct(sample)].sum() < FEWEST_VERY_LATE:
        return Fitted(plain_rate, None, 0, calibrated=False)
    tuned = Tuned(training.params.extra_learners[0]) if training.small else tune(training, progress, done)
    known, judged = training.fold(len(FOLDS) - 1)
    held_out, calibrated = None, False
    if has_both(sample.label[known]) and len(judged):
        learners, table = training.fit_learners(known, tuned.rounds, tuned.extra_learners), rate_table(sample.take(known))
        plain = Stage(learners, 1.0, *table, tuned.blend_weight)
        calibrated_stage = Stage(learners, tuned.slope, *table, tuned.blend_weight, tuned.pivot)
        by_rate = Stage((), 1.0, *table)
        margins, past = plain.margins(training.matrix[judged]), sample.rows.days_past_due_by[judged]
        odds = {stage: stage.stretched(margins, past) for stage in (plain, calibrated_stage)}
        odds[by_rate] = by_rate.log_odds(training.matrix[:0], past)
        losses = {stage: weighted_loss(log_odds, sample.take(judged)) for stage, log_odds in odds.items()}
        calibrated = losses[calibrated_stage] < losses[plain]
        held_out = calibrated_stage if calibrated else plain
        weight = float(sample.weight[judged].sum())
        beaten = tuned.losses[1] + losses[by_rate] * weight <= tuned.losses[0] + losses[held_out] * weight
        if training.name == "very_late" and beaten:
            return Fitted(plain_rate, by_rate, 0, calibrated=False)
    progress(training.name, done + 0.45)
    slope, pivot = (tuned.slope, tuned.pivot) if calibrated else (1.0, 0.0)
    learners = training.fit_learners(np.arange(len(sample)), tuned.rounds, tuned.extra_learners)
    return Fitted(
        Stage(learners, slope, edges, rates, tuned.blend_weight, pivot), held_out, tuned.rounds, calibrated, tuned.extra_learners
    )


def restaged(stage: Stage, training: Training) -> Stage:
    """A stage whose learners and rates are fitted to all rows of a training; how many rounds and which learners stays."""
    edges, rates = rate_table(training.sample)
    if not stage.learners or not has_both(training.sample.label):
        return replace(stage, edges=edges, rates=rates)
    trees, *others = stage.learners
    further = "bold" if training.name == "on_time" else "deep"
    names = tuple("line" if isinstance(other, LogisticModel) else further for other in others)
    rounds = trees.booster.num_boosted_rounds() if isinstance(trees, BoostedTrees) else FIXED_ROUNDS
    learners = training.fit_learners(np.arange(len(training.sample)), rounds, names)
    return replace(stage, learners=learners, edges=edges, rates=rates)


def _distinct(sample: sampling.Sample) -> npt.NDArray[np.int64]:
    """One row number per invoice."""
    return np.unique(sample.invoice, return_index=True)[1]


def tune(training: Training, progress: Progress, done: float) -> Tuned:
    """Rounds, learners, slope and blend weight from the pooled log-odds of the folds before the last."""
    import xgboost

    possible = training.params.extra_learners
    named = sorted({name for names in possible for name in names})
    curves, boosters, judgements, rates = [], [], [], []
    others: dict[str, list[Floats]] = {name: [] for name in named}  # what those beside say of each fold's judged rows
    for number in range(len(FOLDS) - 1):
        known, judged = training.fold(number)
        if not has_both(training.sample.label[known]) or not len(judged):
            continue
        data, curve = training.data(known), list[float]()
        held = xgboost.DMatrix(
            training.matrix[judged],
            training.sample.label[judged],
            weight=training.sample.weight[judged],
            feature_names=neutral_names(len(training.fields)),
        )
        rule = stop_rule(training.params.fewest_rounds, partial(judged_loss, held), curve, training.read_every)
        booster = boosting.train(training.xgboost_params() | {"eval_metric": "logloss"}, data, TRIES, callbacks=[rule])
        curves.append(np.array(curve))
        boosters.append(BoostedTrees(booster))
        for name in named:
            others[name].append(training.learner(name, known, data).margins(training.matrix[judged]))
        judgements.append(judged)
        rate = Stage((), 1.0, *rate_table(training.sample.take(known)))
        rates.append(rate.log_odds(training.matrix[judged], training.sample.rows.days_past_due_by[judged]))
        progress(training.name, done + 0.1 * (number + 1))
    if not curves:
        return Tuned(possible[0])
    weights = [training.sample.weight[j].sum() for j in judgements]
    rounds = max(best_rounds(curves, weights, training.read_every), training.params.fewest_rounds)
    rows = np.concatenate(judgements)
    label, weight = training.sample.label[rows], training.sample.weight[rows]
    own = np.concatenate([trees.margins(training.matrix[j], rounds) for trees, j in zip(boosters, judgements, strict=True)])
    together = {names: np.mean([own, *(np.concatenate(others[name]) for name in names)], axis=0) for names in possible}
    extra_learners = min(possible, key=lambda names: float(np.sum(log_losses(together[names], label) * weight)))
    pooled = together[extra_learners]
    # Turned about 0, a slope below 1 would make what is rare more frequent than the learners have it.
    pivot = float(np.average(pooled, weights=weight)) if training.name == "very_late" else 0.0
    slope = fit_calibration_slope(pooled, label, weight, pivot)
    by_learners, by_rate = pivot + slope * (pooled - pivot), np.concatenate(rates)
    overdue = training.sample.rows.days_past_due_by[rows] > 0
    blend_weight = best_blend_weight(by_learners[overdue], by_rate[overdue], label[overdue], weight[overdue])
    mixed = np.where(overdue, blend_weight * by_learners + (1 - blend_weight) * by_rate, by_learners)
    losses = [float(np.sum(log_losses(odds, label) * weight)) for odds in (mixed, by_rate)]
    return Tuned(extra_learners, rounds, slope, pivot, (losses[0], losses[1]), blend_weight)


def judged_loss(held: "xgboost.DMatrix", booster: "xgboost.Booster", epoch: int) -> float:
    """The weighted log loss of a booster, so far, on rows that it has not seen."""
    return float(booster.eval_set([(held, "judged")], epoch).rpartition(":")[2])


def stop_rule(
    fewest: int, loss_after: "Callable[[xgboost.Booster, int], float]", curve: list[float], every: int = 1
) -> "xgboost.callback.TrainingCallback":
    """Ends a training once the last PATIENCE rounds were no better than one before, but not before the `fewest` rounds.

    Whatever a curve says of fewer rounds, so many are trained: it is not looked beyond them for longer than PATIENCE. The loss
    is read into `curve` after `every` so many rounds: XGBoost reads several new trees in one go over the rows.
    """
    from xgboost.callback import TrainingCallback

    class StopRule(TrainingCallback):
        def after_iteration(self, model: "xgboost.Booster", epoch: int, evals_log: TrainingCallback.EvalsLog) -> bool:  # noqa: ARG002
            rounds = epoch + 1
            if rounds % every:
                return False
            curve.append(loss_after(model, epoch))
            return rounds >= fewest and rounds - every * (int(np.argmin(curve)) + 1) >= PATIENCE

    return StopRule()


def best_blend_weight(learners: Floats, rate: Floats, label: npt.NDArray[np.uint8], weight: Floats) -> float:
    """The learners' share in the log-odds of overdue rows that loses least; half where there are too few to tell."""
    if len(label) < FEWEST_OVERDUE:
        return Tuned.blend_weight
    return min(BLEND_WEIGHTS, key=lambda share: float(np.sum(log_losses(share * learners + (1 - share) * rate, label) * weight)))


def best_rounds(curves: list[Floats], weights: list[float], every: int = 1) -> int:
    """The number of rounds with the least pooled loss, read after `every` so many; a curve that ended stays at its last value."""
    longest = max(map(len, curves))
    padded = [np.pad(curve, (0, longest - len(curve)), mode="edge") for curve in curves]
    return int(np.average(padded, axis=0, weights=weights).argmin() + 1) * every


def fit_calibration_slope(log_odds: Floats, label: npt.NDArray[np.uint8], weight: Floats, pivot: float = 0.0) -> float:
    """The slope about a pivot (above 0) that makes log-odds agree best with the answers; 1 where it has none.

    No intercept: it would carry the share late of the last months into the next ones (docs/decisions).
    """
    away = log_odds - pivot

    def too_steep(slope: float) -> bool:
        return float(np.sum(weight * away * (sigmoid(pivot + slope * away) - label))) > 0

    low, high = 0.0, STEEPEST
    if not has_both(label) or too_steep(low):
        return 1.0
    for _ in range(HALVINGS):  # the loss is convex in the slope
        middle = (low + high) / 2
        low, high = (low, middle) if too_steep(middle) else (middle, high)
    return (low + high) / 2


def has_both(label: npt.NDArray[np.uint8]) -> bool:
    return bool(len(label)) and bool(label.any()) and not bool(label.all())


def rate_table(sample: sampling.Sample) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """P(answer) by days past the on-time line, drawn towards the overall rate with the weight of 20 rows."""
    edges = tuple(sorted({-60, -30, -20, -10, -5, *range(1, 11), 15, 20, 30, 45, 60}))
    place = np.searchsorted(edges, sample.rows.days_past_due_by, side="right")
    weight = sample.weight / max(sample.weight.mean(), 1e-9) if len(sample) else sample.weight
    count = np.bincount(place, weight, len(edges) + 1)
    hits = np.bincount(place, weight * sample.label, len(edges) + 1)
    overall = (hits.sum() + 1) / (count.sum() + 2)
    return edges, tuple(float(rate) for rate in (hits + 20 * overall) / (count + 20))


def loss(stage: Stage, training: Training, which: npt.NDArray[np.int64]) -> float:
    """Weighted log loss of a stage on some rows of its training."""
    sample = training.sample.take(which)
    return weighted_loss(stage.log_odds(training.matrix[which], sample.rows.days_past_due_by), sample)


def weighted_loss(log_odds: Floats, sample: sampling.Sample) -> float:
    """Weighted log loss of what is said of the rows of a sample."""
    return float(np.average(log_losses(log_odds, sample.label), weights=sample.weight))


def log_losses(log_odds: Floats, label: npt.NDArray[np.uint8]) -> Floats:
    """-log of the probability that the log-odds give to the answer, per row."""
    out: Floats = np.logaddexp(0, np.where(label, -log_odds, log_odds))
    return out
