"""Do the reasons add up to what is shown, agree with shap, and say it in words that anybody reads?"""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights import messages
from insights.features.catalog import field
from insights.features.dataset import FeatureSet, feature_set, open_rows
from insights.features.events import SnapshotRows
from insights.ledger.errors import Refused
from insights.ledger.ledger import Matrix, day
from insights.model.model import Model, logit, sigmoid
from insights.portfolio.snapshot import MOST_REASONS
from insights.prediction.explain import Why, explanation, own_texts, points_per_log_odds, reasons, why
from insights.prediction.scoring import score
from tests.support.ledgers import DAY, START, small_ledger, small_model

AT = START + 310 * DAY


@cache
def bent() -> Model:
    """The small model as if a calibrator had bent its odds, so that the slope matters."""
    first, second = (replace(stage, slope=0.7) for stage in small_model().stages)
    return replace(small_model(), stages=(first, second))


@cache
def snapshot() -> tuple[FeatureSet, SnapshotRows, np.ndarray, Matrix]:
    book = feature_set(small_ledger(), small_model().recipe.due_rules, small_model().fields)
    rows, invoice = open_rows(book.events, day(AT))
    return book, rows, invoice, book.matrix(rows, invoice)


@cache
def predictions() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = score(bent(), small_ledger(), AT).to_pylist()
    assert {sign(row) for row in found} == {"not due", "overdue", "very late"}, "or the tests show nothing"
    return found


def sign(row: dict[str, Any]) -> str:
    past = row["days_past_due"]
    return "not due" if past <= 0 else "overdue" if past <= small_model().recipe.very_late_days else "very late"


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [row for row in predictions() if sign(row) == kind]


def by_field(model: Model, stage: int, matrix: Matrix) -> np.ndarray:
    """Contributions of every field, and the bias, in log-odds before calibration."""
    return model.stages[stage].contributions(matrix)


@pytest.mark.slow
@pytest.mark.parametrize("stage", [0, 1])
def test_bulk_contributions_are_those_of_shap(stage: int) -> None:
    model = bent()
    matrix = some_matrix(model)
    bulk = by_field(model, stage, matrix) * model.stages[stage].slope
    told = explanation(model, stage, matrix, np.zeros(len(matrix), np.int64))
    assert bulk[:, :-1] == pytest.approx(told.values, abs=1e-4)
    assert bulk[:, -1] == pytest.approx(np.broadcast_to(told.base_values, len(matrix)), abs=1e-4)


@pytest.mark.parametrize("stage", [0, 1])
def test_contributions_add_up_to_the_shown_log_odds(stage: int) -> None:
    model = bent()
    matrix = some_matrix(model)
    chosen = model.stages[stage]
    for past in (np.zeros(len(matrix), np.int64), np.arange(len(matrix))):  # not due, and overdue by so many days
        slope, offset = chosen.scale_and_offset(past)
        total = by_field(model, stage, matrix).sum(axis=1) * slope + offset
        assert total == pytest.approx(chosen.log_odds(matrix, past), abs=1e-4)


def test_an_overdue_invoice_is_judged_by_voices_and_rate_as_far_as_each_is_trusted() -> None:
    model = bent()
    matrix = some_matrix(model)[:1]
    late = np.array([4])
    learners, rate = (replace(model.stages[1], blend_weight=share).log_odds(matrix, late) for share in (1.0, 0.0))
    assert rate == pytest.approx(logit(model.stages[1].rate(late)))
    assert replace(model.stages[1], blend_weight=0.25).log_odds(matrix, late) == pytest.approx(0.25 * learners + 0.75 * rate)
    before = replace(model.stages[1], blend_weight=0.25).log_odds(matrix, np.array([0]))
    assert before == pytest.approx(replace(model.stages[1], blend_weight=1.0).log_odds(matrix, np.array([0])))


def some_matrix(model: Model) -> Matrix:
    return snapshot()[3][:20]


@pytest.mark.slow
def test_the_points_of_all_themes_lead_from_an_average_invoice_to_the_shown_probability() -> None:
    """In a list only those of a point or more stand, five at most; each has the sign of its log-odds."""
    for row in (*of_kind("not due")[:20], *of_kind("overdue")[:20]):
        found = told(bent(), row)
        assert found is not None
        points = dict(found.themes)
        for each in row["reasons"][sign(row) == "overdue" :]:
            assert each["of"] == found.of
            assert abs(each["effect"]) >= 1
            assert each["effect"] == pytest.approx(points[each["theme"]], abs=1e-2)
            assert np.sign(each["effect"]) == np.sign(each["contribution"])


@given(st.floats(-8, 8), st.lists(st.floats(-4, 4), min_size=1, max_size=6))
def test_points_add_up_whatever_the_log_odds(base: float, parts: list[float]) -> None:
    start, end = np.array([base]), np.array([base + sum(parts)])
    worth = points_per_log_odds(start, end)[0]
    assert sum(worth * part for part in parts) == pytest.approx(100 * (sigmoid(end) - sigmoid(start))[0], abs=1e-6)
    assert worth > 0


