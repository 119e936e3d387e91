"""How certain is a difference between two ways of predicting?"""

from math import log

import pytest

from insights.evaluation import (
    difference,
)
from tests.support.replays import rows_of


def test_a_difference_is_paired_seeded_and_certain_only_over_customers() -> None:
    certain = rows_of(*[(0.8, 0.1, 0.1, 0)] * 30, customer=list(range(30)))
    assert difference(certain, "model", "model").mean == 0
    lead = difference(certain, "model", "base_rates")
    assert lead.mean == pytest.approx(log(0.5) - log(0.8))
    assert lead.better
    assert lead == difference(certain, "model", "base_rates")
    mixed = rows_of(*[(0.8, 0.1, 0.1, 0)] * 20, *[(0.8, 0.1, 0.1, 1)] * 12, customer=[0] * 20 + [1] * 12)
    found = difference(mixed, "model", "base_rates")
    assert not found.better
    assert not found.worse, "two customers, one better and one worse, prove nothing"
