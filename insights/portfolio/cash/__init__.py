"""How much cash comes in which week? The open book as expected cash, and what is not invoiced yet.

Both layers as of a date, in integer minor units: `expected_cash` spreads each open invoice over the days ahead, so that
weeks, later and never are the receivables; `not_invoiced` says what past weeks received from invoices issued later.
"""

from insights.portfolio.cash.bands import FEWEST, OPEN, TOTAL, PastBands, bands, past_bands
from insights.portfolio.cash.behind import (
    AT_RISK,
    BY_DAY,
    BY_MONTH,
    BY_WEEK,
    LIKELY,
    NOT_INVOICED,
    PARTS,
    PROMISED,
    by_period,
    certainty,
    due_by_day,
    of_week,
    periods,
    shortfall,
)
from insights.portfolio.cash.compared import ThenAndNow, then_and_now
from insights.portfolio.cash.expected import (
    AHEAD,
    EXPECTED,
    WEEKS,
    OpenBook,
    expected_cash,
    listed,
    matrix,
    open_book,
    spread,
    variances,
    week_starts,
)
from insights.portfolio.cash.forecast import CurrencyForecast, ForecastWeek, by_currency, nothing, with_ranges
from insights.portfolio.cash.later_invoices import PastWeeks, not_invoiced, past_weeks
from insights.portfolio.cash.moves import (
    Moves,
    customer_fails,
    everyone_later,
    largest_as_due,
    moved,
    promised_days,
    terms_shortened,
)
from insights.portfolio.cash.planned import PlannedCash, PlannedInvoice, planned_cash
from insights.portfolio.cash.receipts import Receipts, receipts
from insights.portfolio.cash.replays import HORIZONS, REPLAYED, PastForecasts, known, of_currency, past_forecasts, replayed

__all__ = [
    "AHEAD",
    "AT_RISK",
    "BY_DAY",
    "BY_MONTH",
    "BY_WEEK",
    "EXPECTED",
    "FEWEST",
    "HORIZONS",
    "LIKELY",
    "NOT_INVOICED",
    "OPEN",
    "PARTS",
    "PROMISED",
    "REPLAYED",
    "TOTAL",
    "WEEKS",
    "CurrencyForecast",
    "ForecastWeek",
    "Moves",
    "OpenBook",
    "PastBands",
    "PastForecasts",
    "PastWeeks",
    "PlannedCash",
    "PlannedInvoice",
    "Receipts",
    "ThenAndNow",
    "bands",
    "by_currency",
    "by_period",
    "certainty",
    "customer_fails",
    "due_by_day",
    "everyone_later",
    "expected_cash",
    "known",
    "largest_as_due",
    "listed",
    "matrix",
    "moved",
    "not_invoiced",
    "nothing",
    "of_currency",
    "of_week",
    "open_book",
    "past_bands",
    "past_forecasts",
    "past_weeks",
    "periods",
    "planned_cash",
    "promised_days",
    "receipts",
    "replayed",
    "shortfall",
    "spread",
    "terms_shortened",
    "then_and_now",
    "variances",
    "week_starts",
    "with_ranges",
]