def told(model: Model, row: dict[str, Any]) -> Why | None:
    book = feature_set(small_ledger(), model.recipe.due_rules, model.fields)
    return why(model, book, AT, row["position"])


@pytest.mark.slow
def test_base_and_themes_of_an_invoice_add_up_to_its_shown_probability() -> None:
    for row in (*of_kind("not due")[:20], *of_kind("overdue")[:20]):
        found = told(bent(), row)
        assert found is not None
        assert found.of == ("on_time" if sign(row) == "not due" else "very_late")
        assert found.probability == pytest.approx(row[f"p_{found.of}"], abs=1e-6)
        assert {name for name, _ in found.themes} == {field(name).theme for name in bent().fields}


@pytest.mark.slow
def test_also_where_the_rate_by_days_past_due_has_a_say() -> None:
    first, second = bent().stages
    half = replace(bent(), stages=(first, replace(second, blend_weight=0.5)))
    (row, *_) = [row for row in score(half, small_ledger(), AT).to_pylist() if sign(row) == "overdue"]
    found = told(half, row)
    assert found is not None
    assert found.probability == pytest.approx(row["p_very_late"], abs=1e-6)


@pytest.mark.slow
def test_the_screen_of_an_invoice_and_the_list_say_the_same_to_the_shown_digit() -> None:
    """shap explains the one, XGBoost's own contributions the other: the same sentences, in the same order."""
    for row in (*of_kind("not due"), *of_kind("overdue")):
        found = told(bent(), row)
        assert found is not None
        due = row["due_date"]
        assert [messages.reason(each, due) for each in found.reasons] == [messages.reason(each, due) for each in row["reasons"]]


def test_of_an_invoice_that_is_very_late_already_there_is_nothing_to_explain() -> None:
    assert told(bent(), of_kind("very late")[0]) is None


def test_an_invoice_that_is_not_open_is_not_explained() -> None:
    settled = next(at for at, day in enumerate(small_ledger().invoices["paid_date"].to_pylist()) if day and day < AT)
    with pytest.raises(Refused, match="not open"):
        told(bent(), {"position": settled})


def test_reasons_are_five_different_things_the_strongest_first() -> None:
    for row in of_kind("not due"):
        themes = [found["theme"] for found in row["reasons"]]
        sizes = [abs(found["contribution"]) for found in row["reasons"]]
        assert len(themes) == len(set(themes)) <= MOST_REASONS
        assert sizes == sorted(sizes, reverse=True)


def test_the_first_reason_of_an_overdue_invoice_is_that_it_is_overdue() -> None:
    for row in of_kind("overdue"):
        first, *others = row["reasons"]
        past = row["days_past_due"]
        assert messages.reason(first) == f"overdue {past} day{'s' * (past > 1)}: can no longer be on time"
        assert len(others) < MOST_REASONS
        assert {found["of"] for found in others} == {"very_late"}


def test_after_the_very_late_line_being_overdue_is_the_only_reason() -> None:
    for row in of_kind("very late"):
        assert [found["theme"] for found in row["reasons"]] == ["overdue"]


def test_a_reason_names_the_field_of_its_theme_that_pushes_most_and_its_value() -> None:
    book, rows, invoice, matrix = snapshot()
    model = bent()
    lists = reasons(model, book, rows, invoice, matrix).to_pylist()
    texts = own_texts(book, invoice)
    pushes = by_field(model, 0, matrix)[:, :-1] * model.stages[0].slope
    for number in np.flatnonzero(rows.at <= rows.due_by)[:15]:
        for found in lists[number]:
            members = [n for n, name in enumerate(model.fields) if field(name).theme == found["theme"]]
            size = pushes[number, members].sum()
            strongest = max(members, key=lambda n: pushes[number, n] * np.sign(size))
            assert found["contribution"] == pytest.approx(size, abs=1e-5)
            assert found["field"] == model.fields[strongest]
            if found["field"] in texts:
                assert found["value"] == texts[found["field"]][number]
            elif np.isnan(matrix[number, strongest]):
                assert found["value"] == ""
            else:
                assert float(found["value"]) == pytest.approx(matrix[number, strongest], rel=1e-5)


def test_a_stage_that_is_a_plain_rate_gives_no_reasons() -> None:
    book, rows, invoice, matrix = snapshot()
    first, second = small_model().stages
    plain = replace(small_model(), stages=(first, replace(second, learners=())))
    lists = reasons(plain, book, rows, invoice, matrix).to_pylist()
    overdue = rows.at > rows.due_by
    assert {len(found) for found, past in zip(lists, overdue, strict=True) if past} == {1}
    assert {len(found) for found, past in zip(lists, overdue, strict=True) if not past} <= set(range(MOST_REASONS + 1))


def test_reasons_are_columns_that_parquet_keeps() -> None:
    lists = pa.array([row["reasons"] for row in predictions()])
    assert {f.name for f in lists.type.value_type} == {"theme", "field", "value", "effect", "of", "contribution"}
