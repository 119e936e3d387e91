"""Does the cash chart name the periods that it stacks?"""

from datetime import date, timedelta

from insights import charts
from insights.charts.cash import PastWeek

SATURDAY = date(2026, 10, 31)


def test_every_day_named_below_the_columns_is_the_first_of_a_column() -> None:
    starts = [SATURDAY + timedelta(weeks=at) for at in range(13)]
    past = [PastWeek(date(2026, 10, 19), 100, 90), PastWeek(date(2026, 10, 26), 100, 110)]
    for before in ([], past):
        figure = charts.cash(starts, {"likely": [100] * 13}, [None] * 13, [0] * 13, before, "EUR")
        named = figure.layout.xaxis.tickvals
        assert set(named) <= {*starts, *(each.start for each in before)}
        assert 6 <= len(named) <= 13


def test_what_had_been_expected_is_a_tick_as_wide_as_its_column() -> None:
    """Two past weeks are two lines, each within its week, with nothing drawn between them."""
    past = [PastWeek(date(2026, 10, 19), 100, 90), PastWeek(date(2026, 10, 26), 250, 110)]
    figure = charts.cash([SATURDAY], {"likely": [100]}, [None], [0], past, "EUR")
    tick = next(trace for trace in figure.data if trace.name == "Expected on its Monday")
    assert list(tick.y) == [1.0, 1.0, 1.0, None, 2.5, 2.5, 2.5, None]
    assert not tick.connectgaps
    (first, _, last), then = tick.x[:3], tick.x[4]
    assert last - first == 0.75 * timedelta(weeks=1)
    assert then - last == 0.25 * timedelta(weeks=1)


def test_whatever_is_clicked_in_a_period_names_it() -> None:
    """Week 1 has no range, week 2 has: its middle is week 2's, whatever the range comes to."""
    starts = [SATURDAY, SATURDAY + timedelta(weeks=1)]
    figure = charts.cash(starts, {"likely": [100, 200]}, [None, (150_00, 250_00)], [50, 60], [], "EUR")
    numbers = {trace.name: [point[0] for point in trace.customdata] for trace in figure.data}
    assert numbers == {"Likely": [0, 1], "80 % range": [1], "Falls due": [0, 1]}


def test_months_stand_side_by_side_however_little_is_left_of_the_first() -> None:
    """From 31 October on: one day of October, then November and December, as wide as each other."""
    starts = [SATURDAY, date(2026, 11, 1), date(2026, 12, 1)]
    figure = charts.cash(starts, {"likely": [100, 200, 300]}, [None] * 3, [50, 60, 70], [], "EUR")
    assert figure.layout.xaxis.type == "category"
    assert {tuple(trace.x) for trace in figure.data} == {("Oct 2026", "Nov 2026", "Dec 2026")}
    assert {tuple(trace.hovertext) for trace in figure.data} == {("31 Oct 2026", "01 Nov 2026", "01 Dec 2026")}
