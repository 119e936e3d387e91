"""How fast do sales turn into cash? DSO, ADD, CEI and the like, each formula once (the textbook's), as of any days.

Each figure with its inputs, so that it can be checked by hand; the invoices behind it are in `evidence`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import CREDIT, INVOICE, NEVER, WRITE_OFF, Ints, Ledger, day, days
from insights.ledger.outcomes import DueRules
from insights.portfolio.ageing import currencies, net_balances, on_time_lines
from insights.portfolio.customer_groups import Customers, of_customers

PERIOD: Final = 90  # days over which sales and payments count
OLD: Final = 90  # days past due
Mask = npt.NDArray[np.bool_]
Rules = DueRules | Mapping[str, DueRules] | None  # of all invoices, or by company


@dataclass(frozen=True)
class LedgerPart:
    """Whose figures: of one company, of one of its customers, of some customers, or (None) of all."""

    company: str | None = None
    customer_id: str | None = None
    customers: Customers | None = None

    def of(self, table: pa.Table) -> Mask:
        """Which rows of a table are of the part."""
        mine = np.ones(len(table), np.bool_)
        for name in ("company", "customer_id"):
            if (value := getattr(self, name)) is not None:
                mine &= pc.equal(table[name], value).to_numpy()
        return mine if self.customers is None else mine & of_customers(table, self.customers)


WHOLE: Final = LedgerPart()


@dataclass(frozen=True)
class CashKpis:
    """How fast one currency's sales turn into cash, over the `days` before the as-of date; None = undefined. Minor units."""

    as_of: date
    currency: str
    days: int  # of the period: as asked for, or back to the start of the history
    receivables: int
    not_due: int
    old: int  # more than OLD days past due
    opening: int  # receivables as of the first day of the period
    sales: int  # invoices issued in the period
    paid: int  # amount of the invoices paid in the period
    fell_due: int  # amount of the invoices whose last day on time lay in the period, credited ones apart
    in_time: int  # of these, paid by then
    fell_due_count: int
    in_time_count: int
    count_back_dso: float | None  # days of the latest sales that the receivables amount to
    days_beyond_terms: float | None  # of the invoices paid in the period, weighted by amount

    @property
    def past_due(self) -> int:
        return self.receivables - self.not_due

    @property
    def dso(self) -> float | None:
        return dso_of(self.receivables, self.sales, self.days)

    @property
    def best_possible_dso(self) -> float | None:
        """The DSO with what is not yet due only."""
        return dso_of(self.not_due, self.sales, self.days)

    @property
    def add(self) -> float | None:
        """Average days delinquent: DSO less the best possible DSO."""
        return None if self.dso is None or self.best_possible_dso is None else self.dso - self.best_possible_dso

    @property
    def cei(self) -> float | None:
        """Collection effectiveness, 0 to 100."""
        return cei_of(self.opening, self.sales, self.receivables, self.not_due)

    @property
    def over_90(self) -> float | None:
        """Share (0 to 1) of the receivables that is more than OLD days past due."""
        return self.old / self.receivables if self.receivables else None

    @property
    def paid_on_time(self) -> float | None:
        """Share (0 to 1) by amount of what fell due in the period and was paid by its last day on time."""
        return self.in_time / self.fell_due if self.fell_due else None

    @property
    def paid_on_time_count(self) -> float | None:
        """The same by number of invoices."""
        return self.in_time_count / self.fell_due_count if self.fell_due_count else None


def figures(
    ledger: Ledger, as_of: date, *, period: int = PERIOD, due_rules: Rules = None, part: LedgerPart = WHOLE
) -> tuple[CashKpis, ...]:
    """The figures as of a date of each currency in which anything is open then, the one with the most open invoices first."""
    at_day = trend(ledger, [as_of], period=period, due_rules=due_rules, part=part)
    return tuple(at_day[name][0] for name in open_currencies(ledger, as_of, part))


def open_currencies(ledger: Ledger, as_of: date, part: LedgerPart = WHOLE) -> list[str]:
    """The currencies in which anything is open as of a date, the one with the most open invoices first."""
    mine = part.of(ledger.invoices)
    opened = net_balances(ledger, as_of, ["company", "customer_id", "currency"])
    owing = set(opened.filter(pa.array(part.of(opened)))["currency"].to_pylist())
    codes, names = currencies(ledger)
    at, issued, closed = day(as_of), days(ledger.invoices["issue_date"]), days(ledger.invoices["paid_date"])
    is_open = mine & pc.equal(ledger.invoices["kind"], INVOICE).to_numpy() & (issued < at) & (closed >= at)
    counts = dict(zip(names, np.bincount(codes[is_open], minlength=len(names)).tolist(), strict=True))
    return sorted(owing, key=lambda name: (-counts[name], name))


