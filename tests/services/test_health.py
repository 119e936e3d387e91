"""Is what does not work said, and what does?"""

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from insights.jobs import leases, queue
from insights.services import health, publishing
from insights.services.ledgers import commit
from insights.store import models
from insights.store.store import Store
from tests.support.jobs import no_worker
from tests.support.workspaces import ME, rates_model, small_ledger


def test_an_empty_workspace_is_ready(workspace: Store) -> None:
    found = health.examine(workspace)
    assert (found.ready, found.worker, found.model_in_force, found.ledger_age) == (True, "idle", False, None)
    assert found.free > 0
    assert not list(workspace.home.glob(".health-*"))


def test_the_age_of_the_newest_ledger_and_a_model_in_force_are_said(workspace: Store) -> None:
    """Complete through 31 March; on 10 April that is ten days ago."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    publishing.publish(workspace, models.save(workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    found = health.examine(workspace, datetime(2024, 4, 10, 12, tzinfo=UTC))
    assert (found.model_in_force, found.ledger_age) == (True, 10)


def test_a_worker_is_behind_where_jobs_wait_and_nobody_does_them(workspace: Store) -> None:
    with workspace.database.write() as session:
        queue.add(session, "rescore", "", actor=ME)
    now = datetime.now(UTC)
    assert health.examine(workspace, now).worker == "idle"
    assert health.examine(workspace, now + timedelta(minutes=5)).worker == "behind"
    with no_worker(workspace):
        assert leases.claim(workspace, "me") is not None
    found = health.examine(workspace, now + timedelta(minutes=5))
    assert (found.worker, found.jobs, found.ready) == (
        "working",
        {"waiting": 0, "running": 1, "done": 0, "failed": 0, "cancelled": 0},
        True,
    )


def test_a_database_that_does_not_answer_is_no_reason_to_fall_over(workspace: Store) -> None:
    with workspace.database.write() as session:
        session.execute(text("ALTER TABLE jobs RENAME TO elsewhere"))
    found = health.examine(workspace)
    assert (found.ready, found.files, found.worker) == (False, "ok", None)
    assert found.database.startswith("The database of the workspace does not answer as it should. (error ")


@pytest.mark.slow
def test_a_home_that_is_gone_is_said(workspace: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(workspace.home)
    found = health.examine(workspace)
    assert not found.ready
    assert found.files != "ok"
    assert not workspace.home.exists()
