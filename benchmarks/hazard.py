"""Would expected dates from a boosted daily hazard be better than those from counts of days?

    python benchmarks/hazard.py [TITLE=]LEDGER[@known,at,issue] [--dates N] [--pairs N] [--very-late-days N]

On a few as-of dates before the last third a model is trained, and a booster learns the chance of payment on each working
day ahead of drawn (invoice, day) pairs, unresolved invoices included up to the training date. Conditional on the model's three
probabilities it spreads each bucket's mass over the days; after the very-late line both go on as the model does.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import numpy.typing as npt  # noqa: E402

from benchmarks.past_models import arguments, development_dates, past_model  # noqa: E402
from benchmarks.quality import head, line, number, read, share  # noqa: E402
from insights.evaluation import snapshot_at  # noqa: E402
from insights.evaluation.date_accuracy import capped, pinball  # noqa: E402
from insights.features.catalog import FIELDS, field, usual  # noqa: E402
from insights.features.dataset import FeatureSet, feature_set  # noqa: E402
from insights.features.events import Events, SnapshotRows, rows_at  # noqa: E402
from insights.features.habits import BINS, EDGES, WEEK, bin_of, cumulated, drawn_shares, payments, weekday_of  # noqa: E402
from insights.features.kernel import features  # noqa: E402
from insights.features.timeline import FIRST_DAY, Timeline, keys  # noqa: E402
from insights.ledger.ledger import NEVER, Floats, Ints, Ledger, Matrix, day  # noqa: E402
from insights.model.model import probabilities  # noqa: E402
from insights.model.payment_dates import HORIZON, Cells, PaymentDateDistribution  # noqa: E402
from insights.model.recipe import Recipe  # noqa: E402

EVERY_DAY = 7  # days before the on-time line from which on no day is left out
FAR_SHARE = 4  # of the days before, one in so many is learned from, and weighs as many
LONGEST = 150  # days ahead that are told apart
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
ROUNDS = 200
PARAMS = {
    "objective": "binary:logistic", "tree_method": "hist", "max_depth": 6, "min_child_weight": 20, "eta": 0.1,
    "subsample": 0.8, "colsample_bytree": 0.5, "reg_lambda": 10, "seed": 0, "nthread": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Days:
    """Days of some rows, one each: the row's number, the day, and how many days it stands for."""

    row: Ints
    day: Ints
    weight: Floats


