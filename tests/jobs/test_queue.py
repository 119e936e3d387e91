"""Jobs outlive tabs, workers and servers: each ends done, failed or cancelled, once, and nothing published changes."""

from datetime import timedelta

import pytest

from insights import jobs
from insights.jobs import leases
from insights.model.recipe import Recipe
from insights.services import background
from insights.services.ledgers import commit, delete
from insights.store import audit
from insights.store.store import Store
from tests.support.jobs import AS_OF, no_worker, row_of
from tests.support.workspaces import ME, small_ledger


@pytest.mark.slow
def test_a_waiting_job_is_cancelled_at_once_and_an_ended_one_stays(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    with no_worker(workspace):
        job_id = background.train(workspace, ledger.id, AS_OF, Recipe(), actor=ME)
        background.cancel(workspace, job_id, actor=ME)
        assert jobs.job(workspace, job_id).state == "cancelled"
        background.cancel(workspace, job_id, actor=ME)
        assert leases.claim(workspace, "me") is None
    assert [record.action for record in audit.listed(workspace, job_id)] == ["job.cancel", "job.train"]


def test_the_remaining_time_follows_the_pace(workspace: Store) -> None:
    """After 30 seconds a quarter is done: 90 seconds to go."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    with no_worker(workspace):
        job_id = background.train(workspace, ledger.id, AS_OF, Recipe(), actor=ME)
        claimed = leases.claim(workspace, "me")
        assert claimed is not None
        assert jobs.job(workspace, job_id).remaining is None
        assert leases.heartbeat(workspace, claimed, "on_time", 0.25, ["a line"])
        row = row_of(workspace, job_id)
        assert row.started_at is not None
        assert jobs.remaining(row, row.started_at + timedelta(seconds=30)) == 90
        assert "a line" in row.log


def test_a_deleted_ledgers_jobs_end(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    with no_worker(workspace):
        job_id = background.train(workspace, ledger.id, AS_OF, Recipe(), actor=ME)
        delete(workspace, ledger.id, actor=ME)
        assert jobs.job(workspace, job_id).state == "cancelled"
