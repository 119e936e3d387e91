"""Which customers belong together? By a column of the ledger that says the same of all invoices of nearly every customer."""

from collections.abc import Sequence
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


def known(ledger: Ledger, as_of: date, columns: Sequence[str]) -> pa.Table:
    """Some columns of the invoices that were issued before a day."""
    return ledger.invoices.select(columns).filter(pa.array(days(ledger.invoices["issue_date"]) < day(as_of)))


def group_columns(ledger: Ledger, as_of: date) -> tuple[str, ...]:
    """The further columns of a ledger that group its customers, as far as was known before a day; in their order."""
    texts = [FURTHER + name for name in ledger.further if pa.types.is_string(ledger.invoices[FURTHER + name].type)]
    if not texts:
        return ()
    table = known(ledger, as_of, ["company", "customer_id", *texts])
    many = len(table.group_by(["company", "customer_id"]).aggregate([]))
    out = []
    for name in texts:
        if not 2 <= pc.count_distinct(table[name]).as_py() <= MOST_GROUPS:
            continue
        if len(table.group_by(["company", "customer_id", name]).aggregate([])) <= APART * many:
            out.append(name.removeprefix(FURTHER))
    return tuple(out)


def groups_of(ledger: Ledger, column: str, as_of: date) -> dict[str, Customers]:
    """Value of a column -> the customers of whose invoices the newest known before a day says so; in the values' order."""
    table = known(ledger, as_of, ["company", "customer_id", FURTHER + column, "issue_date"]).sort_by("issue_date")
    table = table.set_column(2, "value", pc.fill_null(table[FURTHER + column], ""))
    newest = table.group_by(["company", "customer_id"], use_threads=False).aggregate([("value", "last")]).to_pylist()
    of = {(row["company"], row["customer_id"]): row["value_last"] for row in newest}
    return {value: frozenset(who for who in of if of[who] == value) for value in sorted({*of.values()} - {""})}


def of_customers(table: pa.Table, customers: Customers) -> npt.NDArray[np.bool_]:
    """Which rows of a table with the columns company and customer_id are of some customers."""
    keys = pc.binary_join_element_wise(table["company"].cast(pa.string()), table["customer_id"].cast(pa.string()), "\n")
    wanted = pa.array(["\n".join(customer) for customer in sorted(customers)], pa.string())
    inside: npt.NDArray[np.bool_] = pc.is_in(keys, wanted).to_numpy()
    return inside
