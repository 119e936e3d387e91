"""Which customers belong together? By a column of the ledger that says the same of all invoices of nearly every customer."""

from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import FURTHER, Ledger, day, days

MOST_GROUPS: Final = 30
APART: Final = 1.1  # values per customer, up to which a column is of customers, not of invoices
Customers = frozenset[tuple[str, str]]  # company and customer id


def group_columns(ledger: Ledger) -> tuple[str, ...]:
    """The further columns of a ledger that group its customers, in their order."""
    table = ledger.invoices
    many = len(table.group_by(["company", "customer_id"]).aggregate([]))
    out = []
    for name in ledger.further:
        values = table[FURTHER + name]
        if not pa.types.is_string(values.type) or not 2 <= pc.count_distinct(values).as_py() <= MOST_GROUPS:
            continue
        if len(table.group_by(["company", "customer_id", FURTHER + name]).aggregate([])) <= APART * many:
            out.append(name)
    return tuple(out)


def groups_of(ledger: Ledger, column: str, as_of: date) -> dict[str, Customers]:
    """Value of a column -> the customers of whose invoices the newest known before a day says so; in the values' order."""
    table = ledger.invoices.filter(pa.array(days(ledger.invoices["issue_date"]) < day(as_of)))
    newest = table.select(["company", "customer_id", FURTHER + column, "issue_date"]).sort_by("issue_date").to_pylist()
    last = {(row["company"], row["customer_id"]): row[FURTHER + column] for row in newest}
    values = sorted({value for value in last.values() if value})
    return {value: frozenset(who for who, said in last.items() if said == value) for value in values}


def of_customers(table: pa.Table, customers: Customers) -> npt.NDArray[np.bool_]:
    """Which rows of a table with the columns company and customer_id are of some customers."""
    keys = pc.binary_join_element_wise(table["company"].cast(pa.string()), table["customer_id"].cast(pa.string()), "\n")
    wanted = pa.array(["\n".join(each) for each in sorted(customers)], pa.string())
    found: npt.NDArray[np.bool_] = pc.is_in(keys, wanted).to_numpy()
    return found
