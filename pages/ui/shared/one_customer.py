"""What does a screen say of one customer, or of one invoice of it? From the customer's rows alone, picked out once.

What must be known of all others to explain an invoice are counts, kept with each scoring (`services.answers`).
"""

from datetime import date

import numpy as np
import pyarrow as pa

from insights import portfolio
from insights.features.dataset import FeatureSet, feature_set
from insights.features.whole_ledger import WholeLedger
from insights.ledger.ledger import Ints, Ledger, of_rows
from insights.ledger.outcomes import DueRules
from insights.model.model import Model
from insights.portfolio import CustomerInsights, DaysLateTrend, PayingDays
from insights.portfolio.changed_habits import trend_of
from insights.prediction import explain, when
from insights.prediction.explain import Why
from insights.prediction.when import DateEvidence
from insights.services import answers, release
from pages.ui.shared import cache, session
from pages.ui.shared.keeping import kept
from pages.ui.shared.view import View


@kept(32)
def own_ledger(view: View, company: str, customer_id: str) -> Ledger:
    """The rows of one customer of the view's ledger: picked out once for all that a screen says of it."""
    return portfolio.of_customer(view.ledger, company, customer_id)


@kept(64)
def customer_insights(view: View, company: str, customer_id: str) -> CustomerInsights:
    """The state of business with a customer, in the view."""
    own = own_ledger(view, company, customer_id)
    return portfolio.customer_insights(own, view.as_of, company, customer_id, due_rules=view.due_rules)


@kept(64)
def payment_history(view: View, company: str, customer_id: str, currency: str = "") -> pa.Table:
    """Invoices settled per month in the three buckets (`portfolio.payment_history`): numbers, or amounts in a currency."""
    mine = own_ledger(view, company, customer_id)
    by_amount = bool(currency)
    return portfolio.payment_history(mine, view.as_of, due_rules=view.due_rules, currency=currency, by_amount=by_amount)


@kept(64)
def habits(view: View, company: str, customer_id: str) -> tuple[DaysLateTrend | None, PayingDays]:
    """Whether a customer pays worse than it used to, and on which days it usually pays."""
    mine = own_ledger(view, company, customer_id)
    return trend_of(cache.paying(view).trends, company, customer_id), portfolio.paying_days(mine, view.as_of)


@kept(64)
def credit_limits(view: View, company: str, customer_id: str) -> dict[str, int]:
    """A customer's credit limits, currency -> minor units: a state at the ledger's export, so only as of the day after that."""
    if view.as_of != view.ledger.last_as_of:
        return {}
    mine = own_ledger(view, company, customer_id)
    codes = mine.invoices["currency"].unique()
    who = {"company": [company] * len(codes), "customer_id": [customer_id] * len(codes), "currency": codes}
    _, limits = release.limits_of(mine, pa.table(who))
    return {code: int(limit) for code, limit in zip(codes.to_pylist(), limits, strict=True) if limit >= 0}


@kept(2)
def _counts(ledger_id: str, lines: DueRules, fields: tuple[str, ...]) -> WholeLedger:
    return answers.whole_counts(session.workspace(), session.open_ledger(ledger_id), lines, fields)


@kept(32)
def own_book(ledger_id: str, model_id: str, company: str, customer_id: str) -> tuple[FeatureSet, Ints]:
    """The ledger of one customer made ready for a model, as in `book`, and where its rows stand in the whole."""
    read, whole = cache.model(model_id), session.open_ledger(ledger_id)
    counts = _counts(ledger_id, read.recipe.due_rules, read.fields)
    positions = portfolio.positions_of_customer(whole, company, customer_id)
    return feature_set(of_rows(whole, positions), read.recipe.due_rules, read.fields, counts), positions


def _in_own_book(view: View, position: int) -> tuple[Model, FeatureSet, date, int]:
    """The view's model, the book of the customer of an invoice, the day, and where the invoice stands in that book."""
    company, customer_id = (view.ledger.invoices[name][position].as_py() for name in ("company", "customer_id"))
    own, positions = own_book(view.ledger.id, view.model_id, company, customer_id)
    return cache.model(view.model_id), own, view.as_of, int(np.searchsorted(positions, view.in_whole(position)))


@kept(256)
def why(view: View, position: int) -> Why | None:
    """One open invoice explained by shap, by the view's model; `position`: in the ledger."""
    return explain.why(*_in_own_book(view, position))


@kept(256)
def date_evidence(view: View, position: int) -> DateEvidence | None:
    """On what the expected date of one overdue invoice rests; `position`: in the ledger."""
    return when.date_evidence(*_in_own_book(view, position))
