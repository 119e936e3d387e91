"""What did an earlier forecast say, what does today's say of the same weeks, and what came meanwhile?

Of the open invoices, to the minor unit: what was said then of the days that are still ahead, plus new invoices, less what was
settled since, plus what moved to other days, plus what promises move, is what is said now.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from insights.ledger.ledger import Ints, Ledger, day
from insights.portfolio.cash.expected import AHEAD, matrix
from insights.portfolio.cash.receipts import receipts

KEY = ("company", "customer_id", "invoice_id", "line")


@dataclass(frozen=True)
class ThenAndNow:
    """Minor units of one currency. `since`: from the earlier as-of date to before today's; `ahead`: the rest of its days."""

    since_said: int
    since_came: int  # from invoices that were open then
    since_came_new: int  # from invoices issued since
    ahead_then: int
    new: int  # of invoices issued since
    settled: int  # 0 or below: had been expected of invoices that are settled by now
    moved: int  # of invoices open then and now, by the model
    agreed: int  # by promises, disputes and overrides
    ahead_now: int


def then_and_now(then: pa.Table, then_on: date, now: pa.Table, agreed: pa.Table, as_of: date, ledger: Ledger) -> ThenAndNow:
    """Two forecasts of one currency, rows of EXPECTED; `now` as the models say, `agreed` the same moved by what was agreed.

    `then_on` lies before `as_of`, by less than AHEAD days.
    """
    gone = (as_of - then_on).days
    before, after, moved = (
        matrix(rows, "days")[:, begin:end].sum(axis=1)
        for rows, begin, end in ((then, gone, AHEAD), (now, 0, AHEAD - gone), (agreed, 0, AHEAD - gone))
    )
    old, new = keys(then), keys(now)
    is_new = np.array([key not in old for key in new], bool)
    is_settled = np.array([key not in new for key in old], bool)
    kept_before, kept_after = int(before[~is_settled].sum()), int(after[~is_new].sum())
    came_open, came_new = came(ledger, old, then_on, as_of, then)
    return ThenAndNow(
        since_said=int(matrix(then, "days")[:, :gone].sum()),
        since_came=came_open,
        since_came_new=came_new,
        ahead_then=int(before.sum()),
        new=int(after[is_new].sum()),
        settled=-int(before[is_settled].sum()),
        moved=kept_after - kept_before,
        agreed=int(moved.sum()) - int(after.sum()),
        ahead_now=int(moved.sum()),
    )


def keys(rows: pa.Table) -> dict[tuple[str, ...], int]:
    """Invoice key -> place."""
    return {key: place for place, key in enumerate(zip(*(rows[name].to_pylist() for name in KEY), strict=True))}


def came(ledger: Ledger, old: dict[tuple[str, ...], int], then_on: date, as_of: date, like: pa.Table) -> tuple[int, int]:
    """What came from `then_on` to before `as_of`: of invoices that were open then, and of those issued since.

    Of the currencies and companies of some rows.
    """
    came_in = receipts(ledger).between(day(then_on), day(as_of))
    rows = ledger.invoices.take(pa.array(came_in.position)).select([*KEY, "currency"]).to_pylist()
    wanted = set(zip(like["company"].to_pylist(), like["currency"].to_pylist(), strict=True))
    mine = np.array([(row["company"], row["currency"]) in wanted for row in rows], bool)
    was_open = np.array([tuple(row[name] for name in KEY) in old for row in rows], bool)
    amount: Ints = came_in.amount
    return int(amount[mine & was_open].sum()), int(amount[mine & ~was_open].sum())
