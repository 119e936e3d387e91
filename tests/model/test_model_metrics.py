"""Metrics are typed in the program and keep their JSON on disk, so that models of earlier versions open."""

import json
from typing import Any

import pytest

from insights.model.model_metrics import ModelMetrics, StageMetrics, TrainingCounts
from tests.support.ledgers import sample_model, small_model

AS_EARLIER_VERSIONS_WROTE: dict[str, Any] = {
    "counts": {"training": 900, "resolved": 800, "held_out": 22, "on_time": 8, "late": 10, "very_late": 4},
    "held_out": {"from": "2026-06-08", "to": "2026-10-30"},
    "stages": {
        "on_time": {
            "rows": 900,
            "rounds": 250,
            "calibrated": True,
            "by_rate": False,
            "voices": ["trees", "bold"],
            "log_loss": 0.5,
            "baseline_log_loss": 0.6,
        },
        "very_late": {"rows": 90, "rounds": 0, "calibrated": False, "by_rate": True},
    },
    "importance": [{"field": "late_share", "share": 0.25}],
    "warnings": [{"code": "few_invoices", "values": {"resolved": 800}}],
    "accuracy": 0.78,
    "macro_f1": 0.77,
    "log_loss": 0.556,
    "brier": 0.4,
    "confusion": [[7, 1, 0], [2, 7, 1], [0, 1, 3]],
    "auc": None,
    "ece": 0.02,
    "reliability": [{"p": 0.4, "share": 0.5, "n": 22}],
    "baselines": {
        "commonest": {"accuracy": 0.43, "macro_f1": 0.2},
        "base_rates": {"log_loss": 0.838},
        "customer_past": {"log_loss": 0.69},
    },
}


@pytest.mark.parametrize("of", [small_model, sample_model], ids=["small", "sample"])
@pytest.mark.slow
def test_what_training_measured_is_the_same_after_a_round_over_json(of: Any) -> None:  # noqa: ANN401 - a cached function
    metrics = of().metrics
    assert ModelMetrics.from_json(json.loads(json.dumps(metrics.to_json()))) == metrics


def test_metrics_as_earlier_versions_wrote_them_are_read_and_written_alike() -> None:
    read = ModelMetrics.from_json(AS_EARLIER_VERSIONS_WROTE)
    assert read.counts == TrainingCounts(900, 800, 22, 8, 10, 4)
    assert read.stages["very_late"] == StageMetrics(rows=90, rounds=0, calibrated=False, by_rate=True)
    assert read.to_json() == AS_EARLIER_VERSIONS_WROTE


def test_a_model_that_was_never_judged_has_no_quality_and_writes_nothing() -> None:
    assert ModelMetrics.from_json({}).quality is None
    assert ModelMetrics().to_json() == {}
