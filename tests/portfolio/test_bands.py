"""Do bands rest on past errors alone, hold as often as they say, and stay away where too little was judged?"""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.ledger.ledger import as_date
from insights.portfolio.cash import FEWEST, HORIZONS, OPEN, TOTAL, PastForecasts, bands, past_bands
from insights.portfolio.cash.bands import LEAST, independent, wider

FIRST = 18_001  # a Monday, in days
MANY = len(HORIZONS)


def past(weeks: int, *, seed: int = 1, later: float = 500.0, scatter: float = 100.0) -> PastForecasts:
    """So many Mondays on which 1 000.00 of the open book were expected in every horizon, and it came normally scattered."""
    draw = np.random.default_rng(seed)
    shape = (weeks, MANY)
    said = np.full(shape, 100_000.0)
    return PastForecasts(
        days=FIRST + 7 * np.arange(weeks),
        open_book=said,
        not_invoiced=np.full(shape, later),
        variance=np.full(shape, scatter**2),
        due=said,
        usual=said,
        before=said,
        came_open=said + draw.normal(0, 3 * scatter, shape),
        came_later=later + draw.normal(0, later / 5, shape),
    )


def last(past: PastForecasts) -> int:
    return int(past.days[-1]) + 7


def test_below_twenty_judged_weeks_there_is_no_band() -> None:
    """As of 19 weeks after the first Monday 19 first weeks are over; a week later there are 20, of week 2 still 19."""
    whole = past(40)
    early, later = (bands(whole, as_date(FIRST + 7 * weeks), OPEN) for weeks in (FEWEST - 1, FEWEST))
    assert np.isnan(early.below).all()
    assert early.judged[0] == FEWEST - 1
    assert later.judged[:2].tolist() == [FEWEST, FEWEST - 1]
    assert np.isnan(later.below).tolist() == [False, *[True] * (MANY - 1)]


@pytest.mark.slow
def test_a_band_holds_about_as_often_as_it_says() -> None:
    """Over 250 Mondays and all horizons, of errors three times as large as single debts would scatter."""
    whole = past(250)
    for of in (OPEN, TOTAL):
        drawn = past_bands(whole, of)
        came = whole.came if of == TOTAL else whole.came_open
        judged = ~np.isnan(drawn.low)
        held = ((came >= drawn.low) & (came <= drawn.high))[judged].mean()
        assert 0.77 < held < 0.84


def test_when_errors_grow_the_band_follows() -> None:
    """After a hundred calm Mondays everything scatters five times as far: at first most weeks are missed, later few."""
    calm, wild = past(100), past(100, seed=2)
    came = np.concatenate([calm.came_open, wild.open_book + 5 * (wild.came_open - wild.open_book)])
    twice = past(200)
    changed = PastForecasts(**{**vars(twice), "came_open": came})
    drawn = past_bands(changed, OPEN)
    held = (came[:, 0] >= drawn.low[:, 0]) & (came[:, 0] <= drawn.high[:, 0])
    assert held[100:120].mean() < 0.6
    assert held[150:].mean() > 0.7


@settings(max_examples=4, deadline=None)
@given(weeks=st.integers(FEWEST + 1, 60), seed=st.integers(0, 1000))
@pytest.mark.slow
def test_what_was_not_over_changes_no_band(weeks: int, seed: int) -> None:
    whole = past(70)
    as_of = FIRST + 7 * weeks
    noise = np.random.default_rng(seed).normal(0, 1e6, whole.came_open.shape)
    unknown = whole.over > as_of
    other = PastForecasts(
        **{**vars(whole), "came_open": whole.came_open + noise * unknown, "came_later": whole.came_later - noise * unknown}
    )
    for of in (OPEN, TOTAL):
        for one, two in zip(
            vars(bands(whole, as_date(as_of), of)).values(), vars(bands(other, as_date(as_of), of)).values(), strict=True
        ):
            np.testing.assert_array_equal(one, two)


def test_a_range_holds_its_middle_and_what_moves_the_middle_leaves_the_width() -> None:
    whole = past(60)
    found = bands(whole, as_date(last(whole)), TOTAL)
    middle, variance, later = whole.total[0], whole.variance[0], whole.not_invoiced[0]
    low, high = found.around(middle, variance, later)
    judged = ~np.isnan(low)
    assert judged.all()
    assert ((low <= middle) & (middle <= high)).all()
    moved = found.around(middle + 5000, variance, later)
    np.testing.assert_allclose(moved[1] - moved[0], high - low)


