"""When will an open invoice be paid? A date, a range, and how sure that is.

One distribution per invoice. Its mass up to the on-time line is P(on time), up to the very-late line P(on time) + P(late);
how the mass lies within a bucket is learned from when invoices of that bucket were paid, the customer's own drawn towards
everybody's. So it is monotone, never in the past, and date and bucket cannot contradict each other:

    as of ....... on-time line ............ very-late line ............
      p(on time), by its    | p(late), by days   | p(very late), by chance of payment per day
      age, then by the days | after the line     | so long after the line
      before the line       |                    |
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from insights.features.events import Events, SnapshotRows
from insights.ledger.ledger import NEVER, Days, Ints
from insights.ledger.outcomes import LATE, free_days
from insights.model.early_payments import FARTHEST, HALF_LIFE, NEAR, PRIOR, AgeCounts, EarlyPayments, from_today, paid_on_time

Floats = npt.NDArray[np.float64]

BEFORE = 90  # days before the on-time line that are told apart in what a model keeps
TAIL = np.array([0, 1, 2, 3, 5, 8, 12, 17, 24, 33, 45, 60, 80, 105, 140, 180, 240, 320, 430, 570, 760])  # days past a line
HORIZON = 730  # days ahead from which there is no end in sight
SHARE = 0.8  # of the invoices that should be paid within their range
TOO_SURE = 0.03  # by its own account a model errs towards more
OWN_ACCOUNT = 200  # invoices' worth of that account beside what held on past days
TAILS: Final = tuple(number / 100 for number in range(4, 26))  # at least half of any range's mass stays
CHUNK = 20_000  # rows at a time, which bounds the memory
WORKING_WEEK = "1111100"  # Monday to Friday
EVEN = 1 / 7  # of the payments, were all weekdays alike
HIGH, MEDIUM, LOW = "High", "Medium", "Low"


@dataclass(frozen=True)
class PaymentDelays:
    """What was known of timing on the training date.

    on_time: share by days before the line (0 first; the last: or more);
    late: share by days after it (1 first); hazard: chance of payment per day, per span of TAIL past the very-late line;
    week: "1" per weekday, Monday first, on which payments arrive; tail: the share left out of the range at either end;
    half_life: days after which an early payment counts half, None where all count alike.
    """

    on_time: tuple[float, ...]
    late: tuple[float, ...]
    hazard: tuple[float, ...]
    week: str = WORKING_WEEK
    tail: float = 0.1
    half_life: float | None = HALF_LIFE

    def to_json(self) -> dict[str, Any]:
        values = asdict(self)
        return values | {"trim": values.pop("tail")}  # as it is called on disk

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "PaymentDelays":
        on_time, late, hazard = (tuple(values[name]) for name in ("on_time", "late", "hazard"))
        return cls(on_time, late, hazard, values["week"], values["trim"], values.get("half_life"))


@dataclass(frozen=True)
class Dates:
    """Per invoice, int32 days since 1970-01-01; `high` is NEVER where no end is in sight."""

    expected: Days
    low: Days
    high: Days


def fit(events: Events, at: int) -> PaymentDelays:
    """The timing of everybody, from what was known strictly before day `at`."""
    early, (_, late) = np.minimum(paid_on_time(events, at).paid, BEFORE), paid_late(events, at)
    seen = (
        np.minimum(np.minimum(events.closed, events.paid), at - 1).astype(np.int64) - events.very_late_after
    )  # days watched past the line
    watched = events.complete & (events.issue < at) & (seen > 0)
    paid = watched & (events.paid < at)
    at_risk = np.clip(seen[watched, None], TAIL[:-1], TAIL[1:]) - TAIL[:-1]
    payments = np.histogram(seen[paid], bins=TAIL + 0.5)[0]
    hazard = chances(payments, at_risk.sum(axis=0))
    return PaymentDelays(
        tuple(shares(np.bincount(early, minlength=BEFORE + 1))),
        tuple(shares(np.bincount(late, minlength=events.very_late_days))),
        hazard,
        payment_week(events.paid[events.complete & (events.paid < at)]),
    )


def chances(payments: Ints, days_at_risk: Ints) -> tuple[float, ...]:
    """Payments per day at risk and span, each drawn towards the span before with the weight of 20 days, the first to all."""
    out = []
    drawn = (payments.sum() + 0.05) / (days_at_risk.sum() + 5)
    for count, exposed in zip(payments.tolist(), days_at_risk.tolist(), strict=True):
        drawn = (count + 20 * drawn) / (exposed + 20)
        out.append(float(drawn))
    return tuple(out)


def payment_week(paid: Days) -> str:
    """Monday to Friday, and a day of the weekend where it has at least half of an even share of the payments."""
    share = np.bincount((paid + 3) % 7, minlength=7) / max(len(paid), 1)  # 1970-01-01 was a Thursday
    return "".join("1" if weekday < 5 or share[weekday] >= EVEN / 2 else "0" for weekday in range(7))


def shares(counts: Ints) -> list[float]:
    """Counts as shares that sum to 1, none of them 0."""
    drawn = counts + 0.02
    out: list[float] = (drawn / drawn.sum()).tolist()
    return out


def paid_late(events: Events, at: int) -> tuple[Ints, Ints]:
    """(events, days after the line less one) of what was paid late, lines before day `at`."""
    past = events.paid.astype(np.int64) - events.due_by
    usable = events.complete & (events.paid < at) & (events.very_late_after < at)
    late = np.flatnonzero(usable & (events.bucket == LATE))
    return late, past[late] - 1


# ---------------------------------------------------------------- the distribution of each invoice


@dataclass(frozen=True)
class Cells:
    """Mass (float64[n, days]) by day from `first` on, up to the very-late line; the rest lies after. Nothing lies before."""

    first: Ints
    mass: Floats
    after: Floats  # mass after the very-late line
    age: Ints  # days past the very-late line that have gone by unpaid
    end: Ints  # the very-late line

    @property
    def up_to(self) -> Floats:
        out: Floats = np.cumsum(self.mass, axis=1)
        return out


class PaymentDateDistribution:
    """A timing with the customers' own of one as-of day, for any open invoices of that day."""

    def __init__(
        self,
        timing: PaymentDelays,
        events: Events,
        at: int,
        customers: npt.NDArray[np.int32],
        everybody: AgeCounts | None = None,
    ) -> None:
        """`everybody`: counts of the whole ledger, where `events` are a part of it."""
        self.timing, self.at, self.n = timing, at, events.very_late_days
        self.codes = np.unique(customers)
        self.early = EarlyPayments(events, at, self.codes, timing.on_time, everybody, half_life=timing.half_life)
        which, place = paid_late(events, at)
        self.late = self._counts(events.customer[which], place, self.n)

    def _counts(self, customer: npt.NDArray[np.int32], place: Ints, width: int) -> npt.NDArray[np.float32]:
        """float32[customers, width]: how many of each customer's invoices, by day."""
        if not len(self.codes):
            return np.zeros((0, width), np.float32)
        own = np.minimum(np.searchsorted(self.codes, customer), len(self.codes) - 1)
        mine = self.codes[own] == customer
        flat = own[mine] * width + place[mine]
        return np.bincount(flat, minlength=len(self.codes) * width).reshape(-1, width).astype(np.float32)

    def cells(self, rows: SnapshotRows, predicted: Floats) -> Cells:
        line = rows.due_by.astype(np.int64)
        back = int(np.clip((line - self.at).max(initial=NEAR), NEAR, FARTHEST))  # before the as-of date lies nothing
        first, end = line - back, line + self.n
        late = self.late[np.searchsorted(self.codes, rows.customer)] + PRIOR * np.array(self.timing.late)
        early = self.early.shares(rows, back) * predicted[:, [0]]
        late = from_today(late, self.at - line - 1) * predicted[:, [1]]
        age = np.maximum(0, self.at - 1 - end)
        return Cells(first, np.concatenate([early, late], axis=1), predicted[:, 2], age, end)

    def unpaid_after(self, rows: SnapshotRows, predicted: Floats, ahead: int) -> Floats:
        """P(not paid before the day `ahead` days after the as-of day), of invoices open on the as-of day, from their buckets."""
        parts = [self._unpaid_after(rows.take(part), predicted[part], self.at + ahead) for part in chunks(len(rows))]
        return np.concatenate(parts)

    def _unpaid_after(self, rows: SnapshotRows, predicted: Floats, until: int) -> Floats:
        cells = self.cells(rows, predicted)
        gone = np.arange(cells.mass.shape[1]) < (until - cells.first)[:, None]
        left = 1 - np.cumsum(np.where(gone, cells.mass, 0), axis=1)[:, -1] - cells.after  # in order, whatever the width
        age = np.maximum(until - 1 - cells.end, cells.age)  # days past the very-late line that will have gone by
        out: Floats = np.clip(left + cells.after * np.exp(self.risk(cells.age) - self.risk(age)), 0.0, 1.0)
        return out

    def risk(self, age: Ints) -> Floats:
        """The sum of the chances of payment per day up to so many days past the very-late line."""
        risk = np.concatenate([[0], np.cumsum(np.array(self.timing.hazard) * np.diff(TAIL))])
        out: Floats = np.interp(age, TAIL, risk) + np.maximum(age - TAIL[-1], 0) * self.timing.hazard[-1]
        return out

    def held(self, rows: SnapshotRows, predicted: Floats, paid: Days, until: int, calendar: str = "") -> tuple[Ints, Ints]:
        """By tail of TAILS: how many invoices were paid within the range that `dates` says, and of how many that is known.

        paid: their days of payment; what happened from day `until` on is not known, and so neither is it of a range that reaches
        up to there without a payment.
        """
        cells = self.cells(rows, predicted)
        held, judged = np.zeros(len(TAILS), np.int64), np.zeros(len(TAILS), np.int64)
        for number, tail in enumerate(TAILS):
            _, low, high = self._on_business_days(self._range(cells, tail), rows, calendar)
            known = (paid < until) | (high < until)
            judged[number] = known.sum()
            held[number] = (known & (paid < until) & (low <= paid) & (paid <= high)).sum()
        return held, judged

    def dates(self, rows: SnapshotRows, predicted: Floats, calendar: str = "") -> Dates:
        """Expected date (the median), and range, of invoices open on the day, from their three probabilities.

        Business days: of the calendar where one is given, else those on which this ledger's payments arrive.
        """
        parts = [self._dates(rows.take(part), predicted[part]) for part in chunks(len(rows))]
        expected, low, high = (np.concatenate([part[n] for part in parts]) for n in range(3))
        return Dates(*self._on_business_days((expected, low, high), rows, calendar))

    def _on_business_days(self, days: tuple[Ints, Ints, Ints], rows: SnapshotRows, calendar: str) -> tuple[Days, Days, Days]:
        """Expected day, low and high on business days; high is NEVER where no end is in sight."""
        expected, low, high = days
        endless = high - self.at > HORIZON
        rolled = [self._to_business_day(day, rows, calendar) for day in (expected, low, np.where(endless, self.at, high))]
        return rolled[0], rolled[1], np.where(endless, NEVER, rolled[2]).astype(np.int32)

    def _dates(self, rows: SnapshotRows, predicted: Floats) -> tuple[Ints, Ints, Ints]:
        return self._range(self.cells(rows, predicted), self.timing.tail)

    def _range(self, cells: Cells, tail: float) -> tuple[Ints, Ints, Ints]:
        """Median, low and high, with a share of `tail` left out at either end."""
        up_to = cells.up_to
        half = up_to - cells.mass / 2  # a day belongs to the range where the greater part of it does
        median = self._day(cells, (up_to < 0.5).sum(axis=1), 0.5)
        low = self._day(cells, (half < tail).sum(axis=1), tail)
        beyond = cells.after > tail
        place = np.where(beyond, half.shape[1], (half <= 1 - tail).sum(axis=1) - 1)
        high = self._day(cells, place, 1 - tail)
        return median, np.minimum(low, median), np.maximum(high, median)

    def _day(self, cells: Cells, place: Ints, share: float) -> Ints:
        """The day of a cell, or, past the last cell, the day by which `share` of the mass is reached; not after HORIZON."""
        inside = place < cells.mass.shape[1]
        left = np.clip((1 - share) / np.maximum(cells.after, 1e-12), 1e-12, 1)  # of those very late, still open then
        risk = np.concatenate([[0], np.cumsum(np.array(self.timing.hazard) * np.diff(TAIL))])
        last = self.timing.hazard[-1]
        wanted = self.risk(cells.age) - np.log(left)
        age = np.where(wanted > risk[-1], TAIL[-1] + (wanted - risk[-1]) / last, np.interp(wanted, risk, TAIL))
        later = cells.end + np.maximum(np.ceil(np.minimum(age, 1e6)).astype(np.int64), cells.age + 1)
        capped = np.minimum(later, np.maximum(self.at + HORIZON + 1, cells.end + 1))
        out: Ints = np.where(inside, cells.first + place, capped)
        return out

    def _to_business_day(self, days: Ints, rows: SnapshotRows, calendar: str) -> Days:
        """Days moved to business days: forward, or back where that would cross a line, not at all where neither is free."""
        line = rows.due_by.astype(np.int64)
        bucket = (days > line).astype(np.int64) + (days > line + self.n)
        begin = np.maximum(np.choose(bucket, [line - FARTHEST, line + 1, line + self.n + 1]), self.at)
        finish = np.choose(bucket, [line, line + self.n, np.full_like(line, np.iinfo(np.int64).max)])
        dates = days.astype("datetime64[D]")
        week = np.busdaycalendar(WORKING_WEEK if calendar else self.timing.week, free_days(calendar, dates))
        forward, back = (np.busday_offset(dates, 0, roll, busdaycal=week).astype(np.int64) for roll in ("forward", "backward"))
        moved = np.where(forward <= finish, forward, np.where(back >= begin, back, days))
        return np.asarray(moved, np.int32)

    def covered(self, rows: SnapshotRows, predicted: Floats) -> Floats:
        """The mean share of the mass within the range, by tail of TAILS."""
        cells = self.cells(rows, predicted)
        up_to = cells.up_to
        half = up_to - cells.mass / 2
        padded = np.concatenate([np.zeros((len(up_to), 1)), up_to], axis=1)
        row = np.arange(len(up_to))
        means = []
        for tail in TAILS:
            begin = padded[row, (half < tail).sum(axis=1)]
            finish = np.where(cells.after > tail, 1 - tail, padded[row, (half <= 1 - tail).sum(axis=1)])
            means.append(np.maximum(finish - begin, 0).mean())
        return np.array(means)


