"""How are learners, rounds and calibration chosen, and what is done with few cases?"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import xgboost

from insights.features.catalog import field
from insights.features.events import SnapshotRows, events_of
from insights.features.sampling import Sample, first_stage, second_stage
from insights.ledger.ledger import Floats, Matrix, day
from insights.ledger.outcomes import DueRules
from insights.model.base_learners import BoostedTrees, LogisticModel
from insights.model.model import Model, Stage, sigmoid
from insights.model.recipe import Recipe
from insights.model.training import train
from insights.model.tuning import (
    FOLDS,
    Training,
    best_rounds,
    fit_calibration_slope,
    judged_loss,
    log_losses,
    quiet,
    restaged,
    stop_rule,
    tune,
    used_fields,
)
from insights.prediction.scoring import score
from tests.support.ledgers import (
    START,
    small_ledger,
    small_model,
)
from tests.support.models import AT


@dataclass(frozen=True)
class Said:
    """A learner that says what it is given."""

    odds: Floats

    def margins(self, matrix: Matrix) -> Floats:  # noqa: ARG002
        return self.odds

    def contributions(self, matrix: Matrix) -> Floats:  # noqa: ARG002
        return self.odds[:, None]


def split_on(stage: Stage, fields: tuple[str, ...]) -> set[str]:
    """The groups of the fields on which the boosters of a stage split."""
    boosters = [learner.booster for learner in stage.learners if isinstance(learner, BoostedTrees)]
    return {field(fields[int(name[1:])]).group for booster in boosters for name in booster.get_score()}


@pytest.mark.slow
def test_habits_are_learnt_from_by_the_first_stage_alone() -> None:
    model = small_model()
    first, second = (split_on(stage, model.fields) for stage in model.stages)
    assert "habit" in first
    assert second
    assert "habit" not in second


def test_where_a_recipe_has_nothing_but_habits_the_second_stage_learns_from_them() -> None:
    fields = ("late_share_same_weekday", "run_days_left")
    assert used_fields("very_late", fields).all()
    assert used_fields("very_late", (*fields, "late_share")).tolist() == [False, False, True]
    assert used_fields("on_time", (*fields, "late_share")).all()


def test_below_a_thousand_answers_a_model_is_kept_simple_and_says_so() -> None:
    assert [stage.slope for stage in small_model().stages] == [1, 1]
    assert "few_invoices" in {found.code for found in small_model().metrics.warnings}


def test_below_fifty_very_late_ones_a_rate_takes_the_place_of_the_second_stage_marked(tmp_path: Path) -> None:
    """Very late only after 35 days: too few to learn from."""
    recipe = Recipe(very_late_days=35, fields=("late_share", "days_to_due"))
    model = train(small_ledger(), AT, recipe)
    (warning,) = [found for found in model.metrics.warnings if found.code == "very_late_by_rate"]
    assert 0 < warning.values["very_late"] < 50
    assert not model.stages[1].learners
    assert model.metrics.stages["very_late"].by_rate
    model.save(tmp_path)
    table = score(Model.load(tmp_path), small_ledger(), AT)
    past_due = table["days_past_due"].to_numpy()
    overdue = (past_due > 0) & (past_due <= 35)
    told = table["p_very_late"].to_numpy()[overdue]
    assert overdue.any()
    assert np.allclose(told, model.stages[1].rate(past_due[overdue].astype(np.int64)))


def test_a_rate_by_days_past_due_is_looked_up_by_its_edges() -> None:
    stage = Stage((), edges=(0, 10), rates=(0.1, 0.2, 0.3))
    assert stage.rate(np.array([-5, -1, 0, 9, 10, 99])).tolist() == [0.1, 0.1, 0.2, 0.2, 0.3, 0.3]
    assert sigmoid(stage.log_odds(np.zeros((1, 0), np.float32), np.array([3])))[0] == pytest.approx(0.2)


def test_a_fold_trains_on_what_was_known_on_its_day_and_is_judged_on_later_days() -> None:
    events = events_of(small_ledger(), DueRules(15))
    for stage, span in ((first_stage, 0), (second_stage, 15)):
        sample = stage(events, day(START), day(AT), 0)
        matrix = np.zeros((len(sample), 0), np.float32)
        training = Training("on_time", (), sample, matrix, small=False, seed=0, start=day(START), at=day(AT))
        judged_before: set[int] = set()
        for number in range(len(FOLDS)):
            known, judged = training.fold(number)
            begin = training.fold_day(number)
            assert (sample.rows.due_by[known] + span < begin).all()
            assert (sample.rows.at[judged] >= begin).all()
            assert not set(judged.tolist()) & (judged_before | set(known.tolist()))
            judged_before |= set(judged.tolist())
            assert len(known)
            assert len(judged)


def test_the_calibrator_finds_the_slope_that_bent_the_odds() -> None:
    """Answers drawn at half the log-odds."""
    draw = np.random.default_rng(1)
    told = draw.normal(0, 3, 40_000)
    label = (draw.random(40_000) < sigmoid(told / 2)).astype(np.uint8)
    assert fit_calibration_slope(told, label, np.ones(40_000)) == pytest.approx(0.5, abs=0.03)


def test_the_calibrator_stretches_what_lies_on_either_side_of_its_pivot() -> None:
    """Answers drawn at twice the distance from minus two: what is rare stays as rare as it is."""
    draw = np.random.default_rng(1)
    told = draw.normal(-2, 1, 40_000)
    label = (draw.random(40_000) < sigmoid(2 * (told + 2) - 2)).astype(np.uint8)
    slope = fit_calibration_slope(told, label, np.ones(40_000), pivot=-2.0)
    assert slope == pytest.approx(2, abs=0.1)
    assert sigmoid(-2 + slope * (told + 2)).mean() == pytest.approx(label.mean(), abs=0.01)
    stage = Stage((Said(told),), slope, pivot=-2.0)
    assert stage.log_odds(np.zeros((len(told), 0), np.float32), np.zeros(len(told), np.int64)) == pytest.approx(
        -2 + slope * (told + 2)
    )


def test_a_calibrator_never_turns_the_odds_round() -> None:
    told = np.linspace(-3, 3, 200)
    assert fit_calibration_slope(told, (told < 0).astype(np.uint8), np.ones(200)) == 1
    assert fit_calibration_slope(told, np.ones(200, np.uint8), np.ones(200)) == 1


@pytest.mark.parametrize(("fewest", "curve", "trained"), [(1, [3, 2, 1], 43), (100, [3, 2, 1], 100), (20, [3, 2] + [1] * 30, 43)])
def test_a_fold_ends_once_the_last_rounds_gained_nothing_but_not_before_the_fewest(
    fewest: int, curve: list[float], trained: int
) -> None:
    """Its loss falls until round 3, and 40 rounds later nothing more is hoped for."""
    losses = curve + [1.0] * 600
    read: list[float] = []
    rule = stop_rule(fewest, lambda _, at: losses[at], read)
    assert next(at for at in range(600) if rule.after_iteration(None, at, {})) + 1 == trained
    assert read == losses[:trained]


def test_a_loss_that_is_read_every_fifth_round_ends_and_chooses_at_such_a_round() -> None:
    """Least after 60 rounds of those read: 100 are trained, and 60 chosen."""
    losses = [abs(at + 1 - 58) / 100 for at in range(600)]
    read: list[float] = []
    rule = stop_rule(1, lambda _, at: losses[at], read, every=5)
    assert next(at for at in range(600) if rule.after_iteration(None, at, {})) + 1 == 100
    assert best_rounds([np.array(read)], [1.0], every=5) == 60


@pytest.mark.slow
def test_the_loss_that_is_read_is_that_of_the_trees_so_far() -> None:
    """Oracle: the log loss of the margins, by rounds; read after 5 and after 10."""
    training = few_invoices(200, "on_time")
    every = np.arange(200)
    held = xgboost.DMatrix(training.matrix, training.sample.label, feature_names=["f0", "f1"])
    read: list[float] = []
    rule = stop_rule(10, partial(judged_loss, held), read, every=5)
    params = training.xgboost_params() | {"eval_metric": "logloss", "min_child_weight": 1}
    trees = BoostedTrees(xgboost.train(params, training.data(every), 10, callbacks=[rule]))
    told = [log_losses(trees.margins(training.matrix, rounds), training.sample.label).mean() for rounds in (5, 10)]
    assert read == pytest.approx(told, abs=1e-6)
    assert read[0] != read[1]


def test_fields_that_a_stage_does_not_learn_from_change_no_bit_of_its_trees() -> None:
    """The middle one of three fields is a habit, which stage 2 leaves out: the same trees as with its values at hand."""
    sample = first_stage(events_of(small_ledger(), DueRules(15)), day(START), day(AT), 0)
    matrix = np.random.default_rng(0).normal(size=(len(sample), 3)).astype(np.float32)
    fields = ("amount", "run_days_left", "days_to_due")
    training = Training("very_late", fields, sample, matrix, small=False, seed=0, start=day(START), at=day(AT))
    params, every = training.xgboost_params() | {"min_child_weight": 1}, np.arange(len(sample))
    weight = sample.weight / sample.weight.mean()
    whole = xgboost.QuantileDMatrix(
        matrix,
        sample.label,
        weight=weight,
        feature_names=["f0", "f1", "f2"],
        feature_weights=np.array([1, 0, 1], np.float32),
    )
    trees = [xgboost.train(params, data, 9).get_dump(with_stats=True) for data in (whole, training.data(every))]
    assert trees[0] == trees[1]
    assert "f2" in "".join(trees[0])
    assert training.matrix[0, 1] == matrix[0, 1], "what others read is left as it is"
    assert not np.isnan(training.matrix).any()


def test_a_second_learner_on_shared_rows_is_the_one_that_is_taught_alone() -> None:
    sample = first_stage(events_of(small_ledger(), DueRules(15)), day(START), day(AT), 0)
    matrix = np.random.default_rng(0).normal(size=(len(sample), 5)).astype(np.float32)
    fields = ("amount", "late_share", "days_to_due", "paid_count", "days_late_mean")
    training = Training("on_time", fields, sample, matrix, small=False, seed=0, start=day(START), at=day(AT))
    every = np.arange(len(sample))
    shared = training.fit_learners(every, 7, ("bold",))
    alone = training.learner("bold", every, training.data(every))
    assert (shared[1].margins(matrix) == alone.margins(matrix)).all()


def test_the_rounds_are_those_with_the_least_pooled_loss() -> None:
    """One fold stopped after two rounds, where it stays; the other is best after three and has twice the weight."""
    assert best_rounds([np.array([0.5, 0.4]), np.array([0.9, 0.8, 0.6, 0.7])], [1.0, 2.0]) == 3


@pytest.mark.parametrize(("invoices", "chosen"), [(24_999, 3), (25_000, 1)])
def test_few_invoices_leave_a_choice_of_voices_that_many_do_not(invoices: int, chosen: int) -> None:
    training = few_invoices(invoices, "on_time")
    assert len(training.params.extra_learners) == chosen
    taught = training.fit_learners(np.arange(8), 1, ("bold", "line"))
    assert [type(learner) for learner in taught] == [BoostedTrees, BoostedTrees, LogisticModel]


def rounds_of(stage: Stage) -> list[int]:
    return [each.booster.num_boosted_rounds() for each in stage.learners if isinstance(each, BoostedTrees)]


def few_invoices(many: int, stage: str) -> Training:
    """A training on noise."""
    zeros = np.zeros(many, np.int32)
    rows = SnapshotRows(zeros, zeros, zeros, zeros, zeros.astype(np.int64), zeros, zeros, zeros == 0)
    sample = Sample(rows, np.arange(many), (np.arange(many) % 2).astype(np.uint8), np.ones(many), zeros)
    matrix = np.random.default_rng(0).normal(size=(many, 2)).astype(np.float32)
    return Training(stage, ("one", "two"), sample, matrix, small=False, seed=0, start=0, at=1)


@pytest.mark.parametrize(("stage", "extra"), [("on_time", ("bold", "line")), ("very_late", ("deep",))])
def test_a_stage_taught_anew_has_the_learners_the_slope_and_the_pivot_that_it_had(stage: str, extra: tuple[str, ...]) -> None:
    training = few_invoices(40, stage)
    before = Stage(training.fit_learners(np.arange(40), 3, extra), 0.9, pivot=-1.0)
    after = restaged(before, training)
    assert list(map(type, after.learners)) == list(map(type, before.learners))
    assert (after.slope, after.pivot) == (0.9, -1.0)
    rounds = [
        [each.booster.num_boosted_rounds() for each in s.learners if isinstance(each, BoostedTrees)] for s in (before, after)
    ]
    assert rounds[0] == rounds[1]


@pytest.mark.slow
@pytest.mark.parametrize(("bent", "best"), [(False, "line"), (True, "bold")])
def test_folds_choose_the_voices_that_err_least(bent: bool, best: str) -> None:  # noqa: FBT001
    """Three thousand invoices, 16 fields. What all sum up to, each little, is a line's; the product of two signs is not."""
    draw, many = np.random.default_rng(3), 3_000
    matrix = draw.normal(size=(many, 16)).astype(np.float32)
    odds = 3 * np.sign(matrix[:, 0] * matrix[:, 1]) if bent else matrix.sum(axis=1) / 2
    at = np.sort(draw.integers(0, 1_000, many)).astype(np.int32)
    zeros = np.zeros(many, np.int32)
    rows = SnapshotRows(np.arange(many, dtype=np.int32), zeros, at, at, zeros.astype(np.int64), zeros, at, zeros == 0)
    label = (draw.random(many) < sigmoid(odds)).astype(np.uint8)
    sample = Sample(rows, np.arange(many), label, np.ones(many), at + 1)
    names = tuple(f"f{n}" for n in range(16))
    tuned = tune(Training("on_time", names, sample, matrix, small=False, seed=0, start=0, at=1_000), quiet, 0.0)
    assert best in tuned.extra_learners
    assert tuned.extra_learners != (("line",) if bent else ("bold",))


def test_margins_of_more_rounds_than_there_are_are_those_of_all() -> None:
    trees = small_model().stages[0].learners[0]
    assert isinstance(trees, BoostedTrees)
    matrix = np.zeros((2, len(small_model().fields)), np.float32)
    assert (trees.margins(matrix, 10**6) == trees.margins(matrix)).all()
