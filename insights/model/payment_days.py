"""On which days will open invoices be paid? Each one's distribution, day by day, given that it is still open.

The distribution of `payment_dates`, read out for every day ahead instead of at three quantiles. What falls on a day without
payments goes to the business day after it, or before it where the one after lies past a line: as the expected date does.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from insights.features.events import SnapshotRows
from insights.ledger.ledger import Ints
from insights.ledger.outcomes import free_days
from insights.model.payment_dates import HORIZON, WORKING_WEEK, Cells, PaymentDateDistribution, chunks

Shares = npt.NDArray[np.float32]

AHEAD: Final = 91  # days from the as-of date on that are told apart: 13 weeks
LATER, NEVER_PAID = AHEAD, AHEAD + 1  # columns after those of the days


def payment_days(
    forecast: PaymentDateDistribution, rows: SnapshotRows, predicted: npt.NDArray[np.float64], calendar: str = ""
) -> Shares:
    """float32[n, AHEAD + 2]: the share of each invoice paid on each day from the as-of date on, after those days, and never.

    `rows` are open as of the forecast's day, `predicted` their three probabilities. Each row sums to 1. Never: not within two
    years. Nothing lies before the as-of date: what is past due is spread over the days ahead.
    """
    parts = [_payment_days(forecast, rows.take(part), predicted[part], calendar) for part in chunks(len(rows))]
    return np.concatenate(parts)


def _payment_days(
    forecast: PaymentDateDistribution, rows: SnapshotRows, predicted: npt.NDArray[np.float64], calendar: str
) -> Shares:
    cells = forecast.cells(rows, predicted)
    by_day = inside(cells, forecast.at) + cells.after[:, None] * np.diff(
        past_the_line(forecast, cells, np.arange(-1, AHEAD)), axis=1
    )
    by_day = to_business_days(by_day, forecast, rows, calendar)
    within = past_the_line(forecast, cells, np.array([HORIZON]))[:, 0]
    never = cells.after * (1 - within)
    later = np.maximum(1 - by_day.sum(axis=1) - never, 0)
    out: Shares = np.column_stack([by_day, later, never]).astype(np.float32)
    return out


def inside(cells: Cells, at: int) -> npt.NDArray[np.float64]:
    """float64[n, AHEAD]: the mass up to the very-late line, by day from the as-of date on."""
    place = (at - cells.first)[:, None] + np.arange(AHEAD)
    width = cells.mass.shape[1]
    mass = np.take_along_axis(cells.mass, np.clip(place, 0, width - 1), axis=1)
    out: npt.NDArray[np.float64] = np.where((place >= 0) & (place < width), mass, 0.0)
    return out


def past_the_line(forecast: PaymentDateDistribution, cells: Cells, ahead: Ints) -> npt.NDArray[np.float64]:
    """float64[n, days]: of what is paid past the very-late line, the share paid by each of some days ahead."""
    age = np.maximum((forecast.at - cells.end)[:, None] + ahead, cells.age[:, None])
    risk = forecast.risk(age) - forecast.risk(cells.age)[:, None]
    out: npt.NDArray[np.float64] = -np.expm1(-risk)
    return out


def to_business_days(
    by_day: npt.NDArray[np.float64], forecast: PaymentDateDistribution, rows: SnapshotRows, calendar: str
) -> npt.NDArray[np.float64]:
    """The same with nothing on days without payments, where a business day is free in the same bucket."""
    days = np.arange(forecast.at, forecast.at + AHEAD)
    dates = days.astype("datetime64[D]")
    week = np.busdaycalendar(WORKING_WEEK if calendar else forecast.timing.week, free_days(calendar, dates))
    forward, back = (
        np.busday_offset(dates, 0, roll, busdaycal=week).astype(np.int64) - forecast.at for roll in ("forward", "backward")
    )
    line = rows.due_by.astype(np.int64) - forecast.at
    end = line + forecast.n
    out = by_day.copy()
    for day in np.flatnonzero(~np.is_busday(dates, busdaycal=week)):
        finish = np.where(day <= line, line, np.where(day <= end, end, AHEAD + HORIZON))
        begin = np.where(day <= line, 0, np.where(day <= end, line + 1, end + 1))
        moved = np.where(forward[day] <= finish, forward[day], np.where(back[day] >= np.maximum(begin, 0), back[day], day))
        mass = by_day[:, day]
        out[:, day] -= mass
        for target in np.unique(moved[moved < AHEAD]):  # past the last day it is later
            out[:, target] += np.where(moved == target, mass, 0.0)
    return out
