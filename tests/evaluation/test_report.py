"""Is a replay kept with its report?"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from insights.evaluation import (
    Replay,
)
from insights.evaluation.report import Report, full_report, report
from insights.model.recipe import Recipe
from insights.services.backtests import load
from insights.services.ledgers import commit, delete
from insights.store import backtests
from tests.support.ledgers import small_ledger
from tests.support.replays import RECIPE
from tests.support.workspaces import ME, opened


@pytest.mark.slow
def test_a_replay_is_kept_with_its_report_and_goes_with_its_ledger(tmp_path: Path, replay: Replay) -> None:
    store = opened(tmp_path)
    ledger = commit(store, small_ledger(), actor=ME)
    assert load(store, ledger.id, RECIPE) is None
    mine = replace(replay, ledger_id=ledger.id)
    backtests.save(store, mine.ledger_id, mine.recipe, mine.rows, report(mine).to_json())
    found = load(store, ledger.id, RECIPE)
    assert found is not None
    assert found.rows.equals(replay.rows)
    assert found.dates == replay.dates
    assert found.report == report(mine)
    assert load(store, ledger.id, Recipe()) is None
    delete(store, ledger.id, actor=ME)
    assert not list(tmp_path.glob("backtests/*"))


def test_a_report_is_the_same_after_a_round_over_json(replay: Replay) -> None:
    told = full_report(replay, small_ledger())
    assert told.dates[0].series["model"].rows > 10
    assert Report.from_json(json.loads(json.dumps(told.to_json()))) == told
