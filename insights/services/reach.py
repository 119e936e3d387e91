"""What of a workspace, of a ledger and of its predictions may somebody see? Applied where rows are read, and nowhere after."""

import json
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.access import Reach
from insights.agreements.events import Agreement, CustomerKey
from insights.agreements.state import agreed
from insights.ledger.errors import Refused
from insights.ledger.ledger import FURTHER, Ints, Ledger, of_rows
from insights.portfolio.customer_groups import Customers, groups_of, of_customers
from insights.services.contents import Contents
from insights.store import agreements, ledgers
from insights.store.store import Store

ELSEWHERE = "This is not among the customers that you may see."


@dataclass(frozen=True)
class Visible:
    """What a reach comes to in one ledger. companies None: all. customers None: all of these companies."""

    companies: frozenset[str] | None = None
    customers: Customers | None = None

    @property
    def everything(self) -> bool:
        return self.companies is None and self.customers is None

    def has_company(self, company: str) -> bool:
        """Whether anything of a company may be seen."""
        return self.companies is None or company in self.companies

    def has(self, customer: CustomerKey) -> bool:
        """Whether a customer may be seen, by company and id."""
        return self.has_company(customer[0]) and (self.customers is None or customer in self.customers)

    def among(self, customers: Customers | None) -> Customers | None:
        """Those of some customers that may be seen. None: all, as in `customers`."""
        return self.customers if customers is None else frozenset(filter(self.has, customers))

    def mask(self, table: pa.Table) -> npt.NDArray[np.bool_]:
        """Which rows may be seen of a table with the column company; with the column customer_id, where customers are limited."""
        seen = np.ones(len(table), bool)
        if self.companies is not None:
            seen &= pc.is_in(table["company"].cast(pa.string()), pa.array(sorted(self.companies), pa.string())).to_numpy()
        return seen if self.customers is None else seen & of_customers(table, self.customers)

    def rows(self, table: pa.Table) -> pa.Table:
        """The rows of such a table that may be seen."""
        return table if self.everything else table.filter(pa.array(self.mask(table)))

    @cached_property
    def key(self) -> str:
        """Tells it from any other, for caches; "" for everything."""
        if self.everything:
            return ""
        parts = [None if part is None else sorted(part) for part in (self.companies, self.customers)]
        return sha256(json.dumps(parts).encode()).hexdigest()[:32]


ALL = Visible()


@dataclass(frozen=True)
class LedgerWithin:
    """A ledger as somebody may see it, and where each of its rows stands in the whole of it; None: everywhere."""

    ledger: Ledger
    positions: Ints | None = None
    visible: Visible = ALL


def visible(store: Store, ledger: Ledger, reach: Reach) -> Visible:
    """The companies and customers of a whole ledger within reach.

    A customer's group is that of the newest invoice of the ledger, the owner whoever is by all that is agreed by now: a day of
    the past shows the same customers. Of a column that the ledger has not, nobody is in a group.
    """
    if reach.whole_companies:
        return Visible(reach.companies)
    table = ledger.invoices.select(["company", "customer_id"]).group_by(["company", "customer_id"]).aggregate([])
    who = set(zip(table["company"].to_pylist(), table["customer_id"].to_pylist(), strict=True))
    seen = {customer for customer in who if reach.has(customer[0])}
    if reach.groups is not None:
        seen &= frozenset().union(*(_of_group(ledger, *group) for group in reach.groups))
    if reach.owners is not None:
        lineage = ledgers.get(store, ledger.id).lineage_id if ledger.id else ""
        seen &= customers_owned(store, lineage, reach)
    return Visible(frozenset(company for company, _ in seen), frozenset(seen))


def _of_group(ledger: Ledger, column: str, value: str) -> Customers:
    if column not in ledger.further or not pa.types.is_string(ledger.invoices[FURTHER + column].type):
        return frozenset()
    return groups_of(ledger, column, date.max).get(value, frozenset())


