"""Do jobs settle, and can they be cancelled, whatever the clock did meanwhile?"""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from insights import jobs
from insights.jobs import leases, wakeup
from insights.model.recipe import Recipe
from insights.services import background
from insights.services.ledgers import commit
from insights.store.store import Store
from tests.support.jobs import AS_OF, no_worker, row_of, until_row
from tests.support.postgres import POSTGRES_LATER
from tests.support.workspaces import ME, small_ledger, year_of_invoices

HOUR = timedelta(hours=1)


def dead() -> str:
    """The name of a worker whose process has ended."""
    process = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True)
    return f"{process.stdout.strip()}-dead"


def alive() -> str:
    return f"{os.getpid()}-alive"


def shifted(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """The clock was set."""
    monkeypatch.setattr("insights.store.database.now", lambda: datetime.now(UTC) + by)


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
    begun = wakeup.begun_file(workspace)
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


SHIFTED_WORKER = """
import signal, sys
from datetime import UTC, datetime, timedelta
from insights.jobs import worker
from insights.store import database
from insights.store.store import Store
by = [timedelta(0)]
database.now = lambda: datetime.now(UTC) + by[0]
signal.signal(signal.SIGUSR1, lambda *_: by.__setitem__(0, timedelta(seconds=float(sys.argv[1]))))
worker.run(Store.open())
"""
CANCELLED, SETTLED = 5.0, 60.0  # seconds


@pytest.mark.slow
@POSTGRES_LATER
@pytest.mark.parametrize("by", [-HOUR, HOUR], ids=["an hour back", "an hour forth"])
def test_a_worker_at_work_while_the_clock_is_set_goes_on_hears_of_a_cancellation_and_is_missed_when_it_dies(
    workspace: Store, monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    """The clock of the worker and of whoever looks is set while it trains. Its lease is half of what it is for people."""
    monkeypatch.setenv("INSIGHTS_LEASE_SECONDS", "10")
    ledger = commit(workspace, year_of_invoices(invoices=2_500), actor=ME)
    monkeypatch.setattr(wakeup, "ensure_worker", lambda _: None)
    monkeypatch.setattr("insights.jobs.queue.ensure_worker", lambda _: None)
    first, second = (background.train(workspace, ledger.id, AS_OF, Recipe(), actor=ME) for _ in range(2))
    command = [sys.executable, "-c", SHIFTED_WORKER, str(by.total_seconds())]
    with subprocess.Popen(command, cwd=wakeup.ROOT, env=wakeup.environment(workspace.home)) as working:
        until_row(workspace, first, lambda row: row.state == "running")
        working.send_signal(signal.SIGUSR1)
        shifted(monkeypatch, by)
        before = row_of(workspace, first).heartbeat_at
        until_row(workspace, first, lambda row: row.heartbeat_at != before)
        assert (jobs.job(workspace, first).state, row_of(workspace, first).attempts) == ("running", 1)
        background.cancel(workspace, first, actor=ME)
        begun = time.monotonic()
        until_row(workspace, first, lambda row: row.state == "cancelled")
        assert time.monotonic() - begun < CANCELLED
        until_row(workspace, second, lambda row: row.state == "running")
        working.kill()
        working.wait()
        begun = time.monotonic()
        while jobs.job(workspace, second).state == "running":
            assert time.monotonic() - begun < SETTLED
            time.sleep(0.2)
        assert (row_of(workspace, second).state, row_of(workspace, second).attempts) == ("waiting", 1)
    print(f"settled {time.monotonic() - begun:.0f} s after the worker died")  # noqa: T201 - the figure is asked for
