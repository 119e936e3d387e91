"""How much of each open invoice comes on which day? The open book as expected cash, in integer minor units.

Every sum is one of integers, so days add up to weeks, weeks and what comes later to the outstanding of each invoice, and
those to the receivables, to the minor unit.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insights.ledger.ledger import SCHEMA, Ints, day, days

WEEKS: Final = 13
AHEAD: Final = 7 * WEEKS  # days from the as-of date on
WEEK: Final = timedelta(days=7)

NAMED: Final = (
    "company",
    "customer_id",
    "customer_name",
    "invoice_id",
    "line",
    "currency",
    "outstanding",
    "issue_date",
    "due_date",
)
EXPECTED: Final = pa.schema(
    [
        *(SCHEMA.field(name) for name in NAMED),
        pa.field("position", pa.int64()),  # in `Ledger.invoices`
        pa.field("p_on_time", pa.float64()),
        pa.field("model", pa.string()),
        pa.field("weeks", pa.list_(pa.int64(), WEEKS)),  # minor units by week from the as-of date on
        pa.field("days", pa.list_(pa.int64(), AHEAD)),  # the same by day
        pa.field("later", pa.int64()),  # after those weeks
        pa.field("never", pa.int64()),  # probably never: not within two years
    ]
)  # weeks + later + never = outstanding


def spread(outstanding: Ints, shares: npt.NDArray[np.floating]) -> Ints:
    """Outstanding (int64[n], minor units) over columns by shares (float[n, k], each row sums to 1): int64[n, k].

    Rounded where the running sum is, so that each row sums exactly and no running sum is off by more than half a minor unit.

    >>> spread(np.array([100, 1]), np.array([[0.126, 0.5, 0.374], [0.2, 0.2, 0.6]])).tolist()
    [[13, 50, 37], [0, 0, 1]]
    """
    running = np.cumsum(shares, axis=1, dtype=np.float64)
    whole = np.minimum(np.rint(outstanding[:, None] * np.minimum(running, 1.0)).astype(np.int64), outstanding[:, None])
    whole[:, -1] = outstanding
    parts: Ints = np.diff(whole, axis=1, prepend=0)
    return parts


def expected_cash(predictions: pa.Table, shares: npt.NDArray[np.floating]) -> pa.Table:
    """The rows of `snapshot.PREDICTIONS` as those of EXPECTED; `shares` as of `payment_days`: AHEAD days, later, never."""
    parts = spread(predictions["outstanding"].to_numpy(), shares)
    by_day = np.ascontiguousarray(parts[:, :AHEAD])
    by_week = by_day.reshape(-1, WEEKS, 7).sum(axis=2)
    given = {name: predictions[name] for name in (*NAMED, "position", "p_on_time", "model")}
    given |= {
        "weeks": listed(by_week),
        "days": listed(by_day),
        "later": pa.array(parts[:, AHEAD]),
        "never": pa.array(parts[:, AHEAD + 1]),
    }
    return pa.table([given[field.name] for field in EXPECTED], schema=EXPECTED)


def listed(values: Ints) -> pa.Array:
    """int64[n, k] as a column of lists of k."""
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])


def matrix(table: pa.Table, name: str) -> npt.NDArray[Any]:
    """A column of lists of k numbers as an array [n, k]."""
    column = table[name].combine_chunks()
    column = column if isinstance(column, pa.FixedSizeListArray) else pa.concat_arrays(column.chunks)
    values: npt.NDArray[Any] = column.flatten().to_numpy().reshape(-1, table.schema.field(name).type.list_size)
    return values


@dataclass(frozen=True)
class OpenBook:
    """What is expected of some open invoices; minor units of one currency."""

    outstanding: int
    weeks: tuple[int, ...]
    due: tuple[int, ...]  # falls due in each week, as agreed; what is past due is in none
    later: int
    never: int  # probably never; weeks + later + never = outstanding
    variance: tuple[float, ...]  # `variances`


def open_book(rows: pa.Table, as_of: date) -> OpenBook:
    """The sums of rows of EXPECTED, all of one currency."""
    weeks = matrix(rows, "weeks")
    outstanding = np.asarray(rows["outstanding"].to_numpy(), np.int64)
    return OpenBook(
        int(outstanding.sum()),
        tuple(weeks.sum(axis=0).tolist()),
        tuple(due_by_week(days(rows["due_date"]), outstanding, as_of).tolist()),
        int(rows["later"].to_numpy().sum()),
        int(rows["never"].to_numpy().sum()),
        tuple(variances(weeks, outstanding, debts(rows)).tolist()),
    )


def debts(rows: pa.Table) -> Ints:
    """A number per customer and due date: what one payment run pays or leaves."""
    codes = np.zeros(len(rows), np.int64)
    for name in ("company", "customer_id", "due_date"):
        values = np.unique(
            rows[name].cast(pa.int32()).to_numpy() if name == "due_date" else text_codes(rows[name]), return_inverse=True
        )[1]
        codes = np.unique(codes * (int(values.max(initial=0)) + 1) + values, return_inverse=True)[1]
    return np.asarray(codes, np.int64)


def text_codes(column: pa.ChunkedArray) -> Ints:
    encoded = column.dictionary_encode().unify_dictionaries().combine_chunks()
    part = encoded if isinstance(encoded, pa.DictionaryArray) else encoded.chunk(0)
    return np.asarray(part.indices.to_numpy(zero_copy_only=False), np.int64)


def variances(weeks: Ints, outstanding: Ints, debt: Ints) -> npt.NDArray[np.float64]:
    """float64[WEEKS + 2]: how far each week's receipts scatter, were every debt paid or not by itself; then 4 and 13 weeks'.

    The sum over debts of squared amounts x p x (1 - p), p being the share expected. `debt`: a number per customer and due date.
    """
    out: npt.NDArray[np.float64] = scatter(weeks, outstanding, debt).sum(axis=0)
    return out


def scatter(weeks: Ints, outstanding: Ints, debt: Ints) -> npt.NDArray[np.float64]:
    """float64[debts, WEEKS + 2]: the part of each debt, 0 up to the largest number, in `variances`."""
    together = np.column_stack([weeks, weeks[:, :4].sum(axis=1), weeks.sum(axis=1)])
    many = int(debt.max(initial=-1)) + 1
    amount = np.bincount(debt, outstanding, many)
    expected = np.array([np.bincount(debt, column, many) for column in together.T]).reshape(WEEKS + 2, many)
    out: npt.NDArray[np.float64] = np.maximum(expected * (amount - expected), 0.0).T
    return out


def due_by_week(due: npt.NDArray[np.int32], outstanding: Ints, as_of: date) -> Ints:
    """int64[WEEKS]: what falls due in each week from the as-of date on."""
    week = (due.astype(np.int64) - day(as_of)) // 7
    ahead = (week >= 0) & (week < WEEKS)
    out = np.zeros(WEEKS, np.int64)
    np.add.at(out, week[ahead], outstanding[ahead])
    return out


def week_starts(as_of: date) -> tuple[date, ...]:
    """The first days of the weeks; the first is the as-of date."""
    return tuple(as_of + number * WEEK for number in range(WEEKS))
