"""What habits had a customer shown strictly before a day: with which invoices it is late, how late, and on which days it pays?

Sums of integers over a customer's events again (`timeline`), one column per value: weekday, part of the month, days late. The
whole ledger's shares, towards which a customer's are drawn, are daily counts (`daily_habits`). What orders the events comes
back as a function that reads them for some rows; no row depends on another.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from insights.features.events import Events, SnapshotRows
from insights.features.timeline import FIRST_DAY, PRIOR, Timeline, keys, ratio, sorted_order
from insights.ledger.ledger import NEVER, Days, Floats, Ints

# Upper edges of the histogram of days late, each included; one bin lies beyond the last.
EDGES: Final = np.array([-14, -7, -3, -1, 0, 1, 2, 3, 5, 7, 10, 20], np.int64)
LOWER, UPPER = np.append(-30.0, EDGES), np.append(EDGES, 60.0)  # of the bins; the outermost end somewhere
BINS, WEEK, PARTS = len(EDGES) + 1, 7, 6  # bins, weekdays, parts of a month
WEEKEND = 5
DAILY_HABITS = BINS + WEEK  # rows of the daily counts
QUANTILES: Final = {
    "days_late_p10": 0.1,
    "days_late_p25": 0.25,
    "days_late_p50": 0.5,
    "days_late_p75": 0.75,
    "days_late_p90": 0.9,
}
SLACK = 1e-9  # so that a share that reaches a quantile exactly does so whatever the rounding
SHARES: Final = {  # bins from, to
    "paid_week_early_share": (0, 2),
    "paid_just_before_due_share": (3, 5),
    "paid_on_due_date_share": (4, 5),
    "paid_days_late_1_to_3_share": (5, 8),
    "paid_days_late_4_to_10_share": (8, 11),
}
LONGEST_TERMS = 510  # days told apart
BANDS = 1000 * 4.0 ** np.arange(-5, 10)  # two octaves each, of amounts in thousandths of the usual
PIECE = 1 << 15  # rows at a time


def daily_habits(events: Events, low: int, width: int) -> Ints:
    """int64[DAILY_HABITS, width]: payments by days late, then payment runs by weekday, of everybody on each day from `low`."""
    paid = payments(events)
    day = np.clip(events.paid[paid] - low, 0, width - 1).astype(np.int64)
    late = np.bincount(bin_of(events, paid) * width + day, minlength=BINS * width).reshape(BINS, width)
    timeline = Timeline(events.customer[paid], events.paid[paid])
    run = timeline.order[timeline.begins]  # one of each customer and day
    weekday = weekday_of(events.paid[paid][run])
    runs = np.bincount(weekday * width + day[run], minlength=WEEK * width).reshape(WEEK, width)
    return np.concatenate([late, runs])


def payments(events: Events) -> Ints:
    """The invoices that say how a customer pays."""
    return np.flatnonzero(events.complete & (events.paid != NEVER)).astype(np.int64)


def bin_of(events: Events, which: Ints) -> Ints:
    return np.searchsorted(EDGES, events.paid[which].astype(np.int64) - events.due_by[which]).astype(np.int64)


def weekday_of(days: Days) -> Ints:
    """0 for a Monday."""
    return np.asarray((days.astype(np.int64) + 3) % WEEK)  # 1970-01-01 was a Thursday


def part_of_month(days: Days) -> Ints:
    """0 for the first five days, 5 for what follows the 25th."""
    dates = days.astype("datetime64[D]")
    day = (dates - dates.astype("datetime64[M]")).astype(np.int64)
    return np.asarray(np.minimum(day // 5, PARTS - 1))


@dataclass(frozen=True)
class Answered:
    """Of some rows: how many events lie before their customer, and before their day; and the customer's smoothed share late."""

    start: Ints
    now: Ints
    rate: Floats


Alike = Callable[[SnapshotRows, Ints, Answered], dict[str, Floats]]


