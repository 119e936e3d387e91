"""How does a customer usually pay: in which buckets month by month, and on which days?

Everything is of payments strictly before a day. What is claimed of a habit is claimed with its evidence, or not at all: payments
of one day are one decision, so days of payment are counted, not invoices. Whether a habit changed: `changed_habits`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import INVOICE, WRITE_OFF, Ints, Ledger, day, days
from insights.ledger.outcomes import BUCKETS, VERY_LATE, DueRules
from insights.portfolio.kpis import paid_before

LOOKED_AT = 730  # days before the as-of date
MOST_WINDOW = 7  # days of a month that still are "the usual ones"
MOST_OF_THEM = 0.6  # of the days of payment must lie there, and of due dates be paid so many days after
WEEK, WORKDAYS, MONTH = 7, 5, 30.4
LEAST_FOR_HABIT, LEAST_SHARE = 10, 0.4  # days of payment, or due dates; of them on the usual weekday
SOONEST, LATEST = -WEEK, 2 * WEEK  # days after the due date that are said by their weekday
Z = 1.96


def payment_history(
    ledger: Ledger, as_of: date, *, due_rules: DueRules | None = None, currency: str = "", by_amount: bool = False
) -> pa.Table:
    """How invoices settled before a date were settled, a row per month from the first such to the last one before the date.

    Columns: month (date32, its first day), on_time, late, very_late: int64, number of invoices, or with `by_amount` what they
    asked for in minor units of the currency, which then has to be named. Written off is very late; settled by a credit note says
    nothing of punctuality and is left out.
    """
    table = ledger.invoices
    if currency:
        table = table.filter(pc.equal(table["currency"], currency))
    written_off = pc.equal(table["settled_by"], WRITE_OFF).to_numpy() & (days(table["paid_date"]) < day(as_of))
    written_off &= pc.equal(table["kind"], INVOICE).to_numpy()
    chosen = paid_before(table, as_of) | written_off
    due, paid = days(table["due_date"])[chosen], days(table["paid_date"])[chosen]
    bucket = np.where(written_off[chosen], VERY_LATE, (due_rules or DueRules()).bucket(due, paid))
    weight = table["amount"].to_numpy()[chosen] if by_amount else np.ones(len(paid), np.int64)
    return _by_month(_month(paid), bucket, weight, int(_month(np.array([day(as_of) - 1]))[0]))


def _month(day_numbers: npt.NDArray[np.int32]) -> Ints:
    """Days since 1970-01-01 as months since then."""
    return np.asarray(day_numbers).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _by_month(month: Ints, bucket: Ints, weight: Ints, last: int) -> pa.Table:
    """Sums of a weight per month and bucket, months without any included."""
    months = np.arange(month.min(), max(last, month.max()) + 1) if len(month) else month
    sums = np.zeros((len(months), len(BUCKETS)), np.int64)
    np.add.at(sums, (month - months[0] if len(months) else month, bucket), weight)
    columns = {name: pa.array(sums[:, at]) for at, name in enumerate(BUCKETS)}
    return pa.table({"month": pa.array(months.astype("datetime64[M]").astype("datetime64[D]")), **columns})


@dataclass(frozen=True)
class AfterDue:
    """What falls due on a weekday a customer usually pays so many days after (below 0: before): `held` of `due_dates`."""

    weekday: int  # of the due date; 0 is Monday
    after: int
    held: int
    due_dates: int


@dataclass(frozen=True)
class PayingDays:
    """On which days a customer usually pays, of so many days of payment in the two years before; None where it has no habit.

    after_due: what it does with what falls due on a weekday, the surest first; only of weekdays where that is no chance.
    """

    days: int
    weekday: int | None  # 0 is Monday
    on_weekday: int  # days of payment on it
    month_days: tuple[int, int] | None  # first and last, perhaps over the month's end: (28, 3)
    in_month_days: int
    after_due: tuple[AfterDue, ...] = ()

    def of_due_date(self, due: date) -> AfterDue | None:
        """What it does with what falls due on the weekday of a date."""
        return next((habit for habit in self.after_due if habit.weekday == due.weekday()), None)


def paying_days(ledger: Ledger, as_of: date) -> PayingDays:
    """The usual weekday, and the shortest run of days of the month that holds most payments, if either is no chance.

    No chance: even the low end of the share (Wilson, 95 per cent) is above what would lie there if every day were alike.
    """
    chosen = paid_before(ledger.invoices, as_of)
    paid, due = (days(ledger.invoices[name])[chosen] for name in ("paid_date", "due_date"))
    recent = paid >= day(as_of) - LOOKED_AT
    after_due = _after_due(due[recent].astype(np.int64), paid[recent].astype(np.int64))
    paid = np.unique(paid[recent])
    many = len(paid)
    weekday = np.bincount((paid.astype(np.int64) + 3) % WEEK, minlength=WEEK)  # 1970-01-01 was a Thursday
    of_month = np.array([(date(1970, 1, 1) + timedelta(days=int(day))).day for day in paid], np.int64)
    most = int(weekday.max())
    is_habit = many >= LEAST_FOR_HABIT and most >= LEAST_SHARE * many and at_least(most, many) > 1 / WORKDAYS
    usual = int(weekday.argmax()) if is_habit else None
    window, inside = _window(of_month)
    return PayingDays(many, usual, most if is_habit else 0, window, inside, after_due)


def _after_due(due: Ints, paid: Ints) -> tuple[AfterDue, ...]:
    """By weekday of the due date the commonest number of days until payment; until the last one, where there are several.

    No chance: on that day lies more than would if the days of a working week were alike, by the low end of the share.
    """
    dates, place = np.unique(due, return_inverse=True)
    after = np.full(len(dates), np.iinfo(np.int64).min)
    np.maximum.at(after, place, paid - due)
    habits = []
    for weekday in range(WEEK):
        mine = after[(dates + 3) % WEEK == weekday]
        values, counts = np.unique(mine[(mine >= SOONEST) & (mine <= LATEST)], return_counts=True)
        held = int(counts.max(initial=0))
        if len(mine) < LEAST_FOR_HABIT or held < MOST_OF_THEM * len(mine) or at_least(held, len(mine)) <= 1 / WORKDAYS:
            continue
        habits.append(AfterDue(weekday, int(values[counts.argmax()]), held, len(mine)))
    return tuple(sorted(habits, key=lambda habit: (-at_least(habit.held, habit.due_dates), habit.weekday)))


def _window(of_month: Sequence[int] | Ints) -> tuple[tuple[int, int] | None, int]:
    """The shortest run of days of the month with most of the payments, and how many it holds."""
    many = len(of_month)
    if many < LEAST_FOR_HABIT:
        return None, 0
    counts = np.bincount(of_month, minlength=32)[1:]
    for length in range(1, MOST_WINDOW + 1):
        inside = [int(np.take(counts, range(first, first + length), mode="wrap").sum()) for first in range(31)]
        best = int(np.argmax(inside))
        if inside[best] >= MOST_OF_THEM * many and at_least(inside[best], many) > length / MONTH:
            return (best + 1, (best + length - 1) % 31 + 1), inside[best]
    return None, 0


def at_least(part: int, whole: int) -> float:
    """The low end of Wilson's interval (95 per cent) of a share.

    >>> round(at_least(8, 10), 2)
    0.49
    """
    share, spread = part / whole, Z * Z / whole
    return float((share + spread / 2 - Z * np.sqrt(share * (1 - share) / whole + spread / whole / 4)) / (1 + spread))