class Hazard:
    """The chance of payment per working day, as known on a day."""

    def __init__(self, book: FeatureSet, at: int, week: str, pairs: int) -> None:
        import xgboost

        self.book, self.at, self.week = book, at, np.array([int(mark) for mark in week], np.bool_)
        events = book.events
        rows, invoice = drawn_pairs(events, at, pairs)
        end = np.minimum(events.closed[invoice].astype(np.int64), at - 1)
        paid = events.paid[invoice].astype(np.int64)
        line = np.where(paid <= events.due_by[invoice], events.due_by[invoice], events.very_late_after[invoice])
        paid = self.working(paid, line, rows.at)
        paid = np.where(events.paid[invoice] < at, paid, int(NEVER))
        days = self.days(
            rows, np.minimum(np.where(paid < NEVER, np.minimum(paid, at - 1), end), events.very_late_after[invoice]), paid
        )
        label = (days.day == paid[days.row]).astype(np.uint8)
        matrix = self.matrix(rows, days)
        self.many = len(label)
        self.booster = xgboost.train(PARAMS, xgboost.QuantileDMatrix(matrix, label, weight=days.weight), ROUNDS)

    def working(self, days: Ints, line: Ints, first: npt.NDArray[np.int32]) -> Ints:
        """Days moved to the next day on which payments arrive; back where that would cross their line."""
        week = np.busdaycalendar("".join(str(int(mark)) for mark in self.week))
        some = np.minimum(days, int(first.max(initial=0)) + 10_000)
        forward, back = (
            np.busday_offset(some.astype("datetime64[D]"), 0, how, busdaycal=week).astype(np.int64)
            for how in ("forward", "backward")
        )
        return np.where(days >= NEVER, int(NEVER), np.where((forward > line) & (days <= line), np.maximum(back, first), forward))

    def is_working(self, days: Ints) -> npt.NDArray[np.bool_]:
        out: npt.NDArray[np.bool_] = self.week[(days + 3) % 7]
        return out

    def days(self, rows: SnapshotRows, last: Ints, kept: Ints | None = None) -> Days:
        """The working days of each row from its own up to its last; far from the line some stand for more, but not `kept`."""
        first = rows.at.astype(np.int64)
        many = np.clip(last - first + 1, 0, LONGEST)
        row = np.repeat(np.arange(len(rows)), many)
        which = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
        usable, weight = self.is_working(which), np.ones(len(row))
        if kept is not None:
            far = (rows.due_by[row] - which > EVERY_DAY) & (which != kept[row])
            chosen = np.random.default_rng(0).random(len(row)) < 1 / FAR_SHARE
            usable &= ~far | chosen
            weight = np.where(far, float(FAR_SHARE), 1.0)
        return Days(row[usable], which[usable], weight[usable])

    def matrix(self, rows: SnapshotRows, days: Days) -> Matrix:
        """float32[days, fields]: the row's habits and what it has besides, and what the day is to it."""
        computed = features(self.book.events, rows, self.book.rates)
        names = [name for name in FIELDS if field(name).group in GROUPS]
        late, runs = shares(self.book.events, rows)
        due, issue = rows.due.astype(np.int64)[days.row], rows.issue.astype(np.int64)[days.row]
        bins = np.searchsorted(EDGES, days.day - rows.due_by[days.row])
        left = np.cumsum(late[:, ::-1], axis=1)[:, ::-1]
        weekday = (days.day + 3) % 7
        dates = days.day.astype("datetime64[D]")
        since_free = (days.day - due) * ((days.day > due) & (days.day - due <= 3) & ~self.is_working(due))
        width = np.diff(np.concatenate([[-30], EDGES, [60]]))
        of_day = [
            days.day - rows.at[days.row],
            days.day - rows.due_by[days.row],
            days.day - issue,
            weekday,
            (dates - dates.astype("datetime64[M]")).astype(np.int64),
            runs[days.row, weekday],
            late[days.row, bins] / np.maximum(left[days.row, bins], 1e-9) / width[bins],
            late[days.row, bins] / width[bins],
            since_free,
        ]
        of_row = np.column_stack([computed[name] for name in names])
        return np.column_stack([of_row[days.row], *of_day]).astype(np.float32)

    def chances(self, rows: SnapshotRows, back: int) -> Floats:
        """float64[rows, back + 1 + very-late days]: the chance of payment on each day from `back` days before the line."""
        n = self.book.events.very_late_days
        out = np.zeros((len(rows), back + 1 + n))
        days = self.days(rows, rows.due_by.astype(np.int64) + n)
        column = days.day - rows.due_by[days.row] + back
        inside = column >= 0
        chance = self.booster.inplace_predict(self.matrix(rows, days), validate_features=False)
        out[days.row[inside], column[inside]] = chance[inside]
        return out


GROUPS = ("habit", "past", "invoice", "present")


def drawn_pairs(events: Events, at: int, many: int) -> tuple[SnapshotRows, Ints]:
    """(invoice, day) pairs drawn evenly from all on which an invoice was open before day `at`, up to its very-late line."""
    first = events.issue.astype(np.int64) + 1
    last = np.minimum(np.minimum(events.closed.astype(np.int64), events.very_late_after), at - 1)
    span = np.where(events.complete, np.maximum(last - first + 1, 0), 0)
    up_to = np.cumsum(span)
    random = np.random.default_rng(0)
    place = random.integers(0, up_to[-1], many)
    invoice = np.searchsorted(up_to, place, side="right").astype(np.int64)
    day_of = first[invoice] + place - (up_to[invoice] - span[invoice])
    return rows_at(events, invoice, day_of.astype(np.int32)), invoice


def shares(events: Events, rows: SnapshotRows) -> tuple[Floats, Floats]:
    """The customer's histogram of days late and its runs by weekday before each row's day, drawn to the ledger's."""
    paid = payments(events)
    timeline = Timeline(events.customer[paid], events.paid[paid])
    first = np.zeros(len(paid), np.bool_)
    first[timeline.order] = np.append(True, timeline.key[1:] != timeline.key[:-1])[: len(paid)]
    now, start = (timeline.before(keys(rows.customer, when)) for when in (rows.at, FIRST_DAY))
    by_day = np.argsort(events.paid[paid], kind="stable")
    before = np.searchsorted(events.paid[paid][by_day], rows.at)
    out = []
    for value, which, width in (
        (bin_of(events, paid), np.ones(len(paid), np.bool_), BINS),
        (weekday_of(events.paid[paid]), first, WEEK),
    ):
        sums = cumulated(timeline, value, which, width)
        total = np.zeros((len(paid) + 1, width))
        total[np.arange(1, len(paid) + 1), value[by_day]] = which[by_day]
        usual_share = np.cumsum(total, axis=0)[before] + 1e-3
        usual_share /= usual_share.sum(axis=1, keepdims=True)
        out.append(drawn_shares((sums[:, now] - sums[:, start]).astype(np.int64), usual_share.T).T)
    return out[0], out[1]


