"""Are the figures that judge probabilities the known ones, worked out by hand and by scikit-learn?"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from insights.ledger.outcomes import bucket_probabilities
from insights.model import metrics as evaluation
from tests.support.ledgers import quality_of, small_model

# Four invoices: what was said of each, and what happened.
SAID = np.array([[0.5, 0.25, 0.25], [0.8, 0.1, 0.1], [0.2, 0.2, 0.6], [0.0, 0.5, 0.5]])
HAPPENED = np.array([0, 1, 2, 2], np.int8)


def test_log_loss_is_the_mean_surprise() -> None:
    expected = -(math.log(0.5) + math.log(0.1) + math.log(0.6) + math.log(0.5)) / 4
    assert evaluation.log_loss(SAID, HAPPENED) == pytest.approx(expected)


def test_what_was_said_to_be_impossible_costs_a_lot_and_not_infinitely_much() -> None:
    assert evaluation.log_loss(np.array([[0.0, 0.5, 0.5]]), np.array([0], np.int8)) == pytest.approx(math.log(1e6))


def test_the_brier_score_is_the_squared_distance_over_three_buckets() -> None:
    """0.25 + 0.0625 * 2 for the first invoice, 0.64 + 0.81 + 0.01 for the second, 0.04 * 2 + 0.16, 0.25 * 2."""
    assert evaluation.brier(SAID, HAPPENED) == pytest.approx((0.375 + 1.46 + 0.24 + 0.5) / 4)


def test_the_confusion_counts_what_happened_by_what_was_most_probable() -> None:
    assert evaluation.confusion(SAID, HAPPENED).tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 1]]


def test_accuracy_and_macro_f1_of_the_four() -> None:
    """Two of four hit. F1 is 2/3 for on time, 0 for late, 2/3 for very late."""
    table = evaluation.confusion(SAID, HAPPENED)
    assert evaluation.accuracy(table) == 0.5
    assert evaluation.macro_f1(table) == pytest.approx((2 / 3 + 0 + 2 / 3) / 3)


def test_a_bucket_that_neither_happened_nor_was_guessed_does_not_count() -> None:
    assert evaluation.macro_f1(np.array([[3, 1, 0], [0, 4, 0], [0, 0, 0]])) == pytest.approx((6 / 7 + 8 / 9) / 2)
    assert evaluation.macro_f1(np.zeros((3, 3), np.int64)) == 0
    assert evaluation.accuracy(np.zeros((3, 3), np.int64)) == 0


def test_always_guessing_the_commonest_hits_it_every_time_and_nothing_else() -> None:
    table = evaluation.commonest(HAPPENED)
    assert table.tolist() == [[0, 0, 1], [0, 0, 1], [0, 0, 2]]
    assert evaluation.macro_f1(table) == pytest.approx((0 + 0 + 4 / 6) / 3)


rows = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 99), st.integers(1, 99), st.integers(1, 99)), min_size=3, max_size=40)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(rows)
def test_every_figure_is_that_of_scikit_learn(drawn: list[tuple[int, int, int, int]]) -> None:
    happened = np.array([0, 1, 2, *(row[0] for row in drawn)], np.int8)
    weights = np.array([(5, 2, 1), (1, 4, 2), (1, 1, 6), *(row[1:] for row in drawn)], float)
    said = weights / weights.sum(axis=1, keepdims=True)
    guess, table = said.argmax(axis=1), evaluation.confusion(said, happened)
    assert evaluation.log_loss(said, happened) == pytest.approx(sk.log_loss(happened, said))
    assert (table == sk.confusion_matrix(happened, guess, labels=[0, 1, 2])).all()
    assert evaluation.accuracy(table) == pytest.approx(sk.accuracy_score(happened, guess))
    assert evaluation.macro_f1(table) == pytest.approx(sk.f1_score(happened, guess, average="macro", zero_division=0))
    auc = evaluation.roc_auc(said[:, 0], happened == 0)
    assert auc == pytest.approx(sk.roc_auc_score(happened == 0, said[:, 0]))
    assert evaluation.brier(said, happened) == pytest.approx(
        sum(sk.brier_score_loss(happened == k, said[:, k]) for k in range(3))
    )


def test_with_one_answer_only_there_is_no_area_under_the_curve() -> None:
    assert evaluation.roc_auc(np.array([0.1, 0.9]), np.array([True, True])) is None
    assert evaluation.roc_auc(np.array([0.1, 0.9]), np.array([False, False])) is None


def test_reliability_compares_what_was_said_with_what_came_true_in_bins_of_equal_count() -> None:
    """Four said 0.1, one of which came true; four said 0.7, of which two."""
    score = np.array([0.1, 0.7] * 4)
    answer = np.array([True, True, False, True, False, False, False, False])
    few, many = evaluation.reliability(score, answer, bins=2)
    assert [few.p, many.p] == pytest.approx([0.1, 0.7])
    assert (few.share, few.n, many.share, many.n) == (0.25, 4, 0.5, 4)
    assert evaluation.calibration_error(score, answer, bins=2) == pytest.approx((0.15 + 0.2) / 2)


def test_of_nothing_there_is_no_reliability() -> None:
    nothing = np.zeros(0)
    assert evaluation.reliability(nothing, nothing.astype(bool)) == ()
    assert evaluation.calibration_error(nothing, nothing.astype(bool)) is None


def test_fewer_rows_than_bins_make_a_bin_each() -> None:
    assert [part.n for part in evaluation.reliability(np.array([0.2, 0.4]), np.array([True, False]))] == [1, 1]


def test_baselines_know_that_an_overdue_invoice_cannot_be_on_time() -> None:
    """On time 0.6; of those that are not, a quarter is very late. Before the line, after it, after the second (30 days)."""
    told = bucket_probabilities(np.full(3, 0.6), np.full(3, 0.25), np.array([0, 1, 31]), 30)
    assert told == pytest.approx(np.array([[0.6, 0.3, 0.1], [0, 0.75, 0.25], [0, 0, 1]]))


def test_a_customers_past_becomes_probabilities() -> None:
    """Half of A's invoices were late and a tenth very late: a fifth of the late ones. Of B nothing is known."""
    computed = {"late_share": np.array([0.5, np.nan], np.float32), "very_late_share": np.array([0.1, np.nan], np.float32)}
    told = evaluation.customer_past(computed, np.array([-3, -3]), 30)
    assert told == pytest.approx(np.array([[0.5, 0.4, 0.1], [0.5, 0.4, 0.1]]), abs=1e-6)


def test_the_metrics_of_a_model_agree_with_each_other() -> None:
    metrics, found = small_model().metrics, quality_of(small_model())
    table = np.array(found.confusion)
    assert found.accuracy == evaluation.accuracy(table)
    assert found.macro_f1 == evaluation.macro_f1(table)
    assert table.sum(axis=1).tolist() == [metrics.counts.on_time, metrics.counts.late, metrics.counts.very_late]
    assert sum(each.share for each in metrics.importance) == pytest.approx(1)
    assert found.ece is not None
    assert 0 <= found.ece <= 1
    assert found.brier is not None
    assert 0 <= found.brier <= 2
