"""Which model speaks of a ledger, as of a day, for a company, and as things stood at a moment?"""

from datetime import UTC, date, datetime, timedelta

import pytest

from insights.ledger.errors import Refused
from insights.services import contents, predictions, publishing, sample
from insights.services.ledgers import commit
from insights.store import models
from insights.store.records import Scope
from insights.store.store import Store
from tests.support.processes import refusal
from tests.support.workspaces import ME, imported, nameless_ledger, rates_model, small_ledger

AT = date(2024, 4, 1)


def test_what_is_not_published_speaks_of_its_own_ledger_alone(workspace: Store) -> None:
    """Two ledgers without companies, nothing published: the model of one says nothing of the other."""
    one, other = commit(workspace, nameless_ledger(), actor=ME), commit(workspace, nameless_ledger(), actor=ME)
    model_id = models.save(workspace, rates_model(), one.id, actor=ME)
    assert contents.read(workspace).model_for(one, AT) == model_id
    assert contents.read(workspace).model_for(other, AT) is None
    assert predictions.models_by_company(workspace, other.id, AT) == {}
    publishing.publish(workspace, model_id, replaces=None, actor=ME)
    assert contents.read(workspace).model_for(one, AT) == model_id
    assert contents.read(workspace).model_for(other, AT) is None, "two firms without a column of companies are two"
    newer = commit(workspace, nameless_ledger(), after=one.id, actor=ME)
    assert contents.read(workspace).model_for(newer, AT) == model_id


def test_where_the_published_model_may_not_speak_the_newest_of_the_same_ledger_does(workspace: Store) -> None:
    """Published is a model of 1 April; of March, only what was trained on this ledger by then may speak."""
    one, other = commit(workspace, small_ledger(), actor=ME), commit(workspace, small_ledger(), actor=ME)
    publishing.publish(workspace, models.save(workspace, rates_model(AT), one.id, actor=ME), replaces=None, actor=ME)
    march = models.save(workspace, rates_model(date(2024, 3, 1)), one.id, actor=ME)
    assert contents.read(workspace).model_for(one, date(2024, 3, 15)) == march
    assert contents.read(workspace).model_for(other, date(2024, 3, 15)) is None


def test_an_imported_model_never_speaks_unpublished(workspace: Store) -> None:
    """Nothing is published, and its archive says that it was trained on this very ledger."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = imported(workspace, rates_model(), ledger_id=ledger.id)
    assert models.get(workspace, model_id).ledger_id == ledger.id
    assert contents.read(workspace).model_for(ledger, AT) is None
    assert predictions.models_by_company(workspace, ledger.id, AT) == {}
    assert sample.model_of(workspace, ledger.id) == ""
    assert refusal(predictions.scored_file, workspace, ledger.id, AT, model_id=model_id, actor=ME) == "imported_unpublished"
    assert not publishing.publish_first(workspace, model_id, actor=ME)
    entry = publishing.publish(workspace, model_id, replaces=None, reason="We tried it", actor=ME)
    assert contents.read(workspace).model_for(ledger, AT) == model_id
    other = models.save(workspace, rates_model(late=0.5), ledger.id, actor=ME)
    publishing.publish(workspace, other, replaces=entry.id, reason="ours", actor=ME)
    assert refusal(predictions.scored_file, workspace, ledger.id, AT, model_id=model_id, actor=ME) == "imported_unpublished"


@pytest.mark.slow
def test_as_of_a_moment_there_is_what_there_was_then(workspace: Store) -> None:
    """A model is saved and published; a moment before, there was none."""
    before = datetime.now(UTC) - timedelta(seconds=1)
    ledger = commit(workspace, small_ledger(), actor=ME)
    publishing.publish(workspace, models.save(workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    now = contents.read(workspace)
    assert now.at(before).models == ()
    assert now.at(before).model_for(now.ledgers[0], AT) is None
    assert now.at(datetime.now(UTC)) == now


def test_what_is_supposed_to_be_published_speaks_as_if_it_were(workspace: Store) -> None:
    """Everybody's model is in force; supposed for north, the other speaks there, and nothing is written."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    everybody, north = (models.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    publishing.publish(workspace, everybody, replaces=None, actor=ME)
    now = contents.read(workspace)
    supposed = now.supposing(north, Scope("north"), 0.4)
    assert supposed.by_company(now.ledgers[0], AT) == {"north": north, "south": everybody}
    assert now.by_company(now.ledgers[0], AT) == {"north": everybody, "south": everybody}
    assert contents.read(workspace) == now


def test_what_is_not_there_is_refused(workspace: Store) -> None:
    with pytest.raises(Refused, match="There is no ledger nowhere"):
        contents.read(workspace).ledger("nowhere")
    with pytest.raises(Refused, match="There is no model nowhere"):
        contents.read(workspace).model("nowhere")
