"""What was said of some customers on past days, and what came of them? As for a whole ledger, by company and currency."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import INVOICE, NEVER, Ints, Ledger, as_date, day, days
from insights.portfolio.cash.expected import matrix
from insights.portfolio.cash.later_invoices import MOST, not_invoiced, past_weeks
from insights.portfolio.cash.receipts import ReceiptGroups
from insights.portfolio.cash.replays import REPLAYED, replayed

SUMMED: Final = ("outstanding", "at_risk", "open_book", "variance", "due", "usual")  # of customers, as models said


def replays_of_customers(parts: pa.Table, ledger: Ledger, mondays: Sequence[date]) -> pa.Table:
    """Rows of REPLAYED of some customers, of each of some past days since the first on which an invoice of theirs was known.

    `parts`: their rows of `replays.BY_CUSTOMER`, of those days, which are weeks apart; on some nothing of theirs was open.
    `ledger`: their invoices alone. What comes from invoices issued later is what past weeks received of theirs: no model says so.
    """
    at = np.array(sorted(day(monday) for monday in mondays), np.int64)
    if not len(at):
        return REPLAYED.empty_table()
    past = past_weeks(ledger, as_date(int(at[-1])), (int(at[-1]) - int(at[0])) // 7 + MOST)
    place, code = np.nonzero(first_issued(ledger, past.groups) < at[:, None])  # in order of the days
    of = {name: number for number, name in enumerate(past.groups.names)}
    mine = [of[pair] for pair in zip(parts["company"].to_pylist(), parts["currency"].to_pylist(), strict=True)]
    many = len(past.groups.names)
    row = np.searchsorted(place * many + code, np.searchsorted(at, days(parts["as_of"])) * many + np.array(mine, np.int64))
    number = np.searchsorted(np.array(past.at), at)
    later = np.array([not_invoiced(past, monday)[0] for monday in number.tolist()])
    columns = {name: added(parts, name, row, len(place)) for name in SUMMED} | {
        "as_of": pa.array(at[place].astype(np.int32)).cast(pa.date32()),
        "company": pa.array([past.groups.names[which][0] for which in code], pa.string()),
        "currency": pa.array([past.groups.names[which][1] for which in code], pa.string()),
        "not_invoiced": later[place, code],
        "before": past.before[code, number[place]],
        "came_open": past.opened[code, number[place]],
        "came_later": past.issued_later[code, number[place]],
    }
    return replayed(columns)


def first_issued(ledger: Ledger, groups: ReceiptGroups) -> Ints:
    """int64[groups]: the day of the first invoice of each company and currency; NEVER where there are only credits."""
    out = np.full(len(groups.names), NEVER, np.int64)
    invoices = pc.equal(ledger.invoices["kind"], INVOICE).to_numpy()
    np.minimum.at(out, groups.code[invoices], days(ledger.invoices["issue_date"]).astype(np.int64)[invoices])
    return out


def added(table: pa.Table, name: str, row: np.ndarray, many: int) -> np.ndarray:
    """A column, of lists or not, summed by the row of the result that each row belongs to."""
    values = matrix(table, name) if pa.types.is_fixed_size_list(table.schema.field(name).type) else table[name].to_numpy()
    out = np.zeros((many, *values.shape[1:]), values.dtype)
    np.add.at(out, row, values)
    return out
