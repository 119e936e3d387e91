"""Is what is measured what is meant: each bucket's probability over working days ahead, and nothing of later days known?"""

import numpy as np
import pytest

from benchmarks.hazard import BoostedDates, Hazard, drawn_pairs
from insights.features.dataset import feature_set, open_rows
from insights.ledger.ledger import Ledger, day
from insights.ledger.outcomes import DueRules
from insights.model.payment_dates import PaymentDateDistribution, fit
from tests.support.ledgers import DAY, START, small_ledger
from tests.support.rewriting import rewritten

AT = START + 310 * DAY
N = 15


def spread(ledger: Ledger, part: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Masses up to the very-late line of the open invoices, their days, and the last days on time."""
    book = feature_set(ledger, DueRules(N), ("late_share",))
    rows, _ = open_rows(book.events, day(AT))
    past = rows.days_past_due_by
    first = np.where(past > 0, 0.0, 0.6)
    third = (1 - first) * np.where(past > N, 1.0, 0.5)
    predicted = np.column_stack([first, 1 - first - third, third])
    counts = PaymentDateDistribution(fit(book.events, day(AT)), book.events, day(AT), rows.customer)
    cells = BoostedDates(counts, Hazard(book, day(AT), counts.timing.week, 500), part).cells(rows, predicted)
    days = cells.first[:, None] + np.arange(cells.mass.shape[1])
    for bucket, inside in enumerate((days <= rows.due_by[:, None], days > rows.due_by[:, None])):
        assert np.where(inside, cells.mass, 0).sum(axis=1) == pytest.approx(predicted[:, bucket], abs=1e-9)
    return cells.mass, days, rows.due_by


@pytest.mark.slow
def test_each_bucket_s_mass_is_its_probability_and_nothing_is_paid_in_the_past_or_on_a_day_without_payments() -> None:
    mass, days, line = spread(small_ledger(), 1.0)
    assert mass[days < day(AT)].sum() == 0
    week = fit(feature_set(small_ledger(), DueRules(N), ("late_share",)).events, day(AT)).week
    closed = np.array([mark == "0" for mark in week])[(days + 3) % 7]
    for inside in (days <= line[:, None], days > line[:, None]):
        has_one_left = (inside & ~closed & (days >= day(AT))).any(axis=1)
        assert has_one_left.any()
        assert np.where(inside & closed, mass, 0)[has_one_left].sum() == 0
    spread(small_ledger(), 0.5)


@pytest.mark.slow
def test_what_was_not_known_changes_no_hazard() -> None:
    before, after = (spread(ledger, 1.0) for ledger in (small_ledger(), rewritten(small_ledger(), AT, 3)))
    assert sorted(before[0].sum(axis=1).round(9)) == sorted(after[0].sum(axis=1).round(9))


def test_pairs_are_days_on_which_an_invoice_was_open_and_known() -> None:
    events = feature_set(small_ledger(), DueRules(N), ("late_share",)).events
    rows, invoice = drawn_pairs(events, day(AT), 400)
    assert (rows.at > events.issue[invoice]).all()
    assert (rows.at <= np.minimum(events.closed[invoice], events.very_late_after[invoice])).all()
    assert rows.at.max() < day(AT)
