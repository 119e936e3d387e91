"""Does a saved model say the same, and is a changed one refused?"""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from insights.features.catalog import field
from insights.ledger.errors import Refused
from insights.model.model import Model
from insights.model.recipe import Recipe
from insights.model.training import train
from insights.prediction.scoring import score
from tests.support.ledgers import (
    small_ledger,
    small_model,
)
from tests.support.models import AT, files


def test_a_loaded_model_says_the_same(tmp_path: Path) -> None:
    small_model().save(tmp_path / "first")
    loaded = Model.load(tmp_path / "first")
    assert replace(loaded, stages=small_model().stages) == small_model()
    one, other = (score(model, small_ledger(), AT) for model in (small_model(), loaded))
    assert one.equals(other)
    loaded.save(tmp_path / "again")
    assert files(tmp_path / "again") == files(tmp_path / "first")


@pytest.mark.parametrize("name", ["model.json", "model.json.sha256", "on_time.ubj", "very_late.ubj"])
def test_a_model_with_a_changed_or_missing_file_is_refused(name: str, tmp_path: Path) -> None:
    small_model().save(tmp_path)
    path = tmp_path / name
    content = path.read_bytes()
    for place in (0, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        with pytest.raises(Refused, match="changed after it was saved"):
            Model.load(tmp_path)
    path.unlink()
    with pytest.raises(Refused, match=f"{name} is missing"):
        Model.load(tmp_path)


def test_a_model_of_another_version_is_refused_with_a_sentence(tmp_path: Path) -> None:
    small_model().save(tmp_path)
    old = (tmp_path / "model.json").read_text().replace('"format": 2', '"format": 1').encode()
    (tmp_path / "model.json").write_bytes(old)
    (tmp_path / "model.json.sha256").write_text(sha256(old).hexdigest())
    with pytest.raises(Refused, match="train anew"):
        Model.load(tmp_path)


@pytest.mark.slow
def test_a_model_from_before_habits_and_pivots_says_what_it_said(tmp_path: Path) -> None:
    """Its file names neither: it asks for its own fields, and its slopes turn about 0."""
    fields = tuple(name for name in small_model().fields if field(name).group != "habit")
    model = train(small_ledger(), AT, Recipe(very_late_days=15, fields=fields))
    first, second = (replace(stage, slope=0.8) for stage in model.stages)
    model = replace(model, stages=(first, second))
    model.save(tmp_path)
    values = json.loads((tmp_path / "model.json").read_text())
    assert [stage.pop("pivot") for stage in values["stages"]] == [0, 0]
    content = json.dumps(values).encode()
    (tmp_path / "model.json").write_bytes(content)
    (tmp_path / "model.json.sha256").write_text(sha256(content).hexdigest())
    loaded = Model.load(tmp_path)
    assert loaded.fields == fields
    assert score(loaded, small_ledger(), AT).equals(score(model, small_ledger(), AT))
