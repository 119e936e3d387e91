"""Does a saved model say the same, and is a changed one refused?"""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from insights.ledger.errors import Refused
from insights.model.model import Model
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
