"""Whom should one call today, why, and who is held back? From predictions, agreements, weights and rates.

A page computes it once per (`View.key`, `store.agreements.fingerprint`, viewer), shows a page of `customers`, and asks `reasons`
and `sentence` for the rows that it shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.access import Capability, Person, require, require_everything
from insights.agreements import expected, ranking
from insights.agreements.events import Agreement, CustomerKey
from insights.agreements.expected import Adjustments
from insights.agreements.promises import JudgedPromise
from insights.agreements.ranking import Known, Ranked, Weights
from insights.agreements.state import WHOLE
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.ledger.money import exponent
from insights.messages import habits as habit_words
from insights.messages import worklist as words
from insights.model.recipe import Recipe
from insights.portfolio import changed_habits
from insights.portfolio import worklist as open_lists
from insights.portfolio.changed_habits import DaysLateTrend
from insights.services import agreements as agreed_things
from insights.services import answers, contents, predictions
from insights.services.agreements import Standing
from insights.services.reach import ALL, Visible
from insights.store import agreements, rate_tables
from insights.store.store import Store

CONTACT_DAYS, MINIMUM = (0, 90), (0, 10**9)  # what a manager may choose


@dataclass(frozen=True)
class Paying:
    """How customers pay, as far as it is known as of a day; no event changes it."""

    delays: Mapping[CustomerKey, tuple[float, int]]  # usual days late, of so many paid invoices
    trends: pa.Table  # `changed_habits.days_late_trends`

    @cached_property
    def changed(self) -> Mapping[CustomerKey, DaysLateTrend]:
        """Of those who pay otherwise than in the year before."""
        return changed_habits.changes(self.trends)


@dataclass(frozen=True)
class Worklist:
    """The ranked customers with all that their sentences need."""

    ranked: Ranked
    standing: Standing
    known: Known
    weights: Weights
    paying: Paying

    @property
    def is_predicted(self) -> bool:
        """Whether a model spoke of anything listed; else the list is in order of what is outstanding."""
        column = self.ranked.invoices["p_on_time"]
        return not len(column) or column.null_count < len(column)

    def reasons(self, number: int) -> list[str]:
        """Why a customer has its place, in the row's own numbers; the figure first."""
        row = self.ranked.customers.slice(number - 1, 1).to_pylist()[0]
        customer = row["company"], row["customer_id"]
        missed = [promise for promise in self.standing.promises_of(customer) if _says_why(promise, broken=row["broken"])]
        last = max(missed, key=lambda promise: promise.promise.order, default=None)
        promise = {"on": last.on, "promised": last.promised, "paid": last.paid, "standing": last.standing} if last else None
        usual, trend = self.paying.delays.get(customer), self.paying.changed.get(customer)
        changed = habit_words.changed(trend) if trend else ""
        return words.reasons(row, self.ranked.of(number).to_pylist(), usual=usual, changed=changed, missed=promise)

    def sentence(self, held: Mapping[str, Any]) -> str:
        """Why a row of `ranked.held_back` is held back, and until when."""
        state = self.standing.agreed.of((held["company"], held["customer_id"]))
        candidates: dict[str, list[Agreement]] = {
            "paid": list(state.in_payment.values()),
            "dispute": [event for by_reason in state.disputes.values() for event in by_reason.values()],
            "promise": list(state.promises.values()),
            "contacted": [state.contact] if state.contact else [],
            "snoozed": list(state.snoozes.values()),
        }
        event = max(candidates.get(held["gate"], []), key=lambda event: _fits(event, held["returns"]), default=None)
        details: dict[str, Any] = {"as_of": event.as_of, "actor": event.actor, **event.payload} if event else {}
        if held["gate"] == "small":
            details["currency"] = self.known.currency or held["currency"]
        return words.held_back(held, details | {"owner": state.owner, "minimum": self.weights.minimum})


def _says_why(promise: JudgedPromise, *, broken: bool) -> bool:
    """Whether a promise is a reason to call: broken, where that ranks the customer; else kept in part, with something open."""
    return promise.standing == "broken" if broken else promise.standing == "partly" and bool(promise.open_invoices)


def _fits(event: Agreement, returns: date | None) -> tuple[bool, bool, tuple[date, int]]:
    """How well an event explains a day of return: it names it, it is of the whole customer, it is the last."""
    named = returns in (event.day("on"), event.day("until")) if returns else False
    return named, event.scope == WHOLE, event.order


def worklist(  # noqa: PLR0913 - where, of what, for whom, and what is known already
    store: Store,
    ledger: Ledger,
    as_of: date,
    source: Path | pa.Table,
    *,
    viewer: str = "",
    weights: Weights | None = None,
    paying: Paying | None = None,
    visible: Visible = ALL,
) -> Worklist:
    """The worklist of a day over predictions (or `portfolio.worklist.unscored`), as `viewer` sees it.

    `ledger` and `source` hold what is `visible`; what was agreed with others than these is left out.

    weights: those in force, unless others are given to look at. paying: as `paying_of`, where it is known.
    """
    chosen = weights or agreements.weights(store)
    stand = agreed_things.standing(store, ledger, as_of, visible)
    known = known_of(store, ledger, as_of, source)
    ranked = ranking.rank(source, stand.agreed, stand.judged, known, weights=chosen, viewer=viewer)
    return Worklist(ranked, stand, known, chosen, paying_of(ledger, as_of) if paying is None else paying)


