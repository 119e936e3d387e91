"""Do the days on which an invoice will be paid agree with its probabilities, its lines and the business week?"""

from dataclasses import replace

import numpy as np

from insights.features.dataset import open_rows
from insights.features.events import Events, SnapshotRows, events_of
from insights.ledger.ledger import day
from insights.ledger.outcomes import DueRules
from insights.model.payment_dates import PaymentDateDistribution, fit
from insights.model.payment_days import AHEAD, LATER, NEVER_PAID, payment_days
from tests.support.ledgers import DAY, START, small_ledger

AT = START + 310 * DAY
N = 15
EVERY_DAY = "1111111"


def opened() -> tuple[Events, SnapshotRows]:
    events = events_of(small_ledger(), DueRules(N))
    return events, open_rows(events, day(AT))[0]


def shares(week: str, on_time: float = 0.6, very_late: float = 0.4) -> tuple[SnapshotRows, np.ndarray, np.ndarray]:
    """(rows, their probabilities, their days) of everything open on the day, with the same answers as far as lines leave them."""
    events, rows = opened()
    past = rows.days_past_due_by
    first = np.where(past > 0, 0.0, on_time)
    third = (1 - first) * np.where(past > N, 1.0, very_late)
    predicted = np.column_stack([first, 1 - first - third, third])
    timing = replace(fit(events, day(AT)), week=week)
    return rows, predicted, payment_days(PaymentDateDistribution(timing, events, day(AT), rows.customer), rows, predicted)


def test_the_days_of_an_invoice_with_later_and_never_sum_to_one() -> None:
    for week in (EVERY_DAY, "1111100"):
        _, _, found = shares(week)
        assert found.shape[1] == NEVER_PAID + 1 == LATER + 2
        assert np.abs(found.sum(axis=1) - 1).max() < 1e-5
        assert found.min() >= 0


def test_up_to_each_line_comes_what_the_probabilities_say() -> None:
    """Whatever is due within the days ahead: up to its line P(on time), up to the very-late line that and P(late)."""
    for week in (EVERY_DAY, "1111100"):
        rows, predicted, found = shares(week)
        line = rows.due_by - day(AT)
        ahead = np.flatnonzero((line >= 4) & (line + N < AHEAD))
        assert len(ahead) > 10
        for row in ahead:
            assert abs(found[row, : line[row] + 1].sum() - predicted[row, 0]) < 1e-5
            assert abs(found[row, : line[row] + N + 1].sum() - predicted[row, :2].sum()) < 1e-5


def test_nothing_is_expected_on_a_day_without_payments_that_has_a_business_day_beside_it() -> None:
    rows, _, found = shares("1111100")
    weekend = np.isin((day(AT) + np.arange(AHEAD) + 3) % 7, (5, 6))
    far = rows.due_by - day(AT) > 10  # neither line is within a weekend of the first days
    columns = np.flatnonzero(weekend[:7])
    assert far.any()
    assert found[far][:, columns].sum() == 0
    assert shares(EVERY_DAY)[2][far][:, columns].sum() > 0


def test_the_longer_an_invoice_is_very_late_the_less_comes_of_it_soon() -> None:
    """Two invoices of one customer: the chance of payment falls with age, so the older one leaves more for never."""
    rows, _, found = shares(EVERY_DAY)
    old = rows.days_past_due_by > N
    assert old.any()
    assert (found[old][:, :AHEAD].sum(axis=1) > 0).all()
    assert found[old][:, 0].max() < 1
