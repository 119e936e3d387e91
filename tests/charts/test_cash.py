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
