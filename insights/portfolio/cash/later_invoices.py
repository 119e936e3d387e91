"""How much will come from invoices that are not issued yet?

As seen from each past week: what came, so many weeks ahead, from invoices issued later. As a share of how large the book was
then, and of what had been invoiced in the four weeks before; the mean of both, times how large these are now.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from insights.ledger.ledger import INVOICE, NEVER, Ints, Ledger, day, days
from insights.portfolio.cash.expected import AHEAD, WEEKS
from insights.portfolio.cash.receipts import ReceiptGroups, by_group_and_week, groups, receipts

FEWEST: Final = 4  # past weeks whose receipts so far ahead are known, for anything to be said
MOST: Final = 104  # past weeks that are looked at
HALF_LIFE: Final = 26.0  # weeks after which a past week counts half
SALES: Final = 28  # days of invoicing before a day

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PastWeeks:
    """A ledger as seen from days a week apart, oldest first. Minor units; groups are companies and currencies."""

    groups: ReceiptGroups
    at: tuple[int, ...]  # days since 1970-01-01
    book: Ints  # [groups, days]: receivables
    sales: Ints  # [groups, days]: invoiced in the SALES days before
    opened: Ints  # [groups, days, WEEKS]: came in week w from invoices open on the day
    issued_later: Ints  # [groups, days, WEEKS]: and from those issued since
    before: Ints  # [groups, days]: came in the AHEAD days before


def past_weeks(ledger: Ledger, last: date, many: int = MOST) -> PastWeeks:
    """The `many` days a week apart up to `last`, those with SALES days of history before them.

    Weeks that are not over count so far.
    """
    first = day(ledger.history_starts) + SALES
    at = tuple(snapshot for snapshot in range(day(last) - 7 * many, day(last) + 1, 7) if snapshot >= first)
    grouped, came, table = groups(ledger), receipts(ledger), ledger.invoices
    shape = (len(grouped.names), len(at))
    is_invoice = pc.equal(table["kind"], INVOICE).to_numpy()
    issue, closed = days(table["issue_date"]).astype(np.int64), days(table["paid_date"]).astype(np.int64)
    amount = np.where(is_invoice, table["amount"].to_numpy(), 0).astype(np.int64)
    received = np.zeros(len(amount), np.int64)
    np.add.at(received, came.position, came.amount)
    rest = np.where(closed != NEVER, amount - received, 0)  # left the book, but not as money
    issued, paid, gone = (
        Running(code, when, value, shape[0])
        for code, when, value in (
            (grouped.code, issue, amount),
            (grouped.code[came.position], came.day, came.amount),
            (grouped.code, closed, rest),
        )
    )
    opened, issued_later = np.zeros((*shape, WEEKS), np.int64), np.zeros((*shape, WEEKS), np.int64)
    for number, snapshot in enumerate(at):
        ahead = came.between(snapshot, snapshot + AHEAD)
        later = issue[ahead.position] >= snapshot
        for out, which in ((opened, ~later), (issued_later, later)):
            out[:, number] = by_group_and_week(ahead, which, grouped.code, snapshot, (shape[0], WEEKS))
    return PastWeeks(
        grouped,
        at,
        by_day([issued.before(snapshot) - paid.before(snapshot) - gone.before(snapshot) for snapshot in at], shape),
        by_day([issued.before(snapshot) - issued.before(snapshot - SALES) for snapshot in at], shape),
        opened,
        issued_later,
        by_day([paid.before(snapshot) - paid.before(snapshot - AHEAD) for snapshot in at], shape),
    )


def by_day(columns: list[Ints], shape: tuple[int, int]) -> Ints:
    """int64[groups, days] from the groups' amounts of each day."""
    return np.array(columns, np.int64).reshape(shape[::-1]).T


class Running:
    """Amounts by group, summed up to any day."""

    def __init__(self, group: Ints, when: Ints, amount: Ints, many: int) -> None:
        order = np.argsort(when, kind="stable")
        self.when = [when[order][group[order] == member] for member in range(many)]
        self.total = [np.concatenate([[0], np.cumsum(amount[order][group[order] == member])]) for member in range(many)]

    def before(self, at: int) -> Ints:
        """int64[groups]: of the days strictly before one."""
        pairs = zip(self.when, self.total, strict=True)
        return np.array([total[np.searchsorted(when, at)] for when, total in pairs], np.int64)


def not_invoiced(past: PastWeeks, number: int) -> tuple[Ints, Ints]:
    """What is to come from invoices not issued yet, as seen from day `number` of some past weeks.

    int64[groups, WEEKS] minor units, and int64[WEEKS]: on how many past weeks each rests; 0 where fewer than FEWEST are known.
    """
    out, judged = np.zeros((len(past.groups.names), WEEKS), np.int64), np.zeros(WEEKS, np.int64)
    for week in range(WEEKS):
        known = np.arange(max(number - MOST, 0), max(number - week, 0))  # week w of day d is over by day d + w + 1
        if len(known) < FEWEST:
            continue
        judged[week] = len(known)
        weight = 0.5 ** ((number - known) / HALF_LIFE)
        came = past.issued_later[:, known, week] @ weight
        by_base = [share(came, base[:, known] @ weight, base[:, number]) for base in (past.book, past.sales)]
        out[:, week] = np.rint(np.maximum(np.mean(by_base, axis=0), 0)).astype(np.int64)
    return out, judged


def share(came: Floats, base: Floats, now: Ints) -> Floats:
    """What came for each unit of a base, times the base now; 0 where there was none."""
    out: Floats = np.where(base > 0, came / np.where(base > 0, base, 1), 0.0) * now
    return out
