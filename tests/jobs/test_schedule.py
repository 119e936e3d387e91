"""Is what every night brings made up for once?"""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from insights import jobs
from insights.jobs import queue, schedule
from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import audit
from insights.store import models as model_store
from insights.store.store import Store
from insights.store.tables import JobRow, PublicationRow, now
from tests.support.jobs import no_worker
from tests.support.workspaces import ME, rates_model, small_ledger

SERVERS = 4


def published_days_ago(workspace: Store, days: int) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    publishing.publish(workspace, model_store.save(workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    with workspace.database.write() as session:
        session.scalars(select(PublicationRow)).one().created_at -= timedelta(days=days)


def nights(workspace: Store) -> int:
    return len([record for record in audit.listed(workspace) if record.action == "job.rescore"])


@pytest.mark.slow
def test_the_night_is_made_up_for_once(workspace: Store) -> None:
    """A model was published two days ago and no night's rescoring was done since."""
    published_days_ago(workspace, 2)
    with no_worker(workspace):
        for _ in range(3):
            schedule.settle_night(workspace)
        assert [job.kind for job in jobs.jobs(workspace)].count("rescore") == nights(workspace) == 1
        schedule.settle_night(workspace, now() + timedelta(days=1))
        assert nights(workspace) == 2


@pytest.mark.slow
def test_of_several_servers_that_look_at_the_same_time_one_queues_the_night(workspace: Store) -> None:
    """All of them have seen that it is due before the first one may write."""
    published_days_ago(workspace, 2)
    with no_worker(workspace), ThreadPoolExecutor(SERVERS) as pool:
        with workspace.database.write():
            looks = [pool.submit(schedule.settle_night, workspace) for _ in range(SERVERS)]
            time.sleep(1)
        for look in looks:
            look.result()
        assert nights(workspace) == 1


def test_a_model_published_since_the_last_night_waits_for_the_next(workspace: Store) -> None:
    published_days_ago(workspace, 0)
    with no_worker(workspace):
        schedule.settle_night(workspace, schedule.last_night(now()) + timedelta(minutes=1))
        assert nights(workspace) == 0


@pytest.mark.slow
def test_a_server_s_half_minute_reads_no_job_that_has_ended(workspace: Store) -> None:
    """Two hundred have ended: no row of them is loaded."""
    with workspace.database.write() as session:
        for _ in range(200):
            queue.add(session, "rescore", "", actor=ME)
        for row in session.scalars(select(JobRow)):
            row.state, row.ended_at = "done", now()
    loaded: list[object] = []

    def note(row: object, _: object) -> None:
        loaded.append(row)

    event.listen(JobRow, "load", note)
    try:
        with no_worker(workspace):
            schedule.attend(workspace)
    finally:
        event.remove(JobRow, "load", note)
    assert loaded == []
