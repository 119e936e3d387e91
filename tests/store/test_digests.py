"""Is a file that can be made again used only as it was written?"""

import logging
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insights.model.recipe import Recipe
from insights.services import monitoring, predictions
from insights.services.ledgers import commit
from insights.store import backtests, digests, replays
from insights.store import models as model_store
from insights.store.store import Store
from tests.support.damage import flip
from tests.support.versions import as_before
from tests.support.workspaces import ME, opened, rates_model, small_ledger

AS_OF = date(2024, 4, 1)


def scored(workspace: Store) -> tuple[str, str, Path]:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    return ledger.id, model_id, predictions.of_model(workspace, ledger.id, model_id, AS_OF, actor=ME)


@pytest.mark.parametrize("bit", [40, 400, 4_000, -40])
@pytest.mark.slow
def test_predictions_that_are_not_as_written_are_computed_again(
    workspace: Store, bit: int, caplog: pytest.LogCaptureFixture
) -> None:
    ledger_id, model_id, path = scored(workspace)
    before = path.read_bytes()
    flip(path, bit)
    with caplog.at_level(logging.WARNING):
        assert predictions.of_model(workspace, ledger_id, model_id, AS_OF, actor=ME) == path
    assert path.read_bytes() == before
    assert "not as it was written" in caplog.text


def test_predictions_of_several_models_are_looked_at_too(workspace: Store) -> None:
    ledger_id, model_id, _ = scored(workspace)
    other = model_store.save(workspace, rates_model(late=0.5), ledger_id, actor=ME)
    mix = {"north": model_id, "south": other}
    path = predictions.together(workspace, ledger_id, mix, AS_OF, actor=ME)
    before = path.read_bytes()
    flip(path, 400)
    assert predictions.together(workspace, ledger_id, mix, AS_OF, actor=ME).read_bytes() == before


def test_a_replayed_day_that_is_not_as_written_is_missing(workspace: Store) -> None:
    ledger_id, _, _ = scored(workspace)
    folder = workspace.path(replays.folder_of(ledger_id, Recipe()))
    replays.save(workspace, folder, AS_OF, pa.table({"position": [1, 2, 3]}), (1, 2))
    assert replays.missing(workspace, ledger_id, Recipe(), [AS_OF]) == []
    flip(folder / f"{AS_OF}.parquet", 99)
    assert replays.missing(workspace, ledger_id, Recipe(), [AS_OF]) == [AS_OF]


def test_a_backtest_that_is_not_as_written_is_not_shown(workspace: Store) -> None:
    ledger_id, _, _ = scored(workspace)
    path = backtests.save(workspace, ledger_id, Recipe(), pa.table({"position": [1]}), {"log_loss": 0.5})
    kept = backtests.load(workspace, ledger_id, Recipe())
    assert kept is not None
    assert kept.report == {"log_loss": 0.5}
    flip(path, 200)
    assert backtests.load(workspace, ledger_id, Recipe()) is None


def test_monitoring_judges_no_prediction_that_is_not_as_written(workspace: Store) -> None:
    """Acme's invoice of 25.00 was still open on 1 April, and is answered a month later."""
    _, _, path = scored(workspace)
    later = commit(workspace, replace(small_ledger(), complete_through=date(2024, 6, 30)), actor=ME)
    before, shown = path.read_bytes(), monitoring.shown(workspace, later.id)
    assert len(shown) == 1
    flip(path, 400)
    assert monitoring.shown(workspace, later.id) == shown
    assert path.read_bytes() == before


def test_a_file_is_hashed_once_as_long_as_nobody_touches_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"one")
    first = digests.digest_of(path)
    monkeypatch.setattr("insights.store.files.digest", lambda _: "hashed again")
    assert digests.digest_of(path) == first
    flip(path, 3)
    assert digests.digest_of(path) == "hashed again"


@pytest.mark.slow
def test_what_a_workspace_of_before_has_computed_is_taken_as_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    workspace = opened(tmp_path)
    ledger_id, _, _ = scored(workspace)
    path = backtests.save(workspace, ledger_id, Recipe(), pa.table({"position": [1]}), {"log_loss": 0.5})
    as_before(workspace, "0003")
    with caplog.at_level(logging.WARNING):
        reopened = Store.open(tmp_path)
    assert "1 files that had no digest count from now on as they are" in caplog.text
    assert backtests.load(reopened, ledger_id, Recipe()) is not None
    assert pq.read_table(path).num_rows == 1
