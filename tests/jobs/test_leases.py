"""Who may work on a job, and until when?"""

import pytest

from insights import jobs
from insights.jobs import leases
from insights.model.recipe import Recipe
from insights.services import background
from insights.services.ledgers import commit
from insights.store.store import Store
from tests.support.jobs import AS_OF, expire, no_worker
from tests.support.workspaces import ME, small_ledger


@pytest.mark.slow
def test_one_job_at_a_time(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    with no_worker(workspace):
        first, second = (background.train(workspace, ledger.id, AS_OF, Recipe(), actor=ME) for _ in range(2))
        claimed = leases.claim(workspace, "me")
        assert claimed is not None
        assert claimed.job_id == first
        assert leases.claim(workspace, "you") is None
        assert leases.succeed(workspace, claimed, "model")
        following = leases.claim(workspace, "you")
        assert following is not None
        assert following.job_id == second


def test_an_expired_lease_is_retried_once_then_failed(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    with no_worker(workspace):
        job_id = background.train(workspace, ledger.id, AS_OF, Recipe(), actor=ME)
        first = leases.claim(workspace, "one")
        expire(workspace, job_id)
        assert jobs.job(workspace, job_id).state == "waiting"
        second = leases.claim(workspace, "two")
        assert first is not None
        assert second is not None
        assert not leases.heartbeat(workspace, first, "late", 0.9, [])  # the sleeper has lost its right
        assert not leases.succeed(workspace, first, "model")
        assert second.model_id == first.model_id  # so that a retry makes no second model
        expire(workspace, job_id)
        job = jobs.job(workspace, job_id)
        assert (job.state, job.attempts) == ("failed", 2)
        assert "2 times" in job.error
