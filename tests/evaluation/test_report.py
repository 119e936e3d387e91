"""Is a replay kept with its report?"""

from dataclasses import replace
from pathlib import Path

from insights.evaluation import (
    Replay,
)
from insights.evaluation.report import report
from insights.model.recipe import Recipe
from insights.services.ledgers import commit, delete
from insights.store import backtests
from insights.store.store import Store
from tests.support.ledgers import small_ledger
from tests.support.replays import RECIPE
from tests.support.workspaces import ME


def test_a_replay_is_kept_with_its_report_and_goes_with_its_ledger(tmp_path: Path, replay: Replay) -> None:
    store = Store.open(tmp_path)
    ledger = commit(store, small_ledger(), actor=ME)
    assert backtests.load(store, ledger.id, RECIPE) is None
    mine = replace(replay, ledger_id=ledger.id)
    backtests.save(store, mine.ledger_id, mine.recipe, mine.rows, report(mine))
    found = backtests.load(store, ledger.id, RECIPE)
    assert found is not None
    assert found.rows.equals(replay.rows)
    assert found.dates == replay.dates
    assert backtests.load(store, ledger.id, Recipe()) is None
    delete(store, ledger.id, actor=ME)
    assert not list(tmp_path.glob("backtests/*"))
