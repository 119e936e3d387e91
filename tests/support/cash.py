"""Cash forecasts of small ledgers."""

from datetime import date

import numpy as np
import pyarrow as pa

from insights.ledger.ledger import Ledger
from insights.portfolio.cash import AHEAD, CurrencyForecast, by_currency, expected_cash, not_invoiced, past_weeks
from insights.prediction.payments_expected import payments_expected
from insights.prediction.scoring import score
from tests.support.ledgers import small_model


def expected(ledger: Ledger, as_of: date) -> pa.Table:
    """Each open invoice as expected cash, by the small model."""
    said = score(small_model(), ledger, as_of)
    return payments_expected(
        {"m": small_model()}, ledger, said.append_column("model", pa.array(["m"] * len(said), pa.string())), as_of
    )


def forecast(ledger: Ledger, as_of: date) -> tuple[CurrencyForecast, ...]:
    """Both layers, without ranges."""
    past = past_weeks(ledger, as_of)
    later, _ = not_invoiced(past, len(past.at) - 1)
    return by_currency(expected(ledger, as_of), dict(zip(past.groups.names, later, strict=True)), as_of)


def said(*rows: tuple[str, str, int, dict[int, float]]) -> pa.Table:
    """Expected cash of (customer, due date, outstanding, share by day ahead); what is left comes later."""
    shares = np.zeros((len(rows), AHEAD + 2))
    for number, (*_, by_day) in enumerate(rows):
        for ahead, share in by_day.items():
            shares[number, ahead] = share
    shares[:, AHEAD] = 1 - shares.sum(axis=1)
    customer, due, outstanding, _ = zip(*rows, strict=True)
    many = len(rows)
    columns = {
        **{name: [""] * many for name in ("company", "model")},
        "customer_id": customer,
        "customer_name": customer,
        "line": ["1"] * many,
        "currency": ["EUR"] * many,
        "invoice_id": [str(number) for number in range(many)],
        "issue_date": pa.array([date(2026, 9, 1)] * many),
        "due_date": pa.array([date.fromisoformat(each) for each in due]),
        "outstanding": pa.array(outstanding, pa.int64()),
        "position": pa.array(range(many)),
        "p_on_time": [0.5] * many,
    }
    return expected_cash(pa.table(columns), shares)
