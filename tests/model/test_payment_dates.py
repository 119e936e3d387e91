"""Do date, range and probabilities of an invoice agree, and is no date in the past or known from the future?"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.features.dataset import open_rows
from insights.features.events import Events, SnapshotRows, events_of
from insights.ledger.ledger import NEVER, as_date, day, days
from insights.ledger.outcomes import DueRules
from insights.model.payment_dates import (
    TAILS,
    Dates,
    HeldRanges,
    PaymentDateDistribution,
    PaymentDelays,
    confidence,
    fit,
    with_fitted_tail,
)
from insights.prediction.scoring import score
from tests.support.ledgers import DAY, START, ledger_of, small_ledger, small_model
from tests.support.rewriting import rewritten

AT = START + 310 * DAY
N = 15


@cache
def opened() -> tuple[Events, SnapshotRows]:
    events = events_of(small_ledger(), DueRules(N))
    return events, open_rows(events, day(AT))[0]


def forecast(timing: PaymentDelays | None = None) -> PaymentDateDistribution:
    events, rows = opened()
    return PaymentDateDistribution(timing or fit(events, day(AT)), events, day(AT), rows.customer)


def bound(rows: SnapshotRows, on_time: float, very_late: float) -> np.ndarray:
    """The same two answers for every row, as far as its lines leave them open."""
    past = rows.at.astype(int) - rows.due_by
    first = np.where(past > 0, 0.0, on_time)
    third = (1 - first) * np.where(past > N, 1.0, very_late)
    return np.column_stack([first, 1 - first - third, third])


share = st.floats(0, 1)


@settings(max_examples=40, deadline=None)
@given(share, share)
def test_the_mass_of_each_bucket_is_its_probability(on_time: float, very_late: float) -> None:
    _, rows = opened()
    predicted = bound(rows, on_time, very_late)
    cells = forecast().cells(rows, predicted)
    when = cells.first[:, None] + np.arange(cells.mass.shape[1])
    assert (cells.mass >= 0).all()
    for bucket, inside in enumerate(
        (when <= rows.due_by[:, None], (when > rows.due_by[:, None]) & (when <= rows.due_by[:, None] + N))
    ):
        assert np.where(inside, cells.mass, 0).sum(axis=1) == pytest.approx(predicted[:, bucket], abs=1e-9)
    assert (np.where(when < day(AT), cells.mass, 0).sum(axis=1) == 0).all(), "nothing can be paid in the past"


@settings(max_examples=40, deadline=None)
@given(share, share, st.sampled_from(["", "DE"]))
def test_the_expected_date_lies_in_the_bucket_where_the_probabilities_reach_one_half(
    on_time: float, very_late: float, calendar: str
) -> None:
    _, rows = opened()
    predicted = bound(rows, on_time, very_late)
    dates = forecast().dates(rows, predicted, calendar)
    up_to_line, up_to_second = predicted[:, 0], predicted[:, 0] + predicted[:, 1]
    clear = (np.abs(up_to_line - 0.5) > 1e-6) & (np.abs(up_to_second - 0.5) > 1e-6)
    assert ((dates.expected <= rows.due_by) == (up_to_line > 0.5))[clear].all()
    assert ((dates.expected <= rows.due_by + N) == (up_to_second > 0.5))[clear].all()


@settings(max_examples=40, deadline=None)
@given(share, share, st.sampled_from(["", "DE"]), st.sampled_from([0.08, 0.18]))
def test_a_range_holds_its_expected_date_and_begins_no_earlier_than_today(
    on_time: float, very_late: float, calendar: str, tail: float
) -> None:
    _, rows = opened()
    timing = replace(fit(opened()[0], day(AT)), tail=tail)
    dates = forecast(timing).dates(rows, bound(rows, on_time, very_late), calendar)
    assert (dates.low >= day(AT)).all()
    assert (dates.low <= dates.expected).all()
    assert (dates.expected <= dates.high).all()
    assert (dates.expected < NEVER).all()


def test_dates_fall_on_business_days_wherever_their_bucket_has_one_left() -> None:
    """Not yet due for a week and more: there is always a working day before the line."""
    _, rows = opened()
    ahead = np.flatnonzero(rows.due_by > day(AT) + 7)
    dates = forecast().dates(rows, bound(rows, 0.9, 0.5), "DE")
    assert len(ahead) > 5
    assert max(as_date(when).weekday() for when in dates.expected[ahead]) < 5
    assert (dates.expected[ahead] <= rows.due_by[ahead]).all()


def test_where_no_day_of_the_bucket_is_a_business_day_the_date_stays_in_its_bucket() -> None:
    """Due on Saturday, seen on Saturday, all but certain to be paid on time: today or never."""
    saturday = START + 38 * DAY
    assert saturday.weekday() == 5
    events = events_of(ledger_of([{"issue_date": START, "due_date": saturday}]), DueRules(N))
    rows, _ = open_rows(events, day(saturday))
    found = PaymentDateDistribution(fit(events, day(saturday)), events, day(saturday), rows.customer).dates(
        rows, bound(rows, 0.99, 0.5), "DE"
    )
    assert as_date(found.expected[0]) == saturday


def test_a_customers_own_habit_moves_the_date() -> None:
    """A pays twenty days early, B on the due date; both have one invoice open, due in a month."""
    past = [
        {"customer_id": c, "issue_date": START + n * DAY, "paid_date": START + (n + 30 - early) * DAY}
        for n in range(0, 60, 2)
        for c, early in (("A", 20), ("B", 0))
    ]
    now = START + 100 * DAY
    open_now = [{"customer_id": c, "issue_date": now - DAY} for c in "AB"]
    events = events_of(ledger_of([*past, *open_now]), DueRules(N))
    rows, _ = open_rows(events, day(now))
    found = PaymentDateDistribution(fit(events, day(now)), events, day(now), rows.customer).dates(rows, bound(rows, 0.95, 0.5))
    early, on_the_day = (int(line - when) for line, when in zip(rows.due_by, found.expected, strict=True))
    assert 15 <= early <= 24
    assert on_the_day <= 4


def test_an_invoice_that_is_hardly_ever_paid_has_no_end_in_sight() -> None:
    """Nobody has ever paid after the second line: the range is open, the expected date far away."""
    events = events_of(ledger_of([{"customer_id": f"C{n}"} for n in range(60)]), DueRules(N))
    at = START + 300 * DAY
    rows, _ = open_rows(events, day(at))
    found = PaymentDateDistribution(fit(events, day(at)), events, day(at), rows.customer).dates(rows, bound(rows, 0.5, 0.5))
    assert set(found.high.tolist()) == {NEVER}


@pytest.mark.parametrize("seed", range(4))
def test_what_was_not_known_changes_no_timing(seed: int) -> None:
    before, after = (events_of(each, DueRules(N)) for each in (small_ledger(), rewritten(small_ledger(), AT, seed)))
    assert fit(before, day(AT)) == fit(after, day(AT))


def test_a_timing_survives_json() -> None:
    timing = fit(opened()[0], day(AT))
    assert PaymentDelays.from_json(timing.to_json()) == timing
    assert sum(timing.on_time) == pytest.approx(1)
    assert sum(timing.late) == pytest.approx(1)
    assert min((*timing.on_time, *timing.late, *timing.hazard)) > 0


def test_payments_arrive_on_the_days_of_the_week_on_which_they_did() -> None:
    """All on Saturdays: a shop that is open then."""
    rows = [{"issue_date": START, "paid_date": START + (3 + 7 * n) * DAY} for n in range(5)]
    assert fit(events_of(ledger_of(rows), DueRules(N)), day(START + 99 * DAY)).week == "1111110"


def test_confidence_is_low_without_history_a_likely_bucket_or_an_end() -> None:
    """A week's range; the same without history; undecided; three months; no end; a likely bucket over a month."""
    first = np.full(6, day(AT), np.int32)
    high = first + np.array([7, 7, 7, 90, 0, 30], np.int32)
    high[4] = NEVER
    predicted = np.array([[0.9, 0.1, 0], [0.9, 0.1, 0], [0.4, 0.3, 0.3], [0.9, 0.1, 0], [0.9, 0.1, 0], [0.9, 0.1, 0]])
    told = confidence(Dates(first, first, high), predicted, np.array([False, True, False, False, False, False]))
    assert told.tolist() == ["High", "Low", "Low", "Low", "Low", "Medium"]


