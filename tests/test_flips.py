"""Are exactly those invoices shown whose flag would flip?"""

from datetime import date

import pyarrow as pa
import pytest

from insights.errors import Refused
from insights.flips import flips, sums


def predictions(*on_time: float) -> pa.Table:
    """Invoices I0, I1, ... with outstanding 100, 200, ... and these probabilities of being on time."""
    count = len(on_time)
    return pa.table(
        {
            "company": [""] * count,
            "customer_id": ["A"] * count,
            "customer_name": ["A"] * count,
            "invoice_id": [f"I{at}" for at in range(count)],
            "line": ["1"] * count,
            "currency": ["EUR"] * count,
            "outstanding": pa.array([100 * (at + 1) for at in range(count)], pa.int64()),
            "due_date": [date(2026, 1, 1)] * count,
            "days_past_due": pa.array([0] * count, pa.int32()),
            "position": pa.array(range(count), pa.int64()),
            "p_on_time": list(on_time),
        }
    )


def test_only_invoices_whose_flag_differs_are_shown_the_largest_first() -> None:
    """I0 stays flagged; I1 becomes flagged; I2 no longer is; I3 at exactly the threshold is not flagged either way."""
    found = flips(predictions(0.1, 0.6, 0.4, 0.5), predictions(0.2, 0.49, 0.51, 0.9), was=0.5, will=0.5)
    assert found.rows["invoice_id"].to_pylist() == ["I2", "I1"]
    assert found.newly(flagged=True).select(["invoice_id", "before", "after"]).to_pylist() == [
        {"invoice_id": "I1", "before": 0.6, "after": 0.49}
    ]
    assert sums(found.newly(flagged=False)) == {"EUR": 300}
    assert found.unchanged == 2


def test_another_threshold_alone_flips_flags() -> None:
    same = predictions(0.4, 0.6)
    assert flips(same, same, was=0.5, will=0.7).rows["invoice_id"].to_pylist() == ["I1"]


def test_predictions_of_other_invoices_cannot_be_compared() -> None:
    with pytest.raises(Refused, match="not of the same open invoices"):
        flips(predictions(0.4, 0.6), predictions(0.4), was=0.5, will=0.5)
