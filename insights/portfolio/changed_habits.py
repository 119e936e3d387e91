"""Which customers now pay later, or sooner, than in the year before, and for which of so many is it more than chance?

Everything is of payments strictly before a day. Payments of one day are one decision, so days of payment are compared, not
invoices; by rank, as one payment that came a year late moves a mean and proves nothing. Of many customers some seem changed by
chance alone: their p-values are judged together, so that of those called changed FALSE_SHARE at most are, on average, not.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import INVOICE, NEVER, Days, Floats, Ints, Ledger, day, days
from insights.portfolio.kpis import paid_before

RECENT, EARLIER = 90, 365  # days before the as-of date, and days before those
LEAST_DAYS = 6  # of payment on either side: with fewer, nothing is said of a change
LEAST_CHANGE = 1.0  # days in the mean: less is no change, whatever the ranks say
FALSE_SHARE: Final = 0.1
SETTLING = 90  # days after the first invoice in which only those who pay at once have paid
CUSTOMER = ("company", "customer_id")


@dataclass(frozen=True)
class DaysLateTrend:
    """Mean days late of what was paid of late, and before that.

    later: of all pairs of a recent day of payment and one before, the share in which the recent one is later (ties count half).
    changed: the evidence carries that the customer pays otherwise, among all that are looked at.
    """

    before: float
    now: float
    invoices_before: int
    invoices_now: int
    days_before: int  # of payment
    days_now: int
    later: float
    changed: bool

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "DaysLateTrend":
        """The trend in a row of `days_late_trends`."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    @property
    def change(self) -> float:
        """Days that it now pays later; below 0 = sooner."""
        return self.now - self.before

    @property
    def worse(self) -> bool:
        return self.changed and self.change > 0

    @property
    def better(self) -> bool:
        return self.changed and self.change < 0


def days_late_trends(ledger: Ledger, as_of: date) -> pa.Table:
    """The last RECENT days against the EARLIER days before them, by customer with LEAST_DAYS days of payment on both sides.

    Columns: company, customer_id, customer_name, and those of DaysLateTrend. The changed ones first, those who pay later before
    those who pay sooner, the largest change first.
    """
    table = ledger.invoices
    known = pc.equal(table["kind"], INVOICE).to_numpy() & (days(table["issue_date"]) < day(as_of))
    paid, edge = days(table["paid_date"]), day(as_of) - RECENT
    begin = max(edge - EARLIER, day(ledger.history_starts), _settled_from(days(table["issue_date"])[known]))
    which = np.flatnonzero(known & paid_before(table, as_of) & (paid >= begin))
    rows = table.select([*CUSTOMER, "customer_name"]).take(pa.array(which))
    customer, late = _codes(rows), (paid - days(table["due_date"]))[which].astype(np.int64)
    trends = _trends(_PaidDays.of(customer, paid[which] - begin, late), edge - begin)
    last = len(rows) - 1 - np.unique(customer[::-1], return_index=True)[1]  # of each customer, for its name
    enough = np.flatnonzero(trends.pop("enough"))
    who = rows.take(pa.array(last[enough].astype(np.int64)))
    values = {name: column[enough] for name, column in trends.items()}
    values["changed"] = discoveries(values.pop("p"), FALSE_SHARE)
    change = values["now"] - values["before"]
    order = np.lexsort((-np.abs(change), change < 0, ~values["changed"]))
    columns = {field.name: pa.array(values[field.name]) for field in fields(DaysLateTrend)}
    return pa.table({name: who[name] for name in who.column_names} | columns).take(pa.array(order))


def trend_of(trends: pa.Table, company: str, customer_id: str) -> DaysLateTrend | None:
    """What `days_late_trends` says of one customer; None where there is too little to say anything."""
    mine = pc.and_(pc.equal(trends["company"], company), pc.equal(trends["customer_id"], customer_id))
    row = trends.filter(mine).to_pylist()
    return DaysLateTrend.of(row[0]) if row else None


def changes(trends: pa.Table) -> dict[tuple[str, str], DaysLateTrend]:
    """The customers whose habit changed, (company, customer id) -> how, in the order of `days_late_trends`."""
    rows = trends.filter(trends["changed"]).to_pylist()
    return {(row["company"], row["customer_id"]): DaysLateTrend.of(row) for row in rows}


def _settled_from(issued: Days) -> int:
    """The first day whose payments are of everybody, where a file holds what was issued since some day."""
    return int(issued.min(initial=NEVER - SETTLING)) + SETTLING


