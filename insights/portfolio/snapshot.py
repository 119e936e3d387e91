"""What do the predictions of a ledger's open invoices hold, which are overdue, and which are flagged?

One schema for what is said of the invoices open as of a date. Without a model it is the same, the model's columns null.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insights.ledger.ledger import SCHEMA, Days, days

REASON: Final = pa.struct(
    [
        pa.field("theme", pa.string()),
        pa.field("field", pa.string()),
        pa.field("value", pa.string()),  # of the field; "" where unknown
        pa.field(
            "effect", pa.float64()
        ),  # percentage points on the probability of `of`, signed; those of all themes add up from an average invoice
        pa.field("of", pa.string()),  # "on_time" or "very_late"
        pa.field("contribution", pa.float64()),  # log-odds; they add up
    ]
)
PREDICTIONS: Final = pa.schema(
    [
        *(SCHEMA.field(name) for name in ("company", "customer_id", "customer_name", "invoice_id", "line", "currency")),
        *(SCHEMA.field(name) for name in ("amount", "outstanding", "issue_date", "due_date")),
        pa.field("due_by", pa.date32(), nullable=False),  # last day on time: due date and grace days, on a business day
        SCHEMA.field("terms"),
        pa.field("days_past_due", pa.int32()),  # as of the date, below 0 before the due date
        pa.field("position", pa.int64()),  # in `Ledger.invoices`
        *(pa.field(name, pa.float64()) for name in ("p_on_time", "p_late", "p_very_late")),  # they sum to 1
        pa.field("no_history", pa.bool_()),
        pa.field("reasons", pa.list_(REASON)),  # the strongest first; `in_order` is how they are said
        *(pa.field(name, pa.date32()) for name in ("expected_date", "date_low", "date_high")),  # date_high null: no end in sight
        pa.field("confidence", pa.string()),  # "High", "Medium", "Low"
        pa.field("p_unpaid_7", pa.float64()),  # not paid before the day SOON days after the as-of date
    ]
)
MOST_REASONS: Final = 5
AVERAGE: Final = "average"  # the theme of NOTHING_AGAINST
NOTHING_AGAINST: Final[Mapping[str, Any]] = {
    "theme": AVERAGE, "field": "", "value": "", "effect": 0.0, "of": "on_time", "contribution": 0.0,
}  # fmt: skip
FORMAT: Final = "2"  # of what the columns mean: predictions kept in another are computed anew
SOON: Final = 7  # days ahead of `p_unpaid_7`
UNSCORED: Final = (
    *("company", "customer_id", "customer_name", "invoice_id", "line", "currency", "outstanding", "issue_date", "due_date"),
    "days_past_due",
)  # what a list without a model exports

# The same rules for DuckDB: `due_date + days_past_due` is the as-of date.
OVERDUE_SQL: Final = "due_date + days_past_due > due_by"
FLAGGED_SQL: Final = "p_on_time < {threshold}"


def snapshot(opened: pa.Table, due_by: Days, predicted: Mapping[str, pa.Array | pa.ChunkedArray] | None = None) -> pa.Table:
    """Open invoices (`ledger.open_invoices`) in the columns of PREDICTIONS; what a model has not `said` is null."""
    given = {name: opened[name] for name in opened.column_names} | {"due_by": pa.array(due_by, pa.int32()).cast(pa.date32())}
    given |= predicted or {}
    columns = [given[field.name] if field.name in given else pa.nulls(len(opened), field.type) for field in PREDICTIONS]
    return pa.table(columns, schema=PREDICTIONS)


def overdue(predictions: pa.Table) -> npt.NDArray[np.bool_]:
    """Which invoices can no longer be on time: their last day on time lies before the as-of date."""
    as_of = days(predictions["due_date"]) + predictions["days_past_due"].to_numpy()
    late: npt.NDArray[np.bool_] = as_of > days(predictions["due_by"])
    return late


def flagged(p_on_time: npt.NDArray[np.float64], threshold: float | npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Red circle: the probability of on time is below the threshold (of all, or of each); exactly at it is not flagged."""
    out: npt.NDArray[np.bool_] = p_on_time < threshold
    return out


def is_flagged(p_on_time: float | None, threshold: float) -> bool:
    """The same of one invoice; without a prediction nothing is flagged."""
    return p_on_time is not None and bool(flagged(np.array([p_on_time]), threshold)[0])


def in_order(reasons: Sequence[Mapping[str, Any]], *, flagged: bool) -> list[Mapping[str, Any]]:
    """The reasons of an invoice as they are said: of a flagged one what speaks against payment on time, then what speaks for it.

    The strongest first, in both; of what is not flagged the strongest first whichever way. Where nothing that is named speaks
    against a flagged one, NOTHING_AGAINST comes first, so that no list gives for a circle what speaks for the customer.
    """
    if not flagged or not reasons:
        return list(reasons)
    ordered = sorted(reasons, key=speaks_for)
    return [NOTHING_AGAINST, *ordered][:MOST_REASONS] if speaks_for(ordered[0]) else ordered


def speaks_for(reason: Mapping[str, Any]) -> bool:
    """Whether a reason makes payment on time more probable, or of an overdue invoice very late less so."""
    return bool(reason["effect"] < 0 if reason["of"] == "very_late" else reason["effect"] > 0)
