"""What do several tests here build?"""

from pathlib import Path

from insights.services import predictions
from insights.store import ledgers, publications
from insights.store.store import Store
from tests.support.workspaces import ME


def source(workspace: Store) -> Path:
    ledger = ledgers.get(workspace)
    published = publications.active(workspace)
    assert published
    return predictions.of_model(workspace, ledger.id, published.model_id, ledger.default_as_of, actor=ME)
