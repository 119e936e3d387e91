"""Is a grade no better than its worst reason?"""

from typing import Any

from insights.evaluation import (
    grade,
)
from insights.messages import grades


def graded(lead: float, *, certain: bool = True, error: float = 0.01, dates: int = 12, late: int = 200) -> str:
    """The letter of a report whose model is better than the better baseline by so much."""
    loss = 0.5 * (1 - lead)
    gap = {"mean": loss - 0.5, "low": loss - 0.6, "high": -0.01 if certain else 0.01}
    found: dict[str, Any] = {
        "rows": 5_000,
        "pooled": {
            "model": {"log_loss": loss, "ece": error, "confusion": [[4000, 0, 0], [late, 0, 0], [500, 0, 0]]},
            "base_rates": {"log_loss": 0.7},
            "customer_past": {"log_loss": 0.5},
        },
        "differences": {"base_rates": gap, "customer_past": gap},
        "dates": [{"as_of": "2025-01-01", "differences": {"base_rates": gap}}] * dates,
    }
    given = grade(found)
    assert all(grades.reason(reason.code, reason.values) for reason in given.reasons)
    return given.letter


def test_a_grade_is_no_better_than_its_worst_reason() -> None:
    assert graded(0.10) == "A"
    assert graded(0.02) == "B"
    assert graded(0.10, error=0.07) == "B"
    assert graded(0.10, dates=3) == "B"
    assert graded(0.10, late=10) == "B"
    assert graded(0.10, error=0.15) == "C"
    assert graded(0.10, certain=False) == "C"
    assert graded(-0.01) == "D"
    assert grade({"rows": 20}).letter == "D"
