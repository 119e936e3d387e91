"""When is an invoice paid that is paid on time? Well before its line by its age, close to its line by the days that are left.

Whoever takes long terms and pays early does so some weeks after the issue, however far off the line is; whoever pays when
due watches the line. So there are two life tables of those paid on time: chance of payment per day of age, until NEAR days
before the line, and shares by days before the line from there on. An invoice counts in each only while it is there: in
the second not before its own issue. Customers have their own, drawn towards everybody's.

Who pays long terms early changes from year to year: what was seen of ages counts half after HALF_LIFE.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from insights.features.events import Events, SnapshotRows
from insights.ledger.ledger import Ints
from insights.ledger.outcomes import ON_TIME

Floats = npt.NDArray[np.floating]

NEAR: Final = 10  # days before the line from which on the line counts, not the age
AGES: Final = 181  # days of age that are told apart; older as the last
FARTHEST: Final = 400  # days before the line that a distribution reaches back
PRIOR: Final = 5.0  # invoices' worth of everybody's timing in a customer's own
TYPICAL: Final = 30  # days over which everybody's early payments lie, where none are known
HALF_LIFE: Final = 182.0  # days after which a payment counts half among ages; as for receipts from invoices issued later
UNIT: Final = 1 << 20  # what one of today weighs: whole numbers, so that the parts of a ledger add up to the bit
DAYS_DRAWN: Final = 20  # invoice-days' worth of the mean in the chance of one day of age


@dataclass(frozen=True)
class PaidOnTime:
    """The invoices of complete history that were paid on time, lines and payments before a day; equal lengths.

    event: index of it; paid, issued: days before the line (issued at least as many).
    """

    event: Ints
    paid: Ints
    issued: Ints


def paid_on_time(events: Events, at: int) -> PaidOnTime:
    """What was known strictly before day `at`."""
    which = np.flatnonzero(events.complete & (events.paid < at) & (events.bucket == ON_TIME) & (events.due_by < at))
    line = events.due_by[which].astype(np.int64)
    paid = line - events.paid[which]
    return PaidOnTime(which, paid, np.maximum(line - events.issue[which], paid))


@dataclass(frozen=True)
class AgeCounts:
    """Of the invoices paid on time, how many were last open, and how many were paid, on each day of age far from their line.

    int64[AGES] each, in parts of UNIT; those of the parts of a ledger add up to those of the whole.
    """

    seen: Ints
    paid: Ints

    def __add__(self, other: "AgeCounts") -> "AgeCounts":
        return AgeCounts(self.seen + other.seen, self.paid + other.paid)


@dataclass(frozen=True)
class _Ages:
    """The last age on which each invoice counted (`counted`: at all), whether it was paid then, and what it weighs."""

    seen: Ints
    weight: Ints
    counted: npt.NDArray[np.bool_]
    died: npt.NDArray[np.bool_]

    def counts(self) -> AgeCounts:
        return AgeCounts(*(weighed(self.seen[which], self.weight[which], AGES) for which in (self.counted, self.died)))


def _ages(past: PaidOnTime, events: Events, at: int, half_life: float | None) -> _Ages:
    since = at - events.paid[past.event].astype(np.float64)
    weight = np.ones(len(since)) if half_life is None else 0.5 ** (since / half_life)
    far = past.issued - NEAR  # its ages below this lie far from its line
    counted = far > 0
    died = past.paid > NEAR
    seen = np.minimum(np.where(died, past.issued - past.paid, far - 1), AGES - 1)
    return _Ages(seen, np.rint(UNIT * weight).astype(np.int64), counted, died & counted)


def age_counts(events: Events, at: int, half_life: float | None) -> AgeCounts:
    """The counts of a ledger, or of a part of one, from what was known strictly before day `at`.

    `half_life`: None where all that was seen counts alike, as for models from before there was one.
    """
    return _ages(paid_on_time(events, at), events, at, half_life).counts()


def weighed(place: Ints, weight: Ints, width: int) -> Ints:
    """int64[width]: the weights by place, exact (bincount adds in float64, which holds whole numbers up to 2 ** 53)."""
    out: Ints = np.bincount(place, weight, width).astype(np.int64)
    return out


class EarlyPayments:
    """Both tables, of each of some customers, from what was known before a day."""

    def __init__(
        self,
        events: Events,
        at: int,
        codes: npt.NDArray[np.int32],
        on_time: tuple[float, ...],
        everybody: AgeCounts | None = None,
        *,
        half_life: float | None = HALF_LIFE,
    ) -> None:
        """`codes`: the customers, ascending; `on_time`: everybody's shares by days before the line (0 first).

        `everybody`: counts of the whole ledger, where `events` are a part of it; `half_life` as for `age_counts`.
        """
        self.at, self.codes = at, codes
        past = paid_on_time(events, at)
        ages = _ages(past, events, at, half_life)
        own = np.searchsorted(codes, events.customer[past.event])
        is_mine = codes[np.minimum(own, len(codes) - 1)] == events.customer[past.event] if len(codes) else own < 0
        self.by_age = self._by_age(own, is_mine, ages, everybody or ages.counts(), sum(on_time[NEAR + 1 :]))
        self.by_line = self._by_line(past, own, is_mine, np.array(on_time[: NEAR + 1]))

    def _by_age(self, own: Ints, is_mine: npt.NDArray[np.bool_], ages: _Ages, everybody: AgeCounts, early: float) -> Floats:
        """float32[customers, AGES]: the chance of payment on a day of age, more than NEAR days before the line."""
        paid, exposed = everybody.paid / UNIT, at_risk(everybody.seen[None])[0] / UNIT
        mean = (paid.sum() + early) / (exposed.sum() + TYPICAL)
        chance = (paid + DAYS_DRAWN * mean) / (exposed + DAYS_DRAWN)
        last, died = (self._weighed(own, ages, is_mine & which) / UNIT for which in (ages.counted, ages.died))
        out: Floats = (died + PRIOR * chance) / (at_risk(last) + PRIOR)
        return out.astype(np.float32)

    def _by_line(self, past: PaidOnTime, own: Ints, is_mine: npt.NDArray[np.bool_], everybody: Floats) -> Floats:
        """float64[customers, NEAR + 1]: shares by days before the line, 0 first, of what is open NEAR days before it."""
        near = is_mine & (past.paid <= NEAR)
        paid = self._counts(own, past.paid, near, NEAR + 1)
        issued = self._counts(own, np.minimum(past.issued, NEAR), near, NEAR + 1)
        return standing(paid, issued, everybody / everybody.sum())

    def _weighed(self, own: Ints, ages: _Ages, which: npt.NDArray[np.bool_]) -> Ints:
        """int64[customers, AGES]: what each customer's invoices weigh, by the last age on which they counted."""
        flat = own[which] * AGES + ages.seen[which]
        return weighed(flat, ages.weight[which], len(self.codes) * AGES).reshape(-1, AGES)

    def _counts(self, own: Ints, place: Ints, which: npt.NDArray[np.bool_], width: int) -> Ints:
        """int64[customers, width]: how many of each customer's invoices, by place."""
        flat = own[which] * width + place[which]
        return np.bincount(flat, minlength=len(self.codes) * width).reshape(-1, width)

    def shares(self, rows: SnapshotRows, back: int) -> Floats:
        """float64[n, back + 1]: shares by day from `back` days before the line to the line, of invoices paid on time.

        Nothing before the day of the tables; all on the line where that is over. `back` is at least NEAR.
        """
        own, line = np.searchsorted(self.codes, rows.customer), rows.due_by.astype(np.int64)
        ahead = line[:, None] - np.arange(back, NEAR, -1)  # the days far from the line
        age = ahead - rows.issue[:, None]
        chance = self.by_age[own[:, None], np.clip(age, 0, AGES - 1)].astype(np.float64)
        chance = np.where((age < 0) | (ahead < self.at), 0.0, chance)
        still_open = np.cumprod(1 - chance, axis=1)
        before = np.concatenate([np.ones((len(line), 1)), still_open], axis=1)
        near = from_today(self.by_line[own, ::-1], self.at - (line - NEAR))
        return np.concatenate([before[:, :-1] * chance, before[:, -1:] * near], axis=1)


