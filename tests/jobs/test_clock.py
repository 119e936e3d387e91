"""Do jobs settle, and can they be cancelled, whatever the clock did meanwhile?"""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from insights import jobs
from insights.jobs import leases, wakeup
from insights.services import background
from insights.services.ledgers import commit
from insights.store.store import Store
from tests.support.jobs import no_worker, row_of
from tests.support.workspaces import ME, small_ledger

HOUR = timedelta(hours=1)


def dead() -> str:
    """The name of a worker whose process has ended."""
    process = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True)
    return f"{process.stdout.strip()}-dead"


def alive() -> str:
    return f"{os.getpid()}-alive"


def shifted(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """The clock was set."""
    monkeypatch.setattr("insights.jobs.leases.now", lambda: datetime.now(UTC) + by)


def claimed(workspace: Store, worker: str) -> str:
    """A running job of a worker."""
    job_id = background.rescore(workspace, commit(workspace, small_ledger(), actor=ME).id, actor=ME)
    assert leases.claim(workspace, worker) is not None
    return job_id


@pytest.mark.parametrize("by", [-HOUR, HOUR, timedelta(0)], ids=["an hour back", "an hour forth", "not at all"])
@pytest.mark.slow
def test_a_job_of_a_dead_worker_is_settled_within_its_lease(
    workspace: Store, monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    monkeypatch.setenv("INSIGHTS_LEASE_SECONDS", "0.2")
    with no_worker(workspace):
        job_id = claimed(workspace, dead())
        shifted(monkeypatch, by)
        time.sleep(0.5)
        assert jobs.job(workspace, job_id).state == "waiting"


@pytest.mark.parametrize("by", [-HOUR, HOUR], ids=["an hour back", "an hour forth"])
def test_a_job_of_a_worker_that_lives_goes_on(workspace: Store, monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    with no_worker(workspace):
        job_id = claimed(workspace, alive())
        shifted(monkeypatch, by)
        assert jobs.job(workspace, job_id).state == "running"
        assert leases.claim(workspace, "other") is None
        assert row_of(workspace, job_id).attempts == 1


def test_a_worker_that_is_there_and_gives_no_sign_loses_its_job(workspace: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock was set back by an hour; whoever watches measures by one that nobody sets."""
    monkeypatch.setenv("INSIGHTS_LEASE_SECONDS", "0.3")
    with no_worker(workspace):
        job_id = claimed(workspace, alive())
        shifted(monkeypatch, -HOUR)
        end = time.monotonic() + 5
        while jobs.job(workspace, job_id).state == "running":
            assert time.monotonic() < end
            time.sleep(0.1)
        assert row_of(workspace, job_id).state == "waiting"


@pytest.mark.parametrize("by", [-HOUR, HOUR], ids=["an hour back", "an hour forth"])
@pytest.mark.slow
def test_a_job_of_a_dead_worker_is_cancelled_at_once(workspace: Store, monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    with no_worker(workspace):
        job_id = claimed(workspace, dead())
        shifted(monkeypatch, by)
        background.cancel(workspace, job_id, actor=ME)
        assert row_of(workspace, job_id).state == "cancelled"


def test_a_worker_is_started_although_the_last_one_was_in_the_future(workspace: Store) -> None:
    """Its mark was made an hour from now: the clock was set back since."""
    begun = workspace.home / "locks" / "worker.begun"
    begun.parent.mkdir(exist_ok=True)
    begun.touch()
    later = time.time() + 3600
    os.utime(begun, (later, later))
    wakeup.ensure_worker(workspace)
    assert (workspace.home / "worker.log").exists()


def test_jobs_are_done_in_the_order_in_which_they_were_asked_for(workspace: Store) -> None:
    """The second one was asked for when the clock had been set back by an hour."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    with no_worker(workspace):
        first, second = (background.rescore(workspace, ledger.id, actor=ME) for _ in range(2))
        with workspace.database.write() as session:
            row = leases.find(session, second)
            row.created_at -= HOUR
        claim = leases.claim(workspace, "me")
        assert claim is not None
        assert claim.job_id == first
        assert [job.id for job in jobs.jobs(workspace)] == [second, first]