def alike(events: Events, timeline: Timeline, marks: tuple[npt.NDArray[np.bool_], ...], amounts: Ints) -> Alike:
    """The customer's shares late of invoices like this one, drawn towards its own share late with the weight of PRIOR invoices.

    timeline: the customers' invoices by the day of their on-time line; marks: of which events it is known whether they met it,
    and which missed it. `amounts`, of the events, and those that rows come with are in thousandths of the usual amount.
    """
    by_weekday = _Sums.by_value(timeline, weekday_of(events.due), marks, WEEK)
    by_part = _Sums.by_value(timeline, part_of_month(events.due), marks, PARTS)
    by_terms = _of_value(events, marks, _terms(events.issue, events.due))
    by_band = _of_value(events, marks, np.searchsorted(BANDS, amounts, side="right"))

    def read(rows: SnapshotRows, amount: Ints, answered: Answered) -> dict[str, Floats]:
        weekday, row, rate = weekday_of(rows.due), np.arange(len(rows)), answered.rate
        counts = by_weekday.between(answered.start, answered.now)
        ends = counts[:, WEEKEND:].sum(axis=1)
        weekend = np.where(weekday >= WEEKEND, ends, counts.sum(axis=1) - ends)
        of_part = by_part.between(answered.start, answered.now)
        return {
            "late_share_same_weekday": drawn(counts[:, weekday, row], rate),
            "late_share_same_weekend": drawn(weekend, rate),
            "late_share_same_part_of_month": drawn(of_part[:, part_of_month(rows.due), row], rate),
            "late_share_same_terms": by_terms(rows, _terms(rows.issue, rows.due), rate),
            "late_share_same_amount_band": by_band(rows, np.searchsorted(BANDS, amount, side="right"), rate),
        }

    return read


def drawn(counts: Ints, rate: Floats) -> Floats:
    """Missed over known (counts[1] over counts[0]), drawn towards a rate."""
    out: Floats = (counts[1] + PRIOR * rate) / (counts[0] + PRIOR)
    return out


@dataclass(frozen=True)
class _Sums:
    """Cumulative sums by value: int32[values, events + 1] each."""

    sums: tuple[npt.NDArray[np.int32], ...]

    @classmethod
    def by_value(cls, timeline: Timeline, value: Ints, marks: Iterable[npt.NDArray[np.bool_]], many: int) -> "_Sums":
        return cls(tuple(cumulated(timeline, value, which, many) for which in marks))

    def between(self, start: Ints, now: Ints) -> Ints:
        """int64[what, values, rows] of the events of each row from one number of events to another."""
        return np.stack([sums.take(now, axis=1) - sums.take(start, axis=1) for sums in self.sums]).astype(np.int64)


def cumulated(timeline: Timeline, value: Ints, which: npt.NDArray[np.bool_], many: int) -> npt.NDArray[np.int32]:
    """int32[many, events + 1]: how many of the events so far, in the timeline's order, have each value and count (`which`)."""
    ordered = np.where(which, value, many).astype(np.uint8)[timeline.order]
    out = np.zeros((many, len(value) + 1), np.int32)
    for number, sums in enumerate(out):
        np.cumsum(ordered == number, out=sums[1:])
    return out


def _of_value(
    events: Events, marks: Iterable[npt.NDArray[np.bool_]], value: Ints
) -> Callable[[SnapshotRows, Ints, Floats], Floats]:
    """The share late of a customer's invoices with the row's value, of which there are too many for a column each."""
    many = LONGEST_TERMS + 2
    timeline = Timeline(events.customer.astype(np.int64) * many + value, events.due_by)
    sums = [timeline.counts(which) for which in marks]

    def read(rows: SnapshotRows, own: Ints, rate: Floats) -> Floats:
        wanted = rows.customer.astype(np.int64) * many + own
        order = sorted_order(keys(wanted, rows.at))  # sorted queries make the binary searches cheap
        start, now = (timeline.before(keys(wanted[order], when)) for when in (FIRST_DAY, rows.at[order]))
        out = np.empty(len(rows))
        out[order] = drawn(np.stack([cumulative[now] - cumulative[start] for cumulative in sums]).astype(np.int64), rate[order])
        return out

    return read


def _terms(issue: Days, due: Days) -> Ints:
    return np.asarray(np.clip(due.astype(np.int64) - issue, -1, LONGEST_TERMS) + 1)


