"""Which customers and invoices are meant by a few letters? Of all that was known of a ledger as of a day, settled or open."""

from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.keys import InvoiceKey
from insights.ledger.ledger import INVOICE, NEVER, Ledger, day

LEAST = 2  # letters: with fewer, everything would be meant


@dataclass(frozen=True)
class CustomerMatch:
    """A customer whose name or id holds what was asked for."""

    company: str
    customer_id: str
    customer_name: str
    invoices: int  # ever issued to it


@dataclass(frozen=True)
class InvoiceMatch:
    """An invoice whose number does."""

    key: InvoiceKey
    customer_name: str
    is_open: bool


@dataclass(frozen=True)
class Matches:
    """The first of what matches, and how many do."""

    customers: tuple[CustomerMatch, ...] = ()
    invoices: tuple[InvoiceMatch, ...] = ()
    customers_in_all: int = 0
    invoices_in_all: int = 0


def search(ledger: Ledger, as_of: date, text: str, most: int = 8) -> Matches:
    """Matches of a text, in any case; names that begin with it first. Nothing for fewer letters than LEAST."""
    wanted = text.strip()
    if len(wanted) < LEAST:
        return Matches()
    table = ledger.invoices.filter(
        pc.and_(pc.less(ledger.invoices["issue_date"], pa.scalar(as_of)), pc.equal(ledger.invoices["kind"], INVOICE))
    )
    hits = {name: _contains(table[name], wanted) for name in ("customer_name", "customer_id", "invoice_id")}
    customers = table.filter(pc.or_(hits["customer_name"], hits["customer_id"]))
    grouped = customers.group_by(["company", "customer_id"]).aggregate([("customer_name", "max"), ([], "count_all")])
    by_name = sorted(grouped.to_pylist(), key=lambda row: _place(row["customer_name_max"], row["customer_id"], wanted))
    numbers = table.filter(hits["invoice_id"])
    by_number = sorted(
        numbers.slice(0, 1000).to_pylist(), key=lambda row: (*_place(row["invoice_id"], row["customer_id"], wanted), row["line"])
    )
    return Matches(
        tuple(
            CustomerMatch(row["company"], row["customer_id"], row["customer_name_max"], row["count_all"])
            for row in by_name[:most]
        ),
        tuple(
            InvoiceMatch(InvoiceKey.of(row), row["customer_name"], _is_open(row["paid_date"], as_of)) for row in by_number[:most]
        ),
        len(by_name),
        len(numbers),
    )


def _contains(column: pa.ChunkedArray, text: str) -> pa.ChunkedArray:
    return pc.match_substring(column, text, ignore_case=True)


def _place(name: str, other: str, wanted: str) -> tuple[bool, str, str]:
    """What begins with it first, then by the alphabet."""
    return not name.casefold().startswith(wanted.casefold()), name.casefold(), other


def _is_open(paid: date | None, as_of: date) -> bool:
    return bool((NEVER if paid is None else day(paid)) >= day(as_of))
