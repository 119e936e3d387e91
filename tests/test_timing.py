"""When will it be paid? One distribution per invoice, that no date of it can contradict."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.features import Events, Rows, events_of
from insights.ledger import NEVER, Ledger, as_date, day
from insights.model import Floats, open_rows
from insights.outcomes import Lines
from insights.timing import BEFORE, HIGH, HORIZON, LOW, MEDIUM, Dates, Forecast, Timing, confidence, fit, payment_week, trimmed
from tests.ledgers import DAY, START, ledger_of, small_ledger
from tests.rewriting import rewritten

LINES = Lines(15)
AT = START + 250 * DAY


def open_on(ledger: Ledger, at: date, lines: Lines = LINES) -> tuple[Events, Rows]:
    events = events_of(ledger, lines)
    return events, open_rows(events, day(at))[0]


def forecast_on(ledger: Ledger, at: date, lines: Lines = LINES) -> tuple[Forecast, Rows]:
    events, rows = open_on(ledger, at, lines)
    return Forecast(fit(events, day(at)), events, day(at), rows.customer), rows


def said(rows: Rows, seed: int, very_late_days: int = LINES.very_late_days) -> Floats:
    """Any probabilities that know the lines."""
    p = np.random.default_rng(seed).dirichlet([0.5, 0.5, 0.5], len(rows))
    past = rows.at - rows.line
    p[past > 0, 0] = 0
    p[past > very_late_days] = [0, 0, 1]
    out: Floats = p / p.sum(axis=1, keepdims=True)
    return out


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_mass_at_the_two_lines_is_the_three_probabilities(seed: int) -> None:
    forecast, rows = forecast_on(small_ledger(), AT)
    p = said(rows, seed)
    cells = forecast.cells(rows, p)
    assert (cells.mass >= 0).all()
    assert cells.up_to[:, BEFORE] == pytest.approx(p[:, 0])
    assert cells.up_to[:, -1] == pytest.approx(p[:, 0] + p[:, 1])
    days = cells.first[:, None] + np.arange(cells.mass.shape[1])
    assert cells.mass[days < day(AT)].sum() == 0, "nothing lies in the past"


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["", "DE"]))
def test_dates_are_never_in_the_past_and_agree_with_the_buckets(seed: int, calendar: str) -> None:
    forecast, rows = forecast_on(small_ledger(), AT)
    p = said(rows, seed)
    dates = forecast.dates(rows, p, calendar)
    assert (dates.low >= day(AT)).all()
    assert (dates.low <= dates.expected).all()
    assert (dates.expected <= dates.high).all()
    late = rows.line + LINES.very_late_days
    assert (dates.expected[p[:, 0] > 0.5] <= rows.line[p[:, 0] > 0.5]).all()
    assert (dates.expected[p[:, 0] < 0.5] > rows.line[p[:, 0] < 0.5]).all()
    assert (dates.expected[p[:, 2] > 0.5] > late[p[:, 2] > 0.5]).all()
    assert (dates.expected[p[:, 2] < 0.5] <= late[p[:, 2] < 0.5]).all()


def single(issued: date, due: date) -> tuple[Events, Rows]:
    """One open invoice, and thirty others that were paid on their due date."""
    paid = [
        {"customer_id": f"B{n}", "issue_date": START, "due_date": START + n * DAY, "paid_date": START + n * DAY}
        for n in range(1, 31)
    ]
    ledger = ledger_of([*paid, {"issue_date": issued, "due_date": due}], history_starts=START)
    return events_of(ledger, LINES), open_rows(events_of(ledger, LINES), day(due))[0]


def expected(issued: date, due: date, at: date, p: tuple[float, float, float], calendar: str = "DE") -> date:
    events, rows = single(issued, due)
    rows = replace(rows, at=np.full(1, day(at), np.int32))
    forecast = Forecast(fit(events, day(at)), events, day(at), rows.customer)
    return as_date(forecast.dates(rows, np.array([p]), calendar).expected[0])


def test_a_date_on_a_weekend_moves_to_a_business_day_of_its_bucket() -> None:
    """Due on Saturday 5 April 2025, most likely on time: Friday. Late by a day would be Sunday: Monday."""
    issued, saturday = date(2025, 3, 6), date(2025, 4, 5)
    assert expected(issued, saturday, date(2025, 4, 2), (0.9, 0.05, 0.05)) == date(2025, 4, 4)
    assert expected(issued, saturday, date(2025, 4, 6), (0, 0.9, 0.1)).weekday() < 5


def test_a_bucket_without_a_business_day_keeps_its_date() -> None:
    """As of Saturday 5 April 2025, due on that day: on time can only be the Saturday itself."""
    assert expected(date(2025, 3, 6), date(2025, 4, 5), date(2025, 4, 5), (1, 0, 0)) == date(2025, 4, 5)


def test_a_holiday_of_the_calendar_is_no_business_day() -> None:
    """Due on Friday 18 April 2025, Good Friday in Germany: Thursday."""
    friday = date(2025, 4, 18)
    assert expected(date(2025, 3, 19), friday, date(2025, 4, 14), (0.95, 0.03, 0.02)) == date(2025, 4, 17)
    assert expected(date(2025, 3, 19), friday, date(2025, 4, 14), (0.95, 0.03, 0.02), calendar="") == friday


def test_payments_on_weekends_make_them_days_of_payment() -> None:
    monday = day(date(2025, 3, 3))
    assert payment_week(np.arange(monday, monday + 70, dtype=np.int32)) == "1111111"
    assert payment_week(np.array([monday + week * 7 for week in range(9)], np.int32)) == "1111100"


def test_a_customer_who_pays_a_week_early_is_expected_a_week_early() -> None:
    """A always pays seven days before the due date, everybody else on it."""
    rows = [
        {"customer_id": who, "issue_date": START + n * DAY, "paid_date": START + (n + 30 - early) * DAY}
        for who, early in (("A", 7), ("B", 0), ("C", 0))
        for n in range(60)
    ]
    at = START + 120 * DAY
    due = START + 135 * DAY
    rows += [{"customer_id": who, "issue_date": due - 30 * DAY, "due_date": due} for who in "AB"]
    forecast, open_now = forecast_on(ledger_of(rows, history_starts=START), at)
    dates = forecast.dates(open_now, np.array([[0.98, 0.01, 0.01]] * 2), "")
    order = np.argsort(open_now.customer)
    assert sorted(dates.expected[order].tolist()) == [day(due - 7 * DAY), day(due)]


def test_where_hardly_anybody_pays_once_very_late_no_end_is_in_sight() -> None:
    """Twenty invoices a year past due, none of them ever paid."""
    rows = [{"customer_id": f"C{n}", "issue_date": START, "due_date": START + 10 * DAY} for n in range(20)]
    at = START + 400 * DAY
    forecast, open_now = forecast_on(ledger_of(rows, history_starts=START), at)
    dates = forecast.dates(open_now, np.array([[0.0, 0.0, 1.0]] * 20))
    assert (dates.high == NEVER).all()
    assert (dates.expected <= day(at) + HORIZON + 3).all()


@pytest.mark.parametrize("seed", range(5))
def test_what_was_not_known_changes_nothing(seed: int) -> None:
    found = []
    for ledger in (small_ledger(), rewritten(small_ledger(), AT, seed)):
        forecast, rows = forecast_on(ledger, AT)
        p = said(rows, 3)
        dates = forecast.dates(rows, p)
        found.append((forecast.timing, dates.low.tolist(), dates.expected.tolist(), dates.high.tolist()))
    assert found[0] == found[1]


def test_ranges_are_as_wide_as_four_of_five_ask_for() -> None:
    """Certain of a day, a range cannot hold less than that day: the trim goes to its limit. Uncertain, it stays near a tenth."""
    events, rows = open_on(small_ledger(), AT)
    timing = fit(events, day(AT))
    assert timing.trim == 0.1
    on_the_day = replace(timing, on_time=(1.0, *[0.0] * BEFORE), late=(1.0, *[0.0] * (LINES.very_late_days - 1)))
    sure = trimmed(on_the_day, events, rows.take(np.flatnonzero(rows.line > rows.at + BEFORE)), np.zeros((0, 3)))
    assert sure == on_the_day, "nothing open, nothing to fit"
    assert 0.08 <= trimmed(timing, events, rows, said(rows, 1)).trim <= 0.18


def test_a_timing_is_the_same_after_saving() -> None:
    timing = forecast_on(small_ledger(), AT)[0].timing
    assert Timing.from_json(timing.to_json()) == timing


def test_confidence_asks_for_a_likely_bucket_a_short_range_and_a_past() -> None:
    at = day(AT)
    low, high = np.full(4, at, np.int32), np.array([at + 5, at + 30, at + 5, NEVER], np.int32)
    p = np.array([[0.9, 0.05, 0.05], [0.9, 0.05, 0.05], [0.9, 0.05, 0.05], [0.1, 0.1, 0.8]])
    no_history = np.array([False, False, True, False])
    assert confidence(Dates(low, low, high), p, no_history).tolist() == [HIGH, MEDIUM, LOW, LOW]
