"""What does a model say of itself, on days that it has not seen?"""

from tests.support.ledgers import (
    sample_model,
)


def test_a_model_of_the_sample_beats_guessing_both_ways() -> None:
    metrics = sample_model().metrics
    guesses = metrics["baselines"]
    assert metrics["log_loss"] < guesses["base_rates"]["log_loss"]
    assert metrics["log_loss"] < guesses["customer_past"]["log_loss"]
    assert metrics["accuracy"] > guesses["commonest"]["accuracy"]
    assert metrics["macro_f1"] > guesses["commonest"]["macro_f1"]
    assert not metrics["warnings"]
    assert sum(map(sum, metrics["confusion"])) == metrics["counts"]["held_out"]
