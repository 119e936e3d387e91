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
        self.order = np.argsort(key, kind="stable")
        self.key = key[self.order]

    def before(self, query: Ints) -> Ints:
        """Number of events, over all customers up to the queried one, strictly before the queried day."""
        return np.asarray(np.searchsorted(self.key, query), np.int64)

    def sums(self, values: npt.NDArray[Any]) -> Ints:
        """Cumulative sums with a leading zero, so that `sums[b] - sums[a]` is the sum of the events from a to b."""
        ordered = values[self.order]
        out = np.zeros((len(ordered) + 1, *ordered.shape[1:]), np.int64)
        np.cumsum(ordered, axis=0, out=out[1:])
        return out


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
