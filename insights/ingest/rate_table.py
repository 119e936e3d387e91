"""How does a file of dated rates become exchange rates?"""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from insights.ingest import sandbox
from insights.ingest.recognise import dates, formats, match, numbers
from insights.ingest.recognise.dates import UNREADABLE
from insights.ingest.recognise.table import Table
from insights.ledger.errors import Refused
from insights.ledger.exchange_rates import ExchangeRates, Rate
from insights.ledger.ledger import as_date
from insights.ledger.money import is_currency
from insights.sandbox.limits import Heard, unheard

if TYPE_CHECKING:
    from datetime import date

COLUMNS = {
    "day": ("date", "rate date", "valid from", "day", "datum", "gültig ab"),
    "source": ("from", "from currency", "currency", "source currency", "base", "von"),
    "target": ("to", "to currency", "reporting currency", "target currency", "quote", "nach"),
    "rate": ("rate", "exchange rate", "kurs", "value", "taux", "koers", "tipo de cambio", "taxa"),
}


def read(path: Path, target: str = "", *, heard: Heard = unheard) -> ExchangeRates:
    """A rate table (date, from, to, rate) of any format that ledgers have; `target` where it has no such column.

    Raises Refused, with the row, for what is no rate.
    """
    table = sandbox.table(path, {match.compact(name) for names in COLUMNS.values() for name in names}, heard=heard)
    at = match.by_header(table.headers, COLUMNS)
    missing = [name for name in ("day", "source", "rate") if name not in at]
    if missing or ("target" not in at and not target):
        raise Refused(
            f"A rate table needs the columns date, from, to and rate; found were {', '.join(table.headers)}.", "rate_columns"
        )
    days = _days(table, at["day"])
    values = _values(table, at["rate"])
    sources = table.body.columns[at["source"]].to_pylist()
    targets = table.body.columns[at["target"]].to_pylist() if "target" in at else [target] * len(sources)
    rows = zip(table.body.lines.tolist(), days, sources, targets, values, strict=True)
    rates = [_rate(*row) for row in rows]
    if not rates:
        raise Refused("This rate table has no rows.", "no_rates")
    _check_once(rates)
    return ExchangeRates.of(rates)


def _check_once(rates: list[Rate]) -> None:
    """Two rates of a pair on one day contradict each other: neither is chosen."""
    seen: dict[tuple[date, str, str], Decimal] = {}
    for rate in rates:
        known = seen.setdefault((rate.day, rate.source, rate.target), rate.rate)
        if known != rate.rate:
            first, second = (f"{value.normalize():f}" for value in (known, rate.rate))
            raise Refused(
                f"The rate table has two rates from {rate.source} to {rate.target} on {rate.day}: {first} and {second}.",
                "two_rates",
            )


def _days(table: Table, at: int) -> list[int]:
    cells, decisions = dates.column(table.body.columns[at]), formats.Decisions()
    order = formats.orders({"day": (table.headers[at], cells)}, table.body.lines, "", decisions)["day"]
    if decisions.questions:
        raise Refused(f"{decisions.questions[0].sentence} Write the dates of the rate table as 2024-12-31.", "rate_dates")
    days: list[int] = cells.days(order).tolist()
    return days


def _values(table: Table, at: int) -> list[Decimal | None]:
    cells = numbers.column(table.body.columns[at], table.body.typed[at])
    decisions = formats.Decisions()
    mark = formats.marks({"rate": (table.headers[at], cells)}, table.body.lines, "", decisions)["rate"]
    if decisions.questions:
        raise Refused(f"{decisions.questions[0].sentence} Write the rates with four decimals, as 1.0850.", "rate_marks")
    values: list[Decimal | None] = cells.values(mark)[0].to_pylist()
    return values


def _rate(line: int, day: int, source: str, target: str, value: Decimal | None) -> Rate:
    pair = source.strip().upper(), target.strip().upper()
    if day <= UNREADABLE or value is None or value <= 0 or not all(map(is_currency, pair)):
        raise Refused(
            f"Row {line} of the rate table is no rate: it needs a date, two currency codes and a rate above 0.", "faulty_rate"
        )
    return Rate(as_date(day), *pair, value)
