"""What habits had a customer shown strictly before a day: with which invoices it is late, how late, and on which days it pays?

Sums of integers over a customer's events again (`timeline`), one column per value: weekday, part of the month, days late. The
whole ledger's shares, towards which a customer's are drawn, are daily counts (`daily_habits`). Rows are computed in pieces that
fit a processor's cache; none depends on another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from insights.features.events import Events, SnapshotRows
from insights.features.timeline import FIRST_DAY, PRIOR, Timeline, keys, ratio
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
    run = np.unique(keys(events.customer[paid], events.paid[paid]), return_index=True)[1]  # one of each customer and day
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
class Answers:
    """The customers' invoices by the day of their on-time line, and what is known of them (bool each).

    first, now: numbers of events before the row's customer, and before its day. rate: the customer's smoothed share late.
    """

    timeline: Timeline
    known: npt.NDArray[np.bool_]
    missed: npt.NDArray[np.bool_]
    start: Ints
    now: Ints
    rate: Floats


def alike(events: Events, rows: SnapshotRows, answers: Answers, amounts: Ints, own_amount: Ints) -> dict[str, Floats]:
    """The customer's shares late of invoices like this one, drawn towards its own share late with the weight of PRIOR invoices.

    `amounts`, `own_amount`: of events and rows, in thousandths of the usual amount.
    """
    weekday, part = weekday_of(rows.due), part_of_month(rows.due)
    by_weekday = _by_value(answers, weekday_of(events.due), WEEK)
    by_part = _by_value(answers, part_of_month(events.due), PARTS)
    late: dict[str, list[Floats]] = {"weekday": [], "weekend": [], "part_of_month": []}
    for piece in pieces(len(rows)):
        counts, row = by_weekday.of(piece), np.arange(piece.stop - piece.start)
        ends = counts[:, :, WEEKEND:].sum(axis=2)
        weekend = np.where(weekday[piece] >= WEEKEND, ends, counts.sum(axis=2) - ends)
        rate = answers.rate[piece]
        late["weekday"].append(drawn(counts[:, row, weekday[piece]], rate))
        late["weekend"].append(drawn(weekend, rate))
        late["part_of_month"].append(drawn(by_part.of(piece)[:, row, part[piece]], rate))
    terms = _terms(events.issue, events.due), _terms(rows.issue, rows.due)
    band = np.searchsorted(BANDS, amounts, side="right"), np.searchsorted(BANDS, own_amount, side="right")
    return {
        **{f"late_share_same_{name}": np.concatenate(parts) for name, parts in late.items()},
        "late_share_same_terms": _of_value(events, rows, answers, *terms),
        "late_share_same_amount_band": _of_value(events, rows, answers, *band),
    }


def drawn(counts: Ints, rate: Floats) -> Floats:
    """Missed over known (counts[1] over counts[0]), drawn towards a rate."""
    out: Floats = (counts[1] + PRIOR * rate) / (counts[0] + PRIOR)
    return out


@dataclass(frozen=True)
class _Sums:
    """Cumulative sums by value: int32[what, events + 1, values], and where each row reads them."""

    sums: tuple[npt.NDArray[np.int32], ...]
    start: Ints
    now: Ints

    def of(self, piece: slice) -> Ints:
        """int64[what, rows, values] of a customer's events before the row's day."""
        return np.stack([sums[self.now[piece]] - sums[self.start[piece]] for sums in self.sums]).astype(np.int64)


def _by_value(answers: Answers, value: Ints, many: int) -> _Sums:
    sums = tuple(cumulated(answers.timeline, value, which, many) for which in (answers.known, answers.missed))
    return _Sums(sums, answers.start, answers.now)


def cumulated(timeline: Timeline, value: Ints, which: npt.NDArray[np.bool_], many: int) -> npt.NDArray[np.int32]:
    """int32[events + 1, many]: how many of the events so far, in the timeline's order, have each value and count (`which`)."""
    value, which = value[timeline.order], which[timeline.order]
    out = np.zeros((len(value) + 1, many), np.int32)
    out[np.arange(1, len(value) + 1), value] = which
    np.cumsum(out, axis=0, out=out)
    return out


def _of_value(events: Events, rows: SnapshotRows, answers: Answers, value: Ints, own: Ints) -> Floats:
    """The share late of a customer's invoices with the row's value, of which there are too many for a column each."""
    many = LONGEST_TERMS + 2
    timeline = Timeline(events.customer.astype(np.int64) * many + value, events.due_by)
    wanted = rows.customer.astype(np.int64) * many + own
    order = np.argsort(keys(wanted, rows.at), kind="stable")  # sorted queries make the binary searches cheap
    start, now = (timeline.before(keys(wanted[order], when)) for when in (FIRST_DAY, rows.at[order]))
    out = np.empty(len(rows))
    sums = (timeline.sums(which) for which in (answers.known, answers.missed))
    out[order] = drawn(np.stack([cumulative[now] - cumulative[start] for cumulative in sums]), answers.rate[order])
    return out


