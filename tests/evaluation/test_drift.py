"""Has what is predicted changed since the training?"""

import numpy as np

from insights.evaluation import (
    drift,
)
from insights.evaluation.drift import psi
from insights.features.dataset import feature_set
from insights.ledger.outcomes import DueRules
from tests.support.ledgers import DAY, START, small_ledger


def test_the_stability_index_is_nought_for_the_same_and_large_for_another() -> None:
    then = np.random.default_rng(1).normal(0, 1, 2_000).astype(np.float32)
    assert psi(then, then) == 0
    assert psi(then, then + 1) > 0.25
    assert psi(then, np.full(100, np.nan, np.float32)) > 1


def test_drift_speaks_of_habits_and_not_of_the_calendar() -> None:
    book = feature_set(small_ledger(), DueRules(15), ("late_share", "due_month", "customer_days", "terms"))
    found = drift(book, [START + 250 * DAY, START + 280 * DAY, START + 300 * DAY], small_ledger().default_as_of)
    assert set(found) <= {"late_share", "terms"}
