"""What was known of an invoice, of its customer and of the whole ledger strictly before a day, as numbers?

One pure function, `features(events, rows, rates)`, in two passes. NumPy columns go in and come out; customers are
independent of each other, so that a ledger can be computed in partitions by customer with the same bits:

    events  = events_of(ledger, lines)            # what happened, per invoice
    rates   = daily_counts(events)                # daily counts of the whole ledger, mergeable with +
    columns = features(events, rows, rates)       # rows: (invoice, as-of day) pairs

Everything is a cumulative sum over a list of events sorted by customer and day, read at "the last state strictly before
the as-of day" by binary search. Sums are of integers, so neither the order of rows nor the partition changes a bit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.features import habits
from insights.features.events import AFTER, BEFORE, Events, Labels, SnapshotRows, after_days, labels_of
from insights.features.timeline import FIRST_DAY, Timeline, keys, log_ratio, ratio, smoothed
from insights.ledger.ledger import NEVER, Days, Ints

Columns = dict[str, npt.NDArray[np.float32]]

PRIOR_ALIKE = 20.0  # the same in the rate of a column's value
UNIT = 1000  # a relative amount of 1 (the currency's median) as an integer
BINS_PER_OCTAVE = 16  # of the amount histogram behind the median: 4 % wide
BLOCK = 28  # days between two medians
VALUE_COUNTS = pa.schema(
    [pa.field("value", pa.string()), pa.field("day", pa.int32()), pa.field("known", pa.int64()), pa.field("missed", pa.int64())]
)


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
        daily[SURVIVED_BEFORE + number] = np.bincount(line[labels.before[:, number]], minlength=width)
    for number in range(len(AFTER)):
        daily[SURVIVED_AFTER + number] = np.bincount(last[labels.after[:, number]], minlength=width)
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


def relative(amount: Ints, currency: npt.NDArray[np.int32], issue: Days, rates: DailyCounts) -> npt.NDArray[np.float64]:
    """Amount over the currency's median as of the issue date; NaN where the currency was new then."""
    table = medians(rates)
    block = np.clip((issue - rates.start) // BLOCK, 0, table.shape[1] - 1)
    times: npt.NDArray[np.float64] = amount / table[np.minimum(currency, len(table) - 1), block]
    return times


# ---------------------------------------------------------------- the fields


def features(events: Events, rows: SnapshotRows, rates: DailyCounts) -> Columns:
    """The fields of FIELDS that come from events, float32 per row, NaN where undefined (no history, no open invoice).

    Nothing that happened on or after a row's as-of day changes its values. `rates` are of the whole ledger, `events` of
    at least all invoices of the rows' customers.
    """
    order = np.argsort(keys(rows.customer, rows.at), kind="stable")
    rows = rows.take(order)  # sorted queries make the binary searches cheap
    unit = relative(events.amount, events.currency, events.issue, rates)
    amounts = np.where(np.isnan(unit), UNIT, np.minimum(unit * UNIT, 2.0**40)).astype(np.int64)
    state = _State(events, rows, rates, amounts)
    everybody = np.ascontiguousarray(state.known[HABITS:].T), state.ledger_day
    columns = {
        **_invoice(rows, relative(rows.amount, rows.currency, rows.issue, rates)),
        **_calendar(rows),
        **_past(state),
        **_answers(state),
        **_present(state),
        **_same_due_date(state),
        **_ledger(state),
        **habits.paying(events, rows, state.now, state.start, everybody),
    }
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return {name: np.asarray(column, np.float32)[back] for name, column in columns.items()}


class _State:
    """What the groups of features share: sorted queries and whole-ledger counts."""

    def __init__(self, events: Events, rows: SnapshotRows, rates: DailyCounts, amounts: Ints) -> None:
        self.events, self.rows, self.rates, self.amounts = events, rows, rates, amounts
        self.now = keys(rows.customer, rows.at)
        self.start = keys(rows.customer, FIRST_DAY)
        self.known = np.concatenate([np.zeros((DAILY, 1), np.int64), np.cumsum(rates.daily, axis=1)], axis=1)

    @property
    def ledger_day(self) -> Ints:
        """Which column of `known` says what was known on each row's day."""
        return np.asarray(np.clip(self.rows.at - self.rates.start, 0, self.known.shape[1] - 1), np.int64)

    def ago(self, number: int) -> Ints:
        """The queries, so many days earlier."""
        return keys(self.rows.customer, self.rows.at - number)

    def ledger_count(self, count: int | npt.NDArray[np.int64], since: int | None = None) -> Ints:
        """A count of the whole ledger strictly before each row's day, from `since` days earlier on (None: from the start)."""
        width = self.known.shape[1] - 1
        until: Ints = self.known[count, self.ledger_day]
        if since is None:
            return until
        return np.asarray(until - self.known[count, np.clip(self.rows.at - since - self.rates.start, 0, width)])


def _invoice(rows: SnapshotRows, unit: npt.NDArray[np.float64]) -> Mapping[str, npt.ArrayLike]:
    return {
        "amount": np.log2(np.maximum(unit, 1e-6)),
        "terms_days": rows.due - rows.issue,
        "days_since_issue": rows.at - rows.issue,
        "days_to_due": rows.due - rows.at,
    }


def _calendar(rows: SnapshotRows) -> Mapping[str, npt.ArrayLike]:
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


def _past(state: _State) -> Mapping[str, npt.ArrayLike]:
    """How the customer's settled invoices were paid, by paid date."""
    events, rows = state.events, state.rows
    paid = np.flatnonzero(events.complete & (events.paid != NEVER))
    paid = paid[np.argsort(events.due_by[paid], kind="stable")]  # of payments on one day, those due later are the last
    customer, when, line, amount = events.customer[paid], events.paid[paid], events.due_by[paid], state.amounts[paid]
    timeline = Timeline(customer, when)
    late_by = when.astype(np.int64) - line
    late = late_by > 0
    start, now = timeline.before(state.start), timeline.before(state.now)
    ago = {n: np.maximum(timeline.before(state.ago(n)), start) for n in (14, 60, 180, 365)}
    five, three = np.maximum(now - 5, start), np.maximum(now - 3, start)
    days_late, squares, lates, weights, weighted = (
        timeline.sums(v) for v in (late_by, late_by**2, late, amount, np.where(late, amount, 0))
    )
    delays = timeline.sums(np.maximum(late_by, 0))
    n = now - start
    mean = ratio(days_late[now] - days_late[start], n)
    spread = np.sqrt(np.maximum(ratio(squares[now] - squares[start], n) - mean**2, 0))
    # Weights of 8 within 60 days, 4 within 180, 2 within 365, 1 before: a decay that stays in integers.
    steps = [(now, ago[60], 8), (ago[60], ago[180], 4), (ago[180], ago[365], 2), (ago[365], start, 1)]
    decayed = ratio(sum(w * (days_late[b] - days_late[a]) for b, a, w in steps), sum(w * (b - a) for b, a, w in steps))
    recent = ratio(days_late[now] - days_late[ago[60]], now - ago[60])
    last_day = np.where(n > 0, when[timeline.order][np.maximum(now - 1, 0)] if len(paid) else 0, NEVER)
    latest_line = np.maximum.accumulate(keys(customer, line)[timeline.order]) if len(paid) else np.zeros(0, np.int64)
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
        "paid_amount_ratio": log_ratio(_own_unit(state), ratio(weights[now] - weights[start], n) / UNIT),
        "days_since_payment": np.where(n > 0, rows.at - last_day, np.nan),
        "overtaken_days": np.where(n > 0, np.clip(newest, -400, 400), np.nan),
    }


