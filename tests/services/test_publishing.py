"""Is a model put in force by whom it is said, and the first one by itself?"""

from dataclasses import replace

import pytest

from insights.access import laptop
from insights.ledger.errors import Refused
from insights.model.recipe import Recipe
from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import audit, models, publications
from insights.store.records import Verdict
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
    ledger = commit(workspace, small_ledger(), actor=laptop("ada"))
    one, two = (models.save(workspace, rates_model(late=late), ledger.id, actor=laptop("bo")) for late in (0.1, 0.2))
    first = publishing.publish(workspace, one, replaces=None, actor=laptop("cleo"))
    second = publishing.publish(workspace, two, replaces=first.id, actor=laptop("dan"))
    back = publishing.roll_back(workspace, replaces=second.id, actor=laptop("eva"))
    recorded = {record.subject: record.actor for record in audit.listed(workspace)}
    assert recorded == {ledger.id: "ada", one: "bo", two: "bo", first.id: "cleo", second.id: "dan", back.id: "eva"}
    assert [entry.actor for entry in publications.listed(workspace)] == ["eva", "dan", "cleo"]


def test_another_recipe_is_published_only_after_a_check_or_with_a_reason(workspace: Store) -> None:
    """Of three models the second has other fields, the third other lines, so that it cannot be held against the first."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    recipes = (Recipe(), Recipe(fields=("amount",)), Recipe(very_late_days=10))
    one, other, apart = (models.save(workspace, replace(rates_model(), recipe=each), ledger.id, actor=ME) for each in recipes)
    first = publishing.publish(workspace, one, replaces=None, actor=ME)
    with pytest.raises(Refused) as refused:
        publishing.publish(workspace, other, replaces=first.id, actor=ME)
    assert refused.value.code == "unchecked"
    checked = publishing.publish(workspace, other, replaces=first.id, verdict=Verdict(passed=True, checked="replayed"), actor=ME)
    back = publishing.publish(workspace, one, replaces=checked.id, reason="Known for years", actor=ME)
    assert publishing.publish(workspace, apart, replaces=back.id, actor=ME).model_id == apart
