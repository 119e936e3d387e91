"""The screen Trust: an offer while nothing was replayed, the proof afterwards."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from streamlit.testing.v1 import AppTest

from insights.backtest import flags, replay_dates
from insights.backtest.report import report
from insights.model import Recipe
from insights.workspace import Workspace, backtests

MAIN = str(Path(__file__).parents[1] / "pages" / "main.py")


def trust() -> AppTest:
    return AppTest.from_file(MAIN, default_timeout=60).run().switch_page("trust.py").run()


def recipe_of(store: Workspace) -> Recipe:
    return Recipe.from_json(dict(store.models()[0].recipe))


def test_without_a_replay_the_screen_offers_one(sample_workspace: Workspace) -> None:
    screen = trust()
    assert not screen.exception
    assert "Replay the last twelve months" in [button.label for button in screen.button]
    assert not screen.metric


def test_a_kept_replay_is_shown_with_its_grade_and_figures(sample_workspace: Workspace) -> None:
    ledger = sample_workspace.ledger()
    as_of = ledger.complete_through - timedelta(days=60)
    replay = replace(replay_dates(ledger, [as_of], recipe_of(sample_workspace)), ledger_id=ledger.id)
    backtests.save(sample_workspace, replay, report(replay))
    screen = trust()
    assert not screen.exception
    assert "Grade B" in screen.subheader[0].value, "better for certain, but one day only"
    said = {metric.label: metric.value for metric in screen.metric}
    found = flags(replay.rows, 0.5)
    assert said["Flagged"] == f"{found.flagged}"
    assert said["Of those flagged, late"] == f"{found.precision:.0%}"
    by_month = screen.dataframe[0].value
    assert by_month["Invoices"].tolist() == [f"{len(replay.rows):,}"]