def _own_unit(state: _State) -> npt.NDArray[np.float64]:
    rows = state.rows
    return relative(rows.amount, rows.currency, rows.issue, state.rates)


def _answers(state: _State) -> Mapping[str, npt.ArrayLike]:
    """The customer's shares of lines missed, of all invoices whose line lay before the day, paid or not."""
    events, rows = state.events, state.rows
    timeline = Timeline(events.customer, events.due_by)
    labels = labels_of(events)
    first, missed, second, very_late, before, after = (timeline.sums(getattr(labels, f.name)) for f in fields(Labels))
    n_days = events.very_late_days
    start, now = timeline.before(state.start), timeline.before(state.now)
    then = timeline.before(state.ago(n_days))  # the very-late line lies so many days after the on-time line
    ago = {n: np.maximum(timeline.before(state.ago(n)), start) for n in (90, 365)}
    ledger = state.ledger_count
    overall = ratio(ledger(MISSED), ledger(FIRST))
    very_overall = ratio(ledger(VERY_LATE), ledger(SECOND))
    step = np.searchsorted(BEFORE, np.minimum(np.maximum(rows.due_by - rows.at, 0), BEFORE[-1])).astype(np.int64)
    survived = before[now, step] - before[start, step]
    still_open = ratio(ledger(MISSED), ledger(SURVIVED_BEFORE + step))
    wait = (np.searchsorted(after_days(n_days), np.maximum(rows.at - rows.due_by - 1, 0), side="right") - 1).astype(np.int64)
    slow = after[then, wait] - after[start, wait]
    still_late = ratio(ledger(VERY_LATE), ledger(SURVIVED_AFTER + wait))
    n_first, n_missed = first[now] - first[start], missed[now] - missed[start]
    n_second, n_very_late = second[then] - second[start], very_late[then] - very_late[start]
    rate = smoothed(n_missed, n_first, overall)
    answers = habits.Answers(timeline, labels.on_time_known, labels.missed_due, start, now, rate)
    return {
        "resolved_count": n_first,
        "late_share": rate,
        "late_share_90": smoothed(missed[now] - missed[ago[90]], first[now] - first[ago[90]], overall),
        "late_share_365": smoothed(missed[now] - missed[ago[365]], first[now] - first[ago[365]], overall),
        "very_late_share": smoothed(n_very_late, n_second, very_overall),
        "late_if_still_open": smoothed(n_missed, survived, still_open),
        "very_late_if_still_open": smoothed(n_very_late, slow, still_late),
        **_overdue(state, timeline, start, now),
        **habits.alike(events, rows, answers, state.amounts, _own_amount(state)),
    }


