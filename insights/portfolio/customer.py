"""What is the state of business with one customer, and how has it paid so far?"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger import ledger as ledgers
from insights.ledger.ledger import Ints, Ledger, as_date, day, days
from insights.ledger.outcomes import BUCKETS, DueRules
from insights.portfolio.ageing import Balance, balances, currencies
from insights.portfolio.habits import payment_history
from insights.portfolio.kpis import paid_before


def of_customer(ledger: Ledger, company: str, customer_id: str) -> Ledger:
    """The ledger of one customer of one company, with everything else as it was (and no problems)."""
    return ledgers.of_rows(ledger, positions_of_customer(ledger, company, customer_id))


def positions_of_customer(ledger: Ledger, company: str, customer_id: str) -> Ints:
    """Where the rows of one customer of one company stand in a ledger."""
    table = ledger.invoices
    mine = pc.and_(pc.equal(table["customer_id"], customer_id), pc.equal(table["company"], company))
    return np.flatnonzero(mine.to_numpy()).astype(np.int64)


@dataclass(frozen=True)
class Payment:
    """Money that came in on one day, in one currency."""

    paid_date: date
    currency: str
    amount: int  # minor units


@dataclass(frozen=True)
class CustomerInsights:
    """The state of business with one customer as of a date: the related-information pane of an invoice."""

    company: str
    customer_id: str
    customer_name: str
    open_invoices: int
    overdue_invoices: int
    balances: tuple[Balance, ...]  # per currency, with the averages and the aged amounts
    last_payments: tuple[Payment, ...]  # of the last day on which anything was paid, one per currency
    average_days_to_pay: float | None  # issue to payment, invoices paid in the year before the as-of date
    average_days_late: float | None  # due to payment, of the same; below 0 = early
    history: tuple[int, int, int]  # invoices settled on time, late, very late, in the whole history
    customer_since: date | None  # first issue date

    @property
    def settled(self) -> int:
        return sum(self.history)

    @property
    def on_time_share(self) -> float | None:
        return self.history[0] / self.settled if self.settled else None


def customer_insights(
    ledger: Ledger, as_of: date, company: str, customer_id: str, *, due_rules: DueRules | None = None
) -> CustomerInsights:
    """What there is to know of a customer as of a date; an unknown customer has no invoices and no name but the id."""
    mine = of_customer(ledger, company, customer_id)
    table = mine.invoices
    known = table.filter(pc.less(table["issue_date"], pa.scalar(as_of)))
    owed = balances(mine, as_of, due_rules)
    to_pay, late = _speed(table, as_of)
    history = payment_history(mine, as_of, due_rules=due_rules)
    return CustomerInsights(
        company=company,
        customer_id=customer_id,
        customer_name=known["customer_name"][-1].as_py() if len(known) else customer_id,
        open_invoices=sum(balance.invoices for balance in owed),
        overdue_invoices=sum(balance.overdue_invoices for balance in owed),
        balances=owed,
        last_payments=_last_payments(mine, as_of),
        average_days_to_pay=to_pay,
        average_days_late=late,
        history=tuple(pc.sum(history[name]).as_py() or 0 for name in BUCKETS),  # type: ignore[arg-type]
        customer_since=pc.min(known["issue_date"]).as_py(),
    )


def _speed(invoices: pa.Table, as_of: date) -> tuple[float | None, float | None]:
    """Mean days from issue, and from due date, to payment, of the invoices paid in the year before `as_of`."""
    paid = days(invoices["paid_date"])
    chosen = paid_before(invoices, as_of) & (paid >= day(as_of) - 365)
    if not chosen.any():
        return None, None
    issue, due = (float((paid - days(invoices[name]))[chosen].mean()) for name in ("issue_date", "due_date"))
    return issue, due


def _last_payments(ledger: Ledger, as_of: date) -> tuple[Payment, ...]:
    """What was paid on the last day of payment before `as_of`: dated payments where there are any, else paid invoices."""
    if len(ledger.payments):
        position, on = ledger.payments["position"].to_numpy(), days(ledger.payments["paid_date"])
        amount, known = ledger.payments["amount"].to_numpy(), on < day(as_of)
    else:
        position, on = np.arange(len(ledger.invoices)), days(ledger.invoices["paid_date"])
        amount, known = ledger.invoices["amount"].to_numpy(), paid_before(ledger.invoices, as_of)
    if not known.any():
        return ()
    last = on[known].max()
    codes, names = currencies(ledger)
    latest = known & (on == last)
    code, paid = codes[position[latest]], amount[latest]
    return tuple(Payment(as_date(last), names[at], int(paid[code == at].sum())) for at in np.unique(code))
