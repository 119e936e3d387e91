"""What may be agreed with a customer, and what does each kind of agreement hold?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from insights.ledger.errors import Refused

NOTE, CONTACT, PROMISE, DISPUTE, SNOOZE = "note", "contact", "promise", "dispute", "snooze"
OVERRIDE, OVERDUE_REASON, OWNER, IN_PAYMENT, TAKE, UNDO = "override", "overdue_reason", "owner", "in_payment", "take", "undo"

UNDO_WITHIN = 30  # days between an event and the one that undoes it, both by their as-of days
FURTHEST = 730  # days ahead of the as-of day from which a date is a slip of the pen
REASONS: Final = ("price", "quantity", "delivery", "duplicate", "other")  # of disputes; further ones are those that were used
NOT_TEXT = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")

CustomerKey = tuple[str, str]  # company, customer id


@dataclass(frozen=True)
class Agreement:
    """One event. `invoice_id` and `line` are None where it is about the customer as a whole."""

    id: str
    sequence: int  # in the order of entry, over the whole workspace
    kind: str  # a key of KINDS
    company: str
    customer_id: str
    invoice_id: str | None
    line: str | None
    as_of: date  # the day of the list on which it was entered
    payload: Mapping[str, Any]  # JSON of the kind's payload
    created_at: datetime
    actor: str
    lineage_id: str = ""  # where the company has no name: of whose ledger's customers; "" else, and of events of long ago

    @property
    def customer(self) -> CustomerKey:
        return self.company, self.customer_id

    @property
    def scope(self) -> tuple[str | None, str | None]:
        """The invoice (id and line) that it is about; (None, None) for the whole customer."""
        return self.invoice_id, self.line

    @property
    def order(self) -> tuple[date, int]:
        """Of two events the later one counts: by as-of day, then by entry."""
        return self.as_of, self.sequence

    def day(self, name: str) -> date | None:
        """A date of the payload."""
        value = self.payload.get(name)
        return date.fromisoformat(value) if value else None


def _clean(value: object) -> object:
    """Text without what a terminal or a database would obey, and without blanks around it."""
    return NOT_TEXT.sub(" ", value).strip() if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_clean), Field(max_length=4000)]
Name = Annotated[str, BeforeValidator(_clean), AfterValidator(lambda text: " ".join(text.split())), Field(max_length=200)]
Said = Annotated[Text, Field(min_length=1)]
Minor = Annotated[int, Field(gt=0, lt=2**53)]


class Payload(BaseModel):
    """What an event holds besides whom it is about; dates are compared with the as-of day of the event."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def check(self, as_of: date) -> None:
        """Refused for a date that cannot be meant on that day."""


class Note(Payload):
    """What to remember."""

    text: Said


class Contact(Payload):
    """The customer was spoken or written to, or tried."""

    channel: Literal["phone", "email", "letter", "visit"]
    outcome: Literal["reached", "not_reached", "promised", "refused"]
    text: Text = ""


class Covered(BaseModel):
    """An invoice that a promise is of, with what was outstanding when it was given (minor units)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    invoice_id: str
    line: str
    outstanding: int
    currency: str


class Promise(Payload):
    """To pay by a day: an amount (minor units of `currency`), or everything that was outstanding on the covered invoices."""

    on: date
    amount: Minor | None = None
    currency: Name = ""
    covers: tuple[Covered, ...] = ()
    listed: bool = False  # whether the invoices were named one by one; else it is of the customer, or of its one invoice
    text: Text = ""

    @model_validator(mode="after")
    def amounts_have_a_currency(self) -> "Promise":
        if self.amount is not None and not self.currency:
            raise ValueError("an amount needs its currency")
        return self

    def check(self, as_of: date) -> None:
        not_before(self.on, as_of, "A promise is for the day of the list or later")


class Dispute(Payload):
    """Opened for a reason; with `resolve` the one that is open is closed (every one, without a reason)."""

    reason: Annotated[Name, AfterValidator(str.lower), Field(max_length=60)] = ""
    resolve: bool = False
    amount: Minor | None = None
    currency: Name = ""
    text: Text = ""

    @model_validator(mode="after")
    def an_open_one_has_a_reason(self) -> "Dispute":
        if not self.resolve and not self.reason:
            raise ValueError("a dispute needs its reason")
        return self


class Snooze(Payload):
    """Put off until a day, or until a ledger comes that is complete through a later day than `ledger_through`."""

    until: date | None = None
    ledger_through: date | None = None
    text: Text = ""

    @model_validator(mode="after")
    def one_end(self) -> "Snooze":
        if (self.until is None) == (self.ledger_through is None):
            raise ValueError("a snooze ends on a day or with the next ledger")
        return self

    def check(self, as_of: date) -> None:
        if self.until:
            not_before(self.until, as_of + timedelta(days=1), "A snooze ends after the day of the list")


class Override(Payload):
    """Somebody knows better when it will be paid."""

    on: date
    reason: Said

    def check(self, as_of: date) -> None:
        not_before(self.on, as_of, "An expected date is the day of the list or later")


class OverdueReason(Payload):
    """Why it is overdue, as far as anybody knows."""

    reason: Annotated[Name, Field(min_length=1)]
    text: Text = ""


class Owner(Payload):
    """Who looks after the customer."""

    name: Name = ""  # "": nobody


class InPayment(Payload):
    """The customer has paid, or shows that it will arrive."""

    text: Text = ""


class Take(Payload):
    """Somebody is at it: the others see so, on this day's list."""


class Undo(Payload):
    """Another event shall not have been."""

    event: str
    text: Text = ""


KINDS: Final[Mapping[str, type[Payload]]] = {
    NOTE: Note,
    CONTACT: Contact,
    PROMISE: Promise,
    DISPUTE: Dispute,
    SNOOZE: Snooze,
    OVERRIDE: Override,
    OVERDUE_REASON: OverdueReason,
    OWNER: Owner,
    IN_PAYMENT: InPayment,
    TAKE: Take,
    UNDO: Undo,
}


def validated(kind: str, values: Mapping[str, Any], as_of: date) -> dict[str, Any]:
    """The payload of an event as JSON. Raises Refused with a sentence for what it may not hold."""
    if kind not in KINDS:
        raise Refused(f"There is no agreement of the kind {kind!r}: there are {', '.join(KINDS)}.", "no_kind", kind=kind)
    try:
        payload = KINDS[kind](**values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        objection = str(first["msg"]).removeprefix("Value error, ")
        given = f" ({str(first['input'])[:80]!r})" if where else ""
        raise Refused(
            f"This {spoken(kind)} cannot be kept: {where + given + ': ' if where else ''}{objection}.", "payload"
        ) from error
    payload.check(as_of)
    return payload.model_dump(mode="json")


def spoken(kind: str) -> str:
    """A kind as it is called in a sentence."""
    return kind.replace("_", " ")


def not_before(day: date, first: date, rule: str) -> None:
    """Refused where a day lies before the first that can be meant, or absurdly far ahead."""
    if day < first:
        raise Refused(f"{rule}: {day} is before {first}.", "date_past", day=day, first=first)
    if (day - first).days > FURTHEST:
        raise Refused(f"{day} is more than two years after {first}.", "date_far", day=day, first=first)
