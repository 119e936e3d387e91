"""How late were the invoices with the same text in one of the ledger's own columns? Counts by value and day, and their rates."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.features.events import Events, SnapshotRows, labels_of
from insights.features.kernel import FIRST, MISSED, DailyCounts
from insights.features.timeline import FIRST_DAY, Timeline, keys, ratio

PRIOR_ALIKE = 20.0  # invoices' worth of the ledger's rate in that of a column's value
VALUE_COUNTS = pa.schema(
    [pa.field("value", pa.string()), pa.field("day", pa.int32()), pa.field("known", pa.int64()), pa.field("missed", pa.int64())]
)


def value_counts(value: pa.ChunkedArray, events: Events) -> pa.Table:
    """Of the invoices with each value of a text column: how many lines are known, and how many were missed, by day of the line.

    Columns value (text; null is a value), day (int32), known, missed (int64). `value`: of each event. Tables of the parts of a
    ledger add up by `merged_values`.
    """
    labels = labels_of(events)
    known, missed = (pa.array(which.astype(np.int64)) for which in (labels.on_time_known, labels.missed_due))
    return merged_values([pa.table([value, pa.array(events.due_by), known, missed], schema=VALUE_COUNTS)])


def merged_values(tables: Sequence[pa.Table]) -> pa.Table:
    """Counts by value and day (`value_counts`) of several parts as those of all of them."""
    sums = pa.concat_tables(tables).group_by(["value", "day"], use_threads=False).aggregate([("known", "sum"), ("missed", "sum")])
    return sums.select(["value", "day", "known_sum", "missed_sum"]).rename_columns(VALUE_COUNTS.names)


def target_encoding_as_of(
    counts: pa.Table, own: pa.ChunkedArray | pa.Array, rows: SnapshotRows, rates: DailyCounts
) -> npt.NDArray[np.float32]:
    """Share late, as of each row's day, of the whole ledger's invoices with the same value as the row's (float32).

    `counts`: `value_counts` of the whole ledger; `own`: the value of each row, which must be among them. Drawn towards the
    ledger's rate with the weight of PRIOR_ALIKE invoices. It is how the ledger's own text columns enter a model: what similar
    invoices did, not what they are called.
    """
    values = counts["value"].unique()
    code, mine = (np.asarray(pc.index_in(column, values), np.int32) for column in (counts["value"], own))
    timeline = Timeline(code, counts["day"].to_numpy())
    first, missed = (timeline.sums(counts[name].to_numpy()) for name in ("known", "missed"))
    start, now = timeline.before(keys(mine, FIRST_DAY)), timeline.before(keys(mine, rows.at))
    width = rates.daily.shape[1]
    known = np.concatenate([np.zeros((2, 1), np.int64), np.cumsum(rates.daily[[FIRST, MISSED]], axis=1)], axis=1)
    to = np.clip(rows.at - rates.start, 0, width)
    overall = ratio(known[1, to], known[0, to])
    drawn = (missed[now] - missed[start] + PRIOR_ALIKE * overall) / (first[now] - first[start] + PRIOR_ALIKE)
    return drawn.astype(np.float32)
