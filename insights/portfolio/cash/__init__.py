"""How much cash comes in which week? The open book as expected cash, and what is not invoiced yet.

Both layers as of a date, in integer minor units: `expected_cash` spreads each open invoice over the days ahead, so that
weeks, later and never are the receivables; `not_invoiced` says what past weeks received from invoices issued later.
"""

from insights.portfolio.cash.bands import FEWEST, OPEN, TOTAL, PastBands, bands, past_bands
from insights.portfolio.cash.expected import (
    AHEAD,
    EXPECTED,
    WEEKS,
    OpenBook,
    expected_cash,
    listed,
    matrix,
    months,
    open_book,
    spread,
    variances,
    week_starts,
)
from insights.portfolio.cash.forecast import CurrencyForecast, ForecastWeek, by_currency, with_ranges
from insights.portfolio.cash.later_invoices import PastWeeks, not_invoiced, past_weeks
from insights.portfolio.cash.receipts import Receipts, receipts
from insights.portfolio.cash.replays import HORIZONS, REPLAYED, PastForecasts, known, of_currency, past_forecasts, replayed

__all__ = [
    "AHEAD",
    "EXPECTED",
    "FEWEST",
    "HORIZONS",
    "OPEN",
    "REPLAYED",
    "TOTAL",
    "WEEKS",
    "CurrencyForecast",
    "ForecastWeek",
    "OpenBook",
    "PastBands",
    "PastForecasts",
    "PastWeeks",
    "Receipts",
    "bands",
    "by_currency",
    "expected_cash",
    "known",
    "listed",
    "matrix",
    "months",
    "not_invoiced",
    "of_currency",
    "open_book",
    "past_bands",
    "past_forecasts",
    "past_weeks",
    "receipts",
    "replayed",
    "spread",
    "variances",
    "week_starts",
    "with_ranges",
]