def trend(
    ledger: Ledger, as_of: Sequence[date], *, period: int = PERIOD, due_rules: Rules = None, part: LedgerPart = WHOLE
) -> dict[str, list[CashKpis]]:
    """The figures as of each of some days, by currency of the ledger."""
    book = _RunningBook(ledger, due_rules, part)
    at_days = [book.figures(on, period) for on in as_of]
    return {name: [figures[code] for figures in at_days] for code, name in enumerate(book.names)}


def month_starts(ledger: Ledger, as_of: date, months: int = 24) -> list[date]:
    """The as-of date and the first days of the months before it, oldest first, as far as a month of history lies before them."""
    starts, first = [as_of], as_of.replace(day=1)
    if first == as_of:
        first = (as_of - timedelta(days=1)).replace(day=1)
    while len(starts) <= months and (first - ledger.history_starts).days >= 28:
        starts.append(first)
        first = (first - timedelta(days=1)).replace(day=1)
    return starts[::-1]


class _RunningBook:
    """The invoices of a part of a ledger as columns, with what happened per day summed up, for any number of as-of dates."""

    def __init__(self, ledger: Ledger, due_rules: Rules, part: LedgerPart) -> None:
        table = ledger.invoices
        positions = np.flatnonzero(pc.equal(table["kind"], INVOICE).to_numpy() & part.of(table))
        codes, self.names = currencies(ledger)
        self.ledger, self.code = ledger, codes[positions]
        self.issue, self.closed = days(table["issue_date"])[positions], days(table["paid_date"])[positions]
        due = days(table["due_date"])[positions]
        self.due_by = on_time_lines(ledger, positions, due_rules)
        self.amount = np.asarray(table["amount"].to_numpy()[positions], np.int64)
        self.at_export = np.asarray(table["outstanding"].to_numpy()[positions], np.int64)
        self.payments = _sorted_payments(ledger, positions)
        how = table["settled_by"].take(pa.array(positions))
        credited, written_off = (pc.equal(how, ending).to_numpy() for ending in (CREDIT, WRITE_OFF))
        by_money = ~credited & ~written_off & (self.closed != NEVER)
        in_time = by_money & (self.closed <= self.due_by)
        answered = (self.issue >= day(ledger.history_starts)) & ~(credited & (self.closed <= self.due_by))
        late = (np.where(by_money, self.closed, due) - due).astype(np.int64)
        ones = np.ones(len(positions), np.int64)
        self.sold = self._daily(self.issue, self.amount)
        self.paid = self._daily(self.closed, self.amount * by_money)
        self.late = self._daily(self.closed, self.amount * by_money * late)
        self.fell_due = self._daily(self.due_by, self.amount * answered)
        self.in_time = self._daily(self.due_by, self.amount * (answered & in_time))
        self.fell_due_count = self._daily(self.due_by, ones * answered)
        self.in_time_count = self._daily(self.due_by, ones * (answered & in_time))

    def _daily(self, on: npt.NDArray[np.int32], values: Ints) -> "_PerDay":
        return _PerDay(on, values, self.code, len(self.names))

    def figures(self, as_of: date, period: int) -> list[CashKpis]:
        """By currency, in the order of `names`."""
        start = max(as_of - timedelta(days=period), self.ledger.history_starts)
        length, span = max((as_of - start).days, 0), (day(start), day(as_of))
        opening, *_ = self._owed(start)
        receivables, not_due, old = self._owed(as_of)
        sales, paid, late = (running.between(*span) for running in (self.sold, self.paid, self.late))
        due, in_time, due_count, in_time_count = (
            running.between(*span) for running in (self.fell_due, self.in_time, self.fell_due_count, self.in_time_count)
        )
        return [
            CashKpis(
                as_of=as_of,
                currency=name,
                days=length,
                receivables=receivables[at],
                not_due=not_due[at],
                old=old[at],
                opening=opening[at],
                sales=int(sales[at]),
                paid=int(paid[at]),
                fell_due=int(due[at]),
                in_time=int(in_time[at]),
                fell_due_count=int(due_count[at]),
                in_time_count=int(in_time_count[at]),
                count_back_dso=count_back(receivables[at], self._monthly_sales(at, as_of)),
                days_beyond_terms=float(late[at] / paid[at]) if paid[at] else None,
            )
            for at, name in enumerate(self.names)
        ]

    def _owed(self, as_of: date) -> tuple[list[int], list[int], list[int]]:
        """Receivables, what of them is not due, and what is more than OLD days past due; by currency."""
        at = day(as_of)
        opened = np.flatnonzero((self.issue < at) & (self.closed >= at))
        owed, age = self._outstanding(as_of)[opened], at - self.due_by[opened]
        of_currency = self.code[opened]
        whole, not_due, old = (
            _sums(of_currency, owed * meant, len(self.names)).tolist()
            for meant in (np.ones(len(opened), np.bool_), age <= 0, age > OLD)
        )
        return whole, not_due, old

    def _outstanding(self, as_of: date) -> Ints:
        """As `ledger.outstanding_at`, of every invoice of the part."""
        if len(self.ledger.payments):
            on, place, running = self.payments
            known = int(np.searchsorted(on, day(as_of)))
            return self.amount - _sums(place[:known], running[:known], len(self.amount))
        if as_of != self.ledger.last_as_of:
            return self.amount
        return np.where(self.closed == NEVER, self.at_export, self.amount)

    def _monthly_sales(self, code: int, as_of: date) -> Iterator[tuple[int, int]]:
        """(days, sales) of each calendar month, newest first, from the day before `as_of` back to the start of the history."""
        while as_of > self.ledger.history_starts:
            first = max((as_of - timedelta(days=1)).replace(day=1), self.ledger.history_starts)
            yield (as_of - first).days, int(self.sold.between(day(first), day(as_of))[code])
            as_of = first


