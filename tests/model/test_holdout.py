"""What does a model say of itself, on days that it has not seen?"""

import pytest

from tests.support.ledgers import (
    quality_of,
    sample_model,
)


@pytest.mark.slow
def test_a_model_of_the_sample_beats_guessing_both_ways() -> None:
    found = quality_of(sample_model())
    rates, past, commonest = (found.baseline(name) for name in ("base_rates", "customer_past", "commonest"))
    assert found.log_loss < (rates.log_loss or 0)
    assert found.log_loss < (past.log_loss or 0)
    assert (found.accuracy or 0) > (commonest.accuracy or 1)
    assert (found.macro_f1 or 0) > (commonest.macro_f1 or 1)
    assert not sample_model().metrics.warnings
    assert sum(map(sum, found.confusion)) == sample_model().metrics.counts.held_out