def test_scored_invoices_have_dates_that_agree_with_their_probabilities() -> None:
    table = score(small_model(), small_ledger(), AT)
    expected, line = days(table["expected_date"]), days(table["due_date"])
    on_time = table["p_on_time"].to_numpy()
    assert ((expected <= line) == (on_time >= 0.5)).all()
    assert (expected >= day(AT)).all()
    assert set(table["confidence"].to_pylist()) <= {"High", "Medium", "Low"}
    assert set(np.array(table["confidence"].to_pylist())[table["no_history"].to_numpy()]) <= {"Low"}


def test_late_payments_count_once_their_second_line_is_past() -> None:
    """Paid two days late, seen before and after the very-late line: before it, the slower ones are not to be seen yet."""
    due = START + 30 * DAY
    ledger = ledger_of([{"paid_date": due + 2 * DAY}] * 5)
    events = events_of(ledger, DueRules(N))
    before, after = (fit(events, day(due) + N + n).late for n in (0, 1))
    assert len(set(before)) == 1, "nothing is known of late payments: all days are alike"
    assert int(np.argmax(after)) == 1


@pytest.mark.parametrize(("missed_per_tail", "tail"), [(2.0, 0.1), (1.0, 0.2), (4.0, 0.05)])
def test_ranges_are_as_wide_as_it_took_on_past_days_for_four_of_five_to_hold(missed_per_tail: float, tail: float) -> None:
    """Of a million past ranges 1 - 2 x tail held, then others."""
    events, rows = opened()
    judged = np.full(len(TAILS), 1_000_000)
    past = HeldRanges(np.rint(judged * (1 - missed_per_tail * np.array(TAILS))).astype(np.int64), judged)
    assert with_fitted_tail(fit(events, day(AT)), events, rows, bound(rows, 0.5, 0.5), past).tail == tail


