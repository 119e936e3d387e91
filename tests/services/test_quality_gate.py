"""A model is published if its recipe is good enough on the past; otherwise only with a reason, which is recorded."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from insights.ledger.errors import Refused
from insights.model.model_metrics import Baseline, ModelMetrics, Quality
from insights.model.recipe import Recipe
from insights.services import comparison as comparison_service
from insights.services import flag_changes, publishing, quality_gate, replays
from insights.services.ledgers import commit, delete
from insights.services.models import delete as delete_model
from insights.services.quality_gate import CANNOT_BE_JUDGED, held_out, objections
from insights.store import audit, publications
from insights.store import models as model_store
from insights.store.records import ALL_COMPANIES, Scope
from insights.store.store import Store
from tests.support.workspaces import ME, imported, opened, rates_model, small_ledger, year_of_invoices

BLIND = Recipe(fields=("due_weekday",), very_late_days=10)  # knows nothing of the customer
FULL = Recipe(very_late_days=10)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, str, str, str]:
    """A workspace with a year of invoices (every second customer pays late), and models named after two recipes.

    The models themselves only say rates: gate and comparison replay recipes, never fitted models.
    """
    workspace = opened(tmp_path_factory.mktemp("bench"))
    ledger = commit(workspace, year_of_invoices(), actor=ME)
    models = []
    for recipe, late in ((FULL, 0.3), (BLIND, 0.6)):
        models.append(
            model_store.save(workspace, replace(rates_model(date(2024, 12, 1), late=late), recipe=recipe), ledger.id, actor=ME)
        )
    return workspace, ledger.id, models[0], models[1]


def test_the_held_out_fold_speaks_against_what_is_no_better_than_base_rates() -> None:
    baselines = {"base_rates": Baseline(log_loss=0.6), "customer_past": Baseline(0.5), "commonest": Baseline(accuracy=0.7)}
    assert held_out(ModelMetrics(Quality(0.59, baselines=baselines))).passed
    worse = held_out(ModelMetrics(Quality(0.61, baselines=baselines)))
    assert not worse.passed
    assert objections(worse) == ["On its held-out invoices its log loss is 0.0100 above that of the base rates."]
    assert held_out(ModelMetrics()).checked == "nothing"
    assert held_out(ModelMetrics(Quality(0.59))).passed


def elsewhere(bench: tuple[Store, str, str, str], trained_as_of: date, late: float, claim: float = 0.01) -> str:
    """A model from elsewhere that says the same of everybody, and claims to be very good."""
    metrics = ModelMetrics(Quality(claim, baselines={"base_rates": Baseline(0.9), "customer_past": Baseline(0.8)}))
    model = replace(rates_model(trained_as_of, late=late), recipe=FULL, metrics=metrics)
    return imported(bench[0], model)


@pytest.mark.slow
def test_a_model_from_elsewhere_is_judged_by_what_it_predicts_here_whatever_it_claims(bench: tuple[Store, str, str, str]) -> None:
    """It says of every invoice that it will surely be late; six of ten customers pay on time."""
    workspace = bench[0]
    model_id = elsewhere(bench, date(2024, 9, 1), late=0.999)
    verdict = quality_gate.check(workspace, model_id)
    assert (verdict.passed, verdict.checked) == (False, "replayed")
    assert all(date.fromisoformat(day) >= date(2024, 9, 1) for day in verdict.figures["dates"])
    assert {finding["code"] for finding in verdict.findings} == {"worse_than_baseline"}
    for claimed in (None, held_out(model_store.get(workspace, model_id).metrics)):
        with pytest.raises(Refused) as refused:
            publishing.publish(workspace, model_id, replaces=None, verdict=claimed, actor=ME)
        assert refused.value.code == "gate"
    delete_model(workspace, model_id, actor=ME)


@pytest.mark.slow
def test_a_model_from_elsewhere_that_no_month_can_judge_is_said_to_be_so(bench: tuple[Store, str, str, str]) -> None:
    workspace = bench[0]
    model_id = elsewhere(bench, date(2025, 6, 1), late=0.3)
    verdict = quality_gate.check(workspace, model_id)
    assert (verdict.passed, verdict.checked, objections(verdict)) == (False, "nothing", [CANNOT_BE_JUDGED])
    with pytest.raises(Refused, match="counts for nothing"):
        publishing.publish(workspace, model_id, replaces=None, actor=ME)
    delete_model(workspace, model_id, actor=ME)


def test_what_the_gate_refuses_is_published_only_with_a_reason_that_is_recorded(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    worse = replace(rates_model(), metrics=ModelMetrics(Quality(0.7, baselines={"base_rates": Baseline(0.6)})))
    model_id = model_store.save(workspace, worse, commit(workspace, small_ledger(), actor=ME).id, actor=ME)
    for reason in ("", "  "):
        with pytest.raises(Refused) as caught:
            publishing.publish(workspace, model_id, replaces=None, reason=reason, actor=ME)
        assert caught.value.code == "gate"
    assert publications.active(workspace) is None
    entry = publishing.publish(workspace, model_id, replaces=None, reason="a new system counts differently", actor=ME)
    assert not entry.gate["passed"]
    (recorded,) = [record for record in audit.listed(workspace, entry.id) if record.action == "model.publish"]
    assert recorded.details["reason"] == "a new system counts differently"


@pytest.mark.slow
def test_a_recipe_worse_than_the_published_one_on_the_same_months_is_refused(bench: tuple[Store, str, str, str]) -> None:
    workspace, _, full, blind = bench
    first = publishing.publish(workspace, full, replaces=None, actor=ME)
    verdict = quality_gate.check(workspace, blind)
    assert verdict.checked == "replayed"
    assert {finding["than"] for finding in verdict.findings} >= {"published"}
    with pytest.raises(Refused):
        publishing.publish(workspace, blind, replaces=first.id, verdict=verdict, actor=ME)
    assert publications.active(workspace) == first
    assert quality_gate.check(workspace, full).checked == "nothing"  # the same recipe again: nothing to compare
    assert quality_gate.check(workspace, full, replay=True).passed


@pytest.mark.slow
def test_for_one_company_the_gate_looks_at_its_invoices_alone(tmp_path: Path) -> None:
    """North has fourteen customers of twenty, south six; west is a company of another ledger."""
    workspace = opened(tmp_path)
    ledger = year_of_invoices()
    company = pa.array([("north", "south")[row % 20 >= 14] for row in range(len(ledger.invoices))])
    at = ledger.invoices.schema.get_field_index("company")
    kept = commit(workspace, replace(ledger, invoices=ledger.invoices.set_column(at, "company", company)), actor=ME)
    model_id = model_store.save(workspace, replace(rates_model(date(2024, 12, 1)), recipe=FULL), kept.id, actor=ME)
    whole, north, south = (
        quality_gate.check(workspace, model_id, scope=scope, replay=True)
        for scope in (ALL_COMPANIES, Scope("north"), Scope("south"))
    )
    rows = [each.figures["figures"]["model"]["rows"] for each in (whole, north, south)]
    assert rows[0] == rows[1] + rows[2]
    assert 0 < rows[2] < rows[1]
    commit(workspace, replace(ledger, invoices=ledger.invoices.set_column(at, "company", pa.array(["west"] * 600))), actor=ME)
    assert quality_gate.check(workspace, model_id, scope=Scope("west"), replay=True).checked == "nothing", (
        "it has no invoice there"
    )


@pytest.mark.slow
def test_recipes_are_compared_on_the_same_invoices_and_days(bench: tuple[Store, str, str, str]) -> None:
    workspace, ledger_id, full, blind = bench
    comparison = comparison_service.compare(workspace, [full, blind])
    assert comparison.ledger_id == ledger_id
    assert len(comparison.dates) > 1
    assert set(comparison.dates) == set(comparison.rows["as_of"].to_pylist())
    assert comparison.figures(full).log_loss < comparison.figures(blind).log_loss
    lead = comparison.difference(blind)
    assert lead.worse
    assert lead.mean == pytest.approx(comparison.figures(blind).log_loss - comparison.figures(full).log_loss)
    assert comparison.difference(full).mean == 0
    assert sum(bin_.n for bin_ in comparison.reliability(full)) == sum(
        value <= 0 for value in comparison.rows["past"].to_pylist()
    )
    asked: list[str] = []
    comparison_service.compare(workspace, [full, blind], progress=lambda stage, _: asked.append(stage))
    assert asked == []  # all was replayed before


@pytest.mark.slow
def test_recipes_that_answer_different_questions_are_not_compared(bench: tuple[Store, str, str, str]) -> None:
    workspace, ledger_id, full, _ = bench
    other = replace(rates_model(date(2024, 12, 1)), recipe=Recipe(very_late_days=60))
    other_id = model_store.save(workspace, other, ledger_id, actor=ME)
    with pytest.raises(Refused) as caught:
        comparison_service.compare(workspace, [full, other_id])
    assert caught.value.code == "other_lines"
    assert quality_gate.check(workspace, other_id).checked in ("held_out", "nothing")
    for wrong in ([full], [full, full], [full] * 5):
        with pytest.raises(Refused):
            comparison_service.compare(workspace, wrong)


def test_the_flags_that_would_flip_are_known_before_anything_changes(bench: tuple[Store, str, str, str]) -> None:
    """One model says 70 per cent on time for everybody, the other 40: all that is not yet due flips, overdue never."""
    workspace, ledger_id, full, blind = bench
    as_of = date(2025, 1, 1)
    flips = flag_changes.between(workspace, ledger_id, as_of, (full, blind), actor=ME)
    assert flips.num_rows > 0
    assert set(flips["flagged"].to_pylist()) == {False}
    assert set(flips["other_flagged"].to_pylist()) == {True}
    assert pc.min(flips["due_date"]).as_py() >= as_of
    assert flips["outstanding"].to_pylist() == sorted(flips["outstanding"].to_pylist(), reverse=True)
    assert flag_changes.between(workspace, ledger_id, as_of, (full, full), actor=ME).num_rows == 0


def test_replays_go_with_their_ledger(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    ledger = commit(workspace, year_of_invoices(invoices=400), actor=ME)
    replay = replays.replay(workspace, ledger.id, FULL, [date(2024, 10, 1)])
    assert replay.dates == (date(2024, 10, 1),)
    assert replays.replayed(workspace, ledger.id, FULL, [date(2024, 10, 1)])
    assert not replays.replayed(workspace, ledger.id, BLIND, [date(2024, 10, 1)])
    delete(workspace, ledger.id, actor=ME)
    assert not list((tmp_path / "replays").rglob("*.parquet"))
