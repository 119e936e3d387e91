"""Do the effects of fields, and of pairs of fields, add up to what the model says, and is what matters found?"""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from insights.features import sampling
from insights.features.dataset import FeatureSet, feature_set
from insights.ledger.ledger import Ledger, day
from insights.model.model import Model
from insights.model.recipe import Recipe
from insights.model.training import train
from insights.prediction.effects import PAIRED_ROWS, Effects, Interactions, effects, interactions, paired_rows, spread
from tests.support.workspaces import rates_model, year_of_invoices

AS_OF = date(2024, 12, 20)


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return year_of_invoices(invoices=400)


@pytest.fixture(scope="module")
def model(ledger: Ledger) -> Model:
    """As if a calibrator had bent its odds, so that the slope matters."""
    trained = train(ledger, AS_OF, Recipe(fields=("late_share", "due_weekday", "days_to_due")))
    first, second = trained.stages
    return replace(trained, stages=(replace(first, slope=0.7), second))


@pytest.fixture(scope="module")
def book(ledger: Ledger, model: Model) -> FeatureSet:
    return feature_set(ledger, model.recipe.due_rules, model.fields)


@pytest.fixture(scope="module")
def found(model: Model, book: FeatureSet) -> Effects:
    told = effects(model, book)
    assert told is not None
    return told


@pytest.fixture(scope="module")
def pairs(model: Model, found: Effects) -> Interactions:
    return interactions(model, found)


def log_odds(model: Model, values: np.ndarray) -> np.ndarray:
    """What the model says of rows that are not yet due."""
    return np.asarray(model.stages[0].log_odds(values, np.zeros(len(values), np.int64)))


@pytest.mark.slow
def test_effects_and_base_add_up_to_the_calibrated_log_odds(model: Model, found: Effects) -> None:
    assert found.values.shape == found.effects.shape
    assert len(found.values) > 500
    assert found.base + found.effects.sum(axis=1) == pytest.approx(log_odds(model, found.values), abs=1e-4)


@pytest.mark.slow
def test_shap_and_the_quick_contributions_of_the_list_say_the_same(model: Model, found: Effects) -> None:
    quick = model.stages[0].contributions(found.values) * model.stages[0].slope
    assert found.effects == pytest.approx(quick[:, :-1], abs=1e-4)
    assert found.base == pytest.approx(quick[0, -1], abs=1e-4)


@pytest.mark.slow
def test_all_rows_are_of_days_before_the_training_date(book: FeatureSet, found: Effects) -> None:
    assert day(AS_OF) > int(sampling.first_stage(book.events, 0, day(AS_OF), 0).rows.at.max())
    assert found.of("days_to_due")[0].min() >= 0, "and none was overdue: those have no chance left"


@pytest.mark.slow
def test_the_customers_past_matters_more_than_the_weekday(found: Effects) -> None:
    """Every second customer of this ledger pays late; the weekday was drawn by nobody."""
    assert found.strongest(1) == ("late_share",)


@pytest.mark.slow
def test_what_pairs_of_fields_do_adds_up_to_what_the_model_says(model: Model, found: Effects, pairs: Interactions) -> None:
    assert 100 <= len(pairs.pairs) <= len(found.values)
    assert pairs.pairs == pytest.approx(pairs.pairs.transpose(0, 2, 1), abs=1e-4)
    assert found.base + pairs.pairs.sum(axis=(1, 2)) == pytest.approx(log_odds(model, pairs.values), abs=1e-4)


@pytest.mark.slow
def test_a_field_alone_and_with_each_other_adds_up_to_its_effect(model: Model, found: Effects, pairs: Interactions) -> None:
    rows = spread(len(found.values), paired_rows(model))
    assert np.array_equal(pairs.values, found.values[rows], equal_nan=True)
    assert pairs.pairs.sum(axis=2) == pytest.approx(found.effects[rows], abs=1e-4)


@pytest.mark.slow
def test_the_larger_a_model_the_fewer_rows_its_pairs_are_looked_at_on(model: Model) -> None:
    fewest, most = PAIRED_ROWS
    assert paired_rows(model) == most, "three fields cost little"
    wide = replace(model, fields=tuple(f"x:{number}" for number in range(60)))
    rounds = [paired_rows(replace(wide, fields=wide.fields * times)) for times in (1, 2, 4, 100)]
    assert rounds == sorted(rounds, reverse=True)
    assert rounds[-1] == fewest


def test_a_model_of_plain_rates_has_no_effects(ledger: Ledger) -> None:
    plain = rates_model(AS_OF)
    assert effects(plain, feature_set(ledger, plain.recipe.due_rules, plain.fields)) is None


@pytest.mark.slow
def test_a_ledger_that_begins_after_the_training_has_no_days_to_show(ledger: Ledger, model: Model) -> None:
    later = replace(ledger, history_starts=AS_OF)
    assert effects(model, feature_set(later, model.recipe.due_rules, model.fields)) is None


def test_the_field_that_does_most_together_with_another_comes_first() -> None:
    """Of a: 0.1 together with b, 0.4 with c, each half in either place; what a does alone does not count."""
    pairs = np.zeros((1, 3, 3))
    pairs[0] = [[5, 0.05, -0.2], [0.05, 0, 0], [-0.2, 0, 0]]
    found = Interactions(("a", "b", "c"), np.zeros((1, 3), np.float32), pairs)
    assert found.partners("a") == ("c", "b")
    assert found.between("a", "c").tolist() == [-0.4]
    assert found.strongest(2) == (("a", "c", 0.4), ("a", "b", 0.1))


@pytest.mark.slow
def test_effects_are_of_days_that_the_recipe_learns_from(ledger: Ledger, model: Model, book: FeatureSet) -> None:
    """A recipe that learns from October on sees half of the year's open invoices, all with the customer's past by then."""
    late = replace(model, recipe=replace(model.recipe, training_start=date(2024, 10, 1)))
    whole, part = effects(model, book), effects(late, book)
    assert whole is not None
    assert part is not None
    start, at = late.recipe.training_span(ledger, AS_OF)
    sample = sampling.first_stage(book.events, start, at, late.recipe.seed)
    assert len(part.values) == len(sample) < len(whole.values)
    assert (sample.rows.at >= day(date(2024, 10, 1))).all()
