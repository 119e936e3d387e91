"""What would be said of an open invoice if its amount, its due date or the last payment were another?

An association in past payments, not a cause: paying attention to what moves a probability does not move the customer.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from insights.errors import Refused
from insights.explain import open_row
from insights.features import features
from insights.ledger import day
from insights.model import Book, Model, probabilities


@dataclass(frozen=True)
class Supposed:
    """What is supposed of an invoice; None = as it is."""

    amount: int | None = None  # minor units
    due_date: date | None = None
    days_since_payment: int | None = None  # of the customer, on the as-of date


def suppose(model: Model, book: Book, as_of: date, position: int, supposed: Supposed) -> tuple[float, float, float]:
    """P(on time), P(late), P(very late) of the invoice at `position` in the ledger, as of a date, under what is supposed.

    `book`: `open_book(ledger, model.recipe.lines, model.fields)`. Raises Refused where that invoice is not open as of the date,
    or where the date is before the model's training date.
    """
    if as_of < model.trained_as_of:
        raise Refused(f"This model was trained as of {model.trained_as_of}: it may not speak as of {as_of}.", "model_too_new")
    row, invoice = open_row(book, as_of, position)
    if supposed.amount is not None:
        row = replace(row, amount=np.array([supposed.amount], row.amount.dtype))
    if supposed.due_date is not None:
        due = np.array([day(supposed.due_date)], row.due.dtype)
        row = replace(row, due=due, line=model.recipe.lines.on_time(due))
    computed = features(book.events, row, book.rates)
    if supposed.days_since_payment is not None:
        computed |= {"days_since_payment": np.array([supposed.days_since_payment], np.float32)}
    on_time, late, very_late = probabilities(model, row, book.assemble(computed, row, invoice))[0].tolist()
    return on_time, late, very_late
