"""The screen Trust: an offer while nothing was replayed, the proof afterwards."""

from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
import pytest

from insights.evaluation import flags, replay_dates
from insights.evaluation.report import report
from insights.model.model_metrics import ModelMetrics
from insights.model.recipe import Recipe
from insights.services import publishing
from insights.services.backtests import load, of_companies
from insights.services.reach import Visible
from insights.store import backtests, ledgers, models
from insights.store.records import Scope
from insights.store.store import Store
from tests.support.screens import said, screen, sheet
from tests.support.workspaces import ME, rates_model

pytestmark = pytest.mark.slow


def recipe_of(store: Store) -> Recipe:
    return Recipe.from_json(dict(models.listed(store)[0].recipe))


def test_without_a_replay_the_screen_offers_one(sample_workspace: Store) -> None:
    app = screen("trust")
    assert "Replay the last twelve months" in [button.label for button in app.button]
    assert not app.metric
    quality = models.listed(sample_workspace)[0].metrics.quality
    assert quality
    judged = sum(each.n for each in quality.reliability)
    assert f"of {judged:,} invoices that were not due yet" in said(app), "fewer than the cases that Models counts"


def test_a_kept_replay_is_shown_with_its_grade_and_figures(sample_workspace: Store) -> None:
    ledger = ledgers.load(sample_workspace)
    as_of = ledger.complete_through - timedelta(days=60)
    replay = replace(replay_dates(ledger, [as_of], recipe_of(sample_workspace)), ledger_id=ledger.id)
    backtests.save(sample_workspace, replay.ledger_id, replay.recipe, replay.rows, report(replay).to_json())
    app = screen("trust")
    assert app.header[0].value == "What was shown, and what came of it", "before any replay"
    assert next(each.value for each in app.header if "Grade" in each.value).startswith(":green[Grade B]"), (
        "better for certain, but one day only"
    )
    said = {metric.label: metric.value for metric in app.metric}
    found = flags(replay.rows, 0.5)
    assert said["Flagged"] == f"{found.flagged}"
    assert said["Of those flagged, late"] == f"{found.precision:.0%}"
    held_out, by_month = sheet(app, "Came on time"), sheet(app, "As of", "Commonest")
    assert held_out["Invoices"].str.replace(",", "").astype(int).sum() > 0, "as nothing shown is answered yet"
    assert by_month["Invoices"].tolist() == [f"{len(replay.rows):,}"]


def test_with_several_models_in_force_each_is_judged_on_its_companies_alone(sample_workspace: Store) -> None:
    """One of the sample's two companies gets a recipe of its own; only that one's replay is there."""
    ledger = ledgers.load(sample_workspace)
    record = ledgers.get(sample_workspace)
    first, other = record.companies
    blind = replace(
        rates_model(ledger.default_as_of),
        recipe=Recipe(fields=("due_weekday", "amount")),
        metrics=ModelMetrics(),
    )
    publishing.publish(
        sample_workspace,
        models.save(sample_workspace, blind, ledger.id, actor=ME),
        replaces=None,
        scope=Scope(other),
        threshold=0.35,
        reason="a trial",
        actor=ME,
    )
    as_of = ledger.complete_through - timedelta(days=60)
    replay = replace(replay_dates(ledger, [as_of], blind.recipe), ledger_id=ledger.id)
    backtests.save(sample_workspace, replay.ledger_id, replay.recipe, replay.rows, report(replay).to_json())

    app = screen("trust")
    judged = next(each for each in app.selectbox if each.label == "Judge the model in force for")
    assert judged.options == ["All other companies", other]
    assert any(first in each.value and other not in each.value for each in app.caption if "Several models" in each.value)
    assert not app.metric, "the model for the others was never replayed"
    judged.set_value(other).run()
    assert not app.exception
    company = ledger.invoices["company"].take(replay.rows["position"]).to_pylist()
    mine = replay.rows.filter(pa.array([each == other for each in company]))
    assert 0 < len(mine) < len(replay.rows)
    found = flags(mine, 0.35)
    assert {metric.label: metric.value for metric in app.metric}["Flagged"] == f"{found.flagged}"
    assert sheet(app, "As of", "Commonest")["Invoices"].tolist() == [f"{len(mine):,}"]


def test_all_companies_together_are_judged_as_the_whole_and_nobody_on_nothing(sample_workspace: Store) -> None:
    ledger = ledgers.load(sample_workspace)
    as_of = ledger.complete_through - timedelta(days=60)
    replay = replace(replay_dates(ledger, [as_of], Recipe(fields=("amount",))), ledger_id=ledger.id)
    backtests.save(sample_workspace, replay.ledger_id, replay.recipe, replay.rows, report(replay).to_json())
    kept = load(sample_workspace, ledger.id, replay.recipe)
    assert kept is not None
    everybody = of_companies(kept, ledger, ledgers.get(sample_workspace).companies)
    assert everybody.rows["position"].equals(kept.rows["position"])
    assert everybody.report.differences == kept.report.differences
    assert of_companies(kept, ledger, ("nobody",)).report.rows == 0
    who = ledger.invoices.select(["company", "customer_id"]).take(kept.rows["position"]).to_pylist()
    one = (who[0]["company"], who[0]["customer_id"])
    theirs = of_companies(kept, ledger, (), Visible(frozenset({one[0]}), frozenset({one})))
    assert theirs.report.rows == sum((row["company"], row["customer_id"]) == one for row in who) < len(who)
    assert theirs.report.drift == {}