def test_without_past_ranges_a_model_s_own_account_speaks_less_what_it_is_too_sure() -> None:
    events, rows = opened()
    fitted = with_fitted_tail(fit(events, day(AT)), events, rows, bound(rows, 0.5, 0.5))
    own = forecast(fitted).covered(rows, bound(rows, 0.5, 0.5))
    assert abs(own[TAILS.index(fitted.tail)] - 0.83) == np.abs(own - 0.83).min()


@pytest.mark.parametrize("calendar", ["", "DE"])
def test_the_range_that_is_judged_is_the_one_that_is_shown(calendar: str) -> None:
    """With a calendar its days are business days, whatever days this ledger's payments arrive on."""
    (events, rows), tail = opened(), TAILS[3]
    every_day = replace(fit(events, day(AT)), week="1111111", tail=tail)
    shown = forecast(every_day).dates(rows, predicted := bound(rows, 0.5, 0.2), calendar)
    held, judged = forecast(every_day).held(rows, predicted, shown.low, int(NEVER), calendar)
    assert (held[3], judged[3]) == (len(rows), len(rows))
    assert forecast(every_day).held(rows, predicted, shown.low - 1, int(NEVER), calendar)[0][3] == 0


def test_a_range_held_if_the_invoice_was_paid_within_and_nothing_is_known_of_one_that_is_not_over() -> None:
    """All were paid five days early. Of three that are open one is paid then, one twenty days late, one not yet.

    Due on day 100, seen on day 90, judged on day 97 and on day 400.
    """
    past = [{"issue_date": START + n * DAY, "paid_date": START + (n + 25) * DAY} for n in range(40)]
    later = [{"issue_date": START + 70 * DAY, "paid_date": START + when * DAY} for when in (95, 120)]
    ledger = ledger_of([*past, *later, {"issue_date": START + 70 * DAY}])
    events, at = events_of(ledger, DueRules(N)), START + 90 * DAY
    rows, invoice = open_rows(events, day(at))
    assert len(rows) == 3
    seen = PaymentDateDistribution(replace(fit(events, day(at)), week="1111111"), events, day(at), rows.customer)
    paid = events.paid[invoice]
    held, judged = seen.held(rows, bound(rows, 0.999, 0.5), paid, day(START + 97 * DAY))
    assert (set(held.tolist()), set(judged.tolist())) == ({1}, {3}), "two were not paid within a range that is over"
    held, judged = seen.held(rows, bound(rows, 0.0001, 0.9999), paid, day(START + 97 * DAY))
    assert (set(held.tolist()), set(judged.tolist())) == ({0}, {1}), (
        "of what is expected later nothing is known but of the paid one"
    )
