"""What a straight line and trees say, and how what they say together adds up."""

from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from insights.ledger.errors import Refused
from insights.ledger.ledger import Floats, Matrix
from insights.model.base_learners import FAR, BoostedTrees, LogisticModel, standardised
from insights.model.model import Stage, load_booster, load_stage, save_stage

PAST = np.array([-3, 0, 1, 5])


def rows(many: int = 400, seed: int = 0) -> tuple[Matrix, np.ndarray[tuple[int], np.dtype[np.uint8]]]:
    """Three fields: the first tells, the second is missing in a third of the rows (which tells, too), the third is constant."""
    draw = np.random.default_rng(seed)
    first, gap = draw.normal(50, 10, many), draw.random(many) < 1 / 3
    second = np.where(gap, np.nan, draw.normal(0, 1, many))
    label = draw.random(many) < 1 / (1 + np.exp(-((first - 50) / 5 + 2 * gap)))
    return np.column_stack([first, second, np.full(many, 7.0)]).astype(np.float32), label.astype(np.uint8)


@cache
def line() -> LogisticModel:
    matrix, label = rows()
    return LogisticModel.fit(matrix, label, np.ones(len(label)))


@cache
def trees(seed: int = 0) -> BoostedTrees:
    import xgboost

    matrix, label = rows(seed=seed)
    data = xgboost.QuantileDMatrix(matrix, label, feature_names=["first", "second", "third"])
    return BoostedTrees(xgboost.train({"objective": "binary:logistic", "max_depth": 2, "nthread": 1}, data, 5))


def test_a_line_finds_which_way_a_field_and_its_absence_point() -> None:
    assert line().weights[0] > 0.3
    assert line().gaps[1] > 0.1
    assert (line().weights[2], line().gaps[2]) == pytest.approx((0, 0)), "a constant field says nothing"


def test_a_line_is_the_logistic_regression_of_standardised_fields() -> None:
    """Oracle: scikit-learn on the fields and on marks for the gaps, worked out apart."""
    from sklearn.linear_model import LogisticRegression

    matrix, label = rows()
    known = np.ma.masked_invalid(matrix.astype(np.float64))
    far = ((known - known.mean(axis=0)) / np.where(known.std(axis=0) > 0, known.std(axis=0), 1)).filled(0).clip(-5, 5)
    gaps = known.mask - known.mask.mean(axis=0)
    inputs = np.hstack([far, gaps])
    expected = LogisticRegression(C=0.01, max_iter=2_000).fit(inputs, label).decision_function(inputs)
    assert line().margins(matrix) == pytest.approx(expected, abs=1e-3)


def test_a_value_beyond_five_standard_deviations_counts_as_five() -> None:
    far, _ = standardised(np.array([[1e9], [-1e9]], np.float32), np.array([0.0]), np.array([1.0]))
    assert far.ravel().tolist() == [FAR, -FAR]


numbers = st.one_of(st.just(np.nan), st.floats(-1e6, 1e6, width=32))


@pytest.mark.slow
@settings(deadline=None)  # the first example teaches the voices
@given(arrays(np.float32, (4, 3), elements=numbers))
def test_what_fields_add_is_what_is_said(matrix: Matrix) -> None:
    for learner in (line(), trees()):
        told = learner.contributions(matrix)
        assert told.shape == (4, 4)
        assert told.sum(axis=1) == pytest.approx(learner.margins(matrix), abs=1e-4)
    stage = Stage((trees(), trees(1), line()), 0.8, (0, 3), (0.2, 0.5, 0.7), 0.5)
    slope, offset = stage.scale_and_offset(PAST)
    assert stage.contributions(matrix).sum(axis=1) * slope + offset == pytest.approx(stage.log_odds(matrix, PAST), abs=1e-4)


def test_a_stage_says_the_average_of_its_voices() -> None:
    """Before the due date; slope 1: the log-odds of a stage of two voices lie halfway between theirs."""
    matrix, _ = rows(4, seed=5)
    before = np.full(4, -1)
    each: list[Floats] = [Stage((learner,)).log_odds(matrix, before) for learner in (trees(), line())]
    assert Stage((trees(), line())).log_odds(matrix, before) == pytest.approx((each[0] + each[1]) / 2)


@pytest.mark.slow
def test_shap_says_of_trees_and_line_together_what_the_stage_says() -> None:
    """A line's SHAP values by shap.LinearExplainer, about an average invoice, are its contributions."""
    import shap

    far, gap = standardised(rows()[0], np.array(line().centre), np.array(line().scale))
    inputs = np.hstack([far, gap])
    weights = np.array([*line().weights, *line().gaps])
    base = line().base - np.array(line().missing) @ np.array(line().gaps)
    average = np.array([0.0, 0.0, 0.0, *line().missing])
    told = shap.LinearExplainer((weights, base), (average, np.eye(6)))(inputs).values
    assert line().contributions(rows()[0])[:, :3] == pytest.approx(told[:, :3] + told[:, 3:], abs=1e-6)


def test_a_saved_stage_says_the_same_to_the_bit_whatever_its_voices(tmp_path: Path) -> None:
    matrix, _ = rows(4, seed=5)
    stage = Stage((trees(), trees(1), line()), 0.8, (0, 3), (0.2, 0.5, 0.7), 0.5)
    kept = save_stage(stage, tmp_path, "on_time", ("a", "b", "c"))
    assert {path.name for path in tmp_path.iterdir()} == {"on_time.ubj", "on_time_2.ubj"}
    again = load_stage(kept, partial(load_booster, tmp_path))
    assert (again.log_odds(matrix, PAST) == stage.log_odds(matrix, PAST)).all()
    assert (again.contributions(matrix) == stage.contributions(matrix)).all()


def test_a_changed_byte_in_any_booster_is_refused(tmp_path: Path) -> None:
    kept = save_stage(Stage((trees(), trees(1))), tmp_path, "on_time", ("a", "b", "c"))
    path = tmp_path / "on_time_2.ubj"
    path.write_bytes(path.read_bytes().replace(b"L", b"M", 1))
    with pytest.raises(Refused, match=r"on_time_2\.ubj"):
        load_stage(kept, partial(load_booster, tmp_path))
