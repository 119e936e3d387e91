"""Is what every night brings made up for once?"""

from datetime import timedelta

import pytest

from insights import jobs
from insights.jobs import schedule
from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import models as model_store
from insights.store.store import Store
from insights.store.tables import now
from tests.support.jobs import no_worker
from tests.support.workspaces import ME, rates_model, small_ledger


@pytest.mark.slow
def test_the_night_is_made_up_for_once(workspace: Store) -> None:
    """A model was published two days ago and no night's rescoring was done since."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    publishing.publish(workspace, model_store.save(workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    with no_worker(workspace):
        schedule.settle_night(workspace, now() + timedelta(days=2))
        schedule.settle_night(workspace, now())
        assert [job.kind for job in jobs.jobs(workspace)] == ["rescore"]
