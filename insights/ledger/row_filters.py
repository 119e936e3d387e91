"""Which invoices does a model learn from? Those that pass every filter of its recipe.

    "company=North|South"   "amount>=100"   "issue_date>=2024-01-01"   "disputed=no"   "segment!=Staff"

A filter is a column, one of = != >= <=, and a value; alternatives are separated by "|". Amounts are in the invoice's own
currency. Of disputes and the ledger's further columns only what was known at issue may be used: others tell how it ended.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.errors import Refused
from insights.ledger.ledger import FURTHER, Ledger
from insights.ledger.money import exponent

Mask = npt.NDArray[np.bool_]

COLUMNS: Final = ("company", "customer_id", "currency", "terms", "amount", "issue_date", "due_date")
DISPUTED: Final = "disputed"  # a state at export, like the further columns
FORM: Final = re.compile(r"\s*(?P<column>[^=<>!]+?)\s*(?P<sign>!=|>=|<=|=)\s*(?P<value>.*?)\s*")
TRUE: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True)
class RowFilter:
    """One condition. `value` as written."""

    column: str
    sign: str  # = != >= <=
    value: str

    @property
    def text(self) -> str:
        return f"{self.column}{self.sign}{self.value}"


def parse(text: str) -> RowFilter:
    """A filter from its text; Refused where it has another form."""
    matched = FORM.fullmatch(text)
    if matched is None or not matched["value"]:
        raise Refused(f"{text!r} is no filter: write a column, one of = != >= <=, and a value, like amount>=100.", "filter_form")
    return RowFilter(matched["column"], matched["sign"], matched["value"])


def passing(ledger: Ledger, filters: Sequence[str]) -> Mask:
    """Which rows of `ledger.invoices` pass every filter."""
    mask = np.ones(ledger.invoices.num_rows, bool)
    for text in filters:
        mask &= passing_one(ledger, parse(text))
    return mask


def passing_one(ledger: Ledger, wanted: RowFilter) -> Mask:
    name = column_name(ledger, wanted.column)
    column = ledger.invoices[name]
    try:
        if name == "amount":
            return compared(major(ledger.invoices), wanted.sign, [float(Decimal(value)) for value in values(wanted)])
        if pa.types.is_date(column.type):
            days = [(date.fromisoformat(value) - date(1970, 1, 1)).days for value in values(wanted)]
            return compared(column.cast(pa.int32()).to_numpy().astype(np.float64), wanted.sign, days)
        if pa.types.is_floating(column.type):
            return compared(column.to_numpy(), wanted.sign, [float(value) for value in values(wanted)])
        if pa.types.is_boolean(column.type):
            return chosen(pc.fill_null(column, fill_value=False), wanted.sign, [TRUE[value.lower()] for value in values(wanted)])
    except (ValueError, InvalidOperation, KeyError) as error:
        raise Refused(f"{wanted.text}: {wanted.value!r} cannot be compared with {wanted.column}.", "filter_value") from error
    if wanted.sign in (">=", "<="):
        raise Refused(f"{wanted.text}: {wanted.column} is text; use = or !=.", "filter_sign")
    return chosen(pc.fill_null(column, ""), wanted.sign, values(wanted))


def column_name(ledger: Ledger, column: str) -> str:
    """The column of the ledger's table that a filter means."""
    if column in COLUMNS:
        return column
    if column in ledger.known_at_issue and (column == DISPUTED or column in ledger.further):
        return column if column == DISPUTED else FURTHER + column
    usable = ", ".join((*COLUMNS, *ledger.known_at_issue))
    why = (
        " was not known at issue, so it may tell how an invoice ended"
        if column in (*ledger.further, DISPUTED)
        else " is no column to filter by"
    )
    raise Refused(f"{column}{why}. Filter by: {usable}.", "filter_column", column=column)


def values(wanted: RowFilter) -> list[str]:
    return [value.strip() for value in wanted.value.split("|")]


def major(table: pa.Table) -> npt.NDArray[np.float64]:
    """Amounts in the units that people write: 12.34, not 1234."""
    codes = pc.unique(table["currency"]).to_pylist()
    places = np.array([exponent(code) for code in codes])[pc.index_in(table["currency"], pa.array(codes)).to_numpy()]
    return np.asarray(table["amount"].to_numpy() / 10.0**places)


def compared(column: npt.NDArray[np.float64], sign: str, limits: Sequence[float]) -> Mask:
    if sign in ("=", "!="):
        return np.asarray(np.isin(column, limits) == (sign == "="))
    (limit,) = limits
    return np.asarray(column >= limit if sign == ">=" else column <= limit)


def chosen(column: pa.ChunkedArray, sign: str, wanted: Sequence[object]) -> Mask:
    inside = pc.is_in(column, pa.array(wanted, column.type)).to_numpy()
    return np.asarray(inside == (sign == "="))
