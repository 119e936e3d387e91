"""What would a threshold make of the work? Calls, money and what it catches, as the model itself expects it, before it is set.

No replay is needed: the shares are those that the model's own probabilities expect. Whether these hold is the replay's answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.access import Capability, Person, require
from insights.evaluation import THRESHOLDS, Caught
from insights.ledger.ledger import day, days
from insights.portfolio.snapshot import flagged
from insights.services import predictions
from insights.store.store import Store

WEEK: Final = 7  # days, in which calls are counted
COLUMNS: Final = ("company", "customer_id", "currency", "outstanding", "due_by", "p_on_time")


@dataclass(frozen=True)
class Consequences(Caught):
    """Of the open invoices that can still be paid on time: what is flagged below a threshold, and how it should end.

    late and caught: invoices, as sums of probabilities. outstanding and at_stake: minor units by currency, of the flagged;
    at_stake is the part of it that the model expects not to come on time.
    """

    threshold: float
    invoices: int
    flagged: int
    customers: int  # with a flagged invoice
    calls: int  # of these, customers with a flagged invoice whose line is within WEEK days
    late: float  # of all
    caught: float  # of the flagged
    outstanding: Mapping[str, int]
    at_stake: Mapping[str, int]


def can_be_on_time(
    store: Store, ledger_id: str, model_id: str, as_of: date, *, company: str | None = None, actor: Person
) -> pa.Table:
    """What a model says of the open invoices that can still be paid on time, of one company or (None) of all: COLUMNS."""
    require(actor, Capability.TRAIN)
    path = predictions.of_model(store, ledger_id, model_id, as_of, actor=actor)
    rows = pq.read_table(path, columns=list(COLUMNS))
    rows = rows.filter(pc.greater_equal(rows["due_by"], pa.scalar(as_of)))
    return rows if company is None else rows.filter(pc.equal(rows["company"], company))


def consequences(rows: pa.Table, as_of: date, threshold: float) -> Consequences:
    """Of the rows of `can_be_on_time` at one threshold; exactly at it is not flagged."""
    on_time = rows["p_on_time"].to_numpy()
    below = flagged(on_time, threshold)
    red = rows.filter(pa.array(below))
    soon = red.filter(pa.array(days(red["due_by"]) < day(as_of) + WEEK))
    return Consequences(
        threshold=threshold,
        invoices=len(rows),
        flagged=len(red),
        customers=_customers(red),
        calls=_customers(soon),
        late=float(np.sum(1 - on_time)),
        caught=float(np.sum(1 - on_time[below])),
        outstanding=_sums(red, red["outstanding"].to_numpy()),
        at_stake=_sums(red, red["outstanding"].to_numpy() * (1 - red["p_on_time"].to_numpy())),
    )


def curve(rows: pa.Table, as_of: date) -> tuple[Consequences, ...]:
    """At every threshold of `evaluation.THRESHOLDS`."""
    return tuple(consequences(rows, as_of, threshold) for threshold in THRESHOLDS)


def _customers(rows: pa.Table) -> int:
    return len(rows.group_by(["company", "customer_id"]).aggregate([]))


def _sums(rows: pa.Table, amounts: np.ndarray) -> dict[str, int]:
    """Minor units by currency, rounded once."""
    summed = pa.table({"currency": rows["currency"], "sum": amounts}).group_by("currency").aggregate([("sum", "sum")])
    return {row["currency"]: round(row["sum_sum"]) for row in summed.sort_by("currency").to_pylist()}