def contents_within(held: Contents, reach: Reach) -> Contents:
    """The ledgers that have a company within reach; models and publications say nothing of customers."""
    if reach.everything:
        return held
    return replace(held, ledgers=tuple(ledger for ledger in held.ledgers if any(map(reach.has, ledger.companies))))


def in_groups(store: Store, ledger_id: str, reach: Reach) -> bool:
    """Whether any invoice of a kept ledger is in a group and of a company within reach; looked up in these columns alone.

    Of a customer that was in the group once, `visible` may say otherwise.
    """
    if reach.groups is None:
        return True
    return any(
        any(map(reach.has, ledgers.companies_with(store, ledger_id, FURTHER + column, value))) for column, value in reach.groups
    )


def customers_owned(store: Store, lineage_id: str, reach: Reach) -> Customers:
    """The customers of the owners within reach by all that is agreed by now, as a ledger of a lineage sees it."""
    held = agreed(agreements.listed(store, lineage_id=lineage_id), date.max).by_customer
    owners = (reach.owners or frozenset()) - {""}
    return frozenset(customer for customer, state in held.items() if state.owner in owners and reach.has(customer[0]))


def has_any(store: Store, ledger_id: str, customers: Customers) -> bool:
    """Whether a kept ledger has an invoice of some customers."""
    rows = ledgers.columns(store, ledger_id, ("company", "customer_id")) if customers else None
    return rows is not None and bool(of_customers(rows, customers).any())


def ledger_within(store: Store, ledger: Ledger, reach: Reach) -> LedgerWithin:
    """A whole ledger with the rows within reach alone; what was set aside, of which nobody knows whose it is, is left out."""
    seen = visible(store, ledger, reach)
    if seen.everything:
        return LedgerWithin(ledger)
    positions = np.flatnonzero(seen.mask(ledger.invoices))
    rows = of_rows(ledger, positions)
    return LedgerWithin(replace(rows, rows_read=len(positions), rows_ignored=0, aside=()), positions, seen)


def rows_within(source: Path | pa.Table, within: LedgerWithin) -> pa.Table:
    """Predictions with the rows within reach alone, their `position` that of `within.ledger`."""
    rows = pq.read_table(source) if isinstance(source, Path) else source
    if within.positions is None:
        return rows
    return repositioned(rows.filter(pa.array(np.isin(rows["position"].to_numpy(), within.positions))), within)


def repositioned(rows: pa.Table, within: LedgerWithin) -> pa.Table:
    """Rows that lie within reach, their `position` that of `within.ledger` instead of the whole ledger's."""
    if within.positions is None:
        return rows
    position = np.searchsorted(within.positions, rows["position"].to_numpy()).astype(np.int64)
    at = rows.schema.get_field_index("position")
    return rows.set_column(at, rows.schema.field(at), pa.array(position))


def require_customers(store: Store, ledger: Ledger, customers: list[CustomerKey], reach: Reach) -> None:
    """Refused where one of some customers is not within reach; `ledger`: one that is kept, or a part of it."""
    if reach.everything:
        return
    whole = ledgers.load(store, ledger.id) if ledger.id and not reach.whole_companies else ledger
    seen = visible(store, whole, reach)
    if not all(map(seen.has, customers)):
        raise Refused(ELSEWHERE, "out_of_reach")


def require_event(store: Store, event: Agreement, reach: Reach) -> None:
    """Refused where what was agreed is with nobody within reach, by the newest ledger with the company."""
    if reach.everything:
        return
    if reach.whole_companies:
        seen = Visible(reach.companies)
    else:
        here = [
            ledger
            for ledger in ledgers.listed(store)
            if event.company in ledger.companies and event.lineage_id in ("", ledger.lineage_id)
        ]
        seen = visible(store, ledgers.load(store, here[0].id), reach) if here else Visible(frozenset())
    if not seen.has(event.customer):
        raise Refused(ELSEWHERE, "out_of_reach")
