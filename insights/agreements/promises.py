"""Was a promise kept, partly kept or broken, and how often does a customer keep his word?

A promise is judged by what a ledger knows strictly before a day. It may be kept one day late (the next business day after a
weekend), and a hundredth short. Renewed before its day has passed, it is not judged; what a credit note settles was never to be
paid. Kept and partly kept say what had come by then, whatever came later.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.agreements.events import Agreement, CustomerKey
from insights.ledger.keys import KEY, positions
from insights.ledger.ledger import CREDIT, NEVER, WRITE_OFF, Ledger, day, days, outstanding_at

GRACE = 1  # days after the promised one, rolled to a business day
SHORT = 0.01  # share of the promised amount that may lack
SAID_AS_SHARE = 5  # judged promises from which a share is said at all
CERTAIN = 1.96  # standard errors of a 95 per cent interval

Standing = Literal["open", "due", "kept", "partly", "broken", "renewed", "unjudged"]


@dataclass(frozen=True)
class JudgedPromise:
    """A promise as it stands as of a day; amounts by currency, minor units."""

    promise: Agreement
    standing: Standing
    promised: Mapping[str, int]
    paid: Mapping[str, int]
    open_invoices: frozenset[tuple[str, str]]  # of those it covers, still open: invoice id and line

    @property
    def on(self) -> date:
        """The promised day."""
        return self.promise.day("on") or self.promise.as_of  # every promise has one


@dataclass(frozen=True)
class KeptRate:
    """How many of a customer's judged promises were kept, partly kept and broken."""

    kept: int = 0
    partly: int = 0
    broken: int = 0

    @property
    def judged(self) -> int:
        return self.kept + self.partly + self.broken

    @property
    def interval(self) -> tuple[float, float]:
        """Within which the true share of kept ones lies with 95 per cent (Wilson); all of it where nothing was judged."""
        if not self.judged:
            return 0.0, 1.0
        n, share, z = self.judged, self.kept / self.judged, CERTAIN
        middle, width = share + z * z / (2 * n), z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        return max(0.0, (middle - width) / (1 + z * z / n)), min(1.0, (middle + width) / (1 + z * z / n))

    @property
    def share_said(self) -> bool:
        """Whether there are enough to speak of a share; below that, only counts are said."""
        return self.judged >= SAID_AS_SHARE

    @property
    def weight(self) -> float:
        """How far the next promise moves an expected date, 0 to 1: the share kept (partly: half), drawn to a half by two more.

        The customer's own promises alone: nobody's date moves because another broke his word.
        """
        return (self.kept + self.partly / 2 + 1) / (self.judged + 2)


def deadline(on: date) -> date:
    """The last day on which a promise of a day counts as kept."""
    return np.busday_offset(np.datetime64(on + timedelta(days=GRACE)), 0, roll="forward").astype(date)  # type: ignore[no-any-return]


def judge(promises: Iterable[Agreement], ledger: Ledger, as_of: date) -> tuple[JudgedPromise, ...]:
    """Promises, given in order, as they stand as of a day by what the ledger knew strictly before it."""
    given = list(promises)
    if not given:
        return ()
    facts = _facts(given, ledger, as_of)
    renewed = _renewed(given)
    return tuple(_judged(promise, facts, as_of, renewed=promise.id in renewed) for promise in given)


def kept_rates(judged: Iterable[JudgedPromise]) -> dict[CustomerKey, KeptRate]:
    """Customer -> how its judged promises went."""
    counts: defaultdict[CustomerKey, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("kept", "partly", "broken"), 0))
    for promise in judged:
        if promise.standing in ("kept", "partly", "broken"):
            counts[promise.promise.customer][promise.standing] += 1
    return {customer: KeptRate(**count) for customer, count in counts.items()}


def _renewed(promises: list[Agreement]) -> set[str]:
    """Promises of whose invoices another promise was given before their day had passed."""
    replaced: set[str] = set()
    last: dict[tuple[str, ...], Agreement] = {}
    for promise in promises:
        for scope in _covered(promise):
            key = (*promise.customer, *scope)
            earlier = last.get(key)
            if earlier and promise.as_of <= (earlier.day("on") or promise.as_of):
                replaced.add(earlier.id)
            last[key] = promise
    return replaced


def _covered(promise: Agreement) -> list[tuple[str, str]]:
    return [(invoice["invoice_id"], invoice["line"]) for invoice in promise.payload["covers"]]