class _PerDay:
    """Values per day and currency, summed up, so that any span of days is one subtraction."""

    def __init__(self, on: npt.NDArray[np.int32], values: Ints, code: npt.NDArray[np.int32], currencies: int) -> None:
        known = on != NEVER
        self.first = int(on[known].min(initial=NEVER.item()))
        length = int(on[known].max(initial=self.first)) - self.first + 1 if known.any() else 0
        flat = code[known].astype(np.int64) * length + (on[known] - self.first)
        self.running = np.zeros((currencies, length + 1), np.int64)
        self.running[:, 1:] = np.cumsum(_sums(flat, values[known], currencies * length).reshape(currencies, length), axis=1)

    def between(self, start: int, end: int) -> Ints:
        """int64[currencies]: from day `start` to before day `end`."""
        low, high = (min(max(at - self.first, 0), self.running.shape[1] - 1) for at in (start, end))
        difference: Ints = self.running[:, max(low, high)] - self.running[:, low]
        return difference


def _sums(place: npt.NDArray[np.integer], values: Ints, many: int) -> Ints:
    """int64[many]: values summed by place, exactly."""
    out = np.zeros(many, np.int64)
    np.add.at(out, place, values)
    return out


def _sorted_payments(ledger: Ledger, positions: Ints) -> tuple[npt.NDArray[np.int32], Ints, Ints]:
    """Day, place among `positions` and amount of the dated payments, by day."""
    of = ledger.payments["position"].to_numpy()
    place = np.minimum(np.searchsorted(positions, of), max(len(positions) - 1, 0))
    mine = positions[place] == of if len(positions) else np.zeros(len(of), np.bool_)
    on = days(ledger.payments["paid_date"])[mine]
    order = np.argsort(on, kind="stable")
    return on[order], place[mine][order], np.asarray(ledger.payments["amount"].to_numpy(), np.int64)[mine][order]


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


def paid_before(invoices: pa.Table, as_of: date) -> np.ndarray:
    """Which rows are invoices paid strictly before a date: neither credited nor written off, which is not paying."""
    by_money = pc.invert(pc.is_in(invoices["settled_by"], pa.array([CREDIT, WRITE_OFF]))).to_numpy()
    is_invoice = pc.equal(invoices["kind"], INVOICE).to_numpy()
    paid: np.ndarray = is_invoice & by_money & (days(invoices["paid_date"]) < day(as_of))
    return paid
