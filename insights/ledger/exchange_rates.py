"""What is an amount in another currency? Only by dated rates that the user gave; without them no sum is made."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from insights.ingest import sandbox
from insights.ingest.recognise import dates, formats, match, numbers
from insights.ingest.recognise.dates import UNREADABLE
from insights.ingest.recognise.table import Table
from insights.ledger.errors import Refused
from insights.ledger.ledger import as_date
from insights.ledger.money import exponent, is_currency

COLUMNS = {
    "day": ("date", "rate date", "valid from", "day", "datum", "gültig ab"),
    "source": ("from", "from currency", "currency", "source currency", "base", "von"),
    "target": ("to", "to currency", "reporting currency", "target currency", "quote", "nach"),
    "rate": ("rate", "exchange rate", "kurs", "value", "taux", "koers", "tipo de cambio", "taxa"),
}


@dataclass(frozen=True)
class Rate:
    """One unit of `source` is `rate` units of `target`, from `day` on; `via` names the third currency of a cross rate."""

    day: date
    source: str
    target: str
    rate: Decimal
    via: str = ""


@dataclass(frozen=True)
class Part:
    """An amount in a currency, the rate from there, and what it comes to; minor units."""

    amount: int
    rate: Rate
    converted: int


@dataclass(frozen=True)
class Total:
    """A sum in a reporting currency, and the parts that it is the sum of, to the minor unit."""

    currency: str
    parts: tuple[Part, ...]

    @property
    def amount(self) -> int:
        return sum(part.converted for part in self.parts)

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The rates it was made with."""
        return tuple(part.rate for part in self.parts if part.rate.source != self.currency)


