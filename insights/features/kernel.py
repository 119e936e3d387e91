"""What was known of an invoice, of its customer and of the whole ledger strictly before a day, as numbers?

One pure function, `features(events, rows, rates)`, in two passes. NumPy columns go in and come out; customers are
independent of each other, so that a ledger can be computed in partitions by customer with the same bits:

    events  = events_of(ledger, lines)            # what happened, per invoice
    rates   = daily_counts(events)                # daily counts of the whole ledger, mergeable with +
    columns = features(events, rows, rates)       # rows: (invoice, as-of day) pairs

Everything is a cumulative sum over a list of events sorted by customer and day, read at "the last state strictly before
the as-of day" by binary search. Sums are of integers, so neither the order of rows nor the partition changes a bit.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from insights.features import habits
from insights.features.events import AFTER, BEFORE, Events, SnapshotRows, after_days, labels_of
from insights.features.timeline import FIRST_DAY, Timeline, keys, log_ratio, ratio, smoothed, sorted_order
from insights.ledger.ledger import NEVER, Days, Ints

Columns = dict[str, npt.NDArray[np.float32]]

UNIT = 1000  # a relative amount of 1 (the currency's median) as an integer
BINS_PER_OCTAVE = 16  # of the amount histogram behind the median: 4 % wide
BLOCK = 28  # days between two medians
MANY = 50_000  # events from which groups of fields are computed two at a time


@dataclass(frozen=True)
class DailyCounts:
    """Counts of the whole ledger per day from `start` on (int64; row = what, column = day), and amounts by block.

    amounts: counts of issued invoices by (currency, block of days, bin of log2 of the amount). Both mergeable with +.
    """

    start: int
    daily: Ints
    amounts: Ints

    def __add__(self, other: "DailyCounts") -> "DailyCounts":
        if (self.start, self.daily.shape, self.amounts.shape) != (other.start, other.daily.shape, other.amounts.shape):
            message = "rates of different spans do not add up"
            raise ValueError(message)
        return DailyCounts(self.start, self.daily + other.daily, self.amounts + other.amounts)


# ---------------------------------------------------------------- the whole ledger, by day


FIRST, MISSED, SECOND, VERY_LATE = range(4)
SURVIVED_BEFORE, SURVIVED_AFTER = 4, 4 + len(BEFORE)
HABITS = SURVIVED_AFTER + len(AFTER)
DAILY = HABITS + habits.DAILY_HABITS


def daily_counts(events: Events, start: int | None = None, end: int | None = None, currencies: int | None = None) -> DailyCounts:
    """Daily counts of the whole ledger. For partitions, pass the span (`span`) and number of currencies of the whole."""
    low, high = (start, end) if start is not None and end is not None else span(events)
    labels = labels_of(events)
    width = high - low + 1
    daily = np.zeros((DAILY, width), np.int64)
    line = np.clip(events.due_by - low, 0, width - 1)
    last = np.clip(events.very_late_after - low, 0, width - 1)
    for number, mask in enumerate((labels.on_time_known, labels.missed_due)):
        daily[number] = np.bincount(line[mask], minlength=width)
    for number, mask in enumerate((labels.very_late_known, labels.very_late), SECOND):
        daily[number] = np.bincount(last[mask], minlength=width)
    for number in range(len(BEFORE)):
        daily[SURVIVED_BEFORE + number] = np.bincount(line[labels.before[number]], minlength=width)
    for number in range(len(AFTER)):
        daily[SURVIVED_AFTER + number] = np.bincount(last[labels.after[number]], minlength=width)
    daily[HABITS:] = habits.daily_habits(events, low, width)
    return DailyCounts(low, daily, amount_counts(events, low, high, currencies))


def span(events: Events) -> tuple[int, int]:
    """First and last day of which a whole ledger's rates speak."""
    if not len(events):
        return 0, 0
    paid = events.paid[events.paid != NEVER]
    last_line = int(events.due_by.max()) + events.very_late_days
    return int(events.issue.min()), max(last_line, int(paid.max(initial=last_line)))


