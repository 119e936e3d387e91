"""Cash forecasts of small ledgers."""

from datetime import date

import pyarrow as pa

from insights.ledger.ledger import Ledger
from insights.portfolio.cash import CurrencyForecast, by_currency, not_invoiced, past_weeks
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
