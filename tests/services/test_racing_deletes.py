"""Is a ledger that is deleted while others read, score and train it there as a whole, or not at all?"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from insights import jobs
from insights.ledger.errors import Refused
from insights.model.recipe import Recipe
from insights.services import background, predictions
from insights.services.ledgers import commit, delete
from insights.store import housekeeping, ledgers, models
from insights.store.integrity import examine
from insights.store.store import Store
from tests.security.test_kills import left
from tests.support.jobs import no_worker
from tests.support.workspaces import ME, rates_model, small_ledger

pytestmark = pytest.mark.slow  # many ledgers, on both kinds of database

ROUNDS = 12
Work = dict[str, Callable[[], object]]
GONE = {"no_ledger", "no_model"}  # of who came too late


@pytest.fixture
def workspace(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A workspace with nothing in it, on SQLite and on PostgreSQL."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return Store.open(tmp_path / "home")


def race(store: Store, pool: ThreadPoolExecutor) -> Counter[str]:
    """One ledger is read, scored, given a model and a job, and deleted, all at once: how each of these ended."""
    ledger = commit(store, small_ledger(), actor=ME)
    model_id = models.save(store, rates_model(), ledger.id, actor=ME)
    start = threading.Barrier(5)
    work: Work = {
        "read": lambda: ledgers.load(store, ledger.id).fingerprint == small_ledger().fingerprint,
        "scored": lambda: predictions.of_model(store, ledger.id, model_id, date(2024, 4, 1), actor=ME),
        "trained": lambda: models.save(store, rates_model(late=0.4), ledger.id, actor=ME),
        "queued": lambda: background.train(store, ledger.id, date(2024, 3, 1), Recipe(), actor=ME),
        "deleted": lambda: delete(store, ledger.id, actor=ME) == 0,
    }

    def at_once(name: str) -> str:
        start.wait()
        try:
            return name if work[name]() else f"{name}: {False}"
        except Refused as refused:
            return refused.code

    return Counter(pool.map(at_once, work))


def test_who_reads_a_ledger_while_it_is_deleted_has_all_of_it_or_a_refusal_and_nothing_is_left(
    workspace: Store, tmp_path: Path
) -> None:
    ended: Counter[str] = Counter()
    with no_worker(workspace), ThreadPoolExecutor(5) as pool:
        for _ in range(ROUNDS):
            ended += race(workspace, pool)
        assert ended["deleted"] == ROUNDS
        assert set(ended) <= {"read", "scored", "trained", "queued", "deleted"} | GONE
        housekeeping.tidy(workspace)
        assert (ledgers.listed(workspace), models.listed(workspace)) == ([], [])
        assert examine(workspace).faults == ()
        assert left(workspace.home, tmp_path) == []
        assert {job.state for job in jobs.jobs(workspace)} <= {"cancelled"}, "a job of a ledger that is gone ends"
