"""A model is published if its recipe is good enough on the past; otherwise only with a reason, which is recorded."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from insights.ledger.errors import Refused
from insights.model.recipe import Recipe
from insights.services.workspace import Workspace
from insights.store.publications import held_out, objections
from insights.store.records import ALL_COMPANIES, Scope
from tests.support.workspaces import rates_model, small_ledger, year_of_invoices

BLIND = Recipe(fields=("due_weekday",), very_late_days=10)  # knows nothing of the customer
FULL = Recipe(very_late_days=10)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str, str, str]:
    """A workspace with a year of invoices (every second customer pays late), and models named after two recipes.

    The models themselves only say rates: gate and comparison replay recipes, never fitted models.
    """
    workspace = Workspace.open(tmp_path_factory.mktemp("bench"))
    ledger = workspace.commit(year_of_invoices())
    models = []
    for recipe, late in ((FULL, 0.3), (BLIND, 0.6)):
        models.append(workspace.save_model(replace(rates_model(date(2024, 12, 1), late=late), recipe=recipe), ledger.id))
    return workspace, ledger.id, models[0], models[1]


def test_the_held_out_fold_speaks_against_what_is_no_better_than_base_rates() -> None:
    baselines = {"base_rates": {"log_loss": 0.6}, "customer_past": {"log_loss": 0.5}, "commonest": {"accuracy": 0.7}}
    assert held_out({"log_loss": 0.59, "baselines": baselines}).passed
    worse = held_out({"log_loss": 0.61, "baselines": baselines})
    assert not worse.passed
    assert objections(worse) == ["On its held-out invoices its log loss is 0.0100 above that of the base rates."]
    assert held_out({}).checked == "nothing"
    assert held_out({"log_loss": 0.59, "baselines": {}}).passed


def test_what_the_gate_refuses_is_published_only_with_a_reason_that_is_recorded(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path)
    worse = replace(rates_model(), metrics={"log_loss": 0.7, "baselines": {"base_rates": {"log_loss": 0.6}}})
    model_id = workspace.save_model(worse, workspace.commit(small_ledger()).id)
    for reason in ("", "  "):
        with pytest.raises(Refused) as caught:
            workspace.publish(model_id, replaces=None, reason=reason)
        assert caught.value.code == "gate"
    assert workspace.published() is None
    entry = workspace.publish(model_id, replaces=None, reason="a new system counts differently")
    assert not entry.gate["passed"]
    (recorded,) = [record for record in workspace.records(entry.id) if record.action == "model.publish"]
    assert recorded.details["reason"] == "a new system counts differently"


def test_a_recipe_worse_than_the_published_one_on_the_same_months_is_refused(bench: tuple[Workspace, str, str, str]) -> None:
    workspace, _, full, blind = bench
    first = workspace.publish(full, replaces=None)
    verdict = workspace.check(blind)
    assert verdict.checked == "replayed"
    assert {finding["than"] for finding in verdict.findings} >= {"published"}
    with pytest.raises(Refused):
        workspace.publish(blind, replaces=first.id, verdict=verdict)
    assert workspace.published() == first
    assert workspace.check(full).checked == "nothing"  # the same recipe again: nothing to compare
    assert workspace.check(full, replay=True).passed


def test_for_one_company_the_gate_looks_at_its_invoices_alone(tmp_path: Path) -> None:
    """North has fourteen customers of twenty, south six; west is a company of another ledger."""
    workspace = Workspace.open(tmp_path)
    ledger = year_of_invoices()
    company = pa.array([("north", "south")[row % 20 >= 14] for row in range(len(ledger.invoices))])
    at = ledger.invoices.schema.get_field_index("company")
    kept = workspace.commit(replace(ledger, invoices=ledger.invoices.set_column(at, "company", company)))
    model_id = workspace.save_model(replace(rates_model(date(2024, 12, 1)), recipe=FULL), kept.id)
    whole, north, south = (
        workspace.check(model_id, scope=scope, replay=True) for scope in (ALL_COMPANIES, Scope("north"), Scope("south"))
    )
    rows = [each.figures["figures"]["model"]["rows"] for each in (whole, north, south)]
    assert rows[0] == rows[1] + rows[2]
    assert 0 < rows[2] < rows[1]
    workspace.commit(replace(ledger, invoices=ledger.invoices.set_column(at, "company", pa.array(["west"] * 600))))
    assert workspace.check(model_id, scope=Scope("west"), replay=True).checked == "nothing", "it has no invoice there"


def test_recipes_are_compared_on_the_same_invoices_and_days(bench: tuple[Workspace, str, str, str]) -> None:
    workspace, ledger_id, full, blind = bench
    comparison = workspace.compare([full, blind])
    assert comparison.ledger_id == ledger_id
    assert len(comparison.dates) > 1
    assert set(comparison.dates) == set(comparison.rows["as_of"].to_pylist())
    assert comparison.figures(full).log_loss < comparison.figures(blind).log_loss
    lead = comparison.difference(blind)
    assert lead.worse
    assert lead.mean == pytest.approx(comparison.figures(blind).log_loss - comparison.figures(full).log_loss)
    assert comparison.difference(full).mean == 0
    assert sum(bin_["n"] for bin_ in comparison.reliability(full)) == sum(
        value <= 0 for value in comparison.rows["past"].to_pylist()
    )
    asked: list[str] = []
    workspace.compare([full, blind], progress=lambda stage, _: asked.append(stage))
    assert asked == []  # all was replayed before


def test_recipes_that_answer_different_questions_are_not_compared(bench: tuple[Workspace, str, str, str]) -> None:
    workspace, ledger_id, full, _ = bench
    other = replace(rates_model(date(2024, 12, 1)), recipe=Recipe(very_late_days=60))
    other_id = workspace.save_model(other, ledger_id)
    with pytest.raises(Refused) as caught:
        workspace.compare([full, other_id])
    assert caught.value.code == "other_lines"
    assert workspace.check(other_id).checked in ("held_out", "nothing")
    for wrong in ([full], [full, full], [full] * 5):
        with pytest.raises(Refused):
            workspace.compare(wrong)


def test_the_flags_that_would_flip_are_known_before_anything_changes(bench: tuple[Workspace, str, str, str]) -> None:
    """One model says 70 per cent on time for everybody, the other 40: all that is not yet due flips, overdue never."""
    workspace, ledger_id, full, blind = bench
    as_of = date(2025, 1, 1)
    flips = workspace.flips(ledger_id, as_of, full, blind)
    assert flips.num_rows > 0
    assert set(flips["flagged"].to_pylist()) == {False}
    assert set(flips["other_flagged"].to_pylist()) == {True}
    assert pc.min(flips["due_date"]).as_py() >= as_of
    assert flips["outstanding"].to_pylist() == sorted(flips["outstanding"].to_pylist(), reverse=True)
    assert workspace.flips(ledger_id, as_of, full, full).num_rows == 0


def test_replays_go_with_their_ledger(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path)
    ledger = workspace.commit(year_of_invoices(invoices=400))
    replay = workspace.replay(ledger.id, FULL, [date(2024, 10, 1)])
    assert replay.dates == (date(2024, 10, 1),)
    assert workspace.replayed(ledger.id, FULL, [date(2024, 10, 1)])
    assert not workspace.replayed(ledger.id, BLIND, [date(2024, 10, 1)])
    workspace.delete_ledger(ledger.id)
    assert not list((tmp_path / "replays").rglob("*.parquet"))
