"""Predictions of small ledgers, for the tests of what is made of them."""

from datetime import date
from functools import cache

import pyarrow as pa

from insights.ledger.ledger import Ledger
from insights.prediction.export import scored_file
from insights.prediction.scoring import score
from tests.support.ledgers import DAY, START, small_ledger, small_model

AT = START + 310 * DAY


COLUMNS = [
    *("company", "customer_id", "customer_name", "invoice_id", "line", "currency", "outstanding"),
    *("issue_date", "due_date", "days_past_due", "p_on_time", "p_late", "p_very_late", "flagged"),
    *("reason_1", "reason_2", "reason_3", "reason_4", "reason_5", "as_of", "model"),
    *("expected_date", "date_low", "date_high", "confidence", "no_history"),
]


@cache
def predictions() -> pa.Table:
    return score(small_model(), small_ledger(), AT)


def scored(ledger: Ledger, as_of: date = AT) -> pa.Table:
    return scored_file(score(small_model(), ledger, as_of), 0.5, "m1", as_of)
