"""On which side of the two lines does a payment fall, and when is that known?"""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.ledger.ledger import NEVER, as_date, day
from insights.ledger.outcomes import LATE, ON_TIME, VERY_LATE, DueRules, calendars, roll

DUE = date(2026, 3, 6)  # a Friday


def due(of: date = DUE) -> np.ndarray:
    return np.array([day(of)], np.int32)


@pytest.mark.parametrize(
    ("days_late", "bucket"),
    [(-9, ON_TIME), (0, ON_TIME), (1, LATE), (30, LATE), (31, VERY_LATE), (400, VERY_LATE)],
)
def test_paid_on_a_line_is_still_before_it(days_late: int, bucket: int) -> None:
    assert DueRules().bucket(due(), due() + np.int32(days_late)).tolist() == [bucket]


def test_never_paid_is_very_late() -> None:
    assert DueRules().bucket(due(), np.array([NEVER])).tolist() == [VERY_LATE]


def test_grace_days_move_both_lines() -> None:
    lines = DueRules(very_late_days=10, grace_days=3)
    assert (lines.due_by(due()) - due()).tolist() == [3]
    assert (lines.very_late_after(due()) - due()).tolist() == [13]
    assert [int(lines.bucket(due(), due() + np.int32(late))[0]) for late in (3, 4, 13, 14)] == [ON_TIME, LATE, LATE, VERY_LATE]


def test_without_a_calendar_every_day_counts() -> None:
    saturday = date(2026, 3, 7)
    assert as_date(DueRules().due_by(due(saturday))[0]) == saturday


@pytest.mark.parametrize(
    ("falls_due", "line"),
    [
        (date(2026, 3, 6), date(2026, 3, 6)),  # Friday
        (date(2026, 3, 7), date(2026, 3, 9)),  # Saturday: Monday
        (date(2026, 4, 3), date(2026, 4, 7)),  # Good Friday: the Tuesday after Easter Monday
        (date(2025, 12, 25), date(2025, 12, 29)),  # Christmas, Boxing Day, a weekend: the Monday
        (date(2022, 12, 31), date(2023, 1, 2)),  # New Year's Eve is a Saturday, New Year's Day a Sunday
    ],
)
def test_a_calendar_rolls_the_on_time_line_to_the_next_business_day(falls_due: date, line: date) -> None:
    lines = DueRules(calendar="DE")
    assert as_date(lines.due_by(due(falls_due))[0]) == line
    assert (lines.very_late_after(due(falls_due)) - lines.due_by(due(falls_due))).tolist() == [30]


def test_grace_days_are_counted_before_the_roll() -> None:
    """Due on Friday with one day of grace: Saturday, so Monday."""
    assert as_date(DueRules(grace_days=1, calendar="DE").due_by(due())[0]) == date(2026, 3, 9)


def test_a_roll_of_nothing_is_nothing() -> None:
    assert len(roll(np.zeros(0, np.int32), "DE")) == 0
    assert {"DE", "GB", "US"} <= set(calendars())


@given(st.integers(-5000, 40_000), st.integers(-400, 400), st.integers(1, 90), st.integers(0, 30))
def test_the_buckets_are_the_three_sides_of_the_two_lines(falls_due: int, late_by: int, very: int, grace: int) -> None:
    lines, when = DueRules(very, grace), np.array([falls_due], np.int32)
    beyond = late_by - grace
    expected = ON_TIME if beyond <= 0 else LATE if beyond <= very else VERY_LATE
    assert lines.bucket(when, when + np.int32(late_by)).tolist() == [expected]
