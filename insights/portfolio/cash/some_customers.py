"""What was said of some customers on past days, and what came of them? As for a whole ledger, by company and currency."""

from typing import Final

import numpy as np
import pyarrow as pa

from insights.ledger.ledger import Ledger, as_date, days
from insights.portfolio.cash.expected import WEEKS, matrix
from insights.portfolio.cash.later_invoices import MOST, not_invoiced, past_weeks
from insights.portfolio.cash.replays import REPLAYED, replayed

SUMMED: Final = ("outstanding", "open_book", "variance", "due", "usual")  # of customers, as models said


def replays_of_customers(parts: pa.Table, ledger: Ledger) -> pa.Table:
    """Rows of REPLAYED of some customers, of each past day on which anything of theirs was open.

    `parts`: their rows of `replays.BY_CUSTOMER`, of days a week apart; `ledger`: their invoices alone. What comes from invoices
    issued later is what past weeks received of theirs: no model says so.
    """
    if not len(parts):
        return REPLAYED.empty_table()
    at = days(parts["as_of"]).astype(np.int64)
    past = past_weeks(ledger, as_date(int(at.max())), (int(at.max()) - int(at.min())) // 7 + MOST)
    place = {name: number for number, name in enumerate(past.groups.names)}
    group = np.array([place[pair] for pair in zip(parts["company"].to_pylist(), parts["currency"].to_pylist(), strict=True)])
    keys, row = np.unique(np.column_stack([at, group]), axis=0, return_inverse=True)
    day, code = keys[:, 0], keys[:, 1]
    number = np.searchsorted(np.array(past.at), day)
    later = {monday: not_invoiced(past, monday)[0] for monday in np.unique(number).tolist()}
    columns = {name: added(parts, name, row.ravel(), len(keys)) for name in SUMMED} | {
        "as_of": pa.array(day.astype(np.int32)).cast(pa.date32()),
        "company": pa.array([past.groups.names[which][0] for which in code]),
        "currency": pa.array([past.groups.names[which][1] for which in code]),
        "not_invoiced": np.array([later[at][which] for at, which in zip(number.tolist(), code.tolist(), strict=True)]).reshape(
            -1, WEEKS
        ),
        "before": past.before[code, number],
        "came_open": past.opened[code, number],
        "came_later": past.issued_later[code, number],
    }
    return replayed(columns)


def added(table: pa.Table, name: str, row: np.ndarray, many: int) -> np.ndarray:
    """A column, of lists or not, summed by the row of the result that each row belongs to."""
    values = matrix(table, name) if pa.types.is_fixed_size_list(table.schema.field(name).type) else table[name].to_numpy()
    out = np.zeros((many, *values.shape[1:]), values.dtype)
    np.add.at(out, row, values)
    return out
