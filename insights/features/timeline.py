"""What had happened to a customer before a day? Lists of events sorted by customer and day, their sums, and rates of these."""

from typing import Any

import numpy as np
import numpy.typing as npt

from insights.ledger.ledger import Days, Ints

SHIFT = 20  # bits for the day within a (customer, day) key: 2 870 years
FIRST_DAY = -400_000  # days before this (the year 874) are no ledger's
PRIOR = 4.0  # invoices' worth of the whole ledger's rate in a customer's smoothed rate


class Timeline:
    """A list of events sorted by (customer, day), read at states strictly before a day."""

    def __init__(self, customer: npt.NDArray[np.integer[Any]], when: Days) -> None:
        key = keys(customer, when)
        self.order = sorted_order(key)
        self.key = key[self.order]

    @property
    def begins(self) -> npt.NDArray[np.bool_]:
        """Of the events in order, whether each is the first of its customer and day."""
        return np.append(True, self.key[1:] != self.key[:-1])[: len(self.key)]

    def before(self, query: Ints) -> Ints:
        """Number of events, over all customers up to the queried one, strictly before the queried day."""
        return np.asarray(np.searchsorted(self.key, query), np.int64)

    def sums(self, values: npt.NDArray[Any]) -> Ints:
        """Cumulative sums with a leading zero, so that `sums[b] - sums[a]` is the sum of the events from a to b."""
        out = np.zeros(len(values) + 1, np.int64)
        np.cumsum(values[self.order], out=out[1:])
        return out

    def counts(self, which: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
        """As `sums`, of marks."""
        out = np.zeros(len(which) + 1, np.int32)
        np.cumsum(which[self.order], out=out[1:])
        return out


def sorted_order(key: Ints) -> Ints:
    """The places of keys in ascending order, equal ones as they stand: key and place sorted as one number, where both fit."""
    if not len(key):
        return np.zeros(0, np.int64)
    low, bits = int(key.min()), max(len(key) - 1, 1).bit_length()
    if (int(key.max()) - low).bit_length() + bits > 63:
        return np.argsort(key, kind="stable")
    both = ((key - low) << bits) | np.arange(len(key))
    both.sort()
    return np.asarray(both & ((1 << bits) - 1))


def keys(customer: npt.NDArray[np.integer[Any]], when: Days | npt.NDArray[np.int64] | int) -> Ints:
    capped = np.clip(np.asarray(when, np.int64) - FIRST_DAY, 0, (1 << SHIFT) - 1)
    return (customer.astype(np.int64) << SHIFT) | capped


def ratio(part: npt.ArrayLike, whole: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """part / whole, NaN where whole is 0."""
    bottom = np.asarray(whole, np.float64)
    out: npt.NDArray[np.float64] = np.divide(part, bottom, out=np.full(bottom.shape, np.nan), where=bottom != 0)
    return out


def smoothed(part: Ints, whole: Ints, prior: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """part / whole, drawn towards the whole ledger's rate with the weight of PRIOR invoices."""
    drawn: npt.NDArray[np.float64] = (part + PRIOR * prior) / (whole + PRIOR)
    return drawn


def log_ratio(value: npt.NDArray[np.float64], usual: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """log2(value / usual), NaN where the usual is unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        out: npt.NDArray[np.float64] = np.log2(value / usual)
    return np.where(np.isfinite(out), out, np.nan)
