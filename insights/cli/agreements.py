"""The commands of what is agreed: note, contact, promise, dispute, snooze, override, owner, in-payment, agreed, undo."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from insights.cli import arguments, console
from insights.cli.arguments import AsOf, Json, LedgerId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from insights.agreements.events import Agreement
    from insights.ledger.ledger import Ledger
    from insights.services.agreed_file import Taken
    from insights.store.store import Store

Company = Annotated[str | None, typer.Option(help="Default: the only one of the ledger.")]
Customer = Annotated[str, typer.Option("--customer", metavar="ID", help="The customer's id.")]
Invoices = Annotated[list[str] | None, typer.Option("--invoice", metavar="N", help="Of this invoice alone. Repeatable.")]
Lines = Annotated[list[str] | None, typer.Option("--line", metavar="L", help="Its instalment, where it has several.")]
Text = Annotated[str, typer.Option(help="What else there is to say.")]
Actor = Annotated[str, typer.Option("--as", metavar="NAME", help="Who does it [default: the user of the operating system].")]
Amount = Annotated[str | None, typer.Option(metavar="A", help="Decimal text, like 1234.56 [default: all that is outstanding].")]
Currency = Annotated[str, typer.Option(help="Of the amount, where the invoices have several.")]
SNOOZE_ENDS = ("due", "promise", "ledger")


@dataclass(frozen=True, kw_only=True)
class Whom:
    """About whom something is agreed, by whom, and on which list: the options of `about_a_customer`."""

    customer: Customer
    company: Company = None
    actor: Actor = ""
    ledger: LedgerId = ""
    as_of: AsOf = None
    as_json: Json = False

    @property
    def invoices(self) -> tuple[tuple[str, str], ...]:
        """(number, line) of the invoices that are named."""
        return ()


@dataclass(frozen=True, kw_only=True)
class WhomAndWhat(Whom):
    """Perhaps about some invoices alone: the options of `about_invoices`."""

    invoice: Invoices = None
    line: Lines = None

    @property
    def invoices(self) -> tuple[tuple[str, str], ...]:
        numbers = self.invoice or []
        if self.line and len(self.line) != len(numbers):
            raise typer.BadParameter("as many as --invoice, in the same order.", param_hint="--line")
        return tuple(zip(numbers, self.line or [""] * len(numbers), strict=True))


about_a_customer, about_invoices = arguments.taking(Whom, "whom"), arguments.taking(WhomAndWhat, "whom")


def add_to(app: typer.Typer) -> None:
    for command in (note, contact, promise, dispute, snooze, override, owner):
        app.command()(command)
    app.command("in-payment")(in_payment)
    app.command()(agreed)
    app.command()(undo)
    app.command()(retention)


@about_invoices
def note(
    *,
    whom: WhomAndWhat,
    text: Annotated[str, typer.Option(help="What to remember.")],
    overdue_reason: Annotated[str, typer.Option(metavar="REASON", help="Why it is overdue; then the text explains it.")] = "",
) -> None:
    """Keep a note about a customer or an invoice."""
    kind, values = ("overdue_reason", {"reason": overdue_reason, "text": text}) if overdue_reason else ("note", {"text": text})
    _enter(kind, values, whom)


@about_invoices
def contact(
    *,
    whom: WhomAndWhat,
    channel: Annotated[Literal["phone", "email", "letter", "visit"], typer.Option(help="How.")],
    outcome: Annotated[Literal["reached", "not_reached", "promised", "refused"], typer.Option(help="What came of it.")],
    text: Text = "",
) -> None:
    """Record a contact: the customer is left alone for some days (one who was not reached, until the next day)."""
    values = {"channel": channel, "outcome": outcome, "text": text}
    _enter("contact", values, whom)


@about_invoices
def promise(
    *,
    whom: WhomAndWhat,
    on: Annotated[date, typer.Option("--on", parser=arguments.day, metavar="D", help="The promised day.")],
    amount: Amount = None,
    currency: Currency = "",
    text: Text = "",
) -> None:
    """Record a promise to pay, of some invoices or of all that are open: it comes back on its day, and is judged by payments."""
    values = {"on": on, "amount": amount, "currency": currency, "text": text}
    _enter("promise", values, whom)


@about_invoices
def dispute(
    *,
    whom: WhomAndWhat,
    reason: Annotated[str, typer.Option(help="price, quantity, delivery, duplicate, other, or one of your own.")] = "",
    resolve: Annotated[bool, typer.Option("--resolve", help="It is resolved (without a reason: every open one is).")] = False,
    amount: Amount = None,
    currency: Currency = "",
    text: Text = "",
) -> None:
    """Open a dispute, or resolve it: nobody calls about what is in dispute."""
    values = {"reason": reason, "resolve": resolve, "amount": amount, "currency": currency, "text": text}
    _enter("dispute", values, whom)


@about_invoices
def snooze(
    *,
    whom: WhomAndWhat,
    until: Annotated[str, typer.Option("--until", metavar="D", help="A day, or: due, promise, ledger (the next one).")],
    text: Text = "",
) -> None:
    """Put something off: until a day, its due date, the promised day, or the next ledger."""
    values = {"until": until if until in SNOOZE_ENDS else arguments.day(until), "text": text}
    _enter("snooze", values, whom)


@about_invoices
def override(
    *,
    whom: WhomAndWhat,
    on: Annotated[date, typer.Option("--on", parser=arguments.day, metavar="D", help="When it will be paid.")],
    reason: Annotated[str, typer.Option(help="Why you know better.")],
) -> None:
    """Put another expected date in place of the predicted one."""
    _enter("override", {"on": on, "reason": reason}, whom)


@about_a_customer
def owner(
    name: Annotated[str, typer.Argument(help='Who looks after the customer; "" for nobody.')],
    *,
    whom: Whom,
) -> None:
    """Say who looks after a customer."""
    _enter("owner", {"name": name}, whom)


@about_invoices
def in_payment(
    *,
    whom: WhomAndWhat,
    text: Text = "",
) -> None:
    """Say that money is under way: nobody calls about it for two weeks."""
    _enter("in_payment", {"text": text}, whom)


def agreed(
    *,
    from_: Annotated[
        Path | None, typer.Option("--from", exists=True, dir_okay=False, metavar="FILE", help="Take another system's events.")
    ] = None,
    customer: Annotated[str, typer.Option("--customer", metavar="ID", help="Only of this customer.")] = "",
    company: Company = None,
    actor: Actor = "",
    ledger: LedgerId = "",
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """List what was agreed on lists up to a day, or take a file of events (CSV, XLSX, Parquet, or the JSON of this command)."""
    from insights.services import agreed_file
    from insights.store import agreements
    from insights.store.store import Store

    store = Store.open()
    if from_:
        book, day = _list(store, ledger, as_of)
        taken = agreed_file.take(store, book, day, from_, actor=arguments.person(actor))
        console.show(_taken(taken), _taken_lines(taken), as_json=as_json)
        return
    events = agreements.listed(store, until=as_of)
    undone = {event.payload["event"] for event in events if event.kind == "undo"}
    shown = [event for event in events if customer in ("", event.customer_id) and company in (None, event.company)]
    if as_json:
        console.emit([report(event, undone=event.id in undone) for event in shown])
        return
    header = ("event", "day", "kind", "customer", "invoice", "by", "what")
    console.say(*console.table(header, [_line(event, undone=event.id in undone) for event in shown]))


def undo(
    event: Annotated[str, typer.Argument(help="The event's id, or its beginning.")],
    *,
    text: Text = "",
    actor: Actor = "",
    ledger: LedgerId = "",
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Undo what was agreed, within 30 days: by another event, so that both stay on record."""
    from insights.services import agreements as use_cases
    from insights.store import agreements
    from insights.store.store import Store

    store = Store.open()
    known_id = arguments.pick("event", agreements.listed(store), event).id
    day = as_of or arguments.ledger_of(store, ledger).default_as_of
    done = use_cases.undo(store, known_id, day, actor=arguments.person(actor), text=text)
    console.show(report(done) | {"undone_event": known_id}, [f"Undone: {known_id}."], as_json=as_json)