class BoostedDates(PaymentDateDistribution):
    """The model's distribution, each bucket's mass spread by a hazard: by it alone (part 1), or half and half with the counts."""

    def __init__(self, today: PaymentDateDistribution, hazard: Hazard, part: float) -> None:
        self.__dict__.update(today.__dict__)
        self.hazard, self.part = hazard, part

    def cells(self, rows: SnapshotRows, predicted: Floats) -> Cells:
        today = super().cells(rows, predicted)
        back = int(rows.due_by[0] - today.first[0])
        chance = self.hazard.chances(rows, back)
        mass = today.mass.copy()
        for begin, end, bucket in ((0, back + 1, 0), (back + 1, chance.shape[1], 1)):
            some = chance[:, begin:end]
            before = np.concatenate([np.ones((len(some), 1)), np.cumprod(1 - some, axis=1)[:, :-1]], axis=1)
            weight = some * before
            total = weight.sum(axis=1, keepdims=True)
            spread = weight / np.where(total > 0, total, 1) * predicted[:, [bucket]]
            known = (total[:, 0] > 0)[:, None]
            mass[:, begin:end] = np.where(known, self.part * spread + (1 - self.part) * mass[:, begin:end], mass[:, begin:end])
        return replace(today, mass=mass)


# ---------------------------------------------------------------- what comes of it


WIDE = tuple(number / 100 for number in range(2, 31))
BEFORE = range(WIDE.index(0.08), WIDE.index(0.18) + 1)  # tails from which a model chose by its own account


@dataclass(frozen=True)
class Judged:
    """Of one way on one date: days ahead by quantile, and which invoices were paid within the range, by tail of WIDE.

    own: the share that should be, by tail of WIDE and the distribution's own account.
    """

    quantiles: Floats
    within: npt.NDArray[np.bool_]
    own: Floats

    @property
    def by_own_account(self) -> float:
        """The tail with which 83 per cent of the ranges should hold."""
        return WIDE[min(BEFORE, key=lambda place: abs(self.own[place] - 0.83))]

    def held(self, tail: float) -> npt.NDArray[np.bool_]:
        return self.within[:, WIDE.index(tail)]


def judge(forecast: PaymentDateDistribution, rows: SnapshotRows, predicted: Floats, happened: Floats) -> Judged:
    """`happened`: days ahead of the payment, infinite for never."""
    cells = forecast.cells(rows, predicted)
    up_to = cells.up_to
    quantiles = np.column_stack([days_ahead(forecast, rows, cells, (up_to < q).sum(axis=1), q) for q in QUANTILES])
    middle = quantiles[:, QUANTILES.index(0.5)]
    half = up_to - cells.mass / 2
    padded = np.concatenate([np.zeros((len(up_to), 1)), up_to], axis=1)
    row = np.arange(len(up_to))
    within, own = [], []
    for tail in WIDE:
        beyond, begin = cells.after > tail, (half < tail).sum(axis=1)
        last = np.where(beyond, half.shape[1], (half <= 1 - tail).sum(axis=1) - 1)
        low = np.minimum(days_ahead(forecast, rows, cells, begin, tail), middle)
        high = np.maximum(days_ahead(forecast, rows, cells, last, 1 - tail), middle)
        within.append((low <= happened) & (happened <= high))
        share_up_to = np.where(beyond, 1 - tail, padded[row, np.minimum(last + 1, half.shape[1])])
        own.append(np.maximum(share_up_to - padded[row, begin], 0).mean())
    return Judged(quantiles, np.column_stack(within), np.array(own))


def days_ahead(forecast: PaymentDateDistribution, rows: SnapshotRows, cells: Cells, place: Ints, share_of: float) -> Floats:
    """Days ahead of a cell, on a business day; infinite where no end is in sight."""
    days = forecast._day(cells, place, share_of)  # noqa: SLF001 - a way that is measured only
    endless = days - forecast.at > HORIZON
    rolled = forecast._to_business_day(np.where(endless, forecast.at, days), rows, "")  # noqa: SLF001
    return np.where(endless, np.inf, rolled.astype(np.float64) - forecast.at)


