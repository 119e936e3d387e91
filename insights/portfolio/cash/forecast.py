"""The cash forecast: what the open book brings, what is not invoiced yet, and how sure that is, by week and currency."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import Ints
from insights.portfolio.cash.bands import FEWEST, OPEN, TOTAL, bands
from insights.portfolio.cash.expected import EXPECTED, WEEKS, OpenBook, open_book, week_starts
from insights.portfolio.cash.replays import HORIZONS, known, of_currency

Range = tuple[int, int]  # minor units: low, high


@dataclass(frozen=True)
class ForecastWeek:
    """One week from `start` on; minor units. A range is None where none can be stood for."""

    start: date
    open_book: int
    not_invoiced: int
    due: int  # of the open book, falls due in this week
    open_range: Range | None = None
    range: Range | None = None

    @property
    def total(self) -> int:
        return self.open_book + self.not_invoiced


@dataclass(frozen=True)
class CurrencyForecast:
    """What comes of one currency. The open book of all weeks, later and never are the outstanding, to the minor unit."""

    currency: str
    outstanding: int
    weeks: tuple[ForecastWeek, ...]
    later: int
    never: int
    variance: tuple[float, ...] = ()  # `expected.variances` of the open book
    judged: int = 0  # past Mondays whose first week could be judged
    range_4: Range | None = None  # of the first four weeks together
    range_13: Range | None = None

    @property
    def fewest(self) -> int:
        """Judged Mondays from which on there is a range."""
        return FEWEST

    def total(self, weeks: int) -> int:
        """Of the first `weeks`, both layers."""
        return sum(week.total for week in self.weeks[:weeks])


def currency_forecast(currency: str, book: OpenBook, not_invoiced: Ints, as_of: date) -> CurrencyForecast:
    """The middle of a forecast, without ranges; `not_invoiced`: int64[WEEKS]."""
    columns = zip(week_starts(as_of), book.weeks, not_invoiced.tolist(), book.due, strict=True)
    weeks = tuple(ForecastWeek(*column) for column in columns)
    return CurrencyForecast(currency, book.outstanding, weeks, book.later, book.never, book.variance)


def nothing(currency: str, as_of: date) -> CurrencyForecast:
    """The forecast of a currency in which nothing is owed."""
    return currency_forecast(currency, open_book(EXPECTED.empty_table(), as_of), np.zeros(WEEKS, np.int64), as_of)


def by_currency(rows: pa.Table, later: Mapping[tuple[str, str], Ints], as_of: date) -> tuple[CurrencyForecast, ...]:
    """A forecast per currency of rows of EXPECTED, the one with the most open invoices first.

    `later`: what is not invoiced yet by (company, currency), int64[WEEKS].
    """
    counts = {row["values"]: row["counts"] for row in pc.value_counts(rows["currency"]).to_pylist()}
    names = sorted(
        {*counts, *(currency for (_, currency), weeks in later.items() if weeks.any())}, key=lambda c: (-counts.get(c, 0), c)
    )
    out = []
    for currency in names:
        more = sum((weeks for (_, code), weeks in later.items() if code == currency), np.zeros(WEEKS, np.int64))
        out.append(currency_forecast(currency, open_book(rows.filter(pc.equal(rows["currency"], currency)), as_of), more, as_of))
    return tuple(out)


def with_ranges(
    forecast: CurrencyForecast, replays: pa.Table, as_of: date, base: CurrencyForecast | None = None
) -> CurrencyForecast:
    """A forecast with the ranges that past Mondays stand for; `replays`: rows of REPLAYED, whatever their currency and day.

    `base`: the forecast that the width is taken from, where something has moved the middle since.
    """
    past, base = of_currency(replays, forecast.currency, as_of), base or forecast
    ranges = {}
    for of in (OPEN, TOTAL):
        drawn = bands(past, as_of, of)
        later = by_horizon(base, "not_invoiced")
        middle = by_horizon(forecast, "open_book") + by_horizon(forecast, "not_invoiced") * (of == TOTAL)
        ranges[of] = rounded(*drawn.around(middle, np.array(base.variance), later * (of == TOTAL)))
    weeks = tuple(
        replace(week, open_range=ranges[OPEN][number], range=ranges[TOTAL][number]) for number, week in enumerate(forecast.weeks)
    )
    judged = int(known(past, as_of)[:, 0].sum())
    return replace(forecast, weeks=weeks, judged=judged, range_4=ranges[TOTAL][WEEKS], range_13=ranges[TOTAL][WEEKS + 1])


def by_horizon(forecast: CurrencyForecast, name: str) -> np.ndarray:
    """float64[HORIZONS]: an amount of the weeks, summed over each horizon."""
    weeks = np.array([getattr(week, name) for week in forecast.weeks], np.float64)
    return np.array([weeks[begin:end].sum() for begin, end in HORIZONS])


def rounded(low: np.ndarray, high: np.ndarray) -> list[Range | None]:
    """Ranges in whole minor units, outwards; None where there is none."""
    pairs = zip(low.tolist(), high.tolist(), strict=True)
    return [None if np.isnan(below) else (int(np.floor(below)), int(np.ceil(above))) for below, above in pairs]
