"""How much is owed as of a date, how old is it, and what has come in that is not yet applied?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights import ledger as ledgers
from insights.ledger import INVOICE, Ledger, day, days
from insights.outcomes import Lines

AGES = ("current", "1-30", "31-60", "61-90", "91-180", "over 180")  # days past due
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
    def outstanding(self) -> int:
        """Not due + overdue - unapplied."""
        return self.receivables - self.unapplied

    @property
    def average_invoice(self) -> float | None:
        return self.receivables / self.invoices if self.invoices else None

    @property
    def average_overdue(self) -> float | None:
        return self.overdue / self.overdue_invoices if self.overdue_invoices else None


def balances(ledger: Ledger, as_of: date, lines: Lines | Mapping[str, Lines] | None = None) -> tuple[Balance, ...]:
    """What is owed as of a date, one Balance per currency, the one with the most open invoices first.

    An invoice is overdue when its on-time line lies before the as-of date; its age counts from that line. `lines`: of all
    invoices, or by company.
    """
    opened, apart = ledgers.open_positions(ledger, as_of), _open_credits(ledger, as_of)
    owed, unapplied = (ledgers.outstanding_at(ledger, as_of, at) for at in (opened, apart))
    late_by = day(as_of) - _on_time_lines(ledger, opened, lines)
    age = np.searchsorted(_AGE_ENDS, late_by)
    codes, names = currencies(ledger)
    found = []
    for code, currency in enumerate(names):
        mine, credit = codes[opened] == code, int(unapplied[codes[apart] == code].sum())
        aged = tuple(int(owed[mine & (age == step)].sum()) for step in range(len(AGES)))
        found.append(Balance(currency, int(mine.sum()), int((mine & (age > 0)).sum()), aged, -credit))
    return tuple(sorted((b for b in found if b.invoices or b.unapplied), key=lambda b: (-b.invoices, b.currency)))


def _on_time_lines(ledger: Ledger, which: np.ndarray, lines: Lines | Mapping[str, Lines] | None) -> np.ndarray:
    """The on-time line (int32 days) of some invoices."""
    due = days(ledger.invoices["due_date"])[which]
    if not isinstance(lines, Mapping):
        return (lines or Lines()).on_time(due)
    company = ledger.invoices["company"].take(pa.array(which))
    found: np.ndarray = due.astype(np.int32)
    for name in pc.unique(company).to_pylist():
        mine = pc.equal(company, name).to_numpy()
        found[mine] = lines.get(name, Lines()).on_time(due[mine])
    return found


def _open_credits(ledger: Ledger, as_of: date) -> np.ndarray:
    """Positions of the credit notes and payments on account dated, and not applied, strictly before `as_of`."""
    table, at = ledger.invoices, day(as_of)
    is_credit = pc.not_equal(table["kind"], INVOICE).to_numpy()
    return np.flatnonzero(is_credit & (days(table["issue_date"]) < at) & (days(table["paid_date"]) >= at))


def currencies(ledger: Ledger) -> tuple[np.ndarray, list[str]]:
    """Every row's currency as a number, and the name of each number."""
    coded = ledger.invoices["currency"].combine_chunks().dictionary_encode()
    return coded.indices.to_numpy(), coded.dictionary.to_pylist()
