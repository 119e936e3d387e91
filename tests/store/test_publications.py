"""Whom is a publication for, and which model speaks? Companies without a name, unrelated ledgers, workspaces of before."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from insights.ledger.errors import Refused
from insights.services import contents, predictions, publishing
from insights.services.ledgers import commit
from insights.store import models, publications
from insights.store.database import sqlite
from insights.store.records import ALL_COMPANIES, Scope
from insights.store.store import Store
from tests.support.workspaces import ME, nameless_ledger, rates_model, small_ledger

AT = date(2024, 4, 1)


def test_the_company_without_a_name_is_one_company_and_not_all(workspace: Store) -> None:
    """Everybody's model speaks for north and south; the nameless company of another ledger has one of its own."""
    named, nameless = commit(workspace, small_ledger(), actor=ME), commit(workspace, nameless_ledger(), actor=ME)
    everybody, own = (
        models.save(workspace, rates_model(), named.id, actor=ME),
        models.save(workspace, rates_model(late=0.4), nameless.id, actor=ME),
    )
    publishing.publish(workspace, everybody, replaces=None, threshold=0.3, actor=ME)
    entry = publishing.publish(workspace, own, replaces=None, scope=Scope(""), threshold=0.7, actor=ME)
    assert [(each.scope, each.model_id) for each in publications.standing(workspace)] == [
        (ALL_COMPANIES, everybody),
        (Scope(""), own),
    ]
    assert predictions.models_in_force(workspace, nameless.id, AT) == {"": own}
    assert predictions.models_in_force(workspace, named.id, AT) == {"north": everybody, "south": everybody}
    assert (publications.threshold(workspace, own, ""), publications.threshold(workspace, everybody, "north")) == (0.7, 0.3)
    with pytest.raises(Refused, match="Somebody else published for \\(no company\\)"):
        publishing.publish(workspace, own, replaces=None, scope=Scope(""), actor=ME)
    publishing.roll_back(workspace, replaces=entry.id, scope=Scope(""), actor=ME)
    assert publications.in_force(workspace, Scope("")) is None
    assert publications.in_force(workspace) is not None


def test_what_is_not_published_speaks_of_its_own_ledger_alone(workspace: Store) -> None:
    """Two ledgers without companies, nothing published: the model of one says nothing of the other."""
    one, other = commit(workspace, nameless_ledger(), actor=ME), commit(workspace, nameless_ledger(), actor=ME)
    model_id = models.save(workspace, rates_model(), one.id, actor=ME)
    assert contents.read(workspace).model_for(one, AT) == model_id
    assert contents.read(workspace).model_for(other, AT) is None
    assert predictions.models_in_force(workspace, other.id, AT) == {}
    publishing.publish(workspace, model_id, replaces=None, actor=ME)
    assert contents.read(workspace).model_for(other, AT) == model_id


def test_where_the_published_model_may_not_speak_the_newest_of_the_same_ledger_does(workspace: Store) -> None:
    """Published is a model of 1 April; of March, only what was trained on this ledger by then may speak."""
    one, other = commit(workspace, small_ledger(), actor=ME), commit(workspace, small_ledger(), actor=ME)
    publishing.publish(workspace, models.save(workspace, rates_model(AT), one.id, actor=ME), replaces=None, actor=ME)
    march = models.save(workspace, rates_model(date(2024, 3, 1)), one.id, actor=ME)
    assert contents.read(workspace).model_for(one, date(2024, 3, 15)) == march
    assert contents.read(workspace).model_for(other, date(2024, 3, 15)) is None


def test_publications_of_a_workspace_of_before_mean_what_they_meant(tmp_path: Path) -> None:
    """Written under the second migration, where "" meant all companies."""
    home = tmp_path / "home"
    workspace = Store.open(home)
    ledger = commit(workspace, small_ledger(), actor=ME)
    everybody, north = (models.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    publishing.publish(workspace, everybody, replaces=None, actor=ME)
    publishing.publish(workspace, north, replaces=None, scope=Scope("north"), actor=ME)
    engine = sqlite(home / "workspace.sqlite")
    with engine.begin() as connection:  # as it stood then
        connection.execute(text("UPDATE publications SET scope = CASE scope WHEN 'all' THEN '' ELSE 'north' END"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    reopened = Store.open(home)
    assert [(each.scope, each.model_id) for each in publications.standing(reopened)] == [
        (ALL_COMPANIES, everybody),
        (Scope("north"), north),
    ]


def test_a_commit_queues_one_scoring_where_something_is_published(workspace: Store) -> None:
    from insights import jobs

    ledger = commit(workspace, small_ledger(), actor=ME)
    assert jobs.jobs(workspace) == []
    publishing.publish(workspace, models.save(workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    newer = commit(workspace, small_ledger(), actor=ME)
    assert [(job.kind, job.ledger_id) for job in jobs.jobs(workspace)] == [("score", newer.id)]
