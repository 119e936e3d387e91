"""How much is owed, by whom and since when, and how much of it will come in time?

Every figure is as of a date (known strictly before it), per currency (never added), in integer minor units; what is
undefined, such as the DSO of a period without sales, is None. *Receivables* are the open invoices: credit notes and
payments not yet applied are shown apart, as `unapplied`. Formulas: reference product and textbook, one place each.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights import ledger as ledgers
from insights.ledger import CREDIT, INVOICE, WRITE_OFF, Ledger, as_date, day, days
from insights.outcomes import BUCKETS, ON_TIME, VERY_LATE, Lines

AGES = ("current", "1-30", "31-60", "61-90", "91-180", "over 180")  # days past due
_AGE_ENDS = np.array([0, 30, 60, 90, 180])
_CUSTOMER = ["company", "customer_id", "currency"]


# --- amounts in the three buckets ------------------------------------------------------------------------------------


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


def customers(predictions: pa.Table, threshold: float = 0.5) -> pa.Table:
    """One row per company, customer and currency of a table of predictions, the largest amount at risk first.

    Columns: company, customer_id, currency, customer_name, invoices, outstanding, flagged, on_time, late, very_late,
    at_risk (late + very late), share_at_risk (0 to 1); all amounts int64 minor units.
    """
    p = np.column_stack([predictions[f"p_{bucket}"].to_numpy() for bucket in BUCKETS])
    parts = split(predictions["outstanding"].to_numpy(), p)
    amounts = {bucket: parts[:, at] for at, bucket in enumerate(BUCKETS)}
    table = _by_customer(predictions, {"flagged": (p[:, ON_TIME] < threshold).astype(np.int64), **amounts})
    table = table.append_column("at_risk", pc.add(table["late"], table["very_late"]))
    share = table["at_risk"].to_numpy() / np.maximum(table["outstanding"].to_numpy(), 1)
    return ranked(table.append_column("share_at_risk", pa.array(share)), by="at_risk")


def owing(opened: pa.Table) -> pa.Table:
    """The same of a table of open invoices without predictions: outstanding, not_due and overdue, most overdue first."""
    outstanding, overdue = opened["outstanding"].to_numpy(), opened["days_past_due"].to_numpy() > 0
    table = _by_customer(opened, {"not_due": outstanding * ~overdue, "overdue": outstanding * overdue})
    return ranked(table, by="overdue")


def _by_customer(invoices: pa.Table, sums: Mapping[str, np.ndarray]) -> pa.Table:
    """Number of invoices, outstanding and further sums per company, customer and currency."""
    table = invoices.select([*_CUSTOMER, "customer_name", "outstanding"])
    for name, values in sums.items():
        table = table.append_column(name, pa.array(values))
    summed = ["outstanding", *sums]
    wanted = [("customer_name", "max"), ([], "count_all"), *((name, "sum") for name in summed)]
    return table.group_by(_CUSTOMER).aggregate(wanted).rename_columns([*_CUSTOMER, "customer_name", "invoices", *summed])


def ranked(by_customer: pa.Table, *, by: str, currency: str = "", search: str = "") -> pa.Table:
    """The rows of a currency whose customer's name or id contains `search`, by a column: names ascending, figures descending."""
    if currency:
        by_customer = by_customer.filter(pc.equal(by_customer["currency"], currency))
    if search.strip():
        found = (pc.match_substring(by_customer[of], search.strip(), ignore_case=True) for of in ("customer_name", "customer_id"))
        by_customer = by_customer.filter(pc.or_(*found))
    direction = "ascending" if by == "customer_name" else "descending"
    return by_customer.sort_by([(by, direction), ("outstanding", "descending"), *((name, "ascending") for name in _CUSTOMER)])


@dataclass(frozen=True)
class Tiles:
    """The two tiles of the reference product."""

    flagged_invoices: int  # open invoices whose probability of being paid on time is under the threshold
    customers_at_risk: int  # with more than half of their balance predicted late or very late, in any currency


def tiles(by_customer: pa.Table) -> Tiles:
    """The tiles of a table made by `customers`; exactly half of a balance is not more than half."""
    risky = by_customer.filter(pc.greater(pc.multiply(by_customer["at_risk"], 2), by_customer["outstanding"]))
    names = risky.group_by(["company", "customer_id"]).aggregate([])
    return Tiles(int(pc.sum(by_customer["flagged"]).as_py() or 0), len(names))


# --- what is owed, by age --------------------------------------------------------------------------------------------


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


def balances(ledger: Ledger, as_of: date, lines: Lines | None = None) -> tuple[Balance, ...]:
    """What is owed as of a date, one Balance per currency, the one with the most open invoices first.

    An invoice is overdue when its on-time line lies before the as-of date; its age counts from that line.
    """
    opened, apart = ledgers.open_positions(ledger, as_of), _open_credits(ledger, as_of)
    owed, unapplied = (ledgers.outstanding_at(ledger, as_of, at) for at in (opened, apart))
    late_by = day(as_of) - (lines or Lines()).on_time(days(ledger.invoices["due_date"])[opened])
    age = np.searchsorted(_AGE_ENDS, late_by)
    codes, names = _currencies(ledger)
    found = []
    for code, currency in enumerate(names):
        mine, credit = codes[opened] == code, int(unapplied[codes[apart] == code].sum())
        aged = tuple(int(owed[mine & (age == step)].sum()) for step in range(len(AGES)))
        found.append(Balance(currency, int(mine.sum()), int((mine & (age > 0)).sum()), aged, -credit))
    return tuple(sorted((b for b in found if b.invoices or b.unapplied), key=lambda b: (-b.invoices, b.currency)))