@dataclass(frozen=True)
class Rates:
    """A table of dated rates. What counts on a day, each with the latest rate on or before it, is the first that there is:

    1. the pair itself;
    2. the reverse pair, one divided by its rate;
    3. a cross rate: both pairs with one third currency, multiplied, dated as the older of the two. Of several third
       currencies the one with the newest such date is taken, then the one in most pairs.

    Nothing is chained further. Rates have 28 figures; only amounts are rounded, once each.
    """

    table: Mapping[tuple[str, str], tuple[Rate, ...]]

    @staticmethod
    def of(rates: list[Rate]) -> "Rates":
        found: dict[tuple[str, str], list[Rate]] = {}
        for rate in sorted(rates, key=lambda entry: entry.day):
            found.setdefault((rate.source, rate.target), []).append(rate)
        return Rates({pair: tuple(entries) for pair, entries in found.items()})

    @property
    def all(self) -> tuple[Rate, ...]:
        """Every rate, pair by pair, each pair by day."""
        return tuple(rate for entries in self.table.values() for rate in entries)

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies that amounts can be converted into, the one in most pairs first."""
        pairs = Counter(currency for pair in self.table for currency in pair)
        return tuple(sorted(pairs, key=lambda currency: (-pairs[currency], currency)))

    def rate(self, source: str, target: str, on: date) -> Rate:
        """Raises Refused where no rate of the pair is dated on or before the day."""
        if (found := self._found(source, target, on)) is None:
            raise _missing([source], target, on)
        return found

    def _found(self, source: str, target: str, on: date) -> Rate | None:
        if source == target:
            return Rate(on, source, target, Decimal(1))
        return self._pair(source, target, on) or self._cross(source, target, on)

    def _pair(self, source: str, target: str, on: date) -> Rate | None:
        """By the pair itself, or the reverse one."""
        if (found := self._latest(source, target, on)) is not None:
            return found
        reverse = self._latest(target, source, on)
        return Rate(reverse.day, source, target, 1 / reverse.rate) if reverse else None

    def _cross(self, source: str, target: str, on: date) -> Rate | None:
        """By both pairs with a third currency."""
        best: Rate | None = None
        for third in self.currencies:
            there, back = self._pair(source, third, on), self._pair(third, target, on)
            if there and back and (best is None or min(there.day, back.day) > best.day):
                best = Rate(min(there.day, back.day), source, target, there.rate * back.rate, via=third)
        return best

    def _latest(self, source: str, target: str, on: date) -> Rate | None:
        entries = self.table.get((source, target), ())
        at = bisect_right([entry.day for entry in entries], on)
        return entries[at - 1] if at else None

    def converted(self, minor: int, source: str, target: str, on: date) -> int:
        """Minor units of `source` as minor units of `target`, rounded half to even."""
        amount = Decimal(minor).scaleb(-exponent(source)) * self.rate(source, target, on).rate
        return int(amount.scaleb(exponent(target)).to_integral_value(ROUND_HALF_EVEN))

    def total(self, amounts: Mapping[str, int], target: str, on: date) -> Total:
        """The sum of amounts per currency (minor units) in one reporting currency.

        Each amount is rounded once, half to even, and then added. Raises Refused, naming every currency without a rate.
        """
        if lacking := [source for source in amounts if self._found(source, target, on) is None]:
            raise _missing(lacking, target, on)
        parts = (
            Part(minor, self.rate(source, target, on), self.converted(minor, source, target, on))
            for source, minor in amounts.items()
        )
        return Total(target, tuple(parts))


def read(path: Path, target: str = "") -> Rates:
    """A rate table (date, from, to, rate) of any format that ledgers have; `target` where it has no such column.

    Raises Refused, with the row, for what is no rate.
    """
    found = sandbox.table(path, {match.compact(name) for names in COLUMNS.values() for name in names})
    at = _columns(found.headers)
    missing = [name for name in ("day", "source", "rate") if name not in at]
    if missing or ("target" not in at and not target):
        raise Refused(
            f"A rate table needs the columns date, from, to and rate; found were {', '.join(found.headers)}.", "rate_columns"
        )
    days = _days(found, at["day"])
    values = _values(found, at["rate"])
    sources = found.body.columns[at["source"]].to_pylist()
    targets = found.body.columns[at["target"]].to_pylist() if "target" in at else [target] * len(sources)
    rows = zip(found.body.lines.tolist(), days, sources, targets, values, strict=True)
    rates = [_rate(*row) for row in rows]
    if not rates:
        raise Refused("This rate table has no rows.", "no_rates")
    _check_once(rates)
    return Rates.of(rates)


def _missing(sources: list[str], target: str, on: date) -> Refused:
    return Refused(
        f"There is no rate from {' or '.join(sources)} to {target} on or before {on}.",
        "no_rate",
        source=", ".join(sources),
        target=target,
    )


def _check_once(rates: list[Rate]) -> None:
    """Two rates of a pair on one day contradict each other: neither is chosen."""
    seen: dict[tuple[date, str, str], Decimal] = {}
    for each in rates:
        known = seen.setdefault((each.day, each.source, each.target), each.rate)
        if known != each.rate:
            one, two = (f"{rate.normalize():f}" for rate in (known, each.rate))
            raise Refused(
                f"The rate table has two rates from {each.source} to {each.target} on {each.day}: {one} and {two}.",
                "two_rates",
            )


def _columns(headers: tuple[str, ...]) -> dict[str, int]:
    names = {match.compact(name): field for field, known in COLUMNS.items() for name in known}
    found: dict[str, int] = {}
    for at, header in enumerate(headers):
        field = names.get(match.compact(header))
        if field:
            found.setdefault(field, at)
    return found


def _days(found: Table, at: int) -> list[int]:
    cells, decisions = dates.column(found.body.columns[at]), formats.Decisions()
    order = formats.orders({"day": (found.headers[at], cells)}, found.body.lines, "", decisions)["day"]
    if decisions.questions:
        raise Refused(f"{decisions.questions[0].sentence} Write the dates of the rate table as 2024-12-31.", "rate_dates")
    days: list[int] = cells.days(order).tolist()
    return days


def _values(found: Table, at: int) -> list[Decimal | None]:
    cells = numbers.column(found.body.columns[at], found.body.typed[at])
    decisions = formats.Decisions()
    mark = formats.marks({"rate": (found.headers[at], cells)}, found.body.lines, "", decisions)["rate"]
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
