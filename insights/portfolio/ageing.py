"""How much is owed as of a date, how old is it, and what has come in that is not yet applied?

Two sums, here and nowhere else, of anything that is open as of a date, in integer minor units:

- *receivables*: what is outstanding on the open invoices;
- *net balance*: the receivables less the credit notes and payments on account that are not applied yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger import ledger as ledgers
from insights.ledger.ledger import INVOICE, Ints, Ledger, day, days
from insights.ledger.outcomes import DueRules

AGES = ("current", "1-30", "31-60", "61-90", "91-180", "over 180")  # days past due
CUSTOMER = ("company", "customer_id", "currency")  # what a customer owes in one currency
_AGE_ENDS = np.array([0, 30, 60, 90, 180])


@dataclass(frozen=True)
class Balance:
    """What is owed in one currency as of a date; minor units."""

    currency: str
    invoices: int  # open
    overdue_invoices: int
    aged: tuple[int, ...]  # receivables by AGES
    unapplied: int  # credit notes and payments on account not yet applied, 0 or above

    @property
    def receivables(self) -> int:
        return sum(self.aged)

    @property
    def not_due(self) -> int:
        return self.aged[0]

    @property
    def overdue(self) -> int:
        return sum(self.aged[1:])

    @property
    def net_balance(self) -> int:
        """Not due + overdue - unapplied; below 0 where more has come in than is owed."""
        return self.receivables - self.unapplied

    @property
    def average_invoice(self) -> float | None:
        return self.receivables / self.invoices if self.invoices else None

    @property
    def average_overdue(self) -> float | None:
        return self.overdue / self.overdue_invoices if self.overdue_invoices else None


def net_balances(ledger: Ledger, as_of: date, by: Sequence[str] = CUSTOMER) -> pa.Table:
    """What is owed and what is not applied yet, one row per value of `by` that has anything open, in order.

    Columns: those of `by`, receivables, unapplied (0 or above), net_balance (receivables - unapplied); int64 minor units.
    With the currency among `by`, since currencies are never added.
    """
    amounts = open_amounts(ledger, as_of)
    is_open = np.flatnonzero(amounts)
    is_invoice = pc.equal(ledger.invoices["kind"], INVOICE).to_numpy()[is_open]
    owed, apart = amounts[is_open] * is_invoice, -amounts[is_open] * ~is_invoice
    items = ledger.invoices.select(list(by)).take(pa.array(is_open))
    for name, values in (("receivables", owed), ("unapplied", apart), ("net_balance", owed - apart)):
        items = items.append_column(name, pa.array(values))
    sums = items.group_by(list(by)).aggregate([("receivables", "sum"), ("unapplied", "sum"), ("net_balance", "sum")])
    return sums.rename_columns([*by, "receivables", "unapplied", "net_balance"]).sort_by([(name, "ascending") for name in by])


def open_amounts(ledger: Ledger, as_of: date) -> Ints:
    """What is outstanding of each row of a ledger as of a date: int64 minor units, sign as its amount; 0 where not open."""
    owed = np.zeros(len(ledger.invoices), np.int64)
    for positions in (ledgers.open_positions(ledger, as_of), open_credits(ledger, as_of)):
        owed[positions] = ledgers.outstanding_at(ledger, as_of, positions)
    return owed


def per_currency(sums: pa.Table, of: str) -> dict[str, int]:
    """A column of `net_balances(..., by=["currency"])`, by currency code."""
    return dict(zip(sums["currency"].to_pylist(), sums[of].to_pylist(), strict=True))


def balances(ledger: Ledger, as_of: date, due_rules: DueRules | Mapping[str, DueRules] | None = None) -> tuple[Balance, ...]:
    """What is owed as of a date, one Balance per currency, the one with the most open invoices first.

    An invoice is overdue when its on-time line lies before the as-of date; its age counts from that line. `due_rules`: of all
    invoices, or by company.
    """
    opened, apart = ledgers.open_positions(ledger, as_of), open_credits(ledger, as_of)
    owed, unapplied = (ledgers.outstanding_at(ledger, as_of, at) for at in (opened, apart))
    late_by = day(as_of) - on_time_lines(ledger, opened, due_rules)
    age = np.searchsorted(_AGE_ENDS, late_by)
    codes, names = currencies(ledger)
    balances = []
    for code, currency in enumerate(names):
        mine, credit = codes[opened] == code, int(unapplied[codes[apart] == code].sum())
        aged = tuple(int(owed[mine & (age == step)].sum()) for step in range(len(AGES)))
        balances.append(Balance(currency, int(mine.sum()), int((mine & (age > 0)).sum()), aged, -credit))
    return tuple(sorted((b for b in balances if b.invoices or b.unapplied), key=lambda b: (-b.invoices, b.currency)))


def on_time_lines(ledger: Ledger, which: np.ndarray, due_rules: DueRules | Mapping[str, DueRules] | None) -> np.ndarray:
    """The on-time line (int32 days) of some invoices."""
    due = days(ledger.invoices["due_date"])[which]
    if not isinstance(due_rules, Mapping):
        return (due_rules or DueRules()).due_by(due)
    company = ledger.invoices["company"].take(pa.array(which))
    last: np.ndarray = due.astype(np.int32)
    for name in pc.unique(company).to_pylist():
        mine = pc.equal(company, name).to_numpy()
        last[mine] = due_rules.get(name, DueRules()).due_by(due[mine])
    return last


def open_credits(ledger: Ledger, as_of: date) -> np.ndarray:
    """Positions of the credit notes and payments on account dated, and not applied, strictly before `as_of`."""
    table, at = ledger.invoices, day(as_of)
    is_credit = pc.not_equal(table["kind"], INVOICE).to_numpy()
    return np.flatnonzero(is_credit & (days(table["issue_date"]) < at) & (days(table["paid_date"]) >= at))


def currencies(ledger: Ledger) -> tuple[np.ndarray, list[str]]:
    """Every row's currency as a number, and the name of each number."""
    coded = ledger.invoices["currency"].combine_chunks().dictionary_encode()
    return coded.indices.to_numpy(), coded.dictionary.to_pylist()
