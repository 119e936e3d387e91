"""What moves expected cash: what was agreed with customers, and what somebody supposes. The middle alone, never a width."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import NEVER, Days, Floats, Ints, day, days
from insights.portfolio.cash.expected import AHEAD, EXPECTED, WEEKS, listed, matrix, spread

LATER, LOST = AHEAD, AHEAD + 1  # columns after those of the days
LARGEST: Final = 10  # invoices of the first scenario
DELAY: Final = 10  # days of the second


@dataclass(frozen=True)
class Moves:
    """Per row of expected cash, what moves it; days since 1970-01-01, NEVER where nothing does.

    `on`: everything comes on that day. Else `weight` of it comes on day `promised`, the rest by its own distribution, `delay`
    days later.
    """

    on: Days
    promised: Days
    weight: Floats
    delay: Ints

    @classmethod
    def none(cls, many: int) -> "Moves":
        never = np.full(many, NEVER, np.int32)
        return cls(never, never, np.zeros(many), np.zeros(many, np.int64))


def moved(rows: pa.Table, moves: Moves, as_of: date) -> pa.Table:
    """Rows of EXPECTED with their days, weeks, later and never moved; what is outstanding of each stays."""
    touched = np.flatnonzero((moves.on != NEVER) | (moves.promised != NEVER) | (moves.delay > 0))
    if not len(touched):
        return rows
    outstanding = np.asarray(rows["outstanding"].to_numpy(), np.int64)
    whole = parts(rows)
    own = later_by(whole[touched] / np.maximum(outstanding[touched], 1)[:, None], moves.delay[touched])
    weight = np.where(moves.promised[touched] != NEVER, moves.weight[touched], 0.0)[:, None]
    shares = weight * on_day(moves.promised[touched], as_of) + (1 - weight) * own
    shares = np.where((moves.on[touched] != NEVER)[:, None], on_day(moves.on[touched], as_of), shares)
    whole[touched] = spread(outstanding[touched], shares)
    return with_parts(rows, whole)


def promised_days(rows: pa.Table, moves: Moves, as_of: date) -> Ints:
    """int64[n, AHEAD]: what of each moved invoice's expected cash stands on a promise or on somebody's word."""
    weight = np.where(moves.on != NEVER, 1.0, np.where(moves.promised != NEVER, moves.weight, 0.0))
    when = np.where(moves.on != NEVER, moves.on, moves.promised).astype(np.int32)
    out = np.zeros((len(rows), AHEAD), np.int64)
    stands = np.flatnonzero(weight > 0)
    amounts = np.floor(rows["outstanding"].to_numpy()[stands] * weight[stands])[:, None] * on_day(when[stands], as_of)[:, :AHEAD]
    out[stands] = np.minimum(amounts.astype(np.int64), matrix(rows, "days")[stands])
    return out


def parts(rows: pa.Table) -> Ints:
    """int64[n, AHEAD + 2]: by day, later, never."""
    whole: Ints = np.column_stack([matrix(rows, "days"), rows["later"].to_numpy(), rows["never"].to_numpy()])
    return whole


def with_parts(rows: pa.Table, whole: Ints) -> pa.Table:
    """The rows with other parts, as of `parts`."""
    by_day = np.ascontiguousarray(whole[:, :AHEAD])
    changed = {
        "weeks": listed(by_day.reshape(-1, WEEKS, 7).sum(axis=2)),
        "days": listed(by_day),
        "later": pa.array(whole[:, LATER]),
        "never": pa.array(whole[:, LOST]),
    }
    return pa.table([changed.get(name, rows[name]) for name in EXPECTED.names], schema=EXPECTED)


def on_day(when: Days, as_of: date) -> Floats:
    """float64[n, AHEAD + 2]: all of it on one day, on the business day after it where it is none; NEVER is none."""
    ahead = np.where(when == NEVER, -1, business_day(np.where(when == NEVER, day(as_of), when)) - day(as_of))
    place = np.minimum(ahead, LATER)
    out: Floats = (place[:, None] == np.arange(AHEAD + 2)).astype(np.float64)
    return out


def business_day(when: npt.NDArray[np.integer]) -> Ints:
    """Days moved forward to Monday to Friday."""
    out: Ints = np.busday_offset(when.astype("datetime64[D]"), 0, roll="forward").astype(np.int64)
    return out


def later_by(shares: Floats, delay: Ints) -> Floats:
    """Shares by day, each row so many days later; what leaves the days comes later."""
    place = np.arange(AHEAD) - delay[:, None]
    by_day = np.where(place >= 0, np.take_along_axis(shares, np.maximum(place, 0), axis=1), 0.0)
    over = shares[:, :AHEAD].sum(axis=1) - by_day.sum(axis=1)
    return np.column_stack([by_day, shares[:, LATER] + over, shares[:, LOST]])


# ---------------------------------------------------------------- what if


def largest_as_due(rows: pa.Table, as_of: date, many: int = LARGEST) -> pa.Table:
    """The largest invoices of the rows come on their due dates; of those past due, on the as-of date."""
    largest = np.argsort(-rows["outstanding"].to_numpy(), kind="stable")[:many]
    moves = Moves.none(len(rows))
    moves.on[largest] = np.maximum(days(rows["due_date"])[largest], day(as_of))
    return moved(rows, moves, as_of)


def everyone_later(rows: pa.Table, as_of: date, delay: int = DELAY) -> pa.Table:
    """Everybody pays so many days later."""
    moves = Moves.none(len(rows))
    moves.delay[:] = delay
    return moved(rows, moves, as_of)


def customer_fails(rows: pa.Table, company: str, customer_id: str) -> pa.Table:
    """Nothing comes of a customer any more."""
    gone = pc.and_(pc.equal(rows["company"], company), pc.equal(rows["customer_id"], customer_id)).to_numpy()
    whole = parts(rows)
    whole[gone] = 0
    whole[gone, LOST] = rows["outstanding"].to_numpy()[gone]
    return with_parts(rows, whole)


def terms_shortened(not_invoiced: Ints, by: int) -> Ints:
    """int64[groups, WEEKS]: what is not invoiced yet comes `by` days sooner; after the last week as in the last."""
    weeks, rest = divmod(by, 7)
    last = np.repeat(not_invoiced[:, -1:], weeks + 1, axis=1)
    long = np.concatenate([not_invoiced, last], axis=1)
    sooner = long[:, weeks : weeks + WEEKS] * (7 - rest) + long[:, weeks + 1 : weeks + 1 + WEEKS] * rest
    out: Ints = np.rint(sooner / 7).astype(np.int64)
    return out
