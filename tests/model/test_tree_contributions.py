"""The tables say what XGBoost says itself, of every tree that is grown here, and leave the others to it."""

from functools import cache
from typing import Any

import numpy as np
import pytest
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from insights.ledger.ledger import Matrix
from insights.model.base_learners import BoostedTrees
from insights.model.tree_contributions import BLOCK, TreeContributions, made_ready

FIELDS = 8


def rows(many: int = 1_500, seed: int = 0) -> tuple[Matrix, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Rows of FIELDS fields, a tenth of the values missing; the answer hangs on three of them together, and on a gap."""
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(many, FIELDS)).astype(np.float32)
    score = values[:, 0] + values[:, 1] * values[:, 2] + draw.normal(size=many)
    values[draw.random(values.shape) < 0.1] = np.nan
    return values, (score + np.isnan(values[:, 3]) > 0).astype(np.int64)


def grown(depth: int, rounds: int = 8, **params: Any) -> xgboost.Booster:  # noqa: ANN401 - whatever XGBoost takes
    values, label = rows()
    settings = {"objective": "binary:logistic", "max_depth": depth, "min_child_weight": 2, "nthread": 1, **params}
    return xgboost.train(settings, xgboost.QuantileDMatrix(values, label), rounds)


@cache
def of_depth(depth: int) -> tuple[xgboost.Booster, TreeContributions]:
    booster = grown(depth, colsample_bytree=0.6)
    ready = made_ready(booster)
    assert ready is not None
    return booster, ready


def own(booster: xgboost.Booster, matrix: Matrix) -> np.ndarray:
    return booster.predict(xgboost.DMatrix(matrix), pred_contribs=True)


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5, 6])
def test_the_tables_say_what_xgboost_says(depth: int) -> None:
    """Oracle: XGBoost's own walk through the trees, in float32."""
    booster, ready = of_depth(depth)
    matrix, _ = rows(300, seed=1)
    assert ready.of(matrix) == pytest.approx(own(booster, matrix), abs=2e-6)


@settings(deadline=None, max_examples=30)
@given(arrays(np.float32, (3, FIELDS), elements=st.one_of(st.just(np.nan), st.floats(-1e9, 1e9, width=32), st.just(np.inf))))
def test_whatever_a_row_holds_its_fields_add_up_to_its_margin(matrix: Matrix) -> None:
    booster, ready = of_depth(6)
    assert ready.of(matrix).sum(axis=1) == pytest.approx(BoostedTrees(booster).margins(matrix), abs=1e-5)


def test_a_value_on_a_split_goes_where_xgboost_lets_it_go() -> None:
    """Each row holds the very number at which the first tree splits."""
    booster, ready = of_depth(3)
    tree = booster.trees_to_dataframe().query("Feature != 'Leaf'")
    matrix = np.zeros((len(tree), FIELDS), np.float32)
    matrix[np.arange(len(tree)), tree["Feature"].str[1:].astype(int)] = tree["Split"].astype(np.float32)
    assert ready.of(matrix) == pytest.approx(own(booster, matrix), abs=2e-6)


def test_what_stands_beside_a_row_does_not_change_a_bit_of_it() -> None:
    """In blocks and alone, in another order: what lets parts of a ledger be scored apart."""
    _, ready = of_depth(3)
    matrix, _ = rows(BLOCK + 100, seed=2)
    whole = ready.of(matrix)
    assert (ready.of(matrix[::-1])[::-1] == whole).all()
    assert (ready.of(matrix[-150:]) == whole[-150:]).all()
    assert (ready.of(matrix[:1]) == whole[:1]).all()
    assert ready.of(matrix[:0]).shape == (0, FIELDS + 1)


def test_a_tree_that_asks_nothing_adds_nothing() -> None:
    """No split is worth it: each tree is one leaf."""
    booster = grown(3, gamma=1e9)
    ready = made_ready(booster)
    assert ready is not None
    matrix, _ = rows(5)
    assert (ready.of(matrix)[:, :-1] == 0).all()
    assert ready.of(matrix)[:, -1] == pytest.approx(BoostedTrees(booster).margins(matrix), abs=1e-6)


@pytest.mark.parametrize("params", [{"depth": 7}, {"depth": 3, "booster": "dart"}], ids=["deeper", "dart"])
def test_other_trees_are_left_to_xgboost(params: dict[str, Any]) -> None:
    booster = grown(**params)
    assert made_ready(booster) is None
    matrix, _ = rows(20, seed=3)
    assert (BoostedTrees(booster).contributions(matrix) == own(booster, matrix)).all()
