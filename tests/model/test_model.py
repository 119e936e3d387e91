"""Do the probabilities of a model keep to the due rules?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.model.model import combine, logit, sigmoid
from insights.model.recipe import Recipe
from insights.model.training import train
from insights.prediction.scoring import score
from tests.support.ledgers import (
    sample_predictions,
    small_ledger,
)
from tests.support.models import AT

odds = st.floats(-50, 50)


@given(odds, odds, st.integers(-90, 200), st.integers(1, 60))
def test_after_a_line_it_is_certain_that_it_was_missed(first: float, second: float, past_line: int, very_late: int) -> None:
    on_time, late, very = combine(np.array([first]), np.array([second]), np.array([past_line]), very_late)[0].tolist()
    assert on_time + late + very == pytest.approx(1, abs=1e-12)
    assert min(on_time, late, very) >= 0
    assert (on_time == 0) == (past_line > 0)
    assert (very == 1) >= (past_line > very_late)
    assert (late == 0) >= (past_line > very_late)


@pytest.mark.slow
def test_the_lines_hold_for_every_open_invoice_of_the_sample() -> None:
    table = sample_predictions()
    past_due = table["days_past_due"].to_numpy()
    p = np.column_stack([table[f"p_{name}"].to_numpy() for name in ("on_time", "late", "very_late")])
    assert np.abs(p.sum(axis=1) - 1).max() < 1e-9
    assert (p >= 0).all()
    assert set(p[past_due > 0, 0]) == {0.0}
    assert set(p[past_due > 30, 2]) == {1.0}
    assert p[past_due <= 0, 0].min() > 0
    assert p[past_due <= 30, 2].max() < 1


def test_the_lines_move_with_grace_days() -> None:
    """Three days of grace: three days past due can still be on time, and very late begins at 18 days."""
    recipe = Recipe(very_late_days=15, grace_days=3, fields=("late_share", "days_to_due"))
    table = score(train(small_ledger(), AT, recipe), small_ledger(), AT)
    past_due, on_time = table["days_past_due"].to_numpy(), table["p_on_time"].to_numpy()
    assert (on_time > 0).tolist() == (past_due <= 3).tolist()
    assert (table["p_very_late"].to_numpy() == 1).tolist() == (past_due > 18).tolist()
    assert ((past_due > 0) & (past_due <= 3)).any(), "or the test shows nothing"


@settings(max_examples=50)
@given(st.floats(1e-9, 1 - 1e-9))
def test_log_odds_and_probabilities_are_each_other(p: float) -> None:
    assert sigmoid(logit(np.array([p])))[0] == pytest.approx(p, rel=1e-6)
