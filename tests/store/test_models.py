"""Does a model come back the same, and which one is active?"""

from datetime import date

from insights.services import contents, publishing
from insights.services.ledgers import commit
from insights.store import models as model_store
from insights.store.records import Scope
from insights.store.store import Store
from tests.support.processes import refusal
from tests.support.workspaces import ME, SMALL, ledger_of, rates_model, small_ledger


def test_a_model_comes_back_and_a_changed_byte_is_refused(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, name="Rates", actor=ME)
    assert model_store.load(workspace, model_id) == rates_model()
    record = model_store.get(workspace, model_id)
    assert (record.name, record.ledger_id, record.trained_as_of) == ("Rates", ledger.id, date(2024, 3, 1))
    assert (record.fields, record.metrics, record.recipe["very_late_days"]) == (("amount",), rates_model().metrics, 30)
    path = workspace.home / "models" / model_id / "model.json"
    path.write_text(path.read_text().replace("0.75", "0.76"))
    assert refusal(model_store.load, workspace, model_id) == "damaged"


def test_a_model_says_on_which_device_its_trees_were_taught(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    card = model_store.save(workspace, rates_model(), ledger.id, actor=ME, device="cuda")
    processor = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    assert [model_store.made_with(workspace, model_id)["device"] for model_id in (card, processor)] == ["cuda", "cpu"]


def test_saving_under_an_id_that_is_there_changes_nothing(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    assert model_store.save(workspace, rates_model(late=0.9), ledger.id, model_id=model_id, actor=ME) == model_id
    assert model_store.load(workspace, model_id) == rates_model()
    assert len(model_store.listed(workspace)) == 1


def test_the_model_that_speaks_was_trained_by_then_and_the_published_one_first(workspace: Store) -> None:
    """Models of 1 February, 1 March and 1 April; the one of March is published."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    february, march, april = (
        model_store.save(workspace, rates_model(date(2024, month, 1)), ledger.id, actor=ME) for month in (2, 3, 4)
    )
    assert contents.read(workspace).model_for(ledger, date(2024, 1, 31)) is None
    assert contents.read(workspace).model_for(ledger, date(2024, 4, 1)) == april
    publishing.publish(workspace, march, replaces=None, actor=ME)
    assert contents.read(workspace).model_for(ledger, date(2024, 4, 1)) == march
    assert contents.read(workspace).model_for(ledger, date(2024, 3, 1)) == march
    assert contents.read(workspace).model_for(ledger, date(2024, 2, 29)) == february


def test_a_model_of_other_companies_does_not_speak(workspace: Store) -> None:
    """The model of the sample (companies north and south) is published when a ledger without companies arrives."""
    sample = commit(workspace, small_ledger(), actor=ME)
    own = commit(workspace, ledger_of(SMALL.replace("north", "east").replace("south", "east")), actor=ME)
    model_id = model_store.save(workspace, rates_model(), sample.id, actor=ME)
    publishing.publish(workspace, model_id, replaces=None, actor=ME)
    at = date(2024, 4, 1)
    assert contents.read(workspace).model_for(sample, at) == model_id
    assert contents.read(workspace).model_for(own, at) is None
    newer = commit(workspace, small_ledger(), actor=ME)
    assert contents.read(workspace).model_for(newer, at) == model_id
    publishing.publish(workspace, model_id, replaces=None, scope=Scope("east"), reason="they pay alike", actor=ME)
    assert contents.read(workspace).model_for(own, at, "east") == model_id
    assert contents.read(workspace).model_for(own, at) is None