def retention(
    *,
    months: Annotated[int, typer.Option(min=1, max=1200, help="Keep at least so many months.")],
    remove: Annotated[bool, typer.Option("--remove", help="Remove it; without this, only say what would go.")] = False,
    actor: Actor = "",
    as_json: Json = False,
) -> None:
    """Remove what was agreed longer ago than so many months with customers that are in no ledger any more; recorded."""
    from datetime import UTC, datetime

    from insights.messages.problems import counted
    from insights.services import agreements as use_cases
    from insights.store.store import Store

    before = months_before(datetime.now(UTC).date(), months)
    retired = use_cases.retire(Store.open(), before, remove=remove, actor=arguments.person(actor))
    many = counted(len(retired.customers), "customer")
    sentence = (
        f"Removed what was agreed before {before} with {many} in no ledger: {counted(retired.events, 'event')}."
        if remove
        else f"Agreed before {before} with {many} in no ledger any more: --remove takes it away."
    )
    customers = [{"company": company, "customer_id": customer} for company, customer in retired.customers]
    whole = {"before": before.isoformat(), "removed": remove, "events": retired.events, "customers": customers}
    console.show(whole, [sentence], as_json=as_json)


def months_before(day: date, months: int) -> date:
    """The same day so many months ago, or the last of that month: `months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)`."""
    from calendar import monthrange

    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


