"""Is a model put in force by whom it is said, and the first one by itself?"""

from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import audit, models, publications
from insights.store.store import Store
from tests.support.workspaces import ME, rates_model, small_ledger


def test_the_first_model_is_published_by_itself_and_no_other(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    first, second = (models.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    assert publishing.publish_first(workspace, first, actor=ME)
    assert not publishing.publish_first(workspace, second, actor=ME)
    active = publications.active(workspace)
    assert active is not None
    assert (active.model_id, active.reason) == (first, "The first model")


def test_who_acts_is_who_is_said_not_who_runs_the_process(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor="ada")
    one, two = (models.save(workspace, rates_model(late=late), ledger.id, actor="bo") for late in (0.1, 0.2))
    first = publishing.publish(workspace, one, replaces=None, actor="cleo")
    second = publishing.publish(workspace, two, replaces=first.id, actor="dan")
    back = publishing.roll_back(workspace, replaces=second.id, actor="eva")
    recorded = {record.subject: record.actor for record in audit.listed(workspace)}
    assert recorded == {ledger.id: "ada", one: "bo", two: "bo", first.id: "cleo", second.id: "dan", back.id: "eva"}
    assert [entry.actor for entry in publications.listed(workspace)] == ["eva", "dan", "cleo"]
