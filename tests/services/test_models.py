"""Does a deletion of a model remove everything that it said, and leave the rest?"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from insights.services import models, predictions, publishing
from insights.services.ledgers import commit
from insights.store import audit, housekeeping, integrity, publications
from insights.store import models as model_store
from insights.store.records import Scope
from insights.store.store import Store
from tests.support.damage import flip
from tests.support.processes import died, refusal
from tests.support.workspaces import ME, imported, rates_model, small_ledger

AT = date(2024, 4, 1)


def of(workspace: Store, model_id: str) -> list[Path]:
    """The files that bear a model's id, besides locks."""
    return [path for path in workspace.home.rglob("*") if model_id in path.as_posix() and path.parent.name != "locks"]


def test_a_deleted_model_leaves_nothing_but_its_record(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    gone, stays = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    predictions.of_model(workspace, ledger.id, gone, AT, actor=ME)
    mixed = predictions.together(workspace, ledger.id, {"north": gone, "south": stays}, AT, actor=ME)
    kept = predictions.of_model(workspace, ledger.id, stays, AT, actor=ME)
    models.delete(workspace, gone, actor=ME)
    assert of(workspace, gone) == []
    assert [record.id for record in model_store.listed(workspace)] == [stays]
    assert (mixed.exists(), kept.exists()) == (False, True)
    assert next(record.action for record in audit.listed(workspace, gone)) == "model.delete"
    assert refusal(models.delete, workspace, gone, actor=ME) == "no_model"


def test_a_model_is_called_what_somebody_says_and_what_it_was_called_stays_on_record(workspace: Store) -> None:
    """Names are no keys: another model may have the same, and its files, its predictions and its seal are what they were."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    first, second = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    before = model_store.get(workspace, first)
    for each in (first, second):
        models.rename(workspace, each, "  Spring,\n without terms ", actor=ME)
    found = model_store.get(workspace, first)
    assert found == replace(before, name="Spring, without terms")
    assert model_store.load(workspace, first).trained_as_of == before.trained_as_of
    record = audit.listed(workspace, first)[0]
    assert (record.action, record.before, record.details) == ("model.rename", {"name": before.name}, {"name": found.name})
    models.rename(workspace, first, "Spring, without terms", actor=ME)
    assert len(audit.listed(workspace, first, "model.rename")) == 1, "nothing changed, nothing is recorded"
    assert integrity.examine(workspace).faults == ()
    assert refusal(models.rename, workspace, first, " ", actor=ME) == "no_name"
    assert refusal(models.rename, workspace, first, "x" * 81, actor=ME) == "long_name"
    assert refusal(models.rename, workspace, "nobody", "x", actor=ME) == "no_model"


@pytest.mark.slow
def test_a_model_in_force_is_deleted_after_a_roll_back(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    first, second = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    one = publishing.publish(workspace, first, replaces=None, actor=ME)
    two = publishing.publish(workspace, second, replaces=one.id, actor=ME)
    publishing.publish(workspace, second, replaces=None, scope=Scope("north"), actor=ME)
    assert refusal(models.delete, workspace, second, actor=ME) == "in_force"
    publishing.roll_back(workspace, replaces=two.id, actor=ME)
    assert refusal(models.delete, workspace, second, actor=ME) == "in_force"  # for north, still
    (north,) = [each for each in publications.active_publications(workspace) if not each.scope.everybody]
    publishing.roll_back(workspace, replaces=north.id, actor=ME)
    models.delete(workspace, second, actor=ME)
    assert [each.model_id for each in publications.active_publications(workspace)] == [first]


def test_a_damaged_model_can_be_deleted(workspace: Store) -> None:
    commit(workspace, small_ledger(), actor=ME)
    model_id = imported(workspace, rates_model())
    flip(workspace.path(f"models/{model_id}/model.json"), 99)
    assert refusal(model_store.load, workspace, model_id) == "damaged"
    models.delete(workspace, model_id, actor=ME)
    assert of(workspace, model_id) == []


@pytest.mark.slow
def test_a_deletion_that_died_before_its_files_were_gone_is_completed_by_the_next_sweep(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    died(
        workspace,
        "model.deleted",
        f"from insights.services import models; models.delete(Store.open(), '{model_id}', actor=laptop('me'))",
    )
    assert of(workspace, model_id)
    housekeeping.tidy(workspace)
    assert of(workspace, model_id) == []
