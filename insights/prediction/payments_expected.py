"""On which days is each open invoice expected to be paid, and how much of it? The predictions spread over the days ahead."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.features.events import events_of, invoice_positions, rows_at
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger, day
from insights.ledger.outcomes import BUCKETS
from insights.model.model import Model
from insights.model.payment_dates import PaymentDateDistribution
from insights.model.payment_days import payment_days
from insights.portfolio.cash import EXPECTED, expected_cash


def payments_expected(models: Mapping[str, Model], ledger: Ledger, predictions: pa.Table, as_of: date) -> pa.Table:
    """The rows of predictions, each with the id of its model in `model`, as those of `cash.EXPECTED`, in their order.

    Refused where a model says nothing of dates: it was trained by an earlier version.
    """
    parts = [EXPECTED.empty_table()]
    for model_id, model in models.items():
        parts.append(_of_model(model, ledger, predictions.filter(pc.equal(predictions["model"], model_id)), as_of))
    return pa.concat_tables(parts).sort_by("position").combine_chunks()


def _of_model(model: Model, ledger: Ledger, rows: pa.Table, as_of: date) -> pa.Table:
    if model.timing is None:
        sentence = "This model says nothing of payment dates, so there is no cash forecast from it. Train one anew."
        raise Refused(sentence, "no_payment_dates")
    events, at = events_of(ledger, model.recipe.due_rules), day(as_of)
    which = np.searchsorted(invoice_positions(ledger), rows["position"].to_numpy())
    snapshot = rows_at(events, which, at)
    predicted = np.column_stack([rows[f"p_{bucket}"].to_numpy() for bucket in BUCKETS])
    forecast = PaymentDateDistribution(model.timing, events, at, snapshot.customer)
    return expected_cash(rows, payment_days(forecast, snapshot, predicted, model.recipe.calendar))
