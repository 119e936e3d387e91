"""Who may work on a job, and until when?"""

import subprocess
import sys
import time

import pytest

from insights import jobs
from insights.jobs import leases, queue, wakeup
from insights.model.recipe import Recipe
from insights.services import background
from insights.services.ledgers import commit
from insights.store import files
from insights.store.store import Store
from tests.support.jobs import AS_OF, expire, no_worker
from tests.support.postgres import POSTGRES
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


@pytest.mark.slow
@pytest.mark.parametrize("database", [POSTGRES], indirect=True)
def test_each_host_has_a_worker_of_its_own_over_one_server(workspace: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    here = wakeup.worker_lock(workspace)
    monkeypatch.setattr(files, "HOST", "0123abcd")
    assert wakeup.worker_lock(workspace) != here


def test_a_worker_on_another_host_is_judged_by_its_lease_and_not_by_a_process_here(workspace: Store) -> None:
    """No process here has that number; within its lease it works on, and is asked to stop."""
    with no_worker(workspace):
        job_id = background.rescore(workspace, actor=ME)
        claimed = leases.claim(workspace, "999999999-x@elsewhere")
        assert claimed is not None
        assert jobs.job(workspace, job_id).state == "running"
        background.cancel(workspace, job_id, actor=ME)
        assert jobs.job(workspace, job_id).state == "running"
        assert not leases.heartbeat(workspace, claimed, "", 0.5, [])  # it hears of it here
        expire(workspace, job_id)
        assert jobs.job(workspace, job_id).state == "cancelled"


CLAIM_ALL = """
import time
from insights.jobs import leases
from insights.store.store import Store
store = Store.open()
while leases.pending(store):
    if claimed := leases.claim(store, "me"):
        print(claimed.job_id, flush=True)
        assert leases.succeed(store, claimed, "model")
    else:
        time.sleep(0.05)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("many", "at_once"), [(60, 3), pytest.param(500, 1, marks=pytest.mark.long), pytest.param(500, 4, marks=pytest.mark.long)]
)
def test_of_many_claims_by_several_processes_each_has_one_winner(
    workspace: Store, monkeypatch: pytest.MonkeyPatch, many: int, at_once: int
) -> None:
    """Four workers at once; so many jobs may run at the same time, and never more do."""
    monkeypatch.setenv("INSIGHTS_JOBS_AT_ONCE", str(at_once))
    with workspace.database.write() as session:
        asked = [queue.add(session, "rescore", "", actor=ME) for _ in range(many)]
    command = [sys.executable, "-c", CLAIM_ALL]
    environment = wakeup.environment(workspace.home)
    running = [subprocess.Popen(command, cwd=wakeup.ROOT, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    most = 0
    while any(process.poll() is None for process in running):
        with workspace.database.read() as session:
            most = max(most, len(session.scalars(leases.in_state("running")).all()))
        time.sleep(0.02)
    got = [process.communicate()[0].split() for process in running]
    assert [process.returncode for process in running] == [0] * 4
    assert sorted(job_id for each in got for job_id in each) == sorted(asked)
    assert most <= at_once
    assert {job.attempts for job in jobs.jobs(workspace)} == {1}


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