def _open_credits(ledger: Ledger, as_of: date) -> np.ndarray:
    """Positions of the credit notes and payments on account dated, and not applied, strictly before `as_of`."""
    table, at = ledger.invoices, day(as_of)
    is_credit = pc.not_equal(table["kind"], INVOICE).to_numpy()
    return np.flatnonzero(is_credit & (days(table["issue_date"]) < at) & (days(table["paid_date"]) >= at))


def _currencies(ledger: Ledger) -> tuple[np.ndarray, list[str]]:
    """Every row's currency as a number, and the name of each number."""
    coded = ledger.invoices["currency"].combine_chunks().dictionary_encode()
    return coded.indices.to_numpy(), coded.dictionary.to_pylist()


# --- how fast it turns into cash -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
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


def figures(ledger: Ledger, as_of: date, *, period: int = 90, lines: Lines | None = None) -> tuple[Figures, ...]:
    """The Figures of each currency as of a date, in the order of `balances`, over the `period` days before it."""
    start = max(as_of - timedelta(days=period), ledger.history_starts)
    closing = balances(ledger, as_of, lines)
    opening = {balance.currency: balance.receivables for balance in balances(ledger, start)}
    return tuple(_figures(ledger, (start, as_of), balance, opening.get(balance.currency, 0)) for balance in closing)


def _figures(ledger: Ledger, span: tuple[date, date], closing: Balance, opening: int) -> Figures:
    start, as_of = span
    table = ledger.invoices.filter(
        pc.and_(pc.equal(ledger.invoices["kind"], INVOICE), pc.equal(ledger.invoices["currency"], closing.currency))
    )
    length = max((as_of - start).days, 0)
    sales = _sales(table, start, as_of)
    dso, best = dso_of(closing.receivables, sales, length), dso_of(closing.not_due, sales, length)
    return Figures(
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
    chosen = _paid(invoices, end) & (days(invoices["paid_date"]) >= day(start))
    if not chosen.any():
        return None
    late = (days(invoices["paid_date"]) - days(invoices["due_date"]))[chosen]
    return float(np.average(late, weights=invoices["amount"].to_numpy()[chosen]))


def _paid(invoices: pa.Table, as_of: date) -> np.ndarray:
    """Which rows are invoices paid strictly before a date: neither credited nor written off, which is not paying."""
    by_money = pc.invert(pc.is_in(invoices["settled_by"], pa.array([CREDIT, WRITE_OFF]))).to_numpy()
    is_invoice = pc.equal(invoices["kind"], INVOICE).to_numpy()
    paid: np.ndarray = is_invoice & by_money & (days(invoices["paid_date"]) < day(as_of))
    return paid


# --- one customer ----------------------------------------------------------------------------------------------------


def of_customer(ledger: Ledger, company: str, customer_id: str) -> Ledger:
    """The ledger of one customer of one company, with everything else as it was (and no problems)."""
    table = ledger.invoices
    mine = pc.and_(pc.equal(table["customer_id"], customer_id), pc.equal(table["company"], company))
    positions = np.flatnonzero(mine.to_numpy())
    payments = ledger.payments.filter(pc.is_in(ledger.payments["position"], pa.array(positions)))
    moved = pa.array(np.searchsorted(positions, payments["position"].to_numpy()).astype(np.int64))
    payments = payments.set_column(0, ledgers.PAYMENTS.field("position"), moved)
    return replace(ledger, invoices=table.take(pa.array(positions)), payments=payments, problems=())


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
    ledger: Ledger, as_of: date, company: str, customer_id: str, *, lines: Lines | None = None
) -> CustomerInsights:
    """What there is to know of a customer as of a date; an unknown customer has no invoices and no name but the id."""
    mine = of_customer(ledger, company, customer_id)
    table = mine.invoices
    known = table.filter(pc.less(table["issue_date"], pa.scalar(as_of)))
    owed = balances(mine, as_of, lines)
    to_pay, late = _speed(table, as_of)
    history = payment_history(mine, as_of, lines=lines)
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
    chosen = _paid(invoices, as_of) & (paid >= day(as_of) - 365)
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
        amount, known = ledger.invoices["amount"].to_numpy(), _paid(ledger.invoices, as_of)
    if not known.any():
        return ()
    last = on[known].max()
    codes, names = _currencies(ledger)
    latest = known & (on == last)
    code, paid = codes[position[latest]], amount[latest]
    return tuple(Payment(as_date(last), names[one], int(paid[code == one].sum())) for one in np.unique(code))


def payment_history(ledger: Ledger, as_of: date, *, lines: Lines | None = None) -> pa.Table:
    """How invoices settled before a date were settled, one row per quarter of settlement, oldest first.

    Columns: quarter (date32, its first day), on_time, late, very_late (int64, number of invoices). Written off is very
    late; settled by a credit note says nothing of punctuality and is left out.
    """
    table = ledger.invoices
    written_off = pc.equal(table["settled_by"], WRITE_OFF).to_numpy() & (days(table["paid_date"]) < day(as_of))
    written_off &= pc.equal(table["kind"], INVOICE).to_numpy()
    chosen = _paid(table, as_of) | written_off
    due, paid = days(table["due_date"])[chosen], days(table["paid_date"])[chosen]
    bucket = np.where(written_off[chosen], VERY_LATE, (lines or Lines()).bucket(due, paid))
    quarter = paid.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) // 3
    starts = np.arange(quarter.min(), quarter.max() + 1) if len(quarter) else quarter
    counts = {
        name: pa.array(np.bincount(quarter[bucket == at] - starts[0], minlength=len(starts)) if len(starts) else [], pa.int64())
        for at, name in enumerate(BUCKETS)
    }
    return pa.table({"quarter": pa.array((starts * 3).astype("datetime64[M]").astype("datetime64[D]")), **counts})