def _terms(issue: Days, due: Days) -> Ints:
    return np.asarray(np.clip(due.astype(np.int64) - issue, -1, LONGEST_TERMS) + 1)


# ---------------------------------------------------------------- how late, and on which days


def paying(events: Events, rows: SnapshotRows, now: Ints, start: Ints, everybody: tuple[Ints, Ints]) -> dict[str, Floats]:
    """How late the customer's payments came, as quantiles and shares, and the weekdays of its payment runs.

    A run is a day on which the customer paid something. now, start: the rows' keys, and those of their customers' beginning.
    everybody: int64[days, DAILY_HABITS], the whole ledger's counts before each day, and which of these days is the row's.
    """
    paid = payments(events)
    timeline = Timeline(events.customer[paid], events.paid[paid])
    first = np.zeros(len(paid), np.bool_)
    first[timeline.order] = np.append(True, timeline.key[1:] != timeline.key[:-1])[: len(paid)]
    weekday, every = weekday_of(events.paid[paid]), np.ones(len(paid), np.bool_)
    reads = timeline.before(start), timeline.before(now)
    days_late = _Sums((cumulated(timeline, bin_of(events, paid), every, BINS),), *reads)
    runs = _Sums((cumulated(timeline, weekday, first, WEEK),), *reads)
    known, day = everybody
    usual = [ratio(part, part.sum(axis=1, keepdims=True) * np.ones(part.shape[1])) for part in np.split(known, [BINS], axis=1)]
    columns: list[Mapping[str, npt.NDArray[Any]]] = []
    for piece in pieces(len(rows)):
        shares = [
            drawn_shares(sums.of(piece)[0], prior[day[piece]]) for sums, prior in zip((days_late, runs), usual, strict=True)
        ]
        columns.append({**_days_late(shares[0]), **_weekdays(shares[1], rows.take(piece))})
    return {name: np.concatenate([part[name] for part in columns]) for name in columns[0]}


def drawn_shares(counts: Ints, prior: Floats) -> Floats:
    """float64[rows, values] that sum to 1: counts, drawn towards the ledger's shares with the weight of PRIOR."""
    out: Floats = (counts + PRIOR * prior) / (counts.sum(axis=1, keepdims=True) + PRIOR)
    return out


def _days_late(share: Floats) -> Mapping[str, Floats]:
    """Quantiles, spread evenly over the bin that they fall into, and shares."""
    up_to, row = np.cumsum(share, axis=1), np.arange(len(share))
    out = {}
    for name, quantile in QUANTILES.items():
        place = np.minimum((up_to < quantile - SLACK).sum(axis=1), BINS - 1)
        inside = ratio(quantile - up_to[row, place] + share[row, place], share[row, place])
        out[name] = LOWER[place] + (UPPER - LOWER)[place] * inside
    return out | {name: share[:, begin:end].sum(axis=1) for name, (begin, end) in SHARES.items()}


def _weekdays(share: Floats, rows: SnapshotRows) -> Mapping[str, npt.NDArray[Any]]:
    """Where the due date lies among the days on which the customer pays, were there one run a week."""
    week, row = np.arange(WEEK), np.arange(len(rows))
    due, today = weekday_of(rows.due), weekday_of(rows.at)
    ahead = (week - today[:, None]) % WEEK  # days until each weekday
    left = np.maximum(rows.due.astype(np.int64) - rows.at + 1, 0)  # days left to pay on, the due date included
    weeks, rest = left // WEEK, left % WEEK
    usual = share.argmax(axis=1)
    unknown = np.isnan(share[:, 0])
    out: dict[str, npt.NDArray[Any]] = {
        "run_weekday_share": share[row, usual],
        "run_due_weekday_share": share[row, due],
        "run_days_before_due": (share * ((due[:, None] - week) % WEEK)).sum(axis=1),
        "run_days_after_due": (share * ((week - due[:, None]) % WEEK)).sum(axis=1),
        "run_days_left": weeks + np.where(ahead < rest[:, None], share, 0).sum(axis=1),
        "usual_weekday_before_due": (due - usual) % WEEK,
        "usual_weekdays_left": weeks + (ahead[row, usual] < rest),
        "usual_weekday_ahead": ahead[row, usual],
    }
    return {name: np.where(unknown, np.nan, column) for name, column in out.items()}


def pieces(many: int) -> list[slice]:
    """Slices of at most PIECE rows; one empty one where there are none."""
    return [slice(begin, min(begin + PIECE, many)) for begin in range(0, max(many, 1), PIECE)]
