"""Are the figures of a replay those of their definition?"""

from math import log

import pytest

from insights.evaluation import (
    figures,
)
from tests.support.replays import rows_of


def test_figures_are_those_of_the_definition() -> None:
    """Three rows, one of each outcome: right, wrong and right. Always the commonest would be right once."""
    found = figures(rows_of((0.5, 0.25, 0.25, 0), (0.5, 0.25, 0.25, 1), (0.0, 0.2, 0.8, 2)), "model")
    assert found is not None
    assert found.log_loss == pytest.approx(-(log(0.5) + log(0.25) + log(0.8)) / 3)
    assert found.brier == pytest.approx((0.375 + (0.25 + 0.5625 + 0.0625) + 0.08) / 3)
    assert found.confusion == ((1, 0, 0), (1, 0, 0), (0, 0, 1))
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.commonest_accuracy == pytest.approx(1 / 3)
    assert found.errors_removed == pytest.approx(0.5)
    assert figures(rows_of((1, 0, 0, 0)).slice(0, 0), "model") is None


def test_money_in_the_wrong_bucket_never_adds_currencies() -> None:
    """EUR: 100 said half on time, half late, and paid late: 50 of 100 wrong. JPY: right. On average a quarter."""
    rows = rows_of((0.5, 0.5, 0, 1), (1, 0, 0, 0), currency=["EUR", "JPY"], outstanding=[100, 5_000_000])
    found = figures(rows, "model")
    assert found is not None
    assert found.money_error == pytest.approx(0.25)
