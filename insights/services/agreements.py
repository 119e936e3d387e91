"""Agree on something with a customer, undo it, and say what holds as of a day.

Every event is entered on the list of a ledger as of a day, and its dates are checked against that day. It is kept by customer
and invoice key, so that it is there again with every newer ledger.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from insights import portfolio
from insights.access import EVERYTHING, Capability, Person, Reach, require
from insights.agreements import events, promises
from insights.agreements.events import PROMISE, SNOOZE, UNDO, UNDO_WITHIN, Agreement, CustomerKey
from insights.agreements.promises import JudgedPromise, KeptRate
from insights.agreements.state import Agreed, agreed, promise_returns
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger, open_invoices
from insights.ledger.money import exponent
from insights.services.reach import ALL, Visible, require_customers, require_event
from insights.store import agreements, ledgers
from insights.store.agreements import NewAgreement
from insights.store.store import Store

DUE, AT_PROMISE, NEXT_LEDGER = "due", "promise", "ledger"  # what a snooze may wait for besides a day
Invoice = tuple[str, str]  # invoice id and line; the line "" where there is only one


HALVES = re.compile("[\\ud800-\\udfff]")


@dataclass(frozen=True)
class Entry:
    """What is to be agreed: of some invoices, or of the customer as a whole. `values`: the payload of the kind (`events.KINDS`).

    Here an `amount` is decimal text, its `currency` may be left out where the invoices leave no choice, and a snooze's `until`
    may be DUE, AT_PROMISE or NEXT_LEDGER.
    """

    kind: str
    company: str
    customer_id: str
    invoices: tuple[Invoice, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Halves of characters, which no ledger has and no table can be asked for, become the mark for what is none."""
        object.__setattr__(self, "company", _whole(self.company))
        object.__setattr__(self, "customer_id", _whole(self.customer_id))
        object.__setattr__(self, "invoices", tuple((_whole(invoice), _whole(line)) for invoice, line in self.invoices))


def _whole(text: str) -> str:
    return HALVES.sub("\ufffd", text)


@dataclass(frozen=True)
class Standing:
    """What holds as of a day, how every promise stands, and how each customer keeps its word."""

    agreed: Agreed
    judged: tuple[JudgedPromise, ...]
    kept: Mapping[CustomerKey, KeptRate]

    @cached_property
    def _by_customer(self) -> dict[CustomerKey, list[JudgedPromise]]:
        by_customer: dict[CustomerKey, list[JudgedPromise]] = {}
        for promise in self.judged:
            by_customer.setdefault(promise.promise.customer, []).append(promise)
        return by_customer

    def promises_of(self, customer: CustomerKey) -> tuple[JudgedPromise, ...]:
        """A customer's promises, in order."""
        return tuple(self._by_customer.get(customer, ()))


def standing(
    store: Store, ledger: Ledger, as_of: date, visible: Visible = ALL, *, listed: Sequence[Agreement] | None = None
) -> Standing:
    """What holds as of a day with customers that may be seen, judged by what a ledger knows strictly before it.

    `listed`: all events up to the day or a later one that the ledger sees, where they are read already.
    """
    if listed is None:
        listed = agreements.listed(store, until=as_of, lineage_id=lineage_of(store, ledger))
    held = agreed([event for event in listed if visible.has(event.customer)], as_of)
    judged = promises.judge(held.promises, ledger, as_of)
    return Standing(held, judged, promises.kept_rates(judged))


def lineage_of(store: Store, ledger: Ledger) -> str:
    """The lineage that a ledger is a version of; "" for one that is not kept."""
    return ledgers.get(store, ledger.id).lineage_id if ledger.id else ""


def enter(store: Store, ledger: Ledger, as_of: date, entries: Sequence[Entry], *, actor: Person) -> tuple[Agreement, ...]:
    """Keep what was agreed on the list of a ledger as of a day: all of it or nothing. Of several invoices, an event for each.

    (A promise of several invoices is one event.) Raises Refused for a customer or invoice that was not known on that day, for a
    date that lies before it, and for a payload that is not of its kind.
    """
    require(actor, Capability.AGREE)
    require_customers(store, ledger, [(entry.company, entry.customer_id) for entry in entries], actor.reach)
    return agreements.append(store, resolved(store, ledger, as_of, entries), actor=actor)


def resolved(store: Store, ledger: Ledger, as_of: date, entries: Sequence[Entry]) -> list[NewAgreement]:
    """The events that entries would become. Raises Refused."""
    ledger.check_as_of(as_of)
    return [event for entry in entries for event in _events(store, ledger, as_of, entry)]


def take(store: Store, ledger: Ledger, as_of: date, customer: CustomerKey, *, actor: Person) -> Agreement:
    """Take a customer's row of a day's list, which the others see at once. Refused where somebody else has it."""
    require(actor, Capability.AGREE)
    require_customers(store, ledger, [customer], actor.reach)
    known_rows(ledger, as_of, *customer)
    return agreements.take(store, customer, as_of, lineage_id=lineage_of(store, ledger), actor=actor)


