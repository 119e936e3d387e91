"""By how much is one series of a replay better than another in every metric, and is that certain?

Every metric is made of sums over rows, so that drawing customers with replacement, whose rows are not independent of each
other, costs one product of matrices. Both series are drawn alike. Bins are those of all rows; the area under the ROC curve is
taken over a hundred of them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insights.evaluation.backtest import probability
from insights.evaluation.figures import figures
from insights.evaluation.intervals import LossDifference, draws
from insights.ledger.ledger import Floats, Ints
from insights.ledger.outcomes import ON_TIME
from insights.model.metrics import Outcome, losses

BINS, STEPS = 10, 100  # of calibration, as in `evaluation`; of the ROC curve
METRICS = ("log_loss", "brier", "auc", "ece", "accuracy", "macro_f1", "money_error")
LOWER_IS_BETTER = ("log_loss", "brier", "ece", "money_error")


@dataclass(frozen=True)
class Sums:
    """float64[customers, sums], and the metric that any number of totals (float64[n, sums]) make (float64[n])."""

    by_customer: Floats
    metric: Callable[[Floats], Floats]


def differences(rows: pa.Table, series: str, other: str, seed: int = 0) -> dict[str, LossDifference]:
    """Metric -> that of a series less that of another over the same rows, with its 95 per cent interval."""
    own, others = (figures(rows, prefix) for prefix in (series, other))
    if own is None or others is None:
        return {}
    gaps_of = {}
    for name in METRICS:
        mine, compared = getattr(own, name), getattr(others, name)
        if mine is not None and compared is not None:
            gaps = drawn(sums(rows, series, name), seed) - drawn(sums(rows, other, name), seed)
            low, high = np.nanquantile(gaps, [0.025, 0.975])
            gaps_of[name] = LossDifference(mine - compared, float(low), float(high))
    return gaps_of


def drawn(of: Sums, seed: int) -> Floats:
    """The metric in each of the draws of the customers."""
    many, parts = len(of.by_customer), []
    for who in draws(many, seed):
        place = who + many * np.arange(len(who))[:, None]
        times = np.bincount(place.ravel(), minlength=place.size).reshape(place.shape)
        parts.append(of.metric(times @ of.by_customer))
    return np.concatenate(parts)


def sums(rows: pa.Table, series: str, metric: str) -> Sums:
    """What a metric of a series is made of."""
    probabilities = probability(rows, series)
    outcome: Outcome = np.asarray(rows["outcome"].to_numpy(), np.int8)
    customer = np.unique(rows["customer"].to_numpy(), return_inverse=True)[1]
    not_due = rows["past"].to_numpy() <= 0
    if metric == "log_loss":
        return means(customer, losses(probabilities, outcome))
    if metric == "brier":
        return means(customer, ((probabilities - np.eye(3)[outcome]) ** 2).sum(axis=1))
    if metric == "accuracy":
        return means(customer, (probabilities.argmax(axis=1) == outcome).astype(np.float64))
    if metric == "macro_f1":
        cell = outcome.astype(np.int64) * 3 + probabilities.argmax(axis=1)
        return Sums(counted(customer, cell, 9), lambda totals: macro_f1(totals.reshape(-1, 3, 3)))
    if metric == "money_error":
        return money(rows, customer, probabilities, outcome)
    on_time, many = (outcome == ON_TIME)[not_due], customer.max(initial=-1) + 1
    of = curve if metric == "auc" else calibration
    return of(customer[not_due], probabilities[not_due, ON_TIME], on_time, many)


def means(customer: Ints, value: Floats) -> Sums:
    """The mean of a value over rows."""
    sums_and_counts = np.column_stack([np.bincount(customer, value), np.bincount(customer)])
    return Sums(sums_and_counts.astype(np.float64), lambda totals: totals[:, 0] / totals[:, 1])


def counted(customer: Ints, place: Ints, places: int, weight: Floats | None = None, many: int = 0) -> Floats:
    """float64[customers, places]: how many rows (or what weight) of each customer stand at each place."""
    many = many or int(customer.max(initial=-1)) + 1
    flat = np.bincount(customer * places + place, weight, many * places)
    return np.asarray(flat.reshape(many, places), np.float64)


def macro_f1(tables: Floats) -> Floats:
    """Of confusion tables float64[n, 3, 3], as `evaluation.macro_f1`."""
    hit = np.diagonal(tables, axis1=1, axis2=2)
    predicted_and_true = tables.sum(axis=2) + tables.sum(axis=1)
    f1 = np.divide(2 * hit, predicted_and_true, out=np.zeros_like(hit, dtype=np.float64), where=predicted_and_true > 0)
    return np.asarray(f1.sum(axis=1) / np.maximum((predicted_and_true > 0).sum(axis=1), 1))


def binned(score: Floats, bins: int) -> Ints:
    """The number of the equally full bin that each score falls into."""
    place = np.empty(len(score), np.int64)
    for number, part in enumerate(np.array_split(np.argsort(score, kind="stable"), bins)):
        place[part] = number
    return place


def calibration(customer: Ints, score: Floats, answer: npt.NDArray[np.bool_], many: int) -> Sums:
    """The calibration error: sum of |score - answer| per bin, over the rows."""
    gap = counted(customer, binned(score, BINS), BINS, score - answer, many)
    whole = np.bincount(customer, minlength=many)[:, None]
    return Sums(np.column_stack([gap, whole]), lambda totals: np.abs(totals[:, :-1]).sum(axis=1) / totals[:, -1])


def curve(customer: Ints, score: Floats, answer: npt.NDArray[np.bool_], many: int) -> Sums:
    """The area under the ROC curve; rows of one step tie."""
    steps = np.unique(score)
    place = np.searchsorted(steps, score) if len(steps) <= STEPS else binned(score, STEPS)
    up, down = (counted(customer[mask], place[mask], STEPS, many=many) for mask in (answer, ~answer))

    def area(totals: Floats) -> Floats:
        good, bad = totals[:, :STEPS], totals[:, STEPS:]
        below = np.cumsum(bad, axis=1) - bad / 2
        pairs = good.sum(axis=1) * bad.sum(axis=1)
        return np.asarray(np.divide((good * below).sum(axis=1), pairs, out=np.full(len(totals), np.nan), where=pairs > 0))

    return Sums(np.column_stack([up, down]), area)


def money(rows: pa.Table, customer: Ints, probabilities: Floats, outcome: Outcome) -> Sums:
    """The share of the money in the wrong bucket, per as-of date and currency, then their mean by rows."""
    places = list(zip(rows["as_of"].to_pylist(), rows["currency"].to_pylist(), strict=True))
    number = {place: at for at, place in enumerate(dict.fromkeys(places))}
    group = np.array([number[place] for place in places], np.int64)
    amount = np.asarray(rows["outstanding"].cast(pa.float64()).to_numpy())
    gap = amount[:, None] * (probabilities - np.eye(3)[outcome])
    parts = [counted(customer, group, len(number), gap[:, bucket]) for bucket in range(3)]
    parts += [counted(customer, group, len(number), amount), counted(customer, group, len(number))]

    def wrong(totals: Floats) -> Floats:
        first, second, third, whole, count = np.split(totals, 5, axis=1)
        share = (np.abs(first) + np.abs(second) + np.abs(third)) / 2 / np.maximum(whole, 1)
        return np.asarray((share * count).sum(axis=1) / count.sum(axis=1))

    return Sums(np.column_stack(parts), wrong)


def certain(differences: Mapping[str, LossDifference]) -> Iterator[tuple[str, bool]]:
    """The metrics in which the difference is certain, and whether for the better."""
    for name, gap in differences.items():
        if gap.low > 0 or gap.high < 0:
            yield name, (gap.high < 0) == (name in LOWER_IS_BETTER)
