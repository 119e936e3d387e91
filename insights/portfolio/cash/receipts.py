"""What came in for which invoice on which day?

Money alone: what a credit note settled or what was written off came in never. Where the ledger has dated payments these are
it, and what they leave of an invoice that was settled by money comes on the day that settled it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.ledger import CREDIT, INVOICE, NEVER, WRITE_OFF, Ints, Ledger, days
from insights.portfolio.cash.expected import text_codes


@dataclass(frozen=True)
class Receipts:
    """In order of their days; equal lengths. position: in `Ledger.invoices`; day: since 1970-01-01; amount: minor units."""

    position: Ints
    day: Ints
    amount: Ints

    def between(self, first: int, end: int) -> "Receipts":
        """Those from day `first` to before day `end`."""
        part = slice(*np.searchsorted(self.day, [first, end]))
        return Receipts(self.position[part], self.day[part], self.amount[part])


def receipts(ledger: Ledger) -> Receipts:
    """Everything that came in for the invoices of a ledger."""
    table = ledger.invoices
    amount = np.asarray(table["amount"].to_numpy(), np.int64)
    closed = days(table["paid_date"])
    is_invoice = pc.equal(table["kind"], INVOICE).to_numpy()
    of, when = ledger.payments["position"].to_numpy(), days(ledger.payments["paid_date"])
    counted = is_invoice[of] & (when <= closed[of])  # nothing is owed any more of what was settled before
    of, when, part = of[counted], when[counted], ledger.payments["amount"].to_numpy()[counted]
    paid_before = np.zeros(len(amount), np.int64)
    np.add.at(paid_before, of, part)
    by_money = ~pc.is_in(table["settled_by"], pa.array([CREDIT, WRITE_OFF])).to_numpy()
    last = np.flatnonzero(is_invoice & by_money & (closed != NEVER) & (amount > paid_before))
    position = np.concatenate([of, last]).astype(np.int64)
    day = np.concatenate([when, closed[last]]).astype(np.int64)
    received = np.concatenate([part, (amount - paid_before)[last]]).astype(np.int64)
    order = np.lexsort((received, position, day))
    return Receipts(position[order], day[order], received[order])


@dataclass(frozen=True)
class ReceiptGroups:
    """The companies and currencies of a ledger, and which each row of it belongs to."""

    names: tuple[tuple[str, str], ...]  # (company, currency), in order
    code: Ints  # of each row of `Ledger.invoices`


def groups(ledger: Ledger) -> ReceiptGroups:
    """By company and currency, in alphabetical order."""
    table = ledger.invoices
    pair = text_codes(table["company"]) * 10_000 + text_codes(table["currency"])
    _, first, code = np.unique(pair, return_index=True, return_inverse=True)
    names = [(table["company"][int(at)].as_py(), table["currency"][int(at)].as_py()) for at in first]
    order = sorted(range(len(names)), key=names.__getitem__)
    place = np.empty(len(names), np.int64)
    place[order] = np.arange(len(names))
    return ReceiptGroups(tuple(names[at] for at in order), place[code])


def by_group_and_week(chosen: Receipts, which: npt.NDArray[np.bool_], code: Ints, first: int, shape: tuple[int, int]) -> Ints:
    """int64[groups, weeks]: receipts summed by week from day `first` on."""
    week = (chosen.day - first) // 7
    kept = which & (week >= 0) & (week < shape[1])
    out = np.zeros(shape, np.int64)
    np.add.at(out, (code[chosen.position[kept]], week[kept]), chosen.amount[kept])
    return out
