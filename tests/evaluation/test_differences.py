"""Is the difference of two recipes in each metric what their figures say, and is its interval honest?"""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from insights.evaluation import difference, figures
from insights.evaluation.differences import METRICS, STEPS, certain, differences, sums

ROWS = 600


def replayed(seed: int = 0, skill: float = 1.0, customers: int = 60) -> pa.Table:
    """Invented rows of a replay: series `good` knows the outcome's odds, `other` so much less, `same` as good as `good`."""
    draw = np.random.default_rng(seed)
    odds = draw.dirichlet([1.2, 0.8, 0.6], ROWS)
    outcome = np.array([draw.choice(3, p=row) for row in odds], np.int8)
    flat = np.full((ROWS, 3), 1 / 3)
    worse = (1 - skill) * odds + skill * (0.3 * odds + 0.7 * flat)
    columns = {
        "as_of": [date(2025, 1 + row % 3, 1) for row in range(ROWS)],
        "customer": draw.integers(0, customers, ROWS).astype(np.int32),
        "currency": [("EUR", "USD")[row % 2] for row in range(ROWS)],
        "outstanding": draw.integers(100, 90_000, ROWS),
        "past": np.where(draw.random(ROWS) < 0.8, -3, 4).astype(np.int32),
        "outcome": outcome,
    }
    for name, said in (("good", odds), ("other", worse), ("same", odds)):
        columns |= {f"{name}_{bucket}": said[:, at] for at, bucket in enumerate(("on_time", "late", "very_late"))}
    return pa.table(columns)


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_from_its_sums_is_the_one_that_is_shown(metric: str) -> None:
    """The ROC curve is taken over a hundred steps, all others exactly."""
    rows = replayed()
    made = sums(rows, "good", metric)
    shown = getattr(figures(rows, "good"), metric)
    (found,) = made.metric(made.by_customer.sum(axis=0, keepdims=True))
    assert found == pytest.approx(shown, abs=1 / STEPS**2 * 3 if metric == "auc" else 1e-12)


def test_few_distinct_scores_give_the_exact_curve() -> None:
    rows = replayed()
    coarse = np.round(rows["good_on_time"].to_numpy(), 1)
    rows = rows.set_column(rows.schema.get_field_index("good_on_time"), "good_on_time", pa.array(coarse))
    made = sums(rows, "good", "auc")
    (found,) = made.metric(made.by_customer.sum(axis=0, keepdims=True))
    assert found == pytest.approx(getattr(figures(rows, "good"), "auc"), abs=1e-12)  # noqa: B009 - None is not expected


def test_the_interval_of_log_loss_is_that_of_the_gate() -> None:
    rows = replayed()
    mine, gate = differences(rows, "other", "good")["log_loss"], difference(rows, "other", "good")
    assert mine.mean == pytest.approx(gate.mean)
    assert (mine.low, mine.high) == pytest.approx((gate.low, gate.high), abs=0.005)


def test_what_is_worse_for_certain_is_called_so_in_every_direction() -> None:
    """Accuracy and AUC fall, losses and errors rise; both are worse."""
    found = differences(replayed(), "other", "good")
    assert set(found) == set(METRICS)
    assert dict(certain(found)).get("log_loss") is False
    assert dict(certain(found)).get("ece") is False
    assert not any(better for _, better in certain(found))
    assert all(better for _, better in certain(differences(replayed(), "good", "other")))


def test_a_series_beside_itself_differs_in_nothing() -> None:
    for gap in differences(replayed(), "same", "good").values():
        assert (gap.mean, gap.low, gap.high) == (0, 0, 0)


@pytest.mark.slow
def test_no_difference_is_found_where_there_is_none_nineteen_times_of_twenty() -> None:
    """Two series that err alike, each in its own way: the interval covers nought nearly always."""
    covered = 0
    for seed in range(20):
        rows, draw = replayed(seed), np.random.default_rng(seed)
        for name in ("good", "other"):
            said = np.column_stack([rows[f"same_{bucket}"].to_numpy() for bucket in ("on_time", "late", "very_late")])
            said = said * np.exp(draw.normal(0, 0.4, said.shape))
            said /= said.sum(axis=1, keepdims=True)
            for at, bucket in enumerate(("on_time", "late", "very_late")):
                place = rows.schema.get_field_index(f"{name}_{bucket}")
                rows = rows.set_column(place, f"{name}_{bucket}", pa.array(said[:, at]))
        gap = differences(rows, "other", "good")["brier"]
        covered += gap.low <= 0 <= gap.high
    assert covered >= 17
