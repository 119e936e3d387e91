"""What habits has a customer shown? Examples to read; the oracle of every field is in `test_kernel`."""

from datetime import date

import numpy as np
import pytest

from insights.features.dataset import open_rows
from insights.features.events import events_of
from insights.features.habits import BINS, DAILY_HABITS, daily_habits, part_of_month, pieces
from insights.features.kernel import Columns, daily_counts, features
from insights.ledger.ledger import day
from insights.ledger.outcomes import DueRules
from tests.support.ledgers import DAY, Row, ledger_of

MONDAY = date(2025, 3, 3)
NEXT = MONDAY + 28 * DAY  # a Monday again


def of_open(rows: list[Row], at: date) -> Columns:
    """The fields of the one invoice that is open as of a day."""
    events = events_of(ledger_of(rows), DueRules())
    found, _ = open_rows(events, day(at))
    assert len(found) == 1
    return features(events, found, daily_counts(events))


def paid_after(due: date, days: int) -> Row:
    return {"issue_date": due - 14 * DAY, "due_date": due, "paid_date": due + days * DAY}


def open_until(due: date) -> Row:
    return {"issue_date": NEXT - 10 * DAY, "due_date": due, "paid_date": None}


def test_what_is_due_on_one_weekday_is_told_apart_from_the_rest() -> None:
    """Four due on Mondays, all late; four due on Tuesdays, all on time: its own share is a half."""
    rows = [paid_after(MONDAY + (7 * week + weekday) * DAY, 1 - weekday) for week in range(3) for weekday in (0, 1)]
    monday, tuesday = (of_open([*rows, open_until(NEXT + n * DAY)], NEXT) for n in (0, 1))
    assert monday["late_share"].tolist() == [0.5]
    assert monday["late_share_same_weekday"] == pytest.approx((3 + 4 * 0.5) / (3 + 4))
    assert tuesday["late_share_same_weekday"] == pytest.approx((0 + 4 * 0.5) / (3 + 4))
    assert monday["late_share_same_weekend"].tolist() == [0.5], "none was due on a weekend"


def test_of_a_value_that_the_customer_has_not_had_its_own_share_late_speaks() -> None:
    rows = [paid_after(MONDAY + 7 * week * DAY, 2) for week in range(2)] + [paid_after(MONDAY, 0)]
    found = of_open([*rows, open_until(NEXT + 12 * DAY) | {"amount": 10**9}], NEXT)
    for name in ("weekday", "weekend", "part_of_month", "terms", "amount_band"):
        assert found[f"late_share_same_{name}"] == pytest.approx(found["late_share"]), name


def test_payments_of_one_day_are_one_run() -> None:
    """Five invoices paid together on a Thursday, one by itself on a Friday."""
    together = [paid_after(MONDAY, 3)] * 5
    found = of_open([*together, paid_after(MONDAY, 4), open_until(NEXT)], NEXT)
    assert found["run_weekday_share"].tolist() == [0.5]
    assert found["paid_days_late_1_to_3_share"] == pytest.approx(5 / 6)
    assert found["usual_weekday_ahead"].tolist() == [3], "of two weekdays alike the earlier one, a Thursday"


def test_a_customer_that_pays_on_thursdays_pays_three_days_after_a_monday() -> None:
    rows = [paid_after(MONDAY + 7 * week * DAY, 3) for week in range(3)]
    found = of_open([*rows, open_until(NEXT + 7 * DAY)], NEXT)
    assert found["run_weekday_share"].tolist() == [1]
    assert found["run_due_weekday_share"].tolist() == [0]
    assert found["run_days_after_due"].tolist() == [3]
    assert found["run_days_before_due"].tolist() == found["usual_weekday_before_due"].tolist() == [4]
    assert found["run_days_left"].tolist() == found["usual_weekdays_left"].tolist() == [1]


def test_an_overdue_invoice_has_no_day_of_payment_left() -> None:
    found = of_open([paid_after(MONDAY, 3), open_until(NEXT - 9 * DAY)], NEXT)
    assert found["run_days_left"].tolist() == found["usual_weekdays_left"].tolist() == [0]


def test_quantiles_lie_where_payments_lie() -> None:
    """Ten payments, all three days late: the day from two to three days late holds every quantile."""
    found = of_open([*[paid_after(MONDAY, 3)] * 10, open_until(NEXT)], NEXT)
    spread = [float(found[f"days_late_p{q}"][0]) for q in (10, 25, 50, 75, 90)]
    assert spread == pytest.approx([2.1, 2.25, 2.5, 2.75, 2.9])


def test_where_nobody_has_paid_yet_nothing_is_known_of_habits() -> None:
    found = of_open([open_until(NEXT)], NEXT)
    assert all(np.isnan(found[name]).all() for name in ("days_late_p50", "run_weekday_share", "usual_weekday_ahead"))


def test_the_last_part_of_a_month_begins_on_the_26th() -> None:
    days = np.array([day(date(2025, 3, number)) for number in (1, 5, 6, 25, 26, 31)], np.int32)
    assert part_of_month(days).tolist() == [0, 0, 1, 4, 5, 5]


def test_daily_habits_count_each_payment_and_each_run_once() -> None:
    events = events_of(ledger_of([paid_after(MONDAY, 3)] * 4 + [open_until(NEXT)]), DueRules())
    found = daily_habits(events, day(MONDAY), 10)
    assert found.shape == (DAILY_HABITS, 10)
    assert found[:BINS].sum() == 4
    assert found[BINS:, 3].tolist() == [0, 0, 0, 1, 0, 0, 0]


@pytest.mark.parametrize("many", [0, 1, 1 << 15, (1 << 15) + 1])
def test_pieces_hold_every_row_once(many: int) -> None:
    assert [n for piece in pieces(many) for n in range(many)[piece]] == list(range(many))