def _overdue(state: _State, timeline: Timeline, start: Ints, now: Ints) -> Mapping[str, npt.ArrayLike]:
    """The customer's other invoices past their line and still open."""
    events, rows, amounts = state.events, state.rows, state.amounts
    left = Timeline(events.customer, np.maximum(events.due_by, events.closed))
    gone = left.before(state.start), left.before(state.now)
    passed_amount, gone_amount = timeline.sums(amounts), left.sums(amounts)
    self_overdue = rows.counted & (rows.due_by < rows.at)
    own = np.where(self_overdue, _own_amount(state), 0)
    count = (now - start) - (gone[1] - gone[0]) - self_overdue
    amount = (passed_amount[now] - passed_amount[start]) - (gone_amount[gone[1]] - gone_amount[gone[0]]) - own
    # The oldest open invoice: the first, by line, of those not closed before the day. Where the running maximum of the
    # closing days first reaches the day, the invoice itself was not closed.
    closing = np.maximum.accumulate(keys(events.customer, events.closed)[timeline.order])
    oldest = np.searchsorted(closing, state.now)
    inside = oldest < now
    line = events.due_by[timeline.order]
    oldest_line = line[np.minimum(oldest, len(line) - 1)] if len(line) else np.zeros(len(rows), np.int32)
    return {
        "overdue_count": count,
        "overdue_amount": np.log2(1 + np.maximum(amount, 0) / UNIT),
        "oldest_overdue_days": np.where(inside & (count + self_overdue > 0), rows.at - oldest_line, 0),
    }


def _own_amount(state: _State) -> Ints:
    unit = _own_unit(state)
    return np.where(np.isnan(unit), UNIT, np.minimum(unit * UNIT, 2.0**40)).astype(np.int64)


def _present(state: _State) -> Mapping[str, npt.ArrayLike]:
    """What the customer owes on the day, and how it has been buying."""
    events, rows = state.events, state.rows
    issued = Timeline(events.customer, events.issue)
    closed = Timeline(events.customer, np.maximum(events.closed, events.issue))
    issued_amount, closed_amount = issued.sums(state.amounts), closed.sums(state.amounts)
    start, now = issued.before(state.start), issued.before(state.now)
    gone = closed.before(state.start), closed.before(state.now)
    own = np.where(rows.counted, _own_amount(state), 0)
    open_count = (now - start) - (gone[1] - gone[0]) - rows.counted
    open_amount = (issued_amount[now] - issued_amount[start]) - (closed_amount[gone[1]] - closed_amount[gone[0]]) - own
    first = events.issue[issued.order]
    first_issue = first[np.minimum(start, len(first) - 1)] if len(first) else np.zeros(len(rows), np.int32)
    n = (now - start) - rows.counted
    usual = ratio(issued_amount[now] - issued_amount[start] - own, n) / UNIT
    month = np.maximum(issued.before(state.ago(30)), start)
    return {
        "issued_count": n,
        "issued_count_30": now - month,
        "amount_to_usual": log_ratio(_own_unit(state), usual),
        "customer_days": np.where(now > start, rows.at - first_issue, 0),
        "open_count": open_count,
        "open_amount": np.log2(1 + np.maximum(open_amount, 0) / UNIT),
    }


