"""What is a model made from, and where does its training begin?"""

from dataclasses import replace
from datetime import date

from insights.features.catalog import usual
from insights.model.recipe import Recipe
from insights.model.training import train
from tests.support.ledgers import (
    DAY,
    START,
    small_ledger,
    small_model,
)
from tests.support.models import AT


def test_a_recipe_survives_json() -> None:
    recipe = Recipe(("amount", "terms"), 10, 3, "DE", date(2025, 2, 3), 4, ("amount>=5",))
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert Recipe.from_json(Recipe().to_json()) == Recipe()


def test_a_model_uses_the_chosen_fields_only_and_in_one_order() -> None:
    recipe = Recipe(fields=("late_share", "currency", "amount"), very_late_days=15)
    model = train(small_ledger(), AT, recipe)
    assert model.fields == ("amount", "late_share", "currency")
    assert {found.field for found in model.metrics.importance} == set(model.fields)


def resolved_by(recipe: Recipe, history_starts: date = START) -> int:
    model = train(replace(small_ledger(), history_starts=history_starts), AT, recipe)
    return model.metrics.counts.resolved


def test_training_reaches_neither_before_its_start_nor_before_the_history() -> None:
    recipe = Recipe(very_late_days=15, fields=("days_to_due",))
    whole = resolved_by(recipe)
    assert resolved_by(replace(recipe, training_start=START + 120 * DAY)) < whole
    assert resolved_by(replace(recipe, training_start=START - 120 * DAY)) == whole
    assert resolved_by(recipe, START + 120 * DAY) < whole
    assert resolved_by(replace(recipe, training_start=START), START + 120 * DAY) == resolved_by(recipe, START + 120 * DAY)


def test_a_model_without_chosen_fields_takes_the_usual_ones() -> None:
    assert small_model().fields == usual(small_ledger(), AT)
    assert {"late_share", "days_to_due", "amount", "company", "currency", "terms"} < set(small_model().fields)
    assert not {"disputed", "x:Segment", "x:Score"} & set(small_model().fields), "states at export"
