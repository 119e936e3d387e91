"""How much of each customer's receivables will probably be paid on time, late or very late?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import Ledger
from insights.ledger.outcomes import BUCKETS, ON_TIME
from insights.ledger.table_files import decimals
from insights.portfolio.ageing import CUSTOMER, net_balances
from insights.portfolio.snapshot import flagged, overdue

_CUSTOMER = list(CUSTOMER)
AMOUNTS = ("outstanding", *BUCKETS, "at_risk", "not_due", "overdue", "unapplied", "net_balance")  # columns in minor units


def split(outstanding: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Outstanding (int64[n], minor units) over the buckets by p (float[n, 3]): int64[n, 3], each row sums exactly.

    Largest remainder: everything is rounded down, and what is left goes to the largest fractions.

    >>> split(np.array([100, 1]), np.array([[0.1, 0.5, 0.4], [0.2, 0.3, 0.5]])).tolist()
    [[10, 50, 40], [0, 0, 1]]
    """
    exact: np.ndarray = outstanding[:, None] * (p / p.sum(axis=1, keepdims=True))
    parts: np.ndarray = np.floor(exact).astype(np.int64)
    left = outstanding - parts.sum(axis=1)
    rank = np.argsort(np.argsort(parts - exact, axis=1, kind="stable"), axis=1)
    parts += rank < left[:, None]
    parts[np.arange(len(p)), p.argmax(axis=1)] += outstanding - parts.sum(axis=1)  # floats end at 2^53
    return parts


def customers(predictions: pa.Table, threshold: float | np.ndarray = 0.5) -> pa.Table:
    """One row per company, customer and currency of a table of predictions, the largest amount at risk first.

    The threshold is that of all predictions, or one of each.
    Columns: company, customer_id, currency, customer_name, invoices, outstanding, flagged, on_time, late, very_late,
    at_risk (late + very late), share_at_risk (0 to 1); all amounts int64 minor units.
    """
    p = np.column_stack([predictions[f"p_{bucket}"].to_numpy() for bucket in BUCKETS])
    parts = split(predictions["outstanding"].to_numpy(), p)
    amounts = {bucket: parts[:, at] for at, bucket in enumerate(BUCKETS)}
    table = _by_customer(predictions, {"flagged": flagged(p[:, ON_TIME], threshold).astype(np.int64), **amounts})
    table = table.append_column("at_risk", pc.add(table["late"], table["very_late"]))
    share = table["at_risk"].to_numpy() / np.maximum(table["outstanding"].to_numpy(), 1)
    return ranked(table.append_column("share_at_risk", pa.array(share)), by="at_risk")


def owing(opened: pa.Table) -> pa.Table:
    """The same of a snapshot without predictions (`worklist.unscored`): outstanding, not_due and overdue, most overdue first."""
    outstanding, late = opened["outstanding"].to_numpy(), overdue(opened)
    table = _by_customer(opened, {"not_due": outstanding * ~late, "overdue": outstanding * late})
    return ranked(table, by="overdue")


def with_net_balance(by_customer: pa.Table, ledger: Ledger, as_of: date) -> pa.Table:
    """The rows of `customers` or `owing` with the columns unapplied and net_balance (int64 minor units)."""
    order = pa.array(np.arange(len(by_customer)))
    sums = net_balances(ledger, as_of).drop_columns(["receivables"])
    return by_customer.append_column("order", order).join(sums, _CUSTOMER).sort_by("order").drop_columns(["order"])


def _by_customer(invoices: pa.Table, sums: Mapping[str, np.ndarray]) -> pa.Table:
    """Number of invoices, outstanding and further sums per company, customer and currency."""
    table = invoices.select([*_CUSTOMER, "customer_name", "outstanding"])
    for name, values in sums.items():
        table = table.append_column(name, pa.array(values))
    summed = ["outstanding", *sums]
    wanted = [("customer_name", "max"), ([], "count_all"), *((name, "sum") for name in summed)]
    return table.group_by(_CUSTOMER).aggregate(wanted).rename_columns([*_CUSTOMER, "customer_name", "invoices", *summed])


def exact_amounts(by_customer: pa.Table) -> pa.Table:
    """The rows of `customers` or `owing` for a file: amounts as exact decimals, and whose they are first."""
    amounts = [name for name in AMOUNTS if name in by_customer.column_names]
    first = [*_CUSTOMER[:2], "customer_name", _CUSTOMER[2]]
    table = by_customer.select([*first, *(name for name in by_customer.column_names if name not in first)])
    for name in amounts:
        column = decimals(table[name], table["currency"])
        table = table.set_column(table.schema.get_field_index(name), name, column)
    return table


def ranked(by_customer: pa.Table, *, by: str, currency: str = "", search: str = "", companies: Sequence[str] = ()) -> pa.Table:
    """The rows of a currency, and of some companies, whose customer's name or id contains `search`.

    By a column: names ascending, figures descending.
    """
    if currency:
        by_customer = by_customer.filter(pc.equal(by_customer["currency"], currency))
    by_customer = matching(by_customer, search=search, companies=companies)
    direction = "ascending" if by == "customer_name" else "descending"
    return by_customer.sort_by([(by, direction), ("outstanding", "descending"), *((name, "ascending") for name in _CUSTOMER)])


def matching(by_customer: pa.Table, *, search: str = "", companies: Sequence[str] = ()) -> pa.Table:
    """The rows of some companies (none: all), whose customer's name or id contains `search`, in their order."""
    if companies:
        by_customer = by_customer.filter(pc.is_in(by_customer["company"], pa.array(companies)))
    if search.strip():
        matches = (
            pc.match_substring(by_customer[of], search.strip(), ignore_case=True) for of in ("customer_name", "customer_id")
        )
        by_customer = by_customer.filter(pc.or_(*matches))
    return by_customer


@dataclass(frozen=True)
class Tiles:
    """The two tiles of the reference product."""

    flagged_invoices: int  # open invoices whose probability of being paid on time is under the threshold
    customers_at_risk: int  # with more than half of their receivables predicted late or very late, in any currency


def tiles(by_customer: pa.Table) -> Tiles:
    """The tiles of a table made by `customers`; exactly half of the receivables is not more than half."""
    risky = by_customer.filter(pc.greater(pc.multiply(by_customer["at_risk"], 2), by_customer["outstanding"]))
    return Tiles(int(pc.sum(by_customer["flagged"]).as_py() or 0), number_of_customers(risky))


def sums(by_customer: pa.Table, of: str) -> dict[str, int]:
    """A column of amounts summed per currency, by currency code."""
    summed = by_customer.group_by("currency").aggregate([(of, "sum")])
    return dict(sorted(zip(summed["currency"].to_pylist(), summed[f"{of}_sum"].to_pylist(), strict=True)))


def number_of_customers(by_customer: pa.Table) -> int:
    """How many customers a table of customers and currencies holds."""
    return len(by_customer.group_by(["company", "customer_id"]).aggregate([]))
