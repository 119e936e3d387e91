"""How fast do sales turn into cash? DSO, ADD, CEI and the like, each formula once (the textbook's)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import CREDIT, INVOICE, WRITE_OFF, Ledger, day, days
from insights.ledger.outcomes import DueRules
from insights.portfolio.ageing import Balance, balances


@dataclass(frozen=True)
class CashKpis:
    """How fast one currency's sales turn into cash, over the `days` before the as-of date; None = undefined."""

    currency: str
    days: int  # of the period: as asked for, or back to the start of the history
    sales: int  # minor units, invoices issued in the period
    dso: float | None  # receivables / sales x days
    best_possible_dso: float | None  # the same with what is not yet due
    add: float | None  # average days delinquent: DSO - best-possible DSO
    cei: float | None  # collection effectiveness, 0 to 100
    count_back_dso: float | None  # days of the latest sales that the receivables amount to
    days_beyond_terms: float | None  # of the invoices paid in the period, weighted by amount


def figures(
    ledger: Ledger, as_of: date, *, period: int = 90, due_rules: DueRules | Mapping[str, DueRules] | None = None
) -> tuple[CashKpis, ...]:
    """The figures of each currency as of a date, in the order of `balances`, over the `period` days before it."""
    start = max(as_of - timedelta(days=period), ledger.history_starts)
    closing = balances(ledger, as_of, due_rules)
    opening = {balance.currency: balance.receivables for balance in balances(ledger, start)}
    return tuple(_figures(ledger, (start, as_of), balance, opening.get(balance.currency, 0)) for balance in closing)


def _figures(ledger: Ledger, span: tuple[date, date], closing: Balance, opening: int) -> CashKpis:
    start, as_of = span
    table = ledger.invoices.filter(
        pc.and_(pc.equal(ledger.invoices["kind"], INVOICE), pc.equal(ledger.invoices["currency"], closing.currency))
    )
    length = max((as_of - start).days, 0)
    sales = _sales(table, start, as_of)
    dso, best = dso_of(closing.receivables, sales, length), dso_of(closing.not_due, sales, length)
    return CashKpis(
        currency=closing.currency,
        days=length,
        sales=sales,
        dso=dso,
        best_possible_dso=best,
        add=None if dso is None or best is None else dso - best,
        cei=cei_of(opening, sales, closing.receivables, closing.not_due),
        count_back_dso=count_back(closing.receivables, _monthly_sales(table, ledger.history_starts, as_of)),
        days_beyond_terms=_days_beyond_terms(table, start, as_of),
    )


def dso_of(receivables: int, sales: int, length: int) -> float | None:
    """Days sales outstanding: receivables / credit sales of the period x days of the period.

    >>> dso_of(500, 1000, 90)
    45.0
    """
    return receivables / sales * length if sales else None


def cei_of(opening: int, sales: int, closing: int, not_due: int) -> float | None:
    """Collection effectiveness: of what could have been collected, the per cent that was.

    >>> cei_of(opening=400, sales=1000, closing=500, not_due=300)  # 900 of 1100
    81.81818181818183
    """
    collectable = opening + sales - not_due
    return (opening + sales - closing) / collectable * 100 if collectable else None


def count_back(receivables: int, months: Iterable[tuple[int, int]]) -> float | None:
    """Count-back DSO: how many days of the latest sales, (days, sales) newest month first, the receivables amount to.

    None where they are more than all sales known.

    >>> count_back(150, [(30, 100), (31, 200)])  # all of the last month, a quarter of the one before
    37.75
    """
    counted = 0.0
    for length, sales in months:
        if receivables <= sales:
            return counted + (length * receivables / sales if sales else 0.0)
        receivables, counted = receivables - sales, counted + length
    return None


def _sales(invoices: pa.Table, start: date, end: date) -> int:
    """Amount issued from `start` to before `end`, minor units."""
    issued = days(invoices["issue_date"])
    return int(invoices["amount"].to_numpy()[(issued >= day(start)) & (issued < day(end))].sum())


def _monthly_sales(invoices: pa.Table, start: date, as_of: date) -> Iterator[tuple[int, int]]:
    """(days, sales) of each calendar month, newest first, from the day before `as_of` back to `start`."""
    order = np.argsort(issued := days(invoices["issue_date"]))
    issued, total = issued[order], np.concatenate([[0], np.cumsum(invoices["amount"].to_numpy()[order])])
    while as_of > start:
        first = max((as_of - timedelta(days=1)).replace(day=1), start)
        low, high = np.searchsorted(issued, [day(first), day(as_of)])
        yield (as_of - first).days, int(total[high] - total[low])
        as_of = first


def _days_beyond_terms(invoices: pa.Table, start: date, end: date) -> float | None:
    """Sum of (paid - due) x amount / sum of amount, over the invoices paid from `start` to before `end`."""
    chosen = paid_before(invoices, end) & (days(invoices["paid_date"]) >= day(start))
    if not chosen.any():
        return None
    late = (days(invoices["paid_date"]) - days(invoices["due_date"]))[chosen]
    return float(np.average(late, weights=invoices["amount"].to_numpy()[chosen]))


def paid_before(invoices: pa.Table, as_of: date) -> np.ndarray:
    """Which rows are invoices paid strictly before a date: neither credited nor written off, which is not paying."""
    by_money = pc.invert(pc.is_in(invoices["settled_by"], pa.array([CREDIT, WRITE_OFF]))).to_numpy()
    is_invoice = pc.equal(invoices["kind"], INVOICE).to_numpy()
    paid: np.ndarray = is_invoice & by_money & (days(invoices["paid_date"]) < day(as_of))
    return paid