def undo(store: Store, event_id: str, as_of: date, *, actor: Person, text: str = "") -> Agreement:
    """Undo an event by another one, within UNDO_WITHIN days; lists as of days before this one still show it."""
    require(actor, Capability.AGREE)
    event = agreements.get(store, event_id)
    require_event(store, event, actor.reach)
    of_customer = agreements.listed(store, customer=event.customer)
    if event.kind == UNDO or any(other.payload.get("event") == event.id for other in of_customer if other.kind == UNDO):
        raise Refused("This was undone already, or is itself an undoing: enter it anew instead.", "undone")
    age = (as_of - event.as_of).days
    if not 0 <= age <= UNDO_WITHIN:
        raise Refused(
            f"This was agreed on the list of {event.as_of}: it can be undone on lists of that day and {UNDO_WITHIN} days after, "
            f"not of {as_of}.",
            "too_late_to_undo" if age > 0 else "not_yet",
        )
    payload = events.validated(UNDO, {"event": event.id, "text": text}, as_of)
    new = NewAgreement(UNDO, event.company, event.customer_id, event.invoice_id, event.line, as_of, payload, event.lineage_id)
    return agreements.append(store, [new], actor=actor)[0]


@dataclass(frozen=True)
class Retired:
    """Whose agreements have been kept for long enough, and how many events went."""

    before: date
    customers: tuple[CustomerKey, ...]
    events: int


def retire(store: Store, before: date, *, remove: bool = True, actor: Person) -> Retired:
    """Remove what was agreed on lists before a day with customers that no ledger here has any more; recorded.

    How long such notes are kept is for the company to say. Who is in any version of a ledger keeps all that was agreed with him;
    without `remove` it is only looked who is concerned.
    """
    require(actor, Capability.OPERATE)
    old = agreements.old(store, before)
    gone = old - _in_ledgers(store) if old else old
    events = agreements.remove_old(store, before, gone, actor=actor) if remove and gone else 0
    return Retired(before, tuple(sorted((company, customer) for _, company, customer in gone)), events)


def _in_ledgers(store: Store) -> set[agreements.OldKey]:
    """The customers of all ledgers, as events name them: of a named company without a lineage."""
    keys: set[agreements.OldKey] = set()
    for ledger in ledgers.listed(store):
        columns = ledgers.columns(store, ledger.id, ("company", "customer_id"))
        table = columns.group_by(["company", "customer_id"]).aggregate([])
        for company, customer in zip(table["company"].to_pylist(), table["customer_id"].to_pylist(), strict=True):
            keys.add((agreements.kept_to(company, ledger.lineage_id), company, customer))
            keys.add(("", company, customer))
    return keys


def dispute_reasons(store: Store, reach: Reach = EVERYTHING) -> list[str]:
    """The reasons that a dispute may be given: the usual ones, then those that were used besides, by whoever may see all."""
    if not reach.everything:
        return list(events.REASONS)
    return [*events.REASONS, *(reason for reason in agreements.reasons(store) if reason not in events.REASONS)]


# --- what an entry becomes -------------------------------------------------------------------------------------------------


def known_rows(ledger: Ledger, as_of: date, company: str, customer_id: str) -> pa.Table:
    """The customer's rows that were known on a day. Raises Refused where there are none."""
    mine = portfolio.of_customer(ledger, company, customer_id)
    rows = mine.invoices.filter(pc.less(mine.invoices["issue_date"], pa.scalar(as_of, pa.date32())))
    if not len(rows):
        of = f" of {company}" if company else ""
        raise Refused(f"As of {as_of} this ledger knows no customer {customer_id}{of}.", "no_customer", customer=customer_id)
    return rows


def _events(store: Store, ledger: Ledger, as_of: date, entry: Entry) -> list[NewAgreement]:
    rows = known_rows(ledger, as_of, entry.company, entry.customer_id)
    invoices = [_invoice(rows, invoice, as_of) for invoice in entry.invoices]
    mine = portfolio.of_customer(ledger, entry.company, entry.customer_id)
    opened = open_invoices(mine, as_of)
    values = dict(entry.values)
    if entry.kind == PROMISE:
        values |= _promise(opened, invoices, as_of)
    if values.get("amount") is not None:
        values |= _amount(values, _of(rows, invoices) if invoices else opened)
    scopes: list[tuple[str | None, str | None]] = list(invoices) or [(None, None)]
    if entry.kind == PROMISE and len(invoices) > 1:
        scopes, values["listed"] = [(None, None)], True
    made = []
    kept_to = agreements.kept_to(entry.company, lineage_of(store, ledger))
    for scope in scopes:
        own = values | (_snooze(store, ledger, as_of, entry, _of(opened, [scope])) if entry.kind == SNOOZE else {})
        payload = events.validated(entry.kind, own, as_of)
        made.append(NewAgreement(entry.kind, entry.company, entry.customer_id, *scope, as_of, payload, kept_to))
    return made