# ---------------------------------------------------------------- how late, and on which days


Paying = Callable[[SnapshotRows, Ints, Ints, Ints], dict[str, npt.NDArray[Any]]]


def paying(events: Events, known: Ints) -> Paying:
    """How late the customer's payments came, as quantiles and shares, and the weekdays of its payment runs.

    A run is a day on which the customer paid something. known: int64[DAILY_HABITS, days], the whole ledger's counts before each
    day. Rows come with their keys, those of their customers' beginning, and which of these days is theirs.
    """
    paid = payments(events)
    timeline = Timeline(events.customer[paid], events.paid[paid])
    first = np.zeros(len(paid), np.bool_)
    first[timeline.order] = timeline.begins
    every = np.ones(len(paid), np.bool_)
    days_late = _Sums.by_value(timeline, bin_of(events, paid), [every], BINS)
    runs = _Sums.by_value(timeline, weekday_of(events.paid[paid]), [first], WEEK)
    usual = [ratio(part, np.broadcast_to(part.sum(axis=0), part.shape)) for part in np.split(known, [BINS])]

    def read(rows: SnapshotRows, now: Ints, start: Ints, day: Ints) -> dict[str, npt.NDArray[Any]]:
        reads = timeline.before(start), timeline.before(now)
        shares = [
            drawn_shares(sums.between(*reads)[0], prior.take(day, axis=1))
            for sums, prior in zip((days_late, runs), usual, strict=True)
        ]
        return {**_days_late(shares[0]), **_weekdays(shares[1], rows)}

    return read


def drawn_shares(counts: Ints, prior: Floats) -> Floats:
    """float64[values, rows] that sum to 1: counts, drawn towards the ledger's shares with the weight of PRIOR."""
    out: Floats = (counts + PRIOR * prior) / (counts.sum(axis=0) + PRIOR)
    return out


def _days_late(share: Floats) -> Mapping[str, Floats]:
    """Quantiles, spread evenly over the bin that they fall into, and shares."""
    up_to, row = np.cumsum(share, axis=0), np.arange(share.shape[1])
    out = {}
    for name, quantile in QUANTILES.items():
        place = np.minimum((up_to < quantile - SLACK).sum(axis=0), BINS - 1)
        inside = ratio(quantile - up_to[place, row] + share[place, row], share[place, row])
        out[name] = LOWER[place] + (UPPER - LOWER)[place] * inside
    return out | {name: share[begin:end].sum(axis=0) for name, (begin, end) in SHARES.items()}


def _weekdays(share: Floats, rows: SnapshotRows) -> Mapping[str, npt.NDArray[Any]]:
    """Where the due date lies among the days on which the customer pays, were there one run a week."""
    week, row = np.arange(WEEK)[:, None], np.arange(len(rows))
    due, today = weekday_of(rows.due), weekday_of(rows.at)
    ahead = (week - today) % WEEK  # days until each weekday
    left = np.maximum(rows.due.astype(np.int64) - rows.at + 1, 0)  # days left to pay on, the due date included
    weeks, rest = left // WEEK, left % WEEK
    usual = share.argmax(axis=0)
    unknown = np.isnan(share[0])
    out: dict[str, npt.NDArray[Any]] = {
        "run_weekday_share": share[usual, row],
        "run_due_weekday_share": share[due, row],
        "run_days_before_due": (share * ((due - week) % WEEK)).sum(axis=0),
        "run_days_after_due": (share * ((week - due) % WEEK)).sum(axis=0),
        "run_days_left": weeks + np.where(ahead < rest, share, 0).sum(axis=0),
        "usual_weekday_before_due": (due - usual) % WEEK,
        "usual_weekdays_left": weeks + (ahead[usual, row] < rest),
        "usual_weekday_ahead": ahead[usual, row],
    }
    return {name: np.where(unknown, np.nan, column) for name, column in out.items()}


def pieces(many: int) -> list[slice]:
    """Slices of at most PIECE rows; one empty one where there are none."""
    return [slice(begin, min(begin + PIECE, many)) for begin in range(0, max(many, 1), PIECE)]
