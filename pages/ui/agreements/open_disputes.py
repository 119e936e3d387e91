"""Which disputes are open with customers or of an invoice, so that one of them can be said to be resolved?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from insights.agreements.events import Agreement, CustomerKey
from insights.agreements.state import WHOLE, OfCustomer, Scope
from pages.ui.agreements import timeline
from pages.ui.shared import cache
from pages.ui.shared import format as fmt
from pages.ui.shared.view import View

Number = tuple[str, str]  # invoice id and line


@dataclass(frozen=True)
class OpenDispute:
    """What resolves it: for whom, of which invoices (none: all) and for which reason ("": whichever), and how it is called."""

    whom: tuple[CustomerKey, ...]
    invoices: tuple[Number, ...]
    reason: str
    words: str  # may hold text of users


def opened(view: View, whom: tuple[CustomerKey, ...], invoice: Number | None) -> list[OpenDispute]:
    """Of one customer each dispute (`invoice`: those that it is part of), of several one that stands for all of them."""
    agreed = timeline.standing(view).agreed
    of_whom = {customer: _of_customer(view, customer, agreed.of(customer), invoice) for customer in whom}
    if len(whom) <= 1:
        return [dispute for disputes in of_whom.values() for dispute in disputes]
    disputing = tuple(customer for customer, disputes in of_whom.items() if disputes)
    words = f"all open ones, of {fmt.count(len(disputing), 'customer')}"
    return [OpenDispute(disputing, (), "", words)] if disputing else []


def _of_customer(view: View, customer: CustomerKey, state: OfCustomer, invoice: Number | None) -> list[OpenDispute]:
    entered = [
        OpenDispute((customer,), () if scope == WHOLE else (_number(scope),), reason, _words(reason, scope, event))
        for scope, by_reason in state.disputes.items()
        for reason, event in by_reason.items()
        if invoice is None or scope in (WHOLE, invoice)
    ]
    of_ledger = [number for number in _of_ledger(view, customer, state.resolved) if invoice is None or number == invoice]
    names = ", ".join(number for number, _ in of_ledger)
    return [*entered, OpenDispute((customer,), tuple(of_ledger), "", f"as the ledger says, {names}")] if of_ledger else entered


def _of_ledger(view: View, customer: CustomerKey, resolved: Mapping[Scope, date]) -> list[Number]:
    """The invoices of a customer that the ledger calls disputed, and nobody said to be resolved since."""
    rows = view.ledger.invoices.take(cache.disputed(view)).select(["company", "customer_id", "invoice_id", "line"]).to_pylist()
    mine = [(row["invoice_id"], row["line"]) for row in rows if (row["company"], row["customer_id"]) == customer]
    closed = {scope for scope, on in resolved.items() if on > view.ledger.complete_through}
    return [] if WHOLE in closed else [number for number in mine if number not in closed]


def _number(scope: Scope) -> Number:
    return str(scope[0]), str(scope[1])


def _words(reason: str, scope: Scope, event: Agreement) -> str:
    return f"{reason}, {'' if scope == WHOLE else f'invoice {scope[0]}, '}since {fmt.day(event.as_of)}"