def at_risk(last: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """[n, ages]: how many were still there on each age, from how many were there last on it; or what they weigh."""
    out: npt.NDArray[Any] = np.cumsum(last[:, ::-1], axis=1)[:, ::-1]
    return out


def standing(paid: Ints, issued: Ints, everybody: Floats) -> Floats:
    """float64[n, k]: shares by days before the line (0 first), of invoices that stand that long before it; rows sum to 1.

    paid, issued: how many of the same invoices, so many days before the line (int64[n, k]). `everybody` (float64[k]) has the
    weight of PRIOR invoices. An invoice issued two days before its line says nothing of what is paid a week before it.

    >>> standing(np.array([[5, 5]]), np.array([[0, 10]]), np.array([0.5, 0.5])).tolist()  # all were there
    [[0.5, 0.5]]
    >>> standing(np.array([[15, 5]]), np.array([[10, 10]]), np.array([0.5, 0.5])).tolist()  # ten came when it was too late
    [[0.5, 0.5]]
    """
    weight = paid + PRIOR * everybody
    there = np.cumsum(weight, axis=1)
    there[:, 1:] -= np.cumsum(issued, axis=1)[:, :-1]
    chance = weight / there
    left = np.cumprod((1 - chance)[:, ::-1], axis=1)[:, ::-1]  # still open after the day
    out: Floats = np.concatenate([left[:, 1:], np.ones((len(weight), 1))], axis=1) * chance
    return out


def from_today(weight: Floats, gone: Ints) -> Floats:
    """Weights by day as shares of what is left after the first `gone` days; all on the last day where nothing is."""
    width = weight.shape[1]
    kept = np.where(np.arange(width) < gone[:, None], 0.0, weight)
    total = kept.sum(axis=1, keepdims=True)
    kept[:, -1] += total[:, 0] <= 0
    out: Floats = kept / np.where(total > 0, total, 1)
    return out
