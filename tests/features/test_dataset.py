"""Do training and scoring see the same features?"""

import numpy as np

from insights.features.catalog import field
from insights.features.dataset import feature_set, open_rows
from insights.ledger.ledger import day
from insights.model.model import probabilities
from insights.prediction.scoring import score
from tests.support.ledgers import (
    small_ledger,
    small_model,
)
from tests.support.models import AT


def test_training_and_scoring_see_the_same_features() -> None:
    """The matrix that a training row has on a day is the one that scoring makes of that day's snapshot."""
    model, ledger = small_model(), small_ledger()
    book = feature_set(ledger, model.recipe.due_rules, model.fields)
    rows, invoice = open_rows(book.events, day(AT))
    matrix = book.matrix(rows, invoice)
    each = np.concatenate([book.matrix(rows.take(slice(n, n + 1)), invoice[n : n + 1]) for n in range(len(rows))])
    assert matrix.tobytes() == each.tobytes()
    few = [book.matrix_of_few(rows.take(slice(n, n + 1)), invoice[n : n + 1]) for n in range(len(rows))]
    assert matrix.tobytes() == np.concatenate(few).tobytes()
    told = probabilities(model, rows, matrix)
    table = score(model, ledger, AT)
    assert told[:, 0].tolist() == table["p_on_time"].to_pylist()
    assert told[:, 2].tolist() == table["p_very_late"].to_pylist()


def test_a_matrix_without_habits_has_all_else_to_the_bit() -> None:
    model = small_model()
    book = feature_set(small_ledger(), model.recipe.due_rules, model.fields)
    rows, invoice = open_rows(book.events, day(AT))
    whole, without = book.matrix(rows, invoice), book.matrix(rows, invoice, habit=False)
    habit = np.array([field(name).group == "habit" for name in model.fields])
    assert habit.any()
    assert np.isnan(without[:, habit]).all()
    assert without[:, ~habit].tobytes() == whole[:, ~habit].tobytes()