def _same_due_date(state: _State) -> Mapping[str, npt.ArrayLike]:
    """The customer's other invoices with the same line, which tend to be paid together: open ones, and settled ones."""
    events, rows = state.events, state.rows
    line, wanted = keys(events.customer, events.due_by), keys(rows.customer, rows.due_by)
    known = np.append(np.unique(line), np.iinfo(np.int64).max)  # the end, so that every search finds a place
    place = np.searchsorted(known, wanted)  # of customer and line among those that there are, or beyond them all
    own = np.where(known[place] == wanted, place, len(known)).astype(np.int32)
    customer = np.searchsorted(known, line).astype(np.int32)
    issued, closed = Timeline(customer, events.issue), Timeline(customer, np.maximum(events.closed, events.issue))
    start, now = keys(own, FIRST_DAY), keys(own, rows.at)
    gone = closed.before(now)
    return {"due_together_open": issued.before(now) - gone - rows.counted, "due_together_settled": gone - closed.before(start)}


def _ledger(state: _State) -> Mapping[str, npt.ArrayLike]:
    count = state.ledger_count
    return {
        "ledger_late_30": ratio(count(MISSED, 30), count(FIRST, 30)),
        "ledger_late_90": ratio(count(MISSED, 90), count(FIRST, 90)),
        "ledger_very_late_90": ratio(count(VERY_LATE, 90), count(SECOND, 90)),
    }


def value_counts(value: pa.ChunkedArray, events: Events) -> pa.Table:
    """Of the invoices with each value of a text column: how many lines are known, and how many were missed, by day of the line.

    Columns value (text; null is a value), day (int32), known, missed (int64). `value`: of each event. Tables of the parts of a
    ledger add up by `merged_values`.
    """
    labels = labels_of(events)
    known, missed = (pa.array(which.astype(np.int64)) for which in (labels.on_time_known, labels.missed_due))
    return merged_values([pa.table([value, pa.array(events.due_by), known, missed], schema=VALUE_COUNTS)])


def merged_values(tables: Sequence[pa.Table]) -> pa.Table:
    """Counts by value and day (`value_counts`) of several parts as those of all of them."""
    sums = pa.concat_tables(tables).group_by(["value", "day"], use_threads=False).aggregate([("known", "sum"), ("missed", "sum")])
    return sums.select(["value", "day", "known_sum", "missed_sum"]).rename_columns(VALUE_COUNTS.names)


def target_encoding_as_of(
    counts: pa.Table, own: pa.ChunkedArray | pa.Array, rows: SnapshotRows, rates: DailyCounts
) -> npt.NDArray[np.float32]:
    """Share late, as of each row's day, of the whole ledger's invoices with the same value as the row's (float32).

    `counts`: `value_counts` of the whole ledger; `own`: the value of each row, which must be among them. Drawn towards the
    ledger's rate with the weight of PRIOR_ALIKE invoices. It is how the ledger's own text columns enter a model: what similar
    invoices did, not what they are called.
    """
    values = counts["value"].unique()
    code, mine = (np.asarray(pc.index_in(column, values), np.int32) for column in (counts["value"], own))
    timeline = Timeline(code, counts["day"].to_numpy())
    first, missed = (timeline.sums(counts[name].to_numpy()) for name in ("known", "missed"))
    start, now = timeline.before(keys(mine, FIRST_DAY)), timeline.before(keys(mine, rows.at))
    width = rates.daily.shape[1]
    known = np.concatenate([np.zeros((2, 1), np.int64), np.cumsum(rates.daily[[FIRST, MISSED]], axis=1)], axis=1)
    to = np.clip(rows.at - rates.start, 0, width)
    overall = ratio(known[1, to], known[0, to])
    drawn = (missed[now] - missed[start] + PRIOR_ALIKE * overall) / (first[now] - first[start] + PRIOR_ALIKE)
    return drawn.astype(np.float32)