def chunks(many: int) -> Iterator[slice]:
    """Slices of CHUNK rows; one empty one where there are none."""
    return (slice(begin, begin + CHUNK) for begin in range(0, max(many, 1), CHUNK))


@dataclass(frozen=True)
class HeldRanges:
    """What came of ranges on past days that their model had not seen: by tail of TAILS, how many held, of how many (int64)."""

    held: Ints
    judged: Ints


NO_RANGES: Final = HeldRanges(np.zeros(len(TAILS), np.int64), np.zeros(len(TAILS), np.int64))


def with_fitted_tail(
    timing: PaymentDelays, events: Events, rows: SnapshotRows, predicted: Floats, past: HeldRanges = NO_RANGES
) -> PaymentDelays:
    """The timing with its ranges as wide as it takes for SHARE of invoices to be paid within.

    By what held on past days; where that is little, by the model's own account of these open invoices, all of one day, which
    is TOO_SURE. Where most invoices are paid on one and the same day of their bucket, a whole day holds more than its share, so
    those ranges hold more often than others.
    """
    if not len(rows):
        return timing
    own = PaymentDateDistribution(timing, events, int(rows.at[0]), rows.customer).covered(rows, predicted) - TOO_SURE
    share = (past.held + OWN_ACCOUNT * own) / (past.judged + OWN_ACCOUNT)
    return replace(timing, tail=TAILS[int(np.abs(share - SHARE).argmin())])


def confidence(dates: Dates, predicted: Floats, no_history: npt.NDArray[np.bool_]) -> npt.NDArray[np.str_]:
    """High, Medium or Low per invoice.

    Low: the customer has no history, no bucket reaches 50 per cent, or the range is longer than 60 days or without end.
    High: a bucket has 80 per cent or more, and the range is at most 14 days long. Medium: the rest.
    """
    likely = predicted.max(axis=1)
    length = np.where(dates.high == NEVER, HORIZON, dates.high.astype(np.int64) - dates.low)
    low = no_history | (likely < 0.5) | (length > 60)
    high = (likely >= 0.8) & (length <= 14)
    return np.where(low, LOW, np.where(high, HIGH, MEDIUM))
