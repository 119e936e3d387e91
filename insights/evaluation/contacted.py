"""Did customers who were contacted pay more often on time than predicted, beside those on the same lists who were not?

An association, not an effect: whoever calls chooses whom. So the same difference is looked at in the week before the contact,
when nobody had called yet (a placebo). Where it stands there already, the one afterwards says nothing about calls.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import pyarrow as pa

from insights.evaluation.intervals import draws
from insights.ledger.ledger import Floats, Ints

CERTAIN = 1.96  # standard errors of a 95 per cent interval
FEWEST = 20  # customers in each group, below which nothing is said of a difference
CASES: Final = pa.schema(
    [
        pa.field("company", pa.string()),
        pa.field("customer_id", pa.string()),
        pa.field("before", pa.bool_()),  # of the week before the list, else of the time after it
        pa.field("contacted", pa.bool_()),  # on the day of the list
        pa.field("overdue", pa.bool_()),  # asked is: paid within seven days; else: paid on time
        pa.field("predicted", pa.float64()),  # the probability that was shown
        pa.field("paid", pa.bool_()),
    ]
)
Mask = np.ndarray
State = Literal["too_few", "no_week_before", "as_before", "apart"]


@dataclass(frozen=True)
class Surplus:
    """Paid less predicted, or the difference of two such: what it is, and within which it lies with 95 per cent."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class ContactGroup:
    """Invoices of one group: how many, of how many customers; the mean probability, the share paid, and paid less predicted."""

    customers: int
    invoices: int
    predicted: float | None = None
    paid: float | None = None
    surplus: Surplus | None = None  # paid less predicted


@dataclass(frozen=True)
class Association:
    """Contacted against not contacted. `beyond`: the difference less the one of the week before."""

    contacted: ContactGroup
    others: ContactGroup
    state: State
    difference: Surplus | None = field(default=None)
    before: Surplus | None = field(default=None)
    beyond: Surplus | None = field(default=None)


def association(cases: pa.Table, *, fewest: int = FEWEST) -> Association:
    """How the two groups differ, and whether that goes beyond the week before.

    cases: rows of CASES of one question. `state`: "too_few" customers in a group; "no_week_before" to compare with; "as_before"
    where the difference is not surely another than in the week before; else "apart".
    """
    who = _customers(cases)
    before, contacted = (cases[name].to_numpy(zero_copy_only=False).astype(bool) for name in ("before", "contacted"))
    parts = [~before & contacted, ~before & ~contacted, before & contacted, before & ~contacted]
    paid = cases["paid"].to_numpy(zero_copy_only=False).astype(float)
    residual = paid - cases["predicted"].to_numpy()
    enough = [len(np.unique(who[part])) >= fewest for part in parts]
    if not all(enough[:2]):
        return Association(_group(cases, who, parts[0]), _group(cases, who, parts[1]), "too_few")
    spread = [_part(residual[part], paid[part], who[part]) for part in parts]
    drawn = _drawn(residual, who, parts)
    groups = [_group(cases, who, part, _contrast(spread, drawn, {at: 1})) for at, part in enumerate(parts[:2])]
    difference = _contrast(spread, drawn, {0: 1, 1: -1})
    if not all(enough):
        return Association(groups[0], groups[1], "no_week_before", difference)
    earlier = _contrast(spread, drawn, {2: 1, 3: -1})
    beyond = _contrast(spread, drawn, {0: 1, 1: -1, 2: -1, 3: 1})
    state: State = "apart" if beyond.low > 0 or beyond.high < 0 else "as_before"
    return Association(groups[0], groups[1], state, difference, earlier, beyond)


def _customers(cases: pa.Table) -> Ints:
    """Customers as 0 ... n - 1."""
    code = np.zeros(len(cases), np.int64)
    for name in ("company", "customer_id"):
        values = cases[name].combine_chunks().dictionary_encode()
        of_column = values.indices.to_numpy() if len(cases) else code
        code = np.unique(code * (len(values.dictionary) + 1) + of_column, return_inverse=True)[1].astype(np.int64)
    return code


def _group(cases: pa.Table, who: Ints, part: Mask, surplus: Surplus | None = None) -> ContactGroup:
    if not part.any():
        return ContactGroup(0, 0)
    predicted = float(cases["predicted"].to_numpy()[part].mean())
    paid = float(cases["paid"].to_numpy(zero_copy_only=False)[part].astype(float).mean())
    return ContactGroup(len(np.unique(who[part])), int(part.sum()), predicted, paid, surplus)


def _part(residual: Floats, paid: Floats, who: Ints) -> Surplus:
    """The mean residual, and Wilson's interval of the share paid, of as many observations as there are customers, less predicted.

    Where all paid, or none, no resampling shows how little that may mean; this does.
    """
    many = len(np.unique(who))
    if not many:
        return Surplus(0.0, 0.0, 0.0)
    share, mean, z = float(paid.mean()), float(residual.mean()), CERTAIN
    middle = (share + z * z / (2 * many)) / (1 + z * z / many)
    width = z * np.sqrt(share * (1 - share) / many + z * z / (4 * many * many)) / (1 + z * z / many)
    return Surplus(mean, mean - share + middle - width, mean - share + middle + width)


def _drawn(residual: Floats, who: Ints, parts: list[Mask]) -> list[Floats]:
    """The mean residuals of each part over customers drawn with replacement, the same draws for all parts."""
    many = int(who.max()) + 1
    sums = [np.bincount(who[part], residual[part], many) for part in parts]
    counts = [np.bincount(who[part], minlength=many).astype(np.float64) for part in parts]
    drawn: list[list[Floats]] = [[] for _ in parts]
    for chosen in draws(many, 0):
        for at, (total, count) in enumerate(zip(sums, counts, strict=True)):
            rows = count[chosen].sum(axis=1)
            drawn[at].append(np.where(rows > 0, total[chosen].sum(axis=1) / np.maximum(rows, 1), np.nan))
    return [np.concatenate(means) for means in drawn]


def _contrast(parts: list[Surplus], drawn: list[Floats], signs: Mapping[int, int]) -> Surplus:
    """Parts added or taken off each other: the wider of the bootstrap's interval and of the one that their own intervals give.

    The second adds the squares of how far each part may lie off (Newcombe's method, for any number of parts).
    """
    mean = sum(sign * parts[at].mean for at, sign in signs.items())
    below = [parts[at].mean - parts[at].low if sign > 0 else parts[at].high - parts[at].mean for at, sign in signs.items()]
    above = [parts[at].high - parts[at].mean if sign > 0 else parts[at].mean - parts[at].low for at, sign in signs.items()]
    low, high = np.nanquantile(sum(sign * drawn[at] for at, sign in signs.items()), [0.025, 0.975])
    return Surplus(mean, float(min(low, mean - np.hypot.reduce(below))), float(max(high, mean + np.hypot.reduce(above))))
