"""Whom is a publication for, and which model speaks? Companies without a name, unrelated ledgers, workspaces of before."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from insights.ledger.errors import Refused
from insights.services.workspace import Workspace
from insights.store.database import sqlite
from insights.store.records import ALL_COMPANIES, Scope
from tests.support.workspaces import nameless_ledger, rates_model, small_ledger

AT = date(2024, 4, 1)


def test_the_company_without_a_name_is_one_company_and_not_all(workspace: Workspace) -> None:
    """Everybody's model speaks for north and south; the nameless company of another ledger has one of its own."""
    named, nameless = workspace.commit(small_ledger()), workspace.commit(nameless_ledger())
    everybody, own = workspace.save_model(rates_model(), named.id), workspace.save_model(rates_model(late=0.4), nameless.id)
    workspace.publish(everybody, replaces=None, threshold=0.3)
    entry = workspace.publish(own, replaces=None, scope=Scope(""), threshold=0.7)
    assert [(each.scope, each.model_id) for each in workspace.standing()] == [(ALL_COMPANIES, everybody), (Scope(""), own)]
    assert workspace.in_force(nameless.id, AT) == {"": own}
    assert workspace.in_force(named.id, AT) == {"north": everybody, "south": everybody}
    assert (workspace.threshold(own, ""), workspace.threshold(everybody, "north")) == (0.7, 0.3)
    with pytest.raises(Refused, match="Somebody else published for \\(no company\\)"):
        workspace.publish(own, replaces=None, scope=Scope(""))
    workspace.roll_back(replaces=entry.id, scope=Scope(""))
    assert workspace.published(Scope("")) is None
    assert workspace.published() is not None


def test_what_is_not_published_speaks_of_its_own_ledger_alone(workspace: Workspace) -> None:
    """Two ledgers without companies, nothing published: the model of one says nothing of the other."""
    one, other = workspace.commit(nameless_ledger()), workspace.commit(nameless_ledger())
    model_id = workspace.save_model(rates_model(), one.id)
    assert workspace.model_for(one, AT) == model_id
    assert workspace.model_for(other, AT) is None
    assert workspace.in_force(other.id, AT) == {}
    workspace.publish(model_id, replaces=None)
    assert workspace.model_for(other, AT) == model_id


def test_where_the_published_model_may_not_speak_the_newest_of_the_same_ledger_does(workspace: Workspace) -> None:
    """Published is a model of 1 April; of March, only what was trained on this ledger by then may speak."""
    one, other = workspace.commit(small_ledger()), workspace.commit(small_ledger())
    workspace.publish(workspace.save_model(rates_model(AT), one.id), replaces=None)
    march = workspace.save_model(rates_model(date(2024, 3, 1)), one.id)
    assert workspace.model_for(one, date(2024, 3, 15)) == march
    assert workspace.model_for(other, date(2024, 3, 15)) is None


def test_publications_of_a_workspace_of_before_mean_what_they_meant(tmp_path: Path) -> None:
    """Written under the second migration, where "" meant all companies."""
    home = tmp_path / "home"
    workspace = Workspace.open(home)
    ledger = workspace.commit(small_ledger())
    everybody, north = (workspace.save_model(rates_model(late=late), ledger.id) for late in (0.1, 0.2))
    workspace.publish(everybody, replaces=None)
    workspace.publish(north, replaces=None, scope=Scope("north"))
    engine = sqlite(home / "workspace.sqlite")
    with engine.begin() as connection:  # as it stood then
        connection.execute(text("UPDATE publications SET scope = CASE scope WHEN 'all' THEN '' ELSE 'north' END"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    reopened = Workspace.open(home)
    assert [(each.scope, each.model_id) for each in reopened.standing()] == [(ALL_COMPANIES, everybody), (Scope("north"), north)]


def test_a_commit_queues_one_scoring_where_something_is_published(workspace: Workspace) -> None:
    from insights import jobs

    ledger = workspace.commit(small_ledger())
    assert jobs.jobs(workspace) == []
    workspace.publish(workspace.save_model(rates_model(), ledger.id), replaces=None)
    newer = workspace.commit(small_ledger())
    assert [(job.kind, job.ledger_id) for job in jobs.jobs(workspace)] == [("score", newer.id)]