def _invoice(rows: pa.Table, named: Invoice, as_of: date) -> tuple[str, str]:
    """The invoice that is named; its line may be left out where there is only one."""
    same = rows.filter(pc.and_(pc.equal(rows["invoice_id"], named[0]), pc.equal(rows["kind"], "invoice")))
    lines = same["line"].to_pylist()
    if named[1]:
        lines = [line for line in lines if line == named[1]]
    if not lines:
        of = f", line {named[1]}" if named[1] else ""
        raise Refused(f"As of {as_of} this customer has no invoice {named[0]}{of}.", "no_invoice", invoice=named[0])
    if len(lines) > 1:
        raise Refused(f"Invoice {named[0]} has the lines {', '.join(sorted(lines))}: say which (--line).", "which_line")
    return named[0], lines[0]


def _of(opened: pa.Table, invoices: Sequence[tuple[str | None, str | None]]) -> pa.Table:
    """Those of the customer's open invoices that are named; all for (None, None)."""
    wanted = set(invoices)
    if (None, None) in wanted:
        return opened
    pairs = zip(opened["invoice_id"].to_pylist(), opened["line"].to_pylist(), strict=True)
    return opened.filter(pa.array([pair in wanted for pair in pairs], pa.bool_()))


def _promise(opened: pa.Table, invoices: list[tuple[str, str]], as_of: date) -> dict[str, Any]:
    """What a promise covers: the named invoices, or all that are open, each with what is outstanding."""
    covered = _of(opened, invoices) if invoices else opened
    if len(covered) < max(len(set(invoices)), 1):
        missing = "None of the customer's invoices is" if not invoices else "Not every one of these invoices is"
        raise Refused(f"{missing} open as of {as_of}, so there is nothing to promise.", "nothing_open")
    names = ("invoice_id", "line", "outstanding", "currency")
    return {"covers": covered.select(list(names)).to_pylist()}


def _amount(values: Mapping[str, Any], invoices: pa.Table) -> dict[str, Any]:
    """An amount as minor units, in the currency that is named, which has to be one of the invoices', or in their only one."""
    currencies = sorted(set(invoices["currency"].to_pylist()))
    currency = str(values.get("currency") or "").upper()
    if not currency and len(currencies) != 1:
        raise Refused(
            f"In which currency is this amount: {', '.join(currencies) or 'the customer has nothing open'}? Say so (--currency).",
            "which_currency",
        )
    currency = currency or currencies[0]
    if currency not in currencies:
        raise Refused(
            f"This is not owed in {currency}, but in {' and '.join(currencies)}."
            if currencies
            else f"The customer has nothing open, in {currency} neither.",
            "not_owed_in",
            currency=currency,
        )
    return {"amount": minor(str(values["amount"]), currency), "currency": currency}


def minor(text: str, currency: str) -> int:
    """Decimal text as minor units, exact. Raises Refused."""
    try:
        units = Decimal(text).scaleb(exponent(currency))
    except InvalidOperation:
        units = Decimal("NaN")
    if not units.is_finite() or units != units.to_integral_value() or not 0 < units < 2**53:
        raise Refused(f"{text!r} is no amount in {currency}: write it like 1234.56, above 0.", "no_amount", value=text)
    return int(units)


def _snooze(store: Store, ledger: Ledger, as_of: date, entry: Entry, opened: pa.Table) -> dict[str, Any]:
    """The end of a snooze: a day as it is, or what the words DUE, AT_PROMISE and NEXT_LEDGER stand for."""
    until = entry.values.get("until")
    if until == NEXT_LEDGER:
        return {"until": None, "ledger_through": ledger.complete_through}
    if until == DUE:
        ahead = [due for due in opened["due_date"].to_pylist() if due > as_of]
        return {"until": _or_refused(min(ahead, default=None), f"Nothing of this is still to fall due after {as_of}.")}
    if until == AT_PROMISE:
        customer, lineage_id = (entry.company, entry.customer_id), lineage_of(store, ledger)
        state = agreed(agreements.listed(store, until=as_of, customer=customer, lineage_id=lineage_id), as_of)
        given = state.of((entry.company, entry.customer_id)).promises.values()
        ahead = [returns for event in given if (returns := promise_returns(event, as_of))]
        return {"until": _or_refused(min(ahead, default=None), f"No promise is open as of {as_of}.")}
    return {}


def _or_refused(day: date | None, sentence: str) -> date:
    if day is None:
        raise Refused(sentence, "nothing_to_wait_for")
    return day
