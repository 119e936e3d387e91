"""Do the effects add up to what the model says, and is the field that matters found?"""

from datetime import date

import numpy as np
import pytest

from insights import sampling
from insights.effects import Effects, effects
from insights.explain import explanation
from insights.ledger import Ledger, day
from insights.model import Model, Recipe, open_book
from insights.training import train
from tests.workspace_examples import rates_model, year_of_invoices

AS_OF = date(2024, 12, 20)


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return year_of_invoices(invoices=400)


@pytest.fixture(scope="module")
def model(ledger: Ledger) -> Model:
    return train(ledger, AS_OF, Recipe(fields=("late_share", "due_weekday", "days_to_due")))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # shap's own, of its colours
def test_the_effects_are_those_of_shap(ledger: Ledger, model: Model) -> None:
    book = open_book(ledger, model.recipe.lines, model.fields)
    found = effects(model, book)
    assert found is not None
    assert found.values.shape == found.effects.shape
    not_due = np.zeros(len(found.values), np.int64)
    assert np.allclose(explanation(model, 0, found.values, not_due).values, found.effects, atol=1e-5)
    assert day(AS_OF) > int(sampling.first_stage(book.events, 0, day(AS_OF), 0).rows.at.max())


@pytest.mark.slow
def test_the_customers_past_matters_more_than_the_weekday(ledger: Ledger, model: Model) -> None:
    """Every second customer of this ledger pays late; the weekday was drawn by nobody."""
    found = effects(model, open_book(ledger, model.recipe.lines, model.fields))
    assert found is not None
    assert found.strongest(1) == ("late_share",)


def test_a_model_of_plain_rates_has_no_effects(ledger: Ledger) -> None:
    plain = rates_model(AS_OF)
    assert effects(plain, open_book(ledger, plain.recipe.lines, plain.fields)) is None


def test_the_field_that_turns_an_effect_round_is_found() -> None:
    """b decides the sign of a's effect; c has nothing to do with it."""
    draw = np.random.default_rng(0)
    values = draw.normal(size=(600, 3)).astype(np.float32)
    moves = np.column_stack([values[:, 0] * np.sign(values[:, 1]), np.zeros(600), np.zeros(600)]).astype(np.float64)
    assert Effects(("a", "b", "c"), values, moves).interacting("a") == "b"