def _codes(rows: pa.Table) -> Ints:
    """A number per (company, customer id), from 0 on."""
    encoded = [rows[name].combine_chunks().dictionary_encode() for name in CUSTOMER]
    company, customer = (codes.indices.to_numpy().astype(np.int64) for codes in encoded)
    return np.asarray(np.unique(company * max(len(encoded[1].dictionary), 1) + customer, return_inverse=True)[1], np.int64)


@dataclass(frozen=True)
class _PaidDays:
    """A row per customer and day of payment: how many invoices, and their days late together."""

    customer: Ints
    on: Ints
    invoices: Ints
    late: Ints

    @classmethod
    def of(cls, customer: Ints, on: npt.NDArray[np.integer[Any]], late: Ints) -> "_PaidDays":
        """`on`: 0 to RECENT + EARLIER - 1."""
        key, place = np.unique(customer * (RECENT + EARLIER) + on, return_inverse=True)
        sums = (np.bincount(place, weights, len(key)).astype(np.int64) for weights in (None, late))
        return cls(*np.divmod(key, RECENT + EARLIER), *sums)


def _trends(paid: _PaidDays, edge: int) -> dict[str, npt.NDArray[Any]]:
    """The columns of DaysLateTrend by customer, whether there is `enough` of them, and `p` in place of `changed`.

    Mann and Whitney's test: exact in its variance, ties included, so that chance alone is seldom taken for a change.
    """
    many, recent = int(paid.customer.max(initial=-1)) + 1, paid.on >= edge
    (days_before, days_now), (n_before, n_now), (late_before, late_now) = (
        [np.bincount(paid.customer[side], weights[side], many).astype(np.int64) for side in (~recent, recent)]
        for weights in (np.ones(len(recent)), paid.invoices, paid.late)
    )
    enough = (days_before >= LEAST_DAYS) & (days_now >= LEAST_DAYS)
    rank, ties = _ranks(paid)
    pairs, both = np.maximum(days_before * days_now, 1), np.maximum(days_before + days_now, 2)
    later = (np.bincount(paid.customer[recent], rank[recent], many) - days_now * (days_now + 1) / 2) / pairs
    tied = np.bincount(paid.customer, ties, many) / (both * (both - 1))
    error = np.sqrt(np.maximum(both + 1 - tied, 0) / 12 / pairs)
    before, now = (late / np.maximum(n, 1) for late, n in ((late_before, n_before), (late_now, n_now)))
    away, change = later - 0.5, now - before
    clear = (error > 0) & (np.abs(change) >= LEAST_CHANGE) & (np.sign(change) == np.sign(away))
    z = np.where(clear, np.abs(away) / np.where(error > 0, error, 1), 0)
    return {
        "enough": enough,
        "before": before,
        "now": now,
        "invoices_before": n_before,
        "invoices_now": n_now,
        "days_before": days_before,
        "days_now": days_now,
        "later": later,
        "p": np.array([math.erfc(deviation / math.sqrt(2)) for deviation in z]),
    }


def _ranks(paid: _PaidDays) -> tuple[Floats, Floats]:
    """Each day's rank by mean days late among its customer's (from 1, ties share theirs), and for its tie t, t squared less 1."""
    late = paid.late / paid.invoices
    order = np.lexsort((late, paid.customer))
    who, value = paid.customer[order], late[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (who[1:] != who[:-1]) | (value[1:] != value[:-1])
    tie = np.cumsum(new) - 1
    size = np.bincount(tie)
    first = np.searchsorted(who, who)  # place of the customer's first day
    begin = np.flatnonzero(new)[tie] if len(order) else tie
    rank, ties = np.empty(len(order)), np.empty(len(order))
    rank[order] = begin - first + (size[tie] + 1) / 2
    ties[order] = size[tie].astype(np.float64) ** 2 - 1
    return rank, ties


def discoveries(p: Floats, rate: float) -> npt.NDArray[np.bool_]:
    """Which of many p-values stand, so that of those that do this share at most is, on average, chance (Benjamini and Hochberg).

    >>> discoveries(np.array([0.001, 0.04, 0.06, 0.9]), 0.1).tolist()
    [True, True, True, False]
    """
    order = np.argsort(p)
    passed = np.flatnonzero(p[order] * len(p) <= rate * np.arange(1, len(p) + 1))
    return np.isin(np.arange(len(p)), order[: passed[-1] + 1] if len(passed) else [])
