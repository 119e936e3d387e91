"""How good were the expected dates of some replayed rows?

Only as-of dates 180 days or more before the complete-through day: on later ones the slow payers are not seen yet. Invoices
not paid by now count as paid later than any range; errors are counted up to 180 days ahead of the as-of date.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import NEVER, Floats, days

AHEAD = 180  # days


@dataclass(frozen=True)
class DateAccuracy:
    """Of dates on some rows. coverage: share paid within the range; errors in days; pinball: mean over 0.1, 0.5 and 0.9."""

    rows: int
    coverage: float
    pinball: float
    pinball_median: float  # of the expected date alone, so that dates without a range can be compared
    mean_error: float
    median_error: float


def accuracy_of_dates(rows: pa.Table, complete_through: date) -> dict[str, DateAccuracy]:
    """How good are the model's dates, the due_date, and the usual_delay (due date plus the customer's mean days late).

    Empty where there are no such rows, or no expected dates.
    """
    rows = rows.filter(pc.less_equal(rows["as_of"], complete_through - timedelta(days=AHEAD)))
    if not len(rows) or rows["expected_date"].null_count:
        return {}
    due = ahead(rows, "due_date")
    usual = due + np.round(np.nan_to_num(rows["usual_delay"].to_numpy()))
    predicted = {
        "model": tuple(ahead(rows, name) for name in ("date_low", "expected_date", "date_high")),
        "due_date": (np.maximum(due, 0),) * 3,
        "usual_delay": (np.maximum(usual, 0),) * 3,
    }
    happened = ahead(rows, "paid_date")
    return {name: judged(happened, *dates) for name, dates in predicted.items()}


def ahead(rows: pa.Table, name: str) -> Floats:
    """Days from the as-of date to a date of the row; infinite where null."""
    on = days(rows[name])
    return np.where(on == NEVER, np.inf, on.astype(np.float64) - days(rows["as_of"]))


def judged(happened: Floats, low: Floats, expected: Floats, high: Floats) -> DateAccuracy:
    """Days ahead, infinite for never, against what happened."""
    within = (low <= happened) & (happened <= high)
    error = np.abs(capped(happened) - capped(expected))
    losses = [pinball(happened, predicted, share) for predicted, share in ((low, 0.1), (expected, 0.5), (high, 0.9))]
    return DateAccuracy(
        rows=len(happened),
        coverage=float(within.mean()),
        pinball=float(np.mean(losses)),
        pinball_median=losses[1],
        mean_error=float(error.mean()),
        median_error=float(np.median(error)),
    )


def pinball(happened: Floats, predicted: Floats, share: float) -> float:
    """Mean quantile loss in days."""
    gap = capped(happened) - capped(predicted)
    return float(np.maximum(share * gap, (share - 1) * gap).mean())


def capped(ahead_by: npt.NDArray[np.float64]) -> Floats:
    return np.minimum(ahead_by, AHEAD)
