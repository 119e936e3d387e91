"""On what does the expected date of an overdue invoice rest? On when invoices like it were paid, the customer's own first.

Counts of what was known strictly before the as-of date, the same that make the date: `payment_dates`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from insights.features.dataset import FeatureSet
from insights.ledger.ledger import Floats, day
from insights.model.model import Model
from insights.model.payment_dates import PaymentDateDistribution
from insights.prediction.explain import open_row

SOON: Final = 30  # days in which what is very late may still come


@dataclass(frozen=True)
class DateEvidence:
    """When invoices were paid that were late, and when those that were very late.

    Days are counted from the last day on time. own: how many late invoices of the customer, not very late ones, were paid;
    own_days, all_days: by when half of them were, and half of everybody's (own_days None without any). soon: the share of
    everybody's very late invoices, as long unpaid as this one, that are paid within SOON days; of an invoice that is not
    very late yet, of those that have just become so.
    """

    days_past_due_by: int
    very_late: bool
    own: int
    own_days: int | None
    all_days: int
    soon: float


def date_evidence(model: Model, book: FeatureSet, as_of: date, position: int) -> DateEvidence | None:
    """Of one open invoice; None where it can still be on time, or where the model says nothing of dates.

    `book`: `feature_set(ledger, model.recipe.due_rules, model.fields)`; `position`: in the ledger. Refused where it is not open.
    """
    row, _ = open_row(book, as_of, position)
    past = int(row.days_past_due_by[0])
    if model.timing is None or past <= 0:
        return None
    forecast = PaymentDateDistribution(model.timing, book.events, day(as_of), row.customer)
    own = forecast.late[0].astype(np.float64)
    age = np.array([max(past - 1 - forecast.n, 0)])
    risk = forecast.risk(age + SOON) - forecast.risk(age)
    return DateEvidence(
        days_past_due_by=past,
        very_late=past > forecast.n,
        own=int(own.sum()),
        own_days=half_by(own) if own.any() else None,
        all_days=half_by(np.array(model.timing.late)),
        soon=float(-np.expm1(-risk)[0]),
    )


def half_by(weight: Floats) -> int:
    """The first day, counted from 1, up to which half of the weight lies.

    >>> half_by(np.array([1.0, 0, 0, 2, 1]))
    4
    """
    up_to = np.cumsum(weight)
    return int(np.searchsorted(up_to, up_to[-1] / 2)) + 1
