"""What does a file of scored invoices hold?"""

from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insights import messages
from insights.ledger.table_files import decimals
from insights.portfolio.snapshot import MOST_REASONS, flagged, in_order

LATER = (  # after the columns of the contract; the last where a list gives it: expected by what was agreed, beside the model's
    *("expected_date", "date_low", "date_high", "confidence", "no_history", "agreed_date"),
)


def scored_file(
    predictions: pa.Table, threshold: float | npt.NDArray[np.float64], model_id: str | pa.ChunkedArray, as_of: date
) -> pa.Table:
    """The predictions as a file for people and scripts: exact decimal amounts, the flag, and reasons as sentences.

    Threshold and model id are those of all rows, or of each.
    """
    many = len(predictions)
    flags = flagged(predictions["p_on_time"].to_numpy(), threshold)
    return pa.table(
        {
            **{name: predictions[name] for name in ("company", "customer_id", "customer_name", "invoice_id", "line", "currency")},
            "outstanding": decimals(predictions["outstanding"], predictions["currency"]),
            **{name: predictions[name] for name in ("issue_date", "due_date", "days_past_due")},
            **{name: predictions[name] for name in ("p_on_time", "p_late", "p_very_late")},
            "flagged": flags,
            **sentences(predictions["reasons"], flags, predictions["due_date"]),
            "as_of": pa.array([as_of] * many, pa.date32()),
            "model": pa.array([model_id] * many, pa.string()) if isinstance(model_id, str) else model_id,
            **{name: predictions[name] for name in LATER if name in predictions.column_names},
        }
    )


def sentences(lists: pa.ChunkedArray, flags: npt.NDArray[np.bool_], due: pa.ChunkedArray) -> dict[str, pa.Array]:
    """reason_1 ... reason_5: the reasons of each row in words, in their order (`snapshot.in_order`), "" where it has fewer."""
    rows = zip(lists.to_pylist(), flags.tolist(), due.to_pylist(), strict=True)
    texts = [[messages.reason(reason, on) for reason in in_order(row, flagged=flag)] for row, flag, on in rows]
    return {
        f"reason_{n + 1}": pa.array([row[n] if n < len(row) else "" for row in texts], pa.string()) for n in range(MOST_REASONS)
    }