@dataclass(frozen=True)
class Replayed:
    """What came of the ways on some dates: by way and date; days ahead of each payment and its bucket; each model's own tail."""

    judged: dict[str, list[Judged]]
    happened: Floats
    outcome: Ints
    tails: list[float]


def replayed(ledger: Ledger, recipe: Recipe, dates: Sequence[date], options: argparse.Namespace) -> Replayed:
    """What the counts, a hazard, and both half and half say on each date."""
    book = feature_set(ledger, recipe.due_rules, usual(ledger))
    judged: dict[str, list[Judged]] = {name: [] for name in LABELS}
    happened, outcomes, tails = [], [], []
    for as_of in dates:
        model = past_model(ledger, as_of, recipe, options.cache)
        assert model.timing
        snapshot, at = snapshot_at(book, as_of), day(as_of)
        rows, own = snapshot.rows, replace(book, fields=model.fields)
        predicted = probabilities(model, rows, own.assemble(snapshot.computed, rows, snapshot.invoice))
        paid = book.events.paid[snapshot.invoice]
        true = np.where(paid == NEVER, np.inf, paid.astype(np.float64) - at)
        counts = PaymentDateDistribution(model.timing, book.events, at, rows.customer)
        begun = time.process_time()
        hazard = Hazard(book, at, model.timing.week, options.pairs)
        took = f"{time.process_time() - begun:.0f} s for {hazard.many} days"
        ways = counts, BoostedDates(counts, hazard, 1.0), BoostedDates(counts, hazard, 0.5)
        for name, way in zip(LABELS, ways, strict=True):
            judged[name].append(judge(way, rows, predicted, true))
        happened.append(true)
        outcomes.append(snapshot.outcome)
        tails.append(model.timing.tail)
        print(f"{as_of}: {len(rows)} open invoices, hazard {took}", file=sys.stderr, flush=True)
    return Replayed(judged, np.concatenate(happened), np.concatenate(outcomes), tails)


LABELS = {"counts": "counts of days, as now", "hazard": "boosted hazard", "both": "half of each"}


def table(replay: Replayed) -> list[str]:
    """Errors in days, pinball losses, and how often 80 per cent ranges held, their width by the way's own account."""
    columns = "mean error, days", "of it on time / late / very late", *(f"pinball {q:.0%}" for q in QUANTILES), "ranges held"
    out = head("within the buckets", *columns)
    for name, judged in replay.judged.items():
        quantiles = np.concatenate([day_judged.quantiles for day_judged in judged])
        error = np.abs(capped(replay.happened) - capped(quantiles[:, QUANTILES.index(0.5)]))
        losses = [number(pinball(replay.happened, quantiles[:, place], q), 3) for place, q in enumerate(QUANTILES)]
        parts = " / ".join(number(float(error[replay.outcome == bucket].mean()), 2) for bucket in range(3))
        held = np.concatenate([day_judged.held(day_judged.by_own_account) for day_judged in judged])
        out.append(line(LABELS[name], number(float(error.mean()), 3), parts, *losses, share(float(held.mean()))))
    counts = replay.judged["counts"]
    held = np.concatenate([day_judged.held(tail) for day_judged, tail in zip(counts, replay.tails, strict=True)])
    by_date = ", ".join(
        f"{tail:.2f}: {day_judged.held(tail).mean():.1%}" for day_judged, tail in zip(counts, replay.tails, strict=True)
    )
    out += ["", f"Of the models' own ranges {held.mean():.1%} held; by date, share left out at either end: {by_date}."]
    every = ((tail, np.concatenate([day_judged.held(tail) for day_judged in counts]).mean()) for tail in WIDE[::4])
    return [*out, f"Counts of days, by share left out: {', '.join(f'{tail:.2f}: {kept:.1%}' for tail, kept in every)}."]


def main(given: Sequence[str]) -> None:
    parser = arguments(__doc__)
    parser.add_argument("--pairs", type=int, default=20_000, metavar="N", help="(invoice, day) pairs that the hazard learns from")
    options = parser.parse_args(given)
    title, ledger = read(options.ledger)
    recipe = Recipe(very_late_days=options.very_late_days)
    dates = development_dates(ledger, recipe, options.dates)
    replay = replayed(ledger, recipe, dates, options)
    which = f"{len(dates)} as-of dates before the last third, {dates[0]} to {dates[-1]}, {len(replay.happened)} open invoices"
    print(f"**{title}**, very late after {recipe.very_late_days} days: {which}.\n")
    print("\n".join(table(replay)))


if __name__ == "__main__":
    main(sys.argv[1:])
