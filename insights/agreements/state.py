"""What of all that was agreed holds as of a day?"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from insights.agreements.events import (
    CONTACT,
    DISPUTE,
    IN_PAYMENT,
    OVERRIDE,
    OWNER,
    PROMISE,
    SNOOZE,
    TAKE,
    UNDO,
    Agreement,
    CustomerKey,
)

IN_PAYMENT_DAYS = 14  # after which money that was said to be under way should have come
NOT_REACHED = "not_reached"

Scope = tuple[str | None, str | None]  # invoice id and line, or (None, None): the whole customer
WHOLE: Scope = (None, None)


@dataclass
class OfCustomer:
    """What holds with one customer. Of several events of a kind and scope the last one counts."""

    promises: dict[Scope, Agreement] = field(default_factory=dict)
    disputes: dict[Scope, dict[str, Agreement]] = field(default_factory=dict)  # open ones, by reason
    resolved: dict[Scope, date] = field(default_factory=dict)  # when disputes of the scope were last closed
    settled_disputes: list[tuple[str, int]] = field(default_factory=list)  # reason and days from opened to resolved
    snoozes: dict[Scope, Agreement] = field(default_factory=dict)
    overrides: dict[Scope, Agreement] = field(default_factory=dict)
    in_payment: dict[Scope, Agreement] = field(default_factory=dict)
    contact: Agreement | None = None  # the last one
    owner: str = ""  # "": nobody
    taken_by: str = ""  # on this very day


@dataclass(frozen=True)
class Agreed:
    """What holds as of a day: nothing of a later day, nothing that was undone."""

    as_of: date
    events: tuple[Agreement, ...]  # in force, in order
    undone: frozenset[str]  # ids
    by_customer: Mapping[CustomerKey, OfCustomer]

    def of(self, customer: CustomerKey) -> OfCustomer:
        """What holds with one customer; nothing with one that nobody has agreed anything with."""
        return self.by_customer.get(customer) or OfCustomer()

    @property
    def promises(self) -> tuple[Agreement, ...]:
        """Every promise ever given and not undone, in order."""
        return tuple(event for event in self.events if event.kind == PROMISE)


def agreed(events: Iterable[Agreement], as_of: date) -> Agreed:
    """What holds as of a day of all events, whatever their order."""
    known = sorted((event for event in events if event.as_of <= as_of), key=lambda event: event.order)
    undone = frozenset(event.payload["event"] for event in known if event.kind == UNDO)
    held = tuple(event for event in known if event.kind != UNDO and event.id not in undone)
    by_customer: defaultdict[CustomerKey, OfCustomer] = defaultdict(OfCustomer)
    for event in held:
        _apply(by_customer[event.customer], event, as_of)
    return Agreed(as_of, held, undone, dict(by_customer))


def _apply(state: OfCustomer, event: Agreement, as_of: date) -> None:
    last = {PROMISE: state.promises, SNOOZE: state.snoozes, OVERRIDE: state.overrides, IN_PAYMENT: state.in_payment}
    if event.kind in last:
        for scope in scopes(event):
            last[event.kind][scope] = event
    elif event.kind == DISPUTE:
        _dispute(state, event)
    elif event.kind == CONTACT:
        state.contact = event
    elif event.kind == OWNER:
        state.owner = event.payload["name"]
    elif event.kind == TAKE and event.as_of == as_of:
        state.taken_by = event.actor


def scopes(event: Agreement) -> list[Scope]:
    """What an event is about: one invoice, the several of a promise, or the whole customer."""
    covered = event.payload.get("covers") or []
    if event.invoice_id is not None or not event.payload.get("listed") or not covered:
        return [event.scope]
    return [(invoice["invoice_id"], invoice["line"]) for invoice in covered]


def _dispute(state: OfCustomer, event: Agreement) -> None:
    reason, resolve = event.payload["reason"], event.payload["resolve"]
    if not resolve:
        state.disputes.setdefault(event.scope, {}).setdefault(reason, event)
        return
    closed = list(state.disputes) if event.scope == WHOLE else [event.scope]
    for scope in [*closed, event.scope]:
        state.resolved[scope] = event.as_of
    for scope in closed:
        of_scope = state.disputes.get(scope, {})
        for name in [name for name in of_scope if not reason or name == reason]:
            opened = of_scope.pop(name)
            state.settled_disputes.append((name, (event.as_of - opened.as_of).days))
        if not of_scope:
            state.disputes.pop(scope, None)


# --- until when something holds: the day on which it returns, None for "until something happens" -------------------------


def promise_returns(promise: Agreement, as_of: date) -> date | None:
    """The promised day, as long as it lies ahead; None where it has come."""
    on = promise.day("on")
    return on if on and as_of < on else None


def contact_returns(contact: Agreement | None, as_of: date, contact_days: int) -> date | None:
    """The day from which a customer may be contacted again, as long as it lies ahead; one not reached is tried the next day."""
    if contact is None:
        return None
    days = min(1, contact_days) if contact.payload["outcome"] == NOT_REACHED else contact_days
    returns = contact.as_of + timedelta(days=days)
    return returns if as_of < returns else None


def in_payment_returns(claim: Agreement, as_of: date) -> date | None:
    """The day on which money under way should have come, as long as it lies ahead."""
    returns = claim.as_of + timedelta(days=IN_PAYMENT_DAYS)
    return returns if as_of < returns else None


def is_snoozed(snooze: Agreement, as_of: date, complete_through: date) -> bool:
    """Whether it still sleeps: until its day, or until a ledger has come that knows of more days."""
    until, through = snooze.day("until"), snooze.day("ledger_through")
    return as_of < until if until else bool(through and complete_through <= through)


def with_words(agreed: Agreed, text: str) -> list[Agreement]:
    """The events in force whose text or reason holds some words, in any case; the newest first."""
    wanted = text.strip().casefold()
    named = ("text", "reason", "name")
    return [
        event
        for event in reversed(agreed.events)
        if wanted and any(wanted in str(event.payload.get(name) or "").casefold() for name in named)
    ]