def paying_of(ledger: Ledger, as_of: date, store: Store | None = None) -> Paying:
    """How late each customer usually pays, and who pays otherwise than it used to.

    store: where the ledger is kept, if this is the whole of it: then it is read, if it was asked before.
    """
    late, trends = answers.paying(store, ledger, as_of) if store else answers.paying_now(ledger, as_of)
    columns = (late[name].to_pylist() for name in ("company", "customer_id", "days_late", "paid"))
    delays = {(company, who): (typical, paid) for company, who, typical, paid in zip(*columns, strict=True)}
    return Paying(delays, trends)


def source_of(store: Store, ledger: Ledger, as_of: date, *, actor: Person, model_id: str = "") -> Path | pa.Table:
    """The predictions of a model or of those in force; where no model was trained by then, the open invoices without any.

    Of the whole ledger: refused for whoever may not see all of it.
    """
    require(actor, Capability.OVERSEE)
    require_everything(actor)
    if model_id:
        return predictions.of_model(store, ledger.id, model_id, as_of, actor=actor)
    try:
        return predictions.active(store, ledger.id, as_of, actor=actor)
    except Refused as refusal:
        if refusal.code != "no_model":
            raise
    ledger.check_as_of(as_of)
    return open_lists.unscored(ledger, as_of)


def known_of(store: Store, ledger: Ledger, as_of: date, source: Path | pa.Table) -> Known:
    """What the ledger and the workspace say besides: disputes, business days, and rates where they convert all currencies."""
    currency, rates = _rates(store, _currencies(source), as_of - timedelta(days=1))  # known strictly before the as-of date
    return Known(ledger.complete_through, disputed(ledger, as_of), _calendar(store, ledger, as_of), rates, currency)


def _currencies(source: Path | pa.Table) -> list[str]:
    column = pq.read_table(source, columns=["currency"])["currency"] if isinstance(source, Path) else source["currency"]
    return sorted(pc.unique(column).to_pylist())


def worth(store: Store, source: Path | pa.Table, as_of: date) -> dict[str, float] | None:
    """What a whole unit of each currency of a source is worth in one, to rank by; None where rates do not convert all of them."""
    newest = rate_tables.newest(store)
    if newest is None:
        return None
    on = as_of - timedelta(days=1)  # known strictly before the as-of date
    return open_lists.in_one_currency(rate_tables.load(store, newest.id), _currencies(source), newest.currencies[0], on)


def disputed(ledger: Ledger, as_of: date) -> npt.NDArray[np.bool_] | None:
    """By position, whether the ledger says that a row is in dispute, where that is known as of the day.

    The column is a state at the export: it is known on the last day only, unless it stood at issue.
    """
    if as_of != ledger.last_as_of and "disputed" not in ledger.known_at_issue:
        return None
    column = pc.fill_null(ledger.invoices["disputed"], fill_value=False)
    return np.asarray(column.to_numpy(), bool)


def _calendar(store: Store, ledger: Ledger, as_of: date) -> str:
    """The country of the business days, where the models in force agree on one."""
    held = contents.read(store)
    if ledger.id not in {record.id for record in held.ledgers}:
        return ""
    models = set(held.by_company(held.ledger(ledger.id), as_of).values())
    calendars = {Recipe.from_json(dict(held.model(model).recipe)).calendar for model in models}
    return calendars.pop() if len(calendars) == 1 else ""


def _rates(store: Store, currencies: list[str], on: date) -> tuple[str, dict[str, float]]:
    """The currency that ranks all, and minor units of it per minor unit of each; nothing where one cannot be converted."""
    newest = rate_tables.newest(store)
    if newest is None or len(currencies) < 2:
        return "", {}
    table = rate_tables.load(store, newest.id)
    target = newest.currencies[0]
    try:
        rates = {
            currency: table.rate(currency, target, on).rate.scaleb(exponent(target) - exponent(currency))
            for currency in currencies
        }
    except Refused:
        return "", {}
    return target, {currency: float(rate) for currency, rate in rates.items()}


def set_weights(store: Store, chosen: Weights, *, actor: Person) -> None:
    """Rank by these from now on; recorded. Raises Refused for what is out of bounds."""
    require(actor, Capability.PLAN)
    for name, value, (low, high) in (
        ("prevention", chosen.prevention, (0, 100)),
        ("the days between contacts", chosen.contact_days, CONTACT_DAYS),
        ("the minimum worth", chosen.minimum, MINIMUM),
    ):
        if not low <= value <= high:
            raise Refused(f"{name.capitalize()} can be {low} to {high:,}, not {value:,}.", "weights", value=value)
    agreements.keep_weights(store, replace(chosen), actor=actor)


def adjusted(invoices: pa.Table, stand: Standing) -> tuple[Adjustments, pa.Table]:
    """What was agreed of each of some open invoices, and the table with `expected_date` moved accordingly.

    The model's probabilities stay as they are. A forecast mixes by the adjustments; a list shows the moved date.
    """
    adjusted = expected.adjustments(invoices, stand.agreed, stand.judged, stand.kept)
    at = invoices.schema.get_field_index("expected_date")
    return adjusted, invoices.set_column(at, "expected_date", expected.expected_dates(invoices["expected_date"], adjusted))
