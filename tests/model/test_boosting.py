"""Do trees come out the same where their rows are binned from files, and does a training go on where a card is missing?"""

import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import xgboost

from insights.ledger.ledger import Floats, Matrix
from insights.model import boosting

PARAMS = {"objective": "binary:logistic", "tree_method": "hist", "max_depth": 6, "colsample_bytree": 0.5, "seed": 3, "nthread": 1}


def rows(many: int) -> tuple[Matrix, npt.NDArray[np.uint8], Floats]:
    """Twelve fields of which four tell something, gaps among them; one row in five weighs thrice."""
    random = np.random.default_rng(1)
    values = random.normal(size=(many, 12)).astype(np.float32)
    values[random.random(values.shape) < 0.1] = np.nan
    told = np.nan_to_num(values[:, :4]) @ np.array([1.0, -0.7, 0.5, 0.3])
    label = (told + random.logistic(size=many) > 0).astype(np.uint8)
    return values, label, np.where(np.arange(many) % 5 == 0, 3.0, 1.0)


def loss(booster: xgboost.Booster, many: int) -> float:
    """Mean log loss on rows that the booster has not seen."""
    values, label, weight = rows(2 * many)
    p = np.clip(booster.inplace_predict(values[many:], validate_features=False), 1e-6, 1 - 1e-6)
    return float(np.average(-np.log(np.where(label[many:] == 1, p, 1 - p)), weights=weight[many:]))


@pytest.mark.slow
def test_rows_that_are_binned_from_files_give_trees_that_are_as_good(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """20 000 rows in seven batches; the last two fields are in no use. The files go with the matrix."""
    many = 20_000
    used = np.arange(12) < 10
    values, label, weight = rows(2 * many)
    values, label, weight = values[:many], label[:many], weight[:many]
    whole = boosting.train(PARAMS, boosting.binned(values, label, weight, used), 60)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(boosting, "IN_MEMORY", 0)
    monkeypatch.setattr(boosting, "BATCH", values.nbytes // 6)
    batches = boosting.binned(values, label, weight, used)
    assert isinstance(batches, xgboost.ExtMemQuantileDMatrix)
    assert list(tmp_path.rglob("*"))
    in_batches = boosting.train(PARAMS, batches, 60)
    assert loss(in_batches, many) == pytest.approx(loss(whole, many), rel=0.002)
    assert loss(whole, many) < 0.6
    assert set(in_batches.get_score()) <= {f"f{number}" for number in range(10)}
    del batches
    assert not list(tmp_path.rglob("*"))


def test_no_file_stays_where_rows_cannot_be_binned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A value is without bounds, which XGBoost refuses."""
    values, label, weight = rows(1_000)
    values[700, 3] = np.inf
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(boosting, "IN_MEMORY", 0)
    monkeypatch.setattr(boosting, "BATCH", values.nbytes // 6)
    with pytest.raises(ValueError, match="inf"):
        boosting.binned(values, label, weight, np.ones(12, np.bool_))
    assert not list(tmp_path.rglob("*"))


def test_without_a_card_the_processor_trains_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    assert boosting.usable("cpu", said.append) == "cpu"
    assert said == []
    monkeypatch.setattr(boosting, "cards", lambda: 0)
    assert boosting.usable("cuda", said.append) == "cpu"
    assert said[0].endswith("the processor trains.")


def test_a_card_is_used_where_the_driver_offers_one_and_xgboost_was_built_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(boosting, "cards", lambda: 1)
    monkeypatch.setattr(xgboost, "build_info", lambda: {"USE_CUDA": True})
    assert boosting.usable("cuda", said.append) == "cuda"
    monkeypatch.setattr(xgboost, "build_info", lambda: {"USE_CUDA": False})
    assert boosting.usable("cuda", said.append) == "cpu"
    assert "requirements-gpu.txt" in said[0]
