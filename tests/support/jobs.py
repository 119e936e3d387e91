"""How do tests watch jobs, and the workers that do them?"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from insights.jobs import leases, wakeup
from insights.store import files
from insights.store.store import Store
from insights.store.tables import JobRow, now

AS_OF = date(2024, 12, 1)


LEASE = 60.0  # seconds; long, for a test machine may be too busy for a heartbeat


PATIENCE = 60.0  # seconds in which a job must be settled whatever died


@contextmanager
def no_worker(workspace: Store) -> Iterator[None]:
    """Hold the worker's place, so that rows change only by what the test does."""
    with files.try_lock(wakeup.worker_lock(workspace)) as free:
        assert free
        yield


def row_of(workspace: Store, job_id: str) -> JobRow:
    with workspace.database.read() as session:
        return leases.find(session, job_id)


def expire(workspace: Store, job_id: str) -> None:
    with workspace.database.change() as session:
        leases.find(session, job_id, held=True).lease_until = now() - timedelta(seconds=1)


def until_row(workspace: Store, job_id: str, reached: Callable[[JobRow], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not reached(row_of(workspace, job_id)):
        assert time.monotonic() < end, row_of(workspace, job_id).log
        time.sleep(0.1)
