"""What will come from invoices that are not issued yet, by the user's own billing plan instead of what past weeks received?

A planned invoice is paid as invoices of its customer, and of everybody, were paid: so long after the due date where the plan
says terms, else after the issue. What is invoiced by now of a period that has begun is taken off its plan, so that nothing is
counted twice: it stands among the open invoices.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import CREDIT, INVOICE, NEVER, WRITE_OFF, Floats, Ints, Ledger, day, days
from insights.portfolio.cash.expected import AHEAD, WEEKS, spread
from insights.portfolio.customer_groups import Customers

EARLIEST: Final = 60  # days before the due date that are told apart
LATEST: Final = AHEAD  # and after it, or after the issue; what comes later comes after the weeks
ENOUGH: Final = 20  # invoices that have been due for so long, from which on younger ones are not needed
PRIOR: Final = 5.0  # invoices' worth of everybody's days in a customer's own
_NOT_MONEY = pa.array([CREDIT, WRITE_OFF])


@dataclass(frozen=True)
class PlannedInvoice:
    """A row of a billing plan: what will be invoiced from one day to another. Minor units; `terms` in days, None: as usual.

    company, customer_id: None where the plan does not say. `row`: of the file.
    """

    row: int
    first: date
    last: date
    currency: str
    amount: int
    company: str | None = None
    customer_id: str | None = None
    terms: int | None = None


@dataclass(frozen=True)
class PlannedCash:
    """What a plan brings as of a day; minor units.

    weeks: by (company, currency), int64[WEEKS]: of each company and currency that the plan names. planned, invoiced: by
    currency, what it says of the days ahead, and what of begun periods is invoiced by now and not counted again. over: rows
    whose time has passed. until: its last day. unused: where only some customers are asked for, of how many companies and
    currencies it cannot say what is theirs, as a row names no customer.
    """

    weeks: Mapping[tuple[str, str], Ints]
    planned: Mapping[str, int]
    invoiced: Mapping[str, int]
    over: int
    until: date
    unused: int = 0


def planned_cash(plan: Sequence[PlannedInvoice], ledger: Ledger, as_of: date, customers: Customers | None = None) -> PlannedCash:
    """What a plan of at least one row brings in the weeks ahead, by what was known strictly before a day.

    Of all, or of some `customers`: of a company and currency in which every row names its customer. All parts together are the
    whole, to the minor unit.
    """
    past = _Past(ledger, as_of)
    parts = [part for row in plan for part in past.by_company(row)]
    groups = {(part.company or "", part.currency) for part in parts}
    nobody_s: set[tuple[str, str]] = set()
    if customers is not None:
        unnamed = [part for part in parts if part.customer_id is None and part.last >= as_of]
        nobody_s = {(part.company or "", part.currency) for part in unnamed}
        parts = [part for part in parts if (part.company or "", part.customer_id or "") in customers]
        parts = [part for part in parts if (part.company or "", part.currency) not in nobody_s]
    ahead = [part for part in parts if part.last >= as_of]
    left = past.less_invoiced(ahead)
    weeks: dict[tuple[str, str], Ints] = {group: np.zeros(WEEKS, np.int64) for group in groups - nobody_s}
    if left:
        shares = np.array([past.shares(part) for part in left])
        by_day = spread(np.array([part.amount for part in left], np.int64), shares)[:, :AHEAD]
        for part, amounts in zip(left, by_day.reshape(-1, WEEKS, 7).sum(axis=2), strict=True):
            weeks[part.company or "", part.currency] += amounts
    before, after = _by_currency(ahead), _by_currency(left)
    return PlannedCash(
        weeks,
        before,
        {currency: amount - after[currency] for currency, amount in before.items()},
        len({part.row for part in parts if part.last < as_of}),
        max(row.last for row in plan),
        len(nobody_s),
    )


def planned_by_company(plan: Sequence[PlannedInvoice], ledger: Ledger, as_of: date) -> list[PlannedInvoice]:
    """The rows of a plan, those that name no company parted among the companies as `planned_cash` does it."""
    past = _Past(ledger, as_of)
    return [part for row in plan for part in past.by_company(row)]


def _by_currency(rows: Iterable[PlannedInvoice]) -> dict[str, int]:
    out: dict[str, int] = {}
    for row in rows:
        out[row.currency] = out.get(row.currency, 0) + row.amount
    return out


class _Past:
    """The invoices of a ledger as they were known strictly before a day."""

    def __init__(self, ledger: Ledger, as_of: date) -> None:
        table, self.as_of, self.at = ledger.invoices, as_of, day(as_of)
        issue = days(table["issue_date"])
        self.kept = np.flatnonzero(pc.equal(table["kind"], INVOICE).to_numpy() & (issue < self.at))
        rows = table.take(self.kept)
        self.issue, self.due, closed = (days(rows[name]).astype(np.int64) for name in ("issue_date", "due_date", "paid_date"))
        by_money = ~pc.is_in(rows["settled_by"], _NOT_MONEY).to_numpy()
        self.paid = np.where((closed < self.at) & by_money, closed, NEVER)
        self.amount = np.asarray(rows["amount"].to_numpy(), np.int64)
        self.company, self.customer, self.currency = (
            np.asarray(rows[name].to_pylist(), object) for name in ("company", "customer_id", "currency")
        )
        self.of_customer = pd.Series(np.arange(len(self.customer))).groupby(self.customer).indices
        self.complete = self.issue >= day(ledger.history_starts)
        self.companies = sorted(set(self.company.tolist())) or [""]
        self._known: dict[tuple[str, str, str | None, bool], tuple[Floats, int]] = {}

    def by_company(self, row: PlannedInvoice) -> list[PlannedInvoice]:
        """The row, or its parts by company where it names none: as these companies invoiced in the weeks before."""
        if row.company is not None:
            return [row]
        if row.customer_id is not None:
            owners = sorted(set(self.company[self._all_of(row.customer_id)].tolist()))
            if len(owners) == 1:
                return [replace(row, company=owners[0])]
        if len(self.companies) == 1:
            return [replace(row, company=self.companies[0])]
        recent = (self.currency == row.currency) & (self.issue >= self.at - AHEAD)
        sold = np.array([self.amount[recent & (self.company == name)].sum() for name in self.companies], np.float64)
        share = sold / sold.sum() if sold.sum() > 0 else np.full(len(sold), 1 / len(sold))
        parts = spread(np.array([row.amount]), share[None])[0].tolist()
        return [replace(row, company=name, amount=part) for name, part in zip(self.companies, parts, strict=True) if part]

    def less_invoiced(self, rows: Sequence[PlannedInvoice]) -> list[PlannedInvoice]:
        """The rows less what was invoiced of them before the day: every invoice once, from the row that names most of it."""
        left, rest = list(rows), self.amount.copy()
        order = sorted(range(len(left)), key=lambda at: (left[at].customer_id is None, left[at].last - left[at].first, at))
        for at in order:
            row = left[at]
            if row.first >= self.as_of:
                continue
            among = self._all_of(row.customer_id)
            mine = (self.issue[among] >= day(row.first)) & self._like(row, among) & (rest[among] > 0)
            which = among[mine]
            running = np.minimum(np.cumsum(rest[which]), row.amount)
            taken = np.diff(running, prepend=0)
            rest[which] -= taken
            left[at] = replace(row, amount=row.amount - int(taken.sum()))
        return left

    def shares(self, row: PlannedInvoice) -> Floats:
        """float64[AHEAD + 1]: the share of a planned row that comes on each day ahead, and later."""
        issued = self._issued(row)
        after_due = row.terms is not None
        share, many = self._paid_after(row, row.customer_id, after_due=after_due)
        if row.customer_id is not None:
            everybody, _ = self._paid_after(row, None, after_due=after_due)
            share = (many * share + PRIOR * everybody) / (many + PRIOR)
        age = np.zeros(AHEAD + 1)
        offset = (row.terms or 0) - EARLIEST if after_due else 0
        np.add.at(age, np.clip(np.arange(len(share)) + offset, 0, AHEAD), share)
        by_day = np.convolve(issued, age)[:AHEAD]
        return np.append(by_day, max(1 - by_day.sum(), 0.0))

    def _issued(self, row: PlannedInvoice) -> Floats:
        """float64[AHEAD]: the share of a row that is issued on each day ahead, evenly over what business days are left of it."""
        first, last = max(row.first, self.as_of), row.last
        dates = np.arange(np.datetime64(first), np.datetime64(last + timedelta(days=1)))
        business = np.is_busday(dates)
        chosen = dates[business] if business.any() else dates
        ahead = (chosen - np.datetime64(self.as_of)).astype(np.int64)
        out = np.zeros(AHEAD)
        np.add.at(out, ahead[ahead < AHEAD], 1 / len(chosen))
        return out

    def _paid_after(self, row: PlannedInvoice, customer: str | None, *, after_due: bool) -> tuple[Floats, int]:
        """The share of the amount that was paid so many days after the due date (from EARLIEST before it) or the issue.

        And of how many invoices that is: those begun long enough ago, all where these are too few. On the day where none is.
        """
        key = (row.company or "", row.currency, customer, after_due)
        if key not in self._known:
            among = self._all_of(customer)
            mine = among[self.complete[among] & self._like(row, among)]
            self._known[key] = self._paid_after_of(mine, after_due=after_due)
        return self._known[key]

    def _all_of(self, customer: str | None) -> Ints:
        """The invoices of a customer, or (None) of everybody; ascending."""
        if customer is None:
            return np.arange(len(self.customer))
        return np.asarray(self.of_customer.get(customer, ()), np.int64)

    def _like(self, row: PlannedInvoice, among: Ints) -> npt.NDArray[np.bool_]:
        """Which of some invoices are of the row's company and currency."""
        same: npt.NDArray[np.bool_] = (self.company[among] == row.company) & (self.currency[among] == row.currency)
        return same

    def _paid_after_of(self, mine: Ints, *, after_due: bool) -> tuple[Floats, int]:
        begun, before = (self.due, EARLIEST) if after_due else (self.issue, 0)
        out = np.zeros(before + LATEST + 1)
        old = mine[begun[mine] < self.at - LATEST]
        which = old if len(old) >= ENOUGH else mine[self.paid[mine] != NEVER]
        whole = int(self.amount[which].sum())
        if not whole:
            out[before] = 1.0
            return out, 0
        came = which[(self.paid[which] != NEVER) & (self.paid[which] - begun[which] <= LATEST)]
        np.add.at(out, np.maximum(self.paid[came] - begun[came] + before, 0), self.amount[came] / whole)
        return out, len(which)
