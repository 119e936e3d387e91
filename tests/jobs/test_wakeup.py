"""How is a worker woken?"""

import pytest

from insights import jobs
from insights.jobs import leases
from insights.services import background
from insights.services.ledgers import commit
from insights.store import models as model_store
from insights.store.store import Store
from tests.support.jobs import expire, no_worker, row_of, until_row
from tests.support.workspaces import ME, rates_model, small_ledger


@pytest.mark.slow
def test_a_server_takes_up_what_a_dead_worker_left(workspace: Store) -> None:
    """Nobody looks at the job; the server attends."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    jobs.attend(workspace)
    assert not (workspace.home / "worker.log").exists()  # nothing to do: no worker
    with no_worker(workspace):
        job_id = background.rescore(workspace, ledger.id, actor=ME)
        leases.claim(workspace, "dead")
        expire(workspace, job_id)
    jobs.attend(workspace)
    until_row(workspace, job_id, lambda row: row.ended_at is not None)
    assert row_of(workspace, job_id).state == "done"