def test_a_book_that_scatters_twice_as_far_has_a_band_twice_as_wide() -> None:
    whole = past(60)
    found = bands(whole, as_date(last(whole)), OPEN)
    widths = [
        high - low for low, high in (found.around(whole.open_book[0], whole.variance[0] * by, np.zeros(MANY)) for by in (1, 4))
    ]
    np.testing.assert_allclose(widths[1], 2 * widths[0])


def test_nothing_to_scatter_and_nothing_else_to_come_is_a_band_of_no_width() -> None:
    """A currency of which nothing was ever open: middle, low and high are 0."""
    whole = past(30)
    nothing = PastForecasts(**{name: values if name == "days" else values * 0 for name, values in vars(whole).items()})
    low, high = bands(nothing, as_date(last(nothing)), TOTAL).around(np.zeros(MANY), np.zeros(MANY), np.zeros(MANY))
    assert (low[:5].tolist(), high[:5].tolist()) == ([0.0] * 5, [0.0] * 5)


def test_no_past_at_all_is_no_band() -> None:
    empty = past(0)
    assert np.isnan(bands(empty, as_date(FIRST) + timedelta(days=7), OPEN).below).all()
    assert past_bands(empty, TOTAL).low.shape == (0, MANY)


@pytest.mark.parametrize("of", [OPEN, TOTAL])
def test_a_past_band_is_the_band_of_that_day(of: str) -> None:
    whole = past(50)
    drawn = past_bands(whole, of)
    found = bands(whole, as_date(int(whole.days[45])), of)
    later = whole.not_invoiced[45] * (of == TOTAL)
    said = whole.total[45] if of == TOTAL else whole.open_book[45]
    low, high = found.around(said, whole.variance[45], later)
    np.testing.assert_allclose(drawn.low[45], low)
    np.testing.assert_allclose(drawn.high[45], high)


def test_twenty_overlapping_sums_of_thirteen_weeks_are_worth_two_and_a_half_independent_ones() -> None:
    """They lie in 32 weeks, which hold 32 / 13 such sums; single weeks that share nothing count full."""
    draw = np.random.default_rng(1)
    noise = draw.normal(0, 1, 20)
    assert independent(noise, (0, 1)) == 20
    assert independent(noise, (0, 13)) == pytest.approx(32 / 13)
    assert independent(np.full(20, 3.0), (12, 13)) == LEAST, "always the same error"
    assert independent(np.zeros(20), (0, 1)) == 20
    assert wider(20, 20) == 1
    assert wider(32 / 13, 20) > 1.2


def test_whoever_was_always_too_high_may_be_too_low_next_time() -> None:
    """Of 60 Mondays every forecast was 100.00 to 400.00 too high: what comes may still lie above, less so of single weeks.

    Errors of the first week are worth sixty, of sums of thirteen weeks three: a mirror image weighs a seventh, three quarters.
    """
    whole = past(60, later=0.0)
    short = np.random.default_rng(3).uniform(10_000, 40_000, whole.came_open.shape)
    too_high = PastForecasts(**{**vars(whole), "came_open": whole.open_book - short})
    found = bands(too_high, as_date(last(whole) + 7 * 13), OPEN)
    assert (found.above > 0).all()
    sides = found.above / -found.below
    assert sides[0] < 0.5
    assert 0.5 < sides[-1] < 1


@pytest.mark.slow
def test_the_band_of_a_sum_holds_though_few_sums_do_not_overlap() -> None:
    """Every week brings 1 000.00 and an error of its own; of 60 Mondays' sums of thirteen weeks, about four do not overlap."""
    held = []
    for seed in range(30):
        whole = past(60, later=0.0)
        weekly = np.random.default_rng(seed).normal(0, 300, 60 + 13)
        sums = np.lib.stride_tricks.sliding_window_view(weekly, 13)[:60].sum(axis=1)
        came = np.repeat((whole.open_book[:, -1] + sums)[:, None], MANY, axis=1)
        drawn = past_bands(PastForecasts(**{**vars(whole), "came_open": came}), OPEN)
        low, high = drawn.low[:, -1], drawn.high[:, -1]
        held.append(((came[:, -1] >= low) & (came[:, -1] <= high))[~np.isnan(low)].mean())
    assert 0.7 < np.mean(held) < 0.9, "of as many independent ones it would be taken for granted, and 0.59 hold"
