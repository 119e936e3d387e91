"""What is an amount in another currency? Only by dated rates that the user gave; without them no sum is made."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from insights.ledger.errors import Refused
from insights.ledger.money import exponent


@dataclass(frozen=True)
class Rate:
    """One unit of `source` is `rate` units of `target`, from `day` on; `via` names the third currency of a cross rate."""

    day: date
    source: str
    target: str
    rate: Decimal
    via: str = ""


@dataclass(frozen=True)
class ConvertedAmount:
    """An amount in a currency, the rate from there, and what it comes to; minor units."""

    amount: int
    rate: Rate
    converted: int


@dataclass(frozen=True)
class ConvertedTotal:
    """A sum in a reporting currency, and the parts that it is the sum of, to the minor unit."""

    currency: str
    parts: tuple[ConvertedAmount, ...]

    @property
    def amount(self) -> int:
        return sum(part.converted for part in self.parts)

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The rates it was made with."""
        return tuple(part.rate for part in self.parts if part.rate.source != self.currency)


@dataclass(frozen=True)
class ExchangeRates:
    """A table of dated rates. What counts on a day, each with the latest rate on or before it, is the first that there is:

    1. the pair itself;
    2. the reverse pair, one divided by its rate;
    3. a cross rate: both pairs with one third currency, multiplied, dated as the older of the two. Of several third
       currencies the one with the newest such date is taken, then the one in most pairs.

    Nothing is chained further. Rates have 28 figures; only amounts are rounded, once each.
    """

    table: Mapping[tuple[str, str], tuple[Rate, ...]]

    @staticmethod
    def of(rates: list[Rate]) -> "ExchangeRates":
        by_pair: dict[tuple[str, str], list[Rate]] = {}
        for rate in sorted(rates, key=lambda entry: entry.day):
            by_pair.setdefault((rate.source, rate.target), []).append(rate)
        return ExchangeRates({pair: tuple(entries) for pair, entries in by_pair.items()})

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
        if (rate := self._found(source, target, on)) is None:
            raise _missing([source], target, on)
        return rate

    def _found(self, source: str, target: str, on: date) -> Rate | None:
        if source == target:
            return Rate(on, source, target, Decimal(1))
        return self._pair(source, target, on) or self._cross(source, target, on)

    def _pair(self, source: str, target: str, on: date) -> Rate | None:
        """By the pair itself, or the reverse one."""
        if (rate := self._latest(source, target, on)) is not None:
            return rate
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

    def total(self, amounts: Mapping[str, int], target: str, on: date) -> ConvertedTotal:
        """The sum of amounts per currency (minor units) in one reporting currency.

        Each amount is rounded once, half to even, and then added. Raises Refused, naming every currency without a rate.
        """
        if lacking := [source for source in amounts if self._found(source, target, on) is None]:
            raise _missing(lacking, target, on)
        parts = (
            ConvertedAmount(minor, self.rate(source, target, on), self.converted(minor, source, target, on))
            for source, minor in amounts.items()
        )
        return ConvertedTotal(target, tuple(parts))


def _missing(sources: list[str], target: str, on: date) -> Refused:
    return Refused(
        f"There is no rate from {' or '.join(sources)} to {target} on or before {on}.",
        "no_rate",
        source=", ".join(sources),
        target=target,
    )
