"""How is said how a customer pays: whether later than it used to, and on which days?"""

from collections.abc import Sequence
from typing import Final, Protocol

from insights.messages.plurals import noun
from insights.messages.reasons import WEEKDAYS


class Trend(Protocol):
    """As `portfolio.DaysLateTrend`."""

    @property
    def before(self) -> float: ...
    @property
    def now(self) -> float: ...
    @property
    def later(self) -> float: ...
    @property
    def invoices_before(self) -> int: ...
    @property
    def invoices_now(self) -> int: ...
    @property
    def change(self) -> float: ...
    @property
    def worse(self) -> bool: ...
    @property
    def better(self) -> bool: ...


class OfWeekday(Protocol):
    """As `portfolio.AfterDue`."""

    @property
    def weekday(self) -> int: ...
    @property
    def after(self) -> int: ...
    @property
    def held(self) -> int: ...
    @property
    def due_dates(self) -> int: ...


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
    @property
    def after_due(self) -> Sequence[OfWeekday]: ...


MOST_WEEKDAYS: Final = 3  # of due dates, in a list of habits


def trend(trend: Trend) -> str:
    """`Pays worse than its own habit: on average 17.0 days late in the last 90 days (13 invoices), 7.6 in the year before ...`"""
    verdict = "No change that the evidence carries"
    if trend.worse:
        verdict = "Pays worse than its own habit"
    if trend.better:
        verdict = "Pays better than its own habit"
    count = f"{trend.invoices_now} {noun(trend.invoices_now, 'invoice')}"
    return (
        f"{verdict}: on average {days_late(trend.now)} in the last 90 days ({count}), "
        f"{days_late(trend.before)} in the year before those ({trend.invoices_before}). "
        f"Of a recent day of payment and one before, the recent one was later in {100 * trend.later:.0f} of 100 pairs."
    )


def days_late(days: float) -> str:
    """`7.6 days late`, `2.0 days early`."""
    return f"{abs(days):.1f} days {'early' if days < 0 else 'late'}"


def changed(trend: Trend) -> str:
    """`pays 9 days later than in the year before: 14 invoices, 31 before`, for the telephone."""
    count = f"{trend.invoices_now} {noun(trend.invoices_now, 'invoice')}"
    return f"{short(trend)} than in the year before: {count}, {trend.invoices_before} before"


def short(trend: Trend) -> str:
    """`pays 9 days later`, the mark in lists."""
    many = round(abs(trend.change))
    return f"pays {many} {noun(many, 'day')} {'later' if trend.change > 0 else 'sooner'}"


def rule(looked_at: int, changed: int, share: float) -> str:
    """What the list of changed habits stands on, and what it does not say."""
    return (
        f"{changed} of {looked_at} {noun(looked_at, 'customer')} with six days of payment or more in the last 90 days and in the "
        f"year before those. Days of payment are compared by rank (Mann and Whitney), and all customers are judged together "
        f"(Benjamini and Hochberg): of all that are called changed, on average {100 * share:.0f}% at most are so by "
        f"chance. Who has stopped paying is not here, but overdue."
    )


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
    return [*sentences, *(after_due(of_weekday) for of_weekday in habit.after_due[:MOST_WEEKDAYS])]


def after_due(habit: OfWeekday) -> str:
    """`Invoices due on a Sunday it pays the Thursday after: 9 of 14 such due dates in two years.`"""
    paid_on = WEEKDAYS[(habit.weekday + habit.after) % len(WEEKDAYS)]
    weeks = -(-habit.after // len(WEEKDAYS))  # 0 before, 1 in the week after, 2 in the one after that
    if habit.after == 0:
        when = "on that day"
    elif habit.after < 0:
        when = f"the {paid_on} before"
    else:
        when = f"the {'second ' if weeks > 1 else ''}{paid_on} after"
    held = f"{habit.held} of {habit.due_dates} such due dates in two years"
    return f"Invoices due on a {WEEKDAYS[habit.weekday]} it pays {when}: {held}."


def ordinal(number: int) -> str:
    """`ordinal(3) == "3rd"`, `ordinal(11) == "11th"`."""
    teens = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
