"""The cash forecast: what the open book brings, what is not invoiced yet, and how sure that is, by week and currency."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import Ints
from insights.portfolio.cash.expected import WEEKS, OpenBook, open_book, week_starts

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
    judged: int = 0  # past weeks that the ranges rest on
    range_4: Range | None = None  # of the first four weeks together
    range_13: Range | None = None

    def total(self, weeks: int) -> int:
        """Of the first `weeks`, both layers."""
        return sum(week.total for week in self.weeks[:weeks])


def currency_forecast(currency: str, book: OpenBook, not_invoiced: Ints, as_of: date) -> CurrencyForecast:
    """The middle of a forecast, without ranges; `not_invoiced`: int64[WEEKS]."""
    columns = zip(week_starts(as_of), book.weeks, not_invoiced.tolist(), book.due, strict=True)
    return CurrencyForecast(currency, book.outstanding, tuple(ForecastWeek(*each) for each in columns), book.later, book.never)


def by_currency(rows: pa.Table, later: Mapping[tuple[str, str], Ints], as_of: date) -> tuple[CurrencyForecast, ...]:
    """A forecast per currency of rows of EXPECTED, the one with the most open invoices first.

    `later`: what is not invoiced yet by (company, currency), int64[WEEKS].
    """
    counts = {each["values"]: each["counts"] for each in pc.value_counts(rows["currency"]).to_pylist()}
    names = sorted(
        {*counts, *(currency for (_, currency), weeks in later.items() if weeks.any())}, key=lambda c: (-counts.get(c, 0), c)
    )
    out = []
    for currency in names:
        more = sum((weeks for (_, each), weeks in later.items() if each == currency), np.zeros(WEEKS, np.int64))
        out.append(currency_forecast(currency, open_book(rows.filter(pc.equal(rows["currency"], currency)), as_of), more, as_of))
    return tuple(out)