def amount_counts(events: Events, low: int, high: int, currencies: int | None) -> Ints:
    many = currencies or int(events.currency.max(initial=0)) + 1
    blocks = (high - low) // BLOCK + 1
    bins = 63 * BINS_PER_OCTAVE
    flat = (events.currency.astype(np.int64) * blocks + (events.issue - low) // BLOCK) * bins + amount_bin(events.amount)
    return np.asarray(np.bincount(flat, minlength=many * blocks * bins).reshape(many, blocks, bins))


def amount_bin(amount: Ints) -> Ints:
    return np.asarray(np.floor(np.log2(np.maximum(amount, 1)) * BINS_PER_OCTAVE), np.int64)


def medians(rates: DailyCounts) -> npt.NDArray[np.float64]:
    """Median amount (minor units) by (currency, block), of the invoices issued strictly before the block; NaN if none.

    One block and one currency more than the rates have: the days after their span, and a currency they do not know.
    """
    known = np.pad(np.cumsum(rates.amounts, axis=1), ((0, 1), (1, 0), (0, 0)))
    total = known.sum(axis=2)
    middle = (np.cumsum(known, axis=2) * 2 >= np.maximum(total, 1)[:, :, None]).argmax(axis=2)
    return np.where(total > 0, 2.0 ** ((middle + 0.5) / BINS_PER_OCTAVE), np.nan)


def relative(
    amount: Ints, currency: npt.NDArray[np.int32], issue: Days, rates: DailyCounts, table: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Amount over the currency's median (`table`: `medians(rates)`) as of the issue date; NaN where the currency was new then."""
    block = np.clip((issue - rates.start) // BLOCK, 0, table.shape[1] - 1)
    times: npt.NDArray[np.float64] = amount / table[np.minimum(currency, len(table) - 1), block]
    return times


# ---------------------------------------------------------------- the fields


def features(events: Events, rows: SnapshotRows, rates: DailyCounts, *, habit: bool = True) -> Columns:
    """The fields of FIELDS that come from events, float32 per row, NaN where undefined (no history, no open invoice).

    Nothing that happened on or after a row's as-of day changes its values. `rates` are of the whole ledger, `events` of at
    least all invoices of the rows' customers. Without `habit`, the fields of that group are left out. Group by group the events
    are put in order, then rows read them in pieces that fit a processor's cache.
    """
    order = sorted_order(keys(rows.customer, rows.at))  # sorted queries make the binary searches cheap
    history = _History(events, rates, habit=habit)
    parts = [(order[piece], _Rows(history, rows.take(order[piece]))) for piece in habits.pieces(len(rows))]

    def computed(group: Callable[[_History], Read]) -> Columns:
        columns: Columns = {}
        read = group(history)
        for places, part in parts:
            for name, values in read(part).items():
                columns.setdefault(name, np.empty(len(rows), np.float32))[places] = values
        return columns

    if len(events) < MANY:
        return {name: column for group in GROUPS for name, column in computed(group).items()}
    with ThreadPoolExecutor(2) as threads:  # NumPy lets others run while it sorts and adds
        return {name: column for columns in threads.map(computed, GROUPS) for name, column in columns.items()}


class _History:
    """What the groups share: events, whole-ledger counts, and amounts in thousandths of the usual."""

    def __init__(self, events: Events, rates: DailyCounts, *, habit: bool) -> None:
        self.events, self.rates, self.medians, self.habit = events, rates, medians(rates), habit
        self.amounts = thousandths(self.relative(events.amount, events.currency, events.issue))
        self.known = np.concatenate([np.zeros((DAILY, 1), np.int64), np.cumsum(rates.daily, axis=1)], axis=1)
        self.by_line = Timeline(events.customer, events.due_by)

    def relative(self, amount: Ints, currency: npt.NDArray[np.int32], issue: Days) -> npt.NDArray[np.float64]:
        return relative(amount, currency, issue, self.rates, self.medians)


class _Rows:
    """A piece of the rows, in order: their keys, those of their customers' beginning, and their amounts over the usual."""

    def __init__(self, history: _History, rows: SnapshotRows) -> None:
        self.history, self.rows = history, rows
        self.now = keys(rows.customer, rows.at)
        self.start = keys(rows.customer, FIRST_DAY)
        self.unit = history.relative(rows.amount, rows.currency, rows.issue)
        self.amount = thousandths(self.unit)
        width = history.known.shape[1] - 1
        self.ledger_day = np.asarray(np.clip(rows.at - history.rates.start, 0, width), np.int64)  # a column of `known`

    def ago(self, number: int) -> Ints:
        """The keys, so many days earlier."""
        return keys(self.rows.customer, self.rows.at - number)

    def ledger_count(self, count: int | npt.NDArray[np.int64], since: int | None = None) -> Ints:
        """A count of the whole ledger strictly before each row's day, from `since` days earlier on (None: from the start)."""
        known = self.history.known
        until: Ints = known[count, self.ledger_day]
        if since is None:
            return until
        begin = np.clip(self.rows.at - since - self.history.rates.start, 0, known.shape[1] - 1)
        return np.asarray(until - known[count, begin])


Read = Callable[[_Rows], Mapping[str, npt.ArrayLike]]  # the fields of a group, of a piece of the rows


def thousandths(unit: npt.NDArray[np.float64]) -> Ints:
    """Relative amounts as integers of UNIT; the usual where there is none to compare with."""
    return np.where(np.isnan(unit), UNIT, np.minimum(unit * UNIT, 2.0**40)).astype(np.int64)


def _invoice(_: _History) -> Read:
    def read(part: _Rows) -> Mapping[str, npt.ArrayLike]:
        rows = part.rows
        return {
            "amount": np.log2(np.maximum(part.unit, 1e-6)),
            "terms_days": rows.due - rows.issue,
            "days_since_issue": rows.at - rows.issue,
            "days_to_due": rows.due - rows.at,
        }

    return read


def _calendar(_: _History) -> Read:
    def read(part: _Rows) -> Mapping[str, npt.ArrayLike]:
        rows = part.rows
        due = rows.due.astype("datetime64[D]")
        month = due.astype("datetime64[M]")
        weekday = (rows.due + 3) % 7  # 1970-01-01 was a Thursday
        at = rows.at.astype("datetime64[D]")
        return {
            "due_weekday": weekday,
            "due_day_of_month": (due - month.astype("datetime64[D]")).astype(np.int64) + 1,
            "due_days_to_month_end": ((month + 1).astype("datetime64[D]") - due).astype(np.int64) - 1,
            "due_on_weekend": weekday >= 5,
            "due_month": month.astype(np.int64) % 12 + 1,
            "workdays_to_due": np.busday_count(at, due + 1),  # those left to pay on, the due date included
        }

    return read


def _past(history: _History) -> Read:
    """How the customer's settled invoices were paid, by paid date."""
    events = history.events
    paid = np.flatnonzero(events.complete & (events.paid != NEVER))
    paid = paid[sorted_order(events.due_by[paid].astype(np.int64))]  # of payments on one day, those due later are the last
    customer, when, line, amount = events.customer[paid], events.paid[paid], events.due_by[paid], history.amounts[paid]
    timeline = Timeline(customer, when)
    late_by = when.astype(np.int64) - line
    late = late_by > 0
    days_late, squares, lates, weights, weighted = (
        timeline.sums(v) for v in (late_by, late_by**2, late, amount, np.where(late, amount, 0))
    )
    delays = timeline.sums(np.maximum(late_by, 0))
    ordered = when[timeline.order]
    latest_line = np.maximum.accumulate(keys(customer, line)[timeline.order]) if len(paid) else np.zeros(0, np.int64)

    def read(part: _Rows) -> Mapping[str, npt.ArrayLike]:
        rows = part.rows
        start, now = timeline.before(part.start), timeline.before(part.now)
        ago = {n: np.maximum(timeline.before(part.ago(n)), start) for n in (14, 60, 180, 365)}
        five, three = np.maximum(now - 5, start), np.maximum(now - 3, start)
        n = now - start
        mean = ratio(days_late[now] - days_late[start], n)
        spread = np.sqrt(np.maximum(ratio(squares[now] - squares[start], n) - mean**2, 0))
        # Weights of 8 within 60 days, 4 within 180, 2 within 365, 1 before: a decay that stays in integers.
        steps = [(now, ago[60], 8), (ago[60], ago[180], 4), (ago[180], ago[365], 2), (ago[365], start, 1)]
        decayed = ratio(sum(w * (days_late[b] - days_late[a]) for b, a, w in steps), sum(w * (b - a) for b, a, w in steps))
        recent = ratio(days_late[now] - days_late[ago[60]], now - ago[60])
        last_day = np.where(n > 0, ordered[np.maximum(now - 1, 0)] if len(paid) else 0, NEVER)
        newest = latest_line[np.maximum(now - 1, 0)] - keys(rows.customer, rows.due_by) if len(paid) else np.zeros(len(rows))
        return {
            "paid_count": n,
            "paid_count_365": now - ago[365],
            "paid_count_14": now - ago[14],
            "days_late_mean": mean,
            "days_late_spread": np.where(n > 1, spread, np.nan),
            "days_late_decayed": decayed,
            "days_late_last_5": ratio(days_late[now] - days_late[five], now - five),
            "days_late_last_3": ratio(days_late[now] - days_late[three], now - three),
            "days_late_60": recent,
            "days_late_365": ratio(days_late[now] - days_late[ago[365]], now - ago[365]),
            "days_late_change": recent - mean,
            "delay_mean": ratio(delays[now] - delays[start], n),
            "late_last_5": ratio(lates[now] - lates[five], now - five),
            "late_share_by_amount": ratio(weighted[now] - weighted[start], weights[now] - weights[start]),
            "paid_amount_ratio": log_ratio(part.unit, ratio(weights[now] - weights[start], n) / UNIT),
            "days_since_payment": np.where(n > 0, rows.at - last_day, np.nan),
            "overtaken_days": np.where(n > 0, np.clip(newest, -400, 400), np.nan),
        }

    return read


def _answers(history: _History) -> Read:
    """The customer's shares of lines missed, of all invoices whose line lay before the day, paid or not."""
    events, timeline = history.events, history.by_line
    labels = labels_of(events)
    first, missed, second, very_late = (
        timeline.sums(values) for values in (labels.on_time_known, labels.missed_due, labels.very_late_known, labels.very_late)
    )
    before, after = (np.stack([timeline.counts(values) for values in which]) for which in (labels.before, labels.after))
    n_days = events.very_late_days
    overdue = _overdue(history, timeline)
    known = (labels.on_time_known, labels.missed_due)
    alike = habits.alike(events, timeline, known, history.amounts) if history.habit else None

    def read(part: _Rows) -> Mapping[str, npt.ArrayLike]:
        rows, ledger = part.rows, part.ledger_count
        start, now = timeline.before(part.start), timeline.before(part.now)
        then = timeline.before(part.ago(n_days))  # the very-late line lies so many days after the on-time line
        ago = {n: np.maximum(timeline.before(part.ago(n)), start) for n in (90, 365)}
        overall = ratio(ledger(MISSED), ledger(FIRST))
        very_overall = ratio(ledger(VERY_LATE), ledger(SECOND))
        step = np.searchsorted(BEFORE, np.minimum(np.maximum(rows.due_by - rows.at, 0), BEFORE[-1])).astype(np.int64)
        survived = before[step, now] - before[step, start]
        still_open = ratio(ledger(MISSED), ledger(SURVIVED_BEFORE + step))
        wait = (np.searchsorted(after_days(n_days), np.maximum(rows.at - rows.due_by - 1, 0), side="right") - 1).astype(np.int64)
        slow = after[wait, then] - after[wait, start]
        still_late = ratio(ledger(VERY_LATE), ledger(SURVIVED_AFTER + wait))
        n_first, n_missed = first[now] - first[start], missed[now] - missed[start]
        n_second, n_very_late = second[then] - second[start], very_late[then] - very_late[start]
        rate = smoothed(n_missed, n_first, overall)
        return {
            "resolved_count": n_first,
            "late_share": rate,
            "late_share_90": smoothed(missed[now] - missed[ago[90]], first[now] - first[ago[90]], overall),
            "late_share_365": smoothed(missed[now] - missed[ago[365]], first[now] - first[ago[365]], overall),
            "very_late_share": smoothed(n_very_late, n_second, very_overall),
            "late_if_still_open": smoothed(n_missed, survived, still_open),
            "very_late_if_still_open": smoothed(n_very_late, slow, still_late),
            **overdue(part, start, now),
            **(alike(rows, part.amount, habits.Answered(start, now, rate)) if alike else {}),
        }

    return read


def _overdue(history: _History, timeline: Timeline) -> Callable[[_Rows, Ints, Ints], Mapping[str, npt.ArrayLike]]:
    """The customer's other invoices past their line and still open; `timeline`: by line."""
    events, amounts = history.events, history.amounts
    left = Timeline(events.customer, np.maximum(events.due_by, events.closed))
    passed_amount, gone_amount = timeline.sums(amounts), left.sums(amounts)
    # The oldest open invoice: the first, by line, of those not closed before the day. Where the running maximum of the
    # closing days first reaches the day, the invoice itself was not closed.
    closing = np.maximum.accumulate(keys(events.customer, events.closed)[timeline.order])
    line = events.due_by[timeline.order]

    def read(part: _Rows, start: Ints, now: Ints) -> Mapping[str, npt.ArrayLike]:
        rows = part.rows
        gone = left.before(part.start), left.before(part.now)
        self_overdue = rows.counted & (rows.due_by < rows.at)
        own = np.where(self_overdue, part.amount, 0)
        count = (now - start) - (gone[1] - gone[0]) - self_overdue
        amount = (passed_amount[now] - passed_amount[start]) - (gone_amount[gone[1]] - gone_amount[gone[0]]) - own
        oldest = np.searchsorted(closing, part.now)
        inside = oldest < now
        oldest_line = line[np.minimum(oldest, len(line) - 1)] if len(line) else np.zeros(len(rows), np.int32)
        return {
            "overdue_count": count,
            "overdue_amount": np.log2(1 + np.maximum(amount, 0) / UNIT),
            "oldest_overdue_days": np.where(inside & (count + self_overdue > 0), rows.at - oldest_line, 0),
        }

    return read


def _present(history: _History) -> Read:
    """What the customer owes on the day, and how it has been buying."""
    events = history.events
    issued = Timeline(events.customer, events.issue)
    closed = Timeline(events.customer, np.maximum(events.closed, events.issue))
    issued_amount, closed_amount = issued.sums(history.amounts), closed.sums(history.amounts)
    first = events.issue[issued.order]

    def read(part: _Rows) -> Mapping[str, npt.ArrayLike]:
        rows = part.rows
        start, now = issued.before(part.start), issued.before(part.now)
        gone = closed.before(part.start), closed.before(part.now)
        own = np.where(rows.counted, part.amount, 0)
        open_count = (now - start) - (gone[1] - gone[0]) - rows.counted
        open_amount = (issued_amount[now] - issued_amount[start]) - (closed_amount[gone[1]] - closed_amount[gone[0]]) - own
        first_issue = first[np.minimum(start, len(first) - 1)] if len(first) else np.zeros(len(rows), np.int32)
        n = (now - start) - rows.counted
        usual = ratio(issued_amount[now] - issued_amount[start] - own, n) / UNIT
        month = np.maximum(issued.before(part.ago(30)), start)
        return {
            "issued_count": n,
            "issued_count_30": now - month,
            "amount_to_usual": log_ratio(part.unit, usual),
            "customer_days": np.where(now > start, rows.at - first_issue, 0),
            "open_count": open_count,
            "open_amount": np.log2(1 + np.maximum(open_amount, 0) / UNIT),
        }

    return read


def _same_due_date(history: _History) -> Read:
    """The customer's other invoices with the same line, which tend to be paid together: open ones, and settled ones."""
    events, there = history.events, history.by_line
    customer = np.empty(len(events), np.int32)
    customer[there.order] = np.cumsum(there.begins) - 1
    known = np.append(there.key[there.begins], np.iinfo(np.int64).max)  # the end, so that every search finds a place
    issued, closed = Timeline(customer, events.issue), Timeline(customer, np.maximum(events.closed, events.issue))

    def read(part: _Rows) -> Mapping[str, npt.ArrayLike]:
        rows, wanted = part.rows, keys(part.rows.customer, part.rows.due_by)
        place = np.searchsorted(known, wanted)  # of customer and line among those that there are, or beyond them all
        own = np.where(known[place] == wanted, place, len(known)).astype(np.int32)
        start, now = keys(own, FIRST_DAY), keys(own, rows.at)
        gone = closed.before(now)
        return {
            "due_together_open": issued.before(now) - gone - rows.counted,
            "due_together_settled": gone - closed.before(start),
        }

    return read


def _ledger(_: _History) -> Read:
    def read(part: _Rows) -> Mapping[str, npt.ArrayLike]:
        count = part.ledger_count
        return {
            "ledger_late_30": ratio(count(MISSED, 30), count(FIRST, 30)),
            "ledger_late_90": ratio(count(MISSED, 90), count(FIRST, 90)),
            "ledger_very_late_90": ratio(count(VERY_LATE, 90), count(SECOND, 90)),
        }

    return read


def _paying(history: _History) -> Read:
    if not history.habit:
        return lambda _: {}
    paying = habits.paying(history.events, history.known[HABITS:])
    return lambda part: paying(part.rows, part.now, part.start, part.ledger_day)


GROUPS: Final[tuple[Callable[[_History], Read], ...]] = (  # those that take longest first
    _answers,
    _past,
    _paying,
    _present,
    _same_due_date,
    _calendar,
    _invoice,
    _ledger,
)