# --- what they share -----------------------------------------------------------------------------------------------------


def _enter(kind: str, values: dict[str, Any], whom: Whom) -> None:
    from insights.services import agreements
    from insights.services.agreements import Entry
    from insights.store.store import Store

    invoices = whom.invoices
    store = Store.open()
    book, day = _list(store, whom.ledger, whom.as_of)
    entry = Entry(kind, _company(store, whom.ledger, whom.company), whom.customer, invoices, values)
    done = agreements.enter(store, book, day, [entry], actor=arguments.person(whom.actor))
    reports = [report(event) for event in done]
    lines = [f"{event.kind.replace('_', ' ').capitalize()} of {day}, by {event.actor}: {event.id}" for event in done]
    console.show(reports[0] | {"events": reports}, lines, as_json=whom.as_json)


def _list(store: "Store", ledger_id: str, as_of: date | None) -> "tuple[Ledger, date]":
    """The ledger and the day of the list on which something is entered."""
    from insights.store import ledgers

    record, day, _ = arguments.view_of(store, ledger_id, as_of)
    return ledgers.load(store, record.id), day


def _company(store: "Store", ledger_id: str, given: str | None) -> str:
    """The company that is meant. Raises Refused where the ledger has several and none is named."""
    from insights.ledger.errors import Refused

    if given is not None:
        return given
    companies = arguments.ledger_of(store, ledger_id).companies
    if len(companies) > 1:
        raise Refused(f"Of which company is this customer: {', '.join(companies[:5])}? Say so (--company).", "which_company")
    return companies[0] if companies else ""


def report(event: "Agreement", *, undone: bool = False) -> dict[str, Any]:
    """An event for a machine: amounts as decimal text."""
    return {
        "event": event.id,
        "id": event.id,
        "sequence": event.sequence,
        "kind": event.kind,
        "company": event.company,
        "customer_id": event.customer_id,
        "invoice_id": event.invoice_id,
        "line": event.line,
        "as_of": event.as_of.isoformat(),
        "actor": event.actor,
        "created_at": event.created_at.isoformat(),
        "undone": undone,
        "payload": _spelt(dict(event.payload)),
    }


def _spelt(payload: dict[str, Any]) -> dict[str, Any]:
    from insights.ledger.money import decimal_text

    if payload.get("amount") is not None:
        payload["amount"] = decimal_text(payload["amount"], payload["currency"])
    if "covers" in payload:
        payload["covers"] = [
            covered | {"outstanding": decimal_text(covered["outstanding"], covered["currency"])} for covered in payload["covers"]
        ]
    return payload


def _line(event: "Agreement", *, undone: bool) -> "Sequence[object]":
    invoice = "" if event.invoice_id is None else f"{event.invoice_id}/{event.line}"
    whose = f"{event.company}/{event.customer_id}" if event.company else event.customer_id
    silent = ("covers", "listed", "resolve")
    values = {name: value for name, value in _spelt(dict(event.payload)).items() if value and name not in silent}
    details = ", ".join(f"{name} {value}" for name, value in values.items())
    resolved = "resolved " if event.payload.get("resolve") else ""
    return event.id, event.as_of, event.kind, whose, invoice, event.actor, ("(undone) " if undone else "") + resolved + details


def _taken(taken: "Taken") -> dict[str, Any]:
    return {
        "taken": len(taken.events),
        "known": taken.known,
        "set_aside": [{"row": row.row, "sentence": row.sentence} for row in taken.set_aside],
        "events": [report(event) for event in taken.events],
    }


def _taken_lines(taken: "Taken") -> list[str]:
    from insights.messages.problems import counted

    known = f", {taken.known} known already" if taken.known else ""
    summary = f"{counted(len(taken.events), 'event')} taken{known}, {counted(len(taken.set_aside), 'row')} set aside"
    return [summary, *(f"  {row.sentence}" for row in taken.set_aside)]
