"""How far off were expected dates?"""

import pytest

from insights.evaluation import (
    accuracy_of_dates,
)
from tests.support.ledgers import DAY, START
from tests.support.replays import rows_of


def test_expected_dates_are_judged_where_slow_payers_have_been_seen() -> None:
    """Due in 5 days; expected in 4, range 2 to 6. Paid after 4, 8 and never: one of three within, 0, 4 and 176 days off."""
    rows = rows_of(
        *[(0.5, 0.3, 0.2, 0)] * 3,
        expected_date=START + 4 * DAY,
        date_low=START + 2 * DAY,
        date_high=START + 6 * DAY,
        paid_date=[START + 4 * DAY, START + 8 * DAY, None],
    )
    found = accuracy_of_dates(rows, START + 180 * DAY)["model"]
    assert found.coverage == pytest.approx(1 / 3)
    assert found.mean_error == pytest.approx((0 + 4 + 176) / 3)
    assert found.median_error == 4
    assert accuracy_of_dates(rows, START + 179 * DAY) == {}
