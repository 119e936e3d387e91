"""What was said of the weeks ahead on past days, and what came? The columns of replays, and how far off they were."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import day, days
from insights.portfolio.cash.expected import WEEKS, matrix

Floats = npt.NDArray[np.float64]

BY_WEEK: Final = pa.list_(pa.int64(), WEEKS)
REPLAYED: Final = pa.schema(
    [
        pa.field("as_of", pa.date32()),
        pa.field("company", pa.string()),
        pa.field("currency", pa.string()),
        pa.field("outstanding", pa.int64()),
        pa.field("at_risk", pa.int64()),  # of it, what was said to be paid late or very late
        pa.field("open_book", BY_WEEK),  # what was said of the invoices open on the day
        pa.field("not_invoiced", BY_WEEK),  # and of those not issued yet
        pa.field("variance", pa.list_(pa.float64(), WEEKS + 2)),  # `expected.variances` of the open book
        pa.field("due", BY_WEEK),  # of the open book, falls due in the week
        pa.field("usual", BY_WEEK),  # would come in the week with each customer's usual delay; what is past that, in the first
        pa.field("before", pa.int64()),  # came in the 13 weeks before
        pa.field("came_open", BY_WEEK),  # came of the invoices open on the day, as far as the ledger knows
        pa.field("came_later", BY_WEEK),  # and of those issued since
    ]
)
BY_CUSTOMER: Final = pa.schema(
    [
        pa.field("as_of", pa.date32()),
        *(pa.field(name, pa.string()) for name in ("company", "customer_id", "currency")),
        *(REPLAYED.field(name) for name in ("outstanding", "at_risk", "open_book", "variance", "due", "usual")),
    ]
)  # what was said of each customer of whom anything was open; all of a company and currency are those of REPLAYED
HORIZONS: Final = (*((week, week + 1) for week in range(WEEKS)), (0, 4), (0, WEEKS))  # weeks from, to before: each, 4, 13


@dataclass(frozen=True)
class ReplayedDay:
    """What was said as of a past day: rows of REPLAYED, and of BY_CUSTOMER."""

    as_of: date
    rows: pa.Table
    by_customer: pa.Table


def replayed(columns: Mapping[str, Any], schema: pa.Schema = REPLAYED) -> pa.Table:
    """A table of REPLAYED, or of BY_CUSTOMER; matrices become lists."""
    arrays = []
    for field in schema:
        values = columns[field.name]
        if pa.types.is_fixed_size_list(field.type):
            values = pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(values).ravel()), field.type.list_size)
        arrays.append(values if isinstance(values, pa.Array) else pa.array(values, field.type))
    return pa.table(arrays, schema=schema)


@dataclass(frozen=True)
class PastForecasts:
    """Replays of one currency (and company), summed by day, oldest first; minor units, float64[days, len(HORIZONS)].

    Of each horizon the sum over its weeks. `over`: day on which the horizon is over and judged.
    """

    days: npt.NDArray[np.int64]
    open_book: Floats
    not_invoiced: Floats
    variance: Floats
    due: Floats
    usual: Floats
    before: Floats  # the mean of the 13 weeks before, times the weeks of the horizon
    came_open: Floats
    came_later: Floats

    @property
    def over(self) -> npt.NDArray[np.int64]:
        out: npt.NDArray[np.int64] = self.days[:, None] + 7 * np.array([end for _, end in HORIZONS])
        return out

    @property
    def total(self) -> Floats:
        return self.open_book + self.not_invoiced

    @property
    def came(self) -> Floats:
        return self.came_open + self.came_later


def past_forecasts(rows: pa.Table) -> PastForecasts:
    """The sums of rows of REPLAYED, all of one currency, by day."""
    at, of = np.unique(days(rows["as_of"]), return_inverse=True)

    def by_day(values: Floats) -> Floats:
        out = np.zeros((len(at), values.shape[1]))
        np.add.at(out, of, values)
        return out

    def by_horizon(name: str) -> Floats:
        weeks = by_day(matrix(rows, name).astype(np.float64))
        return np.column_stack([weeks[:, begin:end].sum(axis=1) for begin, end in HORIZONS])

    lengths = np.array([end - begin for begin, end in HORIZONS])
    before = by_day(rows["before"].to_numpy()[:, None].astype(np.float64)) / WEEKS * lengths
    named = {name: by_horizon(name) for name in ("open_book", "not_invoiced", "due", "usual", "came_open", "came_later")}
    return PastForecasts(days=at.astype(np.int64), variance=by_day(matrix(rows, "variance")), before=before, **named)


def at_risk_on(rows: pa.Table, currency: str, as_of: date, company: str | None = None) -> dict[date, tuple[int, int]]:
    """Of each past day before `as_of`, oldest first: what was said to be paid late or very late, of how much outstanding."""
    mine = (
        rows.filter(_of(rows, currency, as_of, company)).group_by("as_of").aggregate([("at_risk", "sum"), ("outstanding", "sum")])
    )
    return {row["as_of"]: (row["at_risk_sum"], row["outstanding_sum"]) for row in mine.sort_by("as_of").to_pylist()}


def of_currency(rows: pa.Table, currency: str, as_of: date, company: str | None = None) -> PastForecasts:
    """The replays of days before `as_of` of a currency, of one company or of all."""
    return past_forecasts(rows.filter(_of(rows, currency, as_of, company)))


def _of(rows: pa.Table, currency: str, as_of: date, company: str | None) -> pa.ChunkedArray:
    kept = pc.and_(pc.equal(rows["currency"], currency), pc.less(rows["as_of"], pa.scalar(as_of)))
    return kept if company is None else pc.and_(kept, pc.equal(rows["company"], company))


def known(past: PastForecasts, as_of: date) -> npt.NDArray[np.bool_]:
    """bool[days, HORIZONS]: which were over, and so judged, before a day."""
    out: npt.NDArray[np.bool_] = past.over <= day(as_of)
    return out
