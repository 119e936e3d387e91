"""Is a grade no better than its worst reason?"""

from datetime import date
from typing import Any

from insights.evaluation import LossDifference, QualityFigures, grade
from insights.evaluation.report import DateReport, Report
from insights.messages import grades
from tests.support.replays import RECIPE


def figures_of(**found: Any) -> QualityFigures:  # noqa: ANN401 - the fields of QualityFigures
    """Figures of which only some matter."""
    plain: dict[str, Any] = dict.fromkeys(QualityFigures.__dataclass_fields__, 0.5)
    return QualityFigures(**plain | {"rows": 5_000, "confusion": ((1, 0, 0), (0, 1, 0), (0, 0, 1))} | found)


def report_of(**found: Any) -> Report:  # noqa: ANN401 - the fields of Report
    """A report of which only some matters."""
    empty: dict[str, Any] = {"ledger": "", "recipe": RECIPE, "pooled": {}, "differences": {}, "dates": (), "slices": {}}
    return Report(**empty | found)


def graded(lead: float, *, certain: bool = True, error: float = 0.01, dates: int = 12, late: int = 200) -> str:
    """The letter of a report whose model is better than the better baseline by so much."""
    gap = LossDifference(-0.5 * lead, -0.5 * lead - 0.1, -0.01 if certain else 0.01)
    confusion = ((4000, 0, 0), (late, 0, 0), (500, 0, 0))
    found = report_of(
        rows=5_000,
        pooled={
            "model": figures_of(log_loss=0.5 * (1 - lead), ece=error, confusion=confusion),
            "base_rates": figures_of(log_loss=0.7),
            "customer_past": figures_of(log_loss=0.5),
        },
        differences={"base_rates": gap, "customer_past": gap},
        dates=(DateReport(date(2025, 1, 1), 0, 0, {}, {"base_rates": gap}),) * dates,
    )
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
    assert grade(report_of(rows=20)).letter == "D"
