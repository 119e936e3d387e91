"""Whose receivables, cash or figures: of one owner's customers, or of a group of them?"""

from datetime import date

import pyarrow.compute as pc

from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.portfolio.customer_groups import Customers, group_columns, groups_of
from insights.services import agreements, figures
from insights.services.reach import ALL, Visible
from insights.store.store import Store


def owners(store: Store, ledger: Ledger, as_of: date, visible: Visible = ALL) -> dict[str, Customers]:
    """Owner -> of the customers that may be seen those that are theirs, as agreed by a day; in the order of the names."""
    held = agreements.standing(store, ledger, as_of, visible).agreed.by_customer
    names = sorted({state.owner for state in held.values() if state.owner})
    return {name: frozenset(who for who, state in held.items() if state.owner == name) for name in names}


def groups(ledger: Ledger, as_of: date) -> dict[tuple[str, str], Customers]:
    """(column, value) -> customers, of every column that groups customers."""
    return {
        (column, value): customers
        for column in group_columns(ledger, as_of)
        for value, customers in groups_of(ledger, column, as_of).items()
    }


def named(  # noqa: PLR0913 - of which ledger as of when, and by what they are named
    store: Store,
    ledger: Ledger,
    as_of: date,
    *,
    owner: str = "",
    group: str = "",
    customer: str = "",
    company: str | None = None,
) -> Customers | None:
    """The customers of an owner, of a group written COLUMN=VALUE, of an account; None where none of them is asked for.

    Refused where there is no such owner, column, value, account (in the `company`, if one is named) or company.
    """
    chosen: list[Customers] = []
    if company is not None and company not in (companies := pc.unique(ledger.invoices["company"]).to_pylist()):
        raise Refused(f"There is no company {company} in this ledger. There are: {', '.join(companies)}.", "no_company")
    if customer:
        part = figures.customer_named(ledger, customer, company)
        chosen.append(frozenset({(part.company or "", part.customer_id or "")}))
    if owner:
        known = owners(store, ledger, as_of)
        if owner not in known:
            listed = f" There are: {', '.join(known)}." if known else ""
            raise Refused(f"Nobody of the name {owner} owns a customer as of {as_of}.{listed}", "no_owner")
        chosen.append(known[owner])
    if group:
        column, _, value = group.partition("=")
        columns = group_columns(ledger, as_of)
        if column not in columns:
            listed = f" There are: {', '.join(columns)}." if columns else ""
            raise Refused(f"No column {column} of this ledger groups its customers.{listed}", "no_group")
        values = groups_of(ledger, column, as_of)
        if value not in values:
            raise Refused(f"{column} has no value {value}. There are: {', '.join(values)}.", "no_group")
        chosen.append(values[value])
    return frozenset.intersection(*chosen) if chosen else None
