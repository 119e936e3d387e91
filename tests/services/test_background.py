"""Is it on record who queued a job, and who stopped it?"""

from datetime import date

from insights import jobs
from insights.access import laptop
from insights.model.recipe import Recipe
from insights.services import background
from insights.services.ledgers import commit
from insights.store import audit
from insights.store.store import Store
from tests.support.jobs import no_worker
from tests.support.workspaces import ME, small_ledger


def test_who_queues_and_who_cancels_is_recorded(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    with no_worker(workspace):
        job_id = background.train(workspace, ledger.id, date(2024, 3, 1), Recipe(), actor=laptop("ada"))
        assert jobs.job(workspace, job_id).actor == "ada"
        background.cancel(workspace, job_id, actor=laptop("bo"))
        background.cancel(workspace, job_id, actor=laptop("cleo"))  # it has ended: nothing to do, nothing to record
    assert jobs.job(workspace, job_id).state == "cancelled"
    assert [(record.action, record.actor) for record in audit.listed(workspace, job_id)] == [
        ("job.cancel", "bo"),
        ("job.train", "ada"),
    ]