@dataclass(frozen=True)
class _Fact:
    """What happened to one covered invoice, as far as it is known."""

    closed: int  # day; NEVER where it was open as of the day
    settled_by: str
    payments: tuple[tuple[int, int], ...]  # day and amount, before the day
    outstanding: int  # as of the day, 0 where closed


def _facts(promises: list[Agreement], ledger: Ledger, as_of: date) -> dict[tuple[str, ...], _Fact]:
    """By invoice key, of the covered invoices that the ledger has."""
    keys = sorted({(*promise.customer, *scope) for promise in promises for scope in _covered(promise)})
    if not keys:
        return {}
    wanted = pa.table(dict(zip(KEY, map(list, zip(*keys, strict=True)), strict=True)))
    mine = np.flatnonzero(pc.is_in(ledger.invoices["customer_id"], pc.unique(wanted["customer_id"])).to_numpy())
    place = positions(wanted, ledger.invoices.select(list(KEY)).take(pa.array(mine)))
    at = {key: int(mine[n]) for key, n in zip(keys, place.tolist(), strict=True) if n >= 0}
    which = np.array(sorted(at.values()), np.int64)
    today = day(as_of)
    rows = ledger.invoices.take(pa.array(which))
    closed = days(rows["paid_date"])
    closed = np.where(closed < today, closed, NEVER)
    owed = np.where(closed == NEVER, outstanding_at(ledger, as_of, which), 0)
    payments = _payments(ledger, which, today)
    facts = {
        position: _Fact(int(end), by, tuple(payments.get(position, ())), int(left))
        for position, end, by, left in zip(
            which.tolist(), closed.tolist(), rows["settled_by"].to_pylist(), owed.tolist(), strict=True
        )
    }
    return {key: facts[position] for key, position in at.items()}


def _payments(ledger: Ledger, which: np.ndarray, today: int) -> dict[int, list[tuple[int, int]]]:
    """Position -> (day, amount) of its dated payments before a day."""
    position, on = ledger.payments["position"].to_numpy(), days(ledger.payments["paid_date"])
    chosen = np.isin(position, which) & (on < today)
    by_row: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    amounts = ledger.payments["amount"].to_numpy()[chosen]
    for where, when, amount in zip(position[chosen].tolist(), on[chosen].tolist(), amounts.tolist(), strict=True):
        by_row[where].append((when, amount))
    return by_row


def _judged(promise: Agreement, facts: Mapping[tuple[str, ...], _Fact], as_of: date, *, renewed: bool) -> JudgedPromise:
    on = promise.day("on") or as_of
    end = min(as_of, deadline(on) + timedelta(days=1))
    promised: defaultdict[str, int] = defaultdict(int)
    paid: defaultdict[str, int] = defaultdict(int)
    still_open, known = set(), 0
    for covered in promise.payload["covers"]:
        fact = facts.get((*promise.customer, covered["invoice_id"], covered["line"]))
        if fact is None or (fact.settled_by == CREDIT and fact.closed != NEVER):
            continue
        known += 1
        promised[covered["currency"]] += covered["outstanding"]
        paid[covered["currency"]] += _paid(covered, fact, promise.as_of, end)
        if fact.closed == NEVER:
            still_open.add((covered["invoice_id"], covered["line"]))
    if promise.payload["amount"] is not None and known:
        promised = defaultdict(int, {promise.payload["currency"]: promise.payload["amount"]})
    standing = _standing(promised, paid, on, as_of, renewed=renewed)
    return JudgedPromise(promise, standing, dict(promised), dict(paid), frozenset(still_open))


def _paid(covered: Mapping[str, Any], fact: _Fact, given: date, end: date) -> int:
    """What came on an invoice from the day of the promise on, known strictly before `end`."""
    first, last = day(given), day(end)
    if fact.payments:
        return min(int(covered["outstanding"]), sum(amount for on, amount in fact.payments if first <= on < last))
    if fact.closed < last:
        return 0 if fact.settled_by == WRITE_OFF else int(covered["outstanding"])
    return 0 if fact.closed != NEVER else max(0, int(covered["outstanding"]) - fact.outstanding)


def _standing(promised: Mapping[str, int], paid: Mapping[str, int], on: date, as_of: date, *, renewed: bool) -> Standing:
    enough = bool(promised) and all(paid.get(currency, 0) >= (1 - SHORT) * amount for currency, amount in promised.items())
    if renewed:
        return "renewed"
    if enough:
        return "kept"
    if as_of <= deadline(on):
        return "open" if as_of < on else "due"
    if not promised:
        return "unjudged"
    return "partly" if any(paid.values()) else "broken"
