"""Does a deletion remove everything derived?"""

from datetime import date

import pytest

from insights.services import predictions, publishing
from insights.services.ledgers import commit, delete
from insights.store import audit, ledgers, publications
from insights.store import models as model_store
from insights.store.store import Store
from tests.support.processes import died
from tests.support.workspaces import ME, rates_model, small_ledger


@pytest.mark.slow
def test_deleting_a_ledger_removes_everything_derived_and_is_recorded(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    other = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    publishing.publish(workspace, model_id, replaces=None, actor=ME)
    mine, theirs = (predictions.of_model(workspace, kept.id, model_id, date(2024, 4, 1), actor=ME) for kept in (ledger, other))
    delete(workspace, ledger.id, actor=ME)
    assert [record.id for record in ledgers.listed(workspace)] == [other.id]
    assert model_store.listed(workspace) == []
    assert publications.active(workspace) is None
    assert not mine.exists()
    assert not theirs.exists()
    left = [path for path in workspace.home.rglob("*") if ledger.id in path.name or model_id in path.name]
    assert [path for path in left if path.parent.name != "locks"] == []
    (deleted,) = [record for record in audit.listed(workspace, ledger.id) if record.action == "ledger.delete"]
    assert (deleted.actor, deleted.details["models"]) == (ME.name, [model_id])


@pytest.mark.slow
def test_a_deletion_that_died_before_its_files_were_gone_is_completed_by_the_next(workspace: Store) -> None:
    ledger, other = commit(workspace, small_ledger(), actor=ME), commit(workspace, small_ledger(), actor=ME)
    died(workspace, "ledger.deleted", f"ledgers.delete(Store.open(), '{ledger.id}', actor=laptop('me'))")
    assert (workspace.home / "ledgers" / ledger.id).exists()
    assert [record.id for record in ledgers.listed(workspace)] == [other.id]
    delete(workspace, other.id, actor=ME)
    assert not (workspace.home / "ledgers" / ledger.id).exists()
