"""Is what is not as it was written named?"""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import text

from insights import ingest
from insights.ledger.errors import Refused
from insights.model.recipe import Recipe
from insights.services import mappings, predictions
from insights.services.ledgers import commit
from insights.store import backtests, ledgers
from insights.store import models as model_store
from insights.store.integrity import examine
from insights.store.store import Store
from tests.support.damage import flip
from tests.support.postgres import POSTGRES, SQLITE
from tests.support.processes import refusal
from tests.support.workspaces import ME, rates_model, small_ledger, write_csv


def a_bit_of_everything(workspace: Store, tmp_path: Path) -> str:
    """A ledger, a model, predictions, a backtest, a saved mapping; the ledger's id."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, name="Rates", actor=ME)
    predictions.of_model(workspace, ledger.id, model_id, date(2024, 4, 1), actor=ME)
    backtests.save(workspace, ledger.id, Recipe(), pa.table({"position": [1]}), {})
    options = ingest.Options()
    mappings.save(workspace, "mine", ingest.read(write_csv(tmp_path / "some.csv", invoices=20), options), options, actor=ME)
    return ledger.id


KINDS = ("ledgers/*/invoices.parquet", "ledgers/*/ledger.json", "models/*/model.json", "predictions/*/*/*.parquet",
         "backtests/*/*.parquet", "mappings/*.json")  # fmt: skip


@pytest.mark.slow
def test_every_kind_of_file_is_looked_at(workspace: Store, tmp_path: Path) -> None:
    a_bit_of_everything(workspace, tmp_path)
    assert examine(workspace).faults == ()
    for pattern in KINDS:
        (path,) = workspace.home.glob(pattern)
        sound = path.read_bytes()
        flip(path, 8 * 50)
        (fault,) = examine(workspace).faults
        assert path.relative_to(workspace.home).as_posix().startswith(fault.path)
        path.write_bytes(sound)
    (workspace.home / fault.path).unlink()
    assert examine(workspace).faults == ()  # a mapping that is gone was forgotten


@pytest.mark.slow
def test_a_changed_row_is_named_in_the_database_that_it_is_in(workspace: Store, database: str, tmp_path: Path) -> None:
    a_bit_of_everything(workspace, tmp_path)
    with workspace.database.write() as session:
        session.execute(text("UPDATE models SET name = 'another'"))
    (fault,) = examine(workspace).faults
    assert (fault.path, "“models”" in fault.part) == ({SQLITE: "workspace.sqlite", POSTGRES: "database"}[database], True)


@pytest.mark.parametrize("harm", ["changed", "gone", "folder gone"])
@pytest.mark.slow
def test_a_damaged_ledger_is_named_with_what_to_do(workspace: Store, tmp_path: Path, harm: str) -> None:
    ledger_id = a_bit_of_everything(workspace, tmp_path)
    folder = workspace.home / "ledgers" / ledger_id
    if harm == "changed":
        flip(folder / "payments.parquet", 77)
    elif harm == "gone":
        (folder / "payments.parquet").unlink()
    else:
        folder.rename(tmp_path / "elsewhere")
    with pytest.raises(Refused, match=f"“Example” .{ledger_id}. is damaged: .*restore a backup"):
        ledgers.load(workspace, ledger_id)


@pytest.mark.slow
def test_a_damaged_model_is_named_and_nobody_uses_it(workspace: Store, tmp_path: Path) -> None:
    a_bit_of_everything(workspace, tmp_path)
    (record,) = model_store.listed(workspace)
    flip(workspace.path(f"models/{record.id}/model.json"), 500)
    with pytest.raises(Refused, match=r"“Rates”.*is damaged"):
        model_store.load(workspace, record.id)
    assert refusal(model_store.made_with, workspace, record.id) == "damaged"
