"""Does the card say what the model is, and can nothing in a name pretend to be markup?"""

from datetime import UTC, date, datetime
from typing import Any

from insights.model.model_metrics import ModelMetrics
from insights.services.model_card import card
from insights.store.records import ModelRecord

METRICS: dict[str, Any] = {
    "accuracy": 0.78,
    "macro_f1": 0.77,
    "log_loss": 0.556,
    "baselines": {
        "commonest": {"accuracy": 0.43, "macro_f1": 0.2},
        "base_rates": {"log_loss": 0.838},
        "customer_past": {"log_loss": 0.69},
    },
    "counts": {"training": 900, "resolved": 800, "held_out": 2211, "on_time": 8, "late": 10, "very_late": 4},
    "held_out": {"from": "2026-06-08", "to": "2026-10-30"},
    "confusion": [[7, 1, 0], [2, 7, 1], [0, 1, 3]],
    "stages": {
        "on_time": {"rows": 900, "calibrated": True, "by_rate": False, "voices": ["trees", "bold", "line"], "rounds": 250},
        "very_late": {"rows": 400, "calibrated": False, "by_rate": True, "voices": [], "rounds": 0},
    },
    "importance": [{"field": "late_share", "share": 0.25}],
    "warnings": [],
}


def record(**changes: Any) -> ModelRecord:  # noqa: ANN401 - fields of the record
    values: dict[str, Any] = {
        "id": "m1",
        "name": "First",
        "created_at": datetime(2026, 11, 1, 9, 30, tzinfo=UTC),
        "actor": "ana",
        "ledger_id": "l1",
        "trained_as_of": date(2026, 10, 31),
        "recipe": {"very_late_days": 30, "grace_days": 0, "calendar": "", "training_start": None, "seed": 0, "fields": None},
        "fields": ("late_share",),
        "metrics": ModelMetrics.from_json(METRICS),
        "sha256": "ab12",
    }
    return ModelRecord(**values | changes)


def test_the_card_puts_the_model_beside_its_baselines() -> None:
    text = card(record(), "Sample ledger")
    assert "| This model | 0.780 | 0.770 | 0.556 |" in text
    assert "| Always the commonest outcome | 0.430 | 0.200 | — |" in text
    assert "| The customer's past | — | — | 0.690 |" in text
    assert "| Paid late | 2 | 7 | 1 |" in text
    assert "| Trained on what was known before | 2026-10-31 |" in text
    assert "ab12" in text


def test_the_card_says_what_either_stage_is_made_of() -> None:
    text = card(record(), "Sample ledger")
    made_of = "the average, in log-odds, of boosted trees (250 rounds), weakly regularised trees and a logistic regression"
    assert f"| Chance of on time | {made_of} |" in text
    assert "| Chance of very late, once late | a plain rate per days past due |" in text


def test_the_card_of_a_model_from_before_stages_had_voices_says_trees() -> None:
    stages = {"on_time": {"rows": 900, "calibrated": True, "by_rate": False, "rounds": 250}}
    assert "boosted trees (250 rounds)" in card(
        record(metrics=ModelMetrics.from_json(METRICS | {"stages": stages})), "Receivables"
    )


def test_a_model_that_could_not_be_judged_says_so() -> None:
    assert "Too few invoices to judge it" in card(record(metrics=ModelMetrics()), "Sample ledger")


def test_a_name_cannot_pretend_to_be_markup() -> None:
    assert "![x](https://x.example)" not in card(record(name="![x](https://x.example)"), "[a](b)")
