"""How is said how a customer pays: whether worse than it used to, and on which days?"""

from typing import Protocol

from insights.messages.plurals import noun
from insights.messages.reasons import WEEKDAYS

MINUS = "\N{MINUS SIGN}"


class Trend(Protocol):
    """As `portfolio.DaysLateTrend`."""

    @property
    def before(self) -> float: ...
    @property
    def now(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def invoices_before(self) -> int: ...
    @property
    def invoices_now(self) -> int: ...
    @property
    def worse(self) -> bool: ...
    @property
    def better(self) -> bool: ...


class Habit(Protocol):
    """As `portfolio.PayingDays`."""

    @property
    def days(self) -> int: ...
    @property
    def weekday(self) -> int | None: ...
    @property
    def on_weekday(self) -> int: ...
    @property
    def month_days(self) -> tuple[int, int] | None: ...
    @property
    def in_month_days(self) -> int: ...


def trend(trend: Trend) -> str:
    """`Pays worse than its own habit: 17.0 days late in the last 90 days (13 invoices), 7.6 in the year before (55) ...`"""
    verdict = "no change that the evidence carries"
    if trend.worse:
        verdict = "pays worse than its own habit"
    if trend.better:
        verdict = "pays better than its own habit"
    count = f"{trend.invoices_now} {noun(trend.invoices_now, 'invoice')}"
    return (
        f"{verdict[0].upper()}{verdict[1:]}: on average {_days(trend.now)} in the last 90 days ({count}), "
        f"{_days(trend.before)} in the year before those ({trend.invoices_before}). "
        f"The difference is {_number(trend.now - trend.before)} days, with 95% confidence between {_number(trend.low)} and "
        f"{_number(trend.high)}."
    )


def _days(late: float) -> str:
    """`7.6 days late`, `2.0 days early`."""
    return f"{abs(late):.1f} days {'early' if late < 0 else 'late'}"


def _number(days: float) -> str:
    return f"{days:+.1f}".replace("-", MINUS)


def paying_days(habit: Habit) -> list[str]:
    """A sentence for each habit that there is."""
    of = f"of {habit.days} days of payment in two years"
    sentences = []
    if habit.weekday is not None:
        sentences.append(f"Pays most often on a {WEEKDAYS[habit.weekday]}: {habit.on_weekday} {of}.")
    if habit.month_days:
        first, last = habit.month_days
        when = f"on the {ordinal(first)}" if first == last else f"between the {ordinal(first)} and the {ordinal(last)}"
        sentences.append(f"Pays most often {when} of the month: {habit.in_month_days} {of}.")
    return sentences


def ordinal(number: int) -> str:
    """`ordinal(3) == "3rd"`, `ordinal(11) == "11th"`."""
    teens = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
