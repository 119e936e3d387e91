"""What do promises, overrides and disputes do to an invoice's expected date, and to when its money is forecast?

In the model's service, never in the model: the probabilities stay as they are. An override is believed as it stands. A promise
that is not broken counts as far as the customer has kept his word (`KeptRate.weight`): with that chance the money comes on the
promised day, else as the model says. A dispute moves what the model says by what is left of the usual length of that kind of
dispute: the customer's own resolved ones, else USUAL_DISPUTE. Nothing of one customer moves another's date.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.agreements.events import Agreement, CustomerKey
from insights.agreements.promises import JudgedPromise, KeptRate
from insights.agreements.state import WHOLE, Agreed, OfCustomer, Scope
from insights.ledger.ledger import NEVER, Days, Floats, Ints, day, days

USUAL_DISPUTE = 30  # days a dispute lasts, of a customer none of whose disputes was ever resolved


@dataclass(frozen=True)
class Adjustments:
    """Per invoice, what was agreed of it.

    A forecast mixes: `override` where there is one; else with chance `weight` the share `promised_share` of the outstanding on
    day `promised`, the rest by the model's distribution moved by `delay` days.
    """

    override: Days  # NEVER: none
    promised: Days  # NEVER: none
    weight: Floats  # 0 where nothing is promised
    promised_share: Floats  # of the outstanding; 1 where everything was promised
    delay: Ints  # days, 0 or above

    @property
    def any(self) -> npt.NDArray[np.bool_]:
        """Which invoices anything was agreed of that moves them."""
        return np.asarray((self.override != NEVER) | (self.promised != NEVER) | (self.delay > 0))


def adjustments(
    invoices: pa.Table, agreed: Agreed, judged: tuple[JudgedPromise, ...], rates: Mapping[CustomerKey, KeptRate]
) -> Adjustments:
    """What was agreed of each of some open invoices (columns of the key, and outstanding), as of the day of `agreed`."""
    many = len(invoices)
    out = Adjustments(
        np.full(many, NEVER, np.int32), np.full(many, NEVER, np.int32), np.zeros(many), np.ones(many), np.zeros(many, np.int64)
    )
    moving = {who: state for who, state in agreed.by_customer.items() if state.promises or state.overrides or state.disputes}
    if not moving:
        return out
    open_promises = _open_promises(judged)
    at = np.flatnonzero(pc.is_in(invoices["customer_id"], pa.array(sorted({who for _, who in moving}), pa.string())).to_numpy())
    columns = ("company", "customer_id", "invoice_id", "line", "outstanding")
    rows = invoices.select(list(columns)).take(pa.array(at))
    for place, company, who, invoice, line, owed in zip(
        at.tolist(), *(column.to_pylist() for column in rows.columns), strict=True
    ):
        state, scope = moving.get((company, who)), (invoice, line)
        if state is None:
            continue
        if override := _last(state.overrides, scope):
            out.override[place] = _not_before(override, agreed)
        if promise := open_promises.get(((company, who), scope)):
            out.promised[place] = max(day(promise.on), day(agreed.as_of))
            out.weight[place] = rates.get((company, who), KeptRate()).weight
            out.promised_share[place] = _share(promise, owed)
        out.delay[place] = _delay(state, scope, agreed)
    return out


def expected_dates(expected: pa.ChunkedArray, adjusted: Adjustments) -> pa.Array:
    """The expected dates (date32, null where nothing is predicted) with what was agreed: on business days, Monday to Friday.

    A promise draws the date towards its day by its weight and share; without a prediction it stands alone.
    """
    model = days(expected).astype(np.int64)
    unknown, promised = model == NEVER, adjusted.promised != NEVER
    moved = model + adjusted.delay
    drawn = moved + adjusted.weight * adjusted.promised_share * (adjusted.promised.astype(np.int64) - moved)
    date_ = np.where(promised, np.where(unknown, adjusted.promised, np.round(drawn)), moved)
    date_ = np.where(adjusted.override != NEVER, adjusted.override, date_).astype(np.int64)
    touched = adjusted.any & ~((adjusted.override == NEVER) & ~promised & unknown)
    rolled = np.busday_offset(np.where(touched, date_, 0).astype("datetime64[D]"), 0, roll="forward").astype(np.int64)
    final = np.where(touched, rolled, model)
    return pa.array(final.astype(np.int32), pa.int32(), mask=unknown & ~touched).cast(pa.date32())


def _last(by_scope: Mapping[Scope, Agreement], scope: Scope) -> Agreement | None:
    """The last event that is about an invoice: of itself or of the customer."""
    return max((event for of in (scope, WHOLE) if (event := by_scope.get(of))), key=lambda event: event.order, default=None)


def _not_before(override: Agreement, agreed: Agreed) -> int:
    """The day of an override; once it has passed unpaid, it says nothing any more."""
    on = override.day("on")
    return day(on) if on and on >= agreed.as_of else int(NEVER)


def _open_promises(judged: tuple[JudgedPromise, ...]) -> dict[tuple[CustomerKey, Scope], JudgedPromise]:
    """The promise that stands of each invoice: not yet due, or due just now."""
    by_invoice: dict[tuple[CustomerKey, Scope], JudgedPromise] = {}
    for promise in judged:
        for scope in promise.open_invoices:
            by_invoice[promise.promise.customer, scope] = promise
    return {key: promise for key, promise in by_invoice.items() if promise.standing in ("open", "due")}


def _share(promise: JudgedPromise, owed: int) -> float:
    """How much of an invoice was promised: its part of a promised amount, spread evenly over what the promise covers."""
    amount = promise.promise.payload["amount"]
    covered = sum(invoice["outstanding"] for invoice in promise.promise.payload["covers"])
    return 1.0 if amount is None or not covered or not owed else min(1.0, amount / covered)


def _delay(state: OfCustomer, scope: Scope, agreed: Agreed) -> int:
    """What is left of the usual length of the open dispute that lasts longest."""
    left = 0
    for of in (scope, WHOLE):
        for reason, opened in state.disputes.get(of, {}).items():
            left = max(left, usual_length(state, reason) - (agreed.as_of - opened.as_of).days)
    return max(left, 0)


def usual_length(state: OfCustomer, reason: str) -> int:
    """Days: the median of the customer's resolved disputes of the kind, else of all of them, else USUAL_DISPUTE."""
    of_kind = [length for name, length in state.settled_disputes if name == reason]
    every = [length for _, length in state.settled_disputes]
    return round(median(of_kind or every)) if every else USUAL_DISPUTE
