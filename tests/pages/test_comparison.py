"""Is a worse recipe found out?"""

from dataclasses import replace
from datetime import date

import pytest

from insights.model.recipe import Recipe
from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import models as model_store
from insights.store import publications
from insights.store.store import Store
from pages.ui.models.made_otherwise import ALONE, CAPTION, differing
from tests.support.screens import click, lists, screen, sheet
from tests.support.uploads import wait_for
from tests.support.workspaces import ME, rates_model, year_of_invoices


@pytest.fixture
def two_recipes(workspace: Store, monkeypatch: pytest.MonkeyPatch) -> tuple[Store, str, str]:
    """A published recipe that knows the customers, and one that knows the weekday only; a year of invoices to replay."""
    monkeypatch.setenv("INSIGHTS_IDLE_SECONDS", "5")  # one worker does both jobs
    ledger = commit(workspace, year_of_invoices(), actor=ME)
    models = []
    for name, recipe in (
        ("Full", Recipe(fields=("late_share", "days_to_due"), very_late_days=10)),
        ("Blind", Recipe(fields=("due_weekday",), very_late_days=10)),
    ):
        model = replace(rates_model(date(2024, 12, 1)), recipe=recipe)
        models.append(model_store.save(workspace, model, ledger.id, name=name, actor=ME))
    publishing.publish(workspace, models[0], replaces=None, actor=ME)
    return workspace, models[0], models[1]


@pytest.mark.slow
def test_in_what_two_models_differ_is_said_before_anything_is_replayed(two_recipes: tuple[Store, str, str]) -> None:
    """Moments of making differ, and fields; the rest is the same and takes no line."""
    workspace, full, _ = two_recipes
    recipe = Recipe(grace_days=3, rows=("amount>=500",))
    third = replace(model_store.load(workspace, full), recipe=recipe, fields=("due_weekday",))
    ledger = model_store.get(workspace, full).ledger_id
    made = model_store.save(workspace, third, ledger, name="Graceful", actor=ME)
    first, other = (model_store.get(workspace, each) for each in (full, made))
    found = differing([first, other])
    assert found["Grace days"] == ["0", "3"]
    assert found["Learned from"] == ["all invoices", "amount>=500"]
    assert found[ALONE] == ["Amount", "Weekday of the due date"]
    assert not {"Ledger", "Trained as of", "Fields", "Write-offs"} & found.keys()
    app = screen("models.py", part="Compare")
    drawn = next(each for each in lists(app) if each["caption"] == CAPTION)
    assert [column["heading"] for column in drawn["columns"]] == ["What differs", "A · Full", "B · Graceful"]


@pytest.mark.slow
def test_a_worse_recipe_is_found_out_and_needs_a_reason(two_recipes: tuple[Store, str, str]) -> None:
    """Unchecked, it needs a reason; checked on past months, the gate objects; with a reason it is published, on record."""
    workspace, full, blind = two_recipes
    app = screen("models.py")
    next(each for each in app.selectbox if each.label == "Model").set_value(blind).run()
    click(app, "Publish this model")
    assert any("check it on past months first" in each.value for each in app.text)
    click(app, "Check on past months")
    wait_for(workspace, "check")
    app.run()
    app.run()
    assert "above that of the published recipe" in app.error[0].value
    click(app, "Publish this model")
    assert any("above that of the published recipe" in each.value for each in app.text)
    in_force = publications.active(workspace)
    assert in_force is not None
    assert in_force.model_id == full
    next(each for each in app.text_input if each.label == "Reason").set_value("a trial")
    click(app, "Publish this model")
    in_force = publications.active(workspace)
    assert in_force is not None
    assert (in_force.model_id, in_force.reason, in_force.gate["passed"]) == (blind, "a trial", False)

    app = screen("models.py", part="Compare")
    app.multiselect(key="compared_models").set_value([full, blind]).run()
    click(app, "Compare on past months")
    wait_for(workspace, "compare")
    app.run()
    app.run()
    assert any("B is worse than A" in each.value for each in app.markdown)
    table, gaps = sheet(app, "Recipe", "Log loss"), sheet(app, "Metric", "Difference")
    assert table["Log loss"].astype(float).idxmin() in (0, 3)
    assert float(table["less A's"][1]) > 0
    gaps = gaps.set_index("Metric")
    assert {"Log loss", "Brier", "Accuracy", "Macro F1", "Money misplaced"} <= set(gaps.index)
    assert gaps.loc["Log loss", "Certain"] == "worse"
    assert str(gaps.loc["Accuracy", "Difference"]).startswith("-")
