"""Is nothing left over that nobody needs, and nothing removed that somebody does?"""

from datetime import date

import pytest

from insights.services import predictions
from insights.services.ledgers import commit
from insights.store import files, housekeeping, ledgers
from insights.store import models as model_store
from insights.store.store import Store
from tests.support.processes import aged, died
from tests.support.workspaces import ME, rates_model, small_ledger


def test_tidying_removes_old_locks_that_nobody_holds(workspace: Store) -> None:
    old, new, held, worker = (workspace.lock_file(name) for name in ("old", "new", "held", "worker"))
    for path in (old, new, held, worker):
        with files.lock(path):
            pass
    for path in (old, held, worker):
        aged(path)
    with files.lock(held):
        housekeeping.tidy(workspace)
    assert [path.exists() for path in (old, new, held, worker)] == [False, True, True, True]


@pytest.mark.slow
def test_tidying_finishes_a_deletion_and_leaves_everything_else_alone(workspace: Store) -> None:
    ledger, other = commit(workspace, small_ledger(), actor=ME), commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), other.id, actor=ME)
    path = predictions.of_model(workspace, other.id, model_id, date(2024, 4, 1), actor=ME)
    died(workspace, "ledger.deleted", f"ledgers.delete(Store.open(), '{ledger.id}', actor='me')")
    housekeeping.tidy(workspace)
    assert not (workspace.home / "ledgers" / ledger.id).exists()
    assert path.exists()
    assert ledgers.load(workspace, other.id).fingerprint == other.fingerprint
    assert model_store.load(workspace, model_id) == rates_model()


def test_tidying_removes_what_older_versions_kept_in_the_home(workspace: Store) -> None:
    """Jobs were once woken by a queue in a file of its own."""
    left = [workspace.home / name for name in ("queue.sqlite", "queue.sqlite-wal")]
    for path in left:
        path.write_bytes(b"")
    housekeeping.tidy(workspace)
    assert [path for path in left if path.exists()] == []
    assert (workspace.home / "workspace.sqlite").exists()
