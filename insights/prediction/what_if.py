"""What would be said of an open invoice if its amount, terms, due date or the last payment were another?

An association in past payments, not a cause: paying attention to what moves a probability does not move the customer.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.features.dataset import FeatureSet
from insights.features.events import SnapshotRows
from insights.features.kernel import features
from insights.features.value_counts import target_encoding_as_of
from insights.ledger.errors import Refused
from insights.ledger.ledger import NEVER, as_date, day
from insights.model.model import Model, probabilities
from insights.model.payment_dates import PaymentDateDistribution
from insights.prediction.explain import open_row

TERMS = "terms"  # the field, and the ledger's column
MOST_TERMS = 50


@dataclass(frozen=True)
class Supposed:
    """What is supposed of an invoice; None = as it is."""

    amount: int | None = None  # minor units
    terms: str | None = None  # one of `terms_known`; the due date does not follow by itself
    due_date: date | None = None
    days_since_payment: int | None = None  # of the customer, on the as-of date


@dataclass(frozen=True)
class SupposedPayment:
    """What would be said: P(on time), P(late), P(very late), and the expected date with its range.

    The dates are None where the model says nothing of dates; `high` also where no end is in sight.
    """

    probabilities: tuple[float, float, float]
    expected: date | None = None
    low: date | None = None
    high: date | None = None


def suppose(model: Model, book: FeatureSet, as_of: date, position: int, supposed: Supposed) -> SupposedPayment:
    """What would be said of the invoice at `position` in the ledger, as of a date, under what is supposed.

    `book`: `feature_set` with the model's due rules and fields. Raises Refused where that invoice is not open as of the date,
    or where the date is before the model's training date.
    """
    if as_of < model.trained_as_of:
        raise Refused(f"This model was trained as of {model.trained_as_of}: it may not speak as of {as_of}.", "model_too_new")
    row, invoice = open_row(book, as_of, position)
    if supposed.amount is not None:
        row = replace(row, amount=np.array([supposed.amount], row.amount.dtype))
    if supposed.due_date is not None:
        due = np.array([day(supposed.due_date)], row.due.dtype)
        row = replace(row, due=due, due_by=model.recipe.due_rules.due_by(due))
    computed = features(book.events, row, book.rates)
    if supposed.days_since_payment is not None:
        computed |= {"days_since_payment": np.array([supposed.days_since_payment], np.float32)}
    matrix = book.assemble(computed, row, invoice)
    if supposed.terms is not None and TERMS in model.fields:
        matrix[:, model.fields.index(TERMS)] = _late_on_terms(book, row, supposed.terms)
    predicted = probabilities(model, row, matrix)
    on_time, late, very_late = predicted[0].tolist()
    if model.timing is None:
        return SupposedPayment((on_time, late, very_late))
    forecast = PaymentDateDistribution(model.timing, book.events, day(as_of), row.customer)
    dates = forecast.dates(row, predicted, model.recipe.calendar)
    expected, low, high = (None if days[0] == NEVER else as_date(days[0]) for days in (dates.expected, dates.low, dates.high))
    return SupposedPayment((on_time, late, very_late), expected, low, high)


def terms_known(model: Model, book: FeatureSet) -> tuple[str, ...]:
    """The terms that may be supposed, the commonest first; none where the model does not look at them."""
    if TERMS not in model.fields or TERMS not in book.ledger.invoices.column_names:
        return ()
    counts = pc.value_counts(book.ledger.invoices[TERMS].drop_null()).to_pylist()
    return tuple(entry["values"] for entry in sorted(counts, key=lambda entry: -entry["counts"])[:MOST_TERMS])


def _late_on_terms(book: FeatureSet, row: SnapshotRows, terms: str) -> npt.NDArray[np.float32]:
    """The field of the terms (what invoices on the same ones did), as if they were others."""
    column = book.ledger.invoices[TERMS]
    if not pc.any(pc.equal(column.take(pa.array(book.positions)), terms)).as_py():
        raise Refused(f"No invoice of this ledger has the terms {terms!r}.", "no_terms", terms=terms)
    return target_encoding_as_of(book.whole.values[TERMS], pa.array([terms]), row, book.rates)
