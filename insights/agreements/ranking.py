"""Whom should one call today: customers ranked by the money that is likely to slip, and who is held back, why and until when?

One formula, per company, customer and currency, over the open invoices that no gate takes out:

    outstanding x P(misses its line)             of those whose last day on time is within ten business days
  + outstanding x P(still unpaid in seven days)  of overdue ones

Where nothing is predicted, the whole outstanding counts. Gates stand under the ranking; no score passes one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.agreements.events import CustomerKey
from insights.agreements.promises import JudgedPromise
from insights.agreements.state import (
    WHOLE,
    Agreed,
    OfCustomer,
    Scope,
    contact_returns,
    in_payment_returns,
    is_snoozed,
    promise_returns,
)
from insights.ledger.ledger import Floats, Ints, as_date, day, days
from insights.ledger.money import exponent
from insights.ledger.outcomes import free_days

AHEAD = 10  # business days
GATES: Final = ("paid", "dispute", "promise", "contacted", "snoozed", "small", "relationship")  # in order of precedence
PAID, DISPUTED, PROMISED, CONTACTED, SNOOZED, SMALL, RELATIONSHIP = range(len(GATES))
NO_GATE = len(GATES)
CLASSES = 3  # of money: equal shares of the listed sum
RELATIONSHIP_SHARE = 0.1  # of the receivables in a currency, above which a customer is its named owner's affair
RELATIONSHIP_FEWEST = 50  # customers in a currency, below which no share is large
UNKNOWN: Final = -(2**31)  # a day that nobody can name
COLUMNS: Final = (
    *("company", "customer_id", "customer_name", "invoice_id", "line", "currency", "outstanding"),
    *("issue_date", "due_date", "due_by", "days_past_due", "p_on_time", "p_unpaid_7", "position", "expected_date"),
)
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Weights:
    """What a manager may set, and no more."""

    prevention: int = 50  # per cent: how much what is not due yet counts against what is overdue; 50: money is money
    contact_days: int = 7  # after a contact, the customer is left alone so long
    minimum: int = 0  # whole units of the ranking's currency, below which nobody is called

    @property
    def usual(self) -> bool:
        return self.prevention == 50


@dataclass(frozen=True)
class Known:
    """What the worklist takes from the ledger besides the predictions."""

    complete_through: date
    disputed: Mask | None = None  # by position in the ledger, where it is known as of the day
    calendar: str = ""  # country of the business days
    rates: Mapping[str, float] = field(default_factory=dict)  # minor units of a currency -> of `currency`; {}: blocks
    currency: str = ""  # the one that ranks all, where there are rates


@dataclass(frozen=True)
class Ranked:
    """The worklist. Amounts are int64 minor units of the row's currency; `likely` is what its invoices' `likely` sum to.

    customers: number (1 is first), company, customer_id, customer_name, currency, likely, soon and overdue (its two parts),
    outstanding and invoices (of those that count), money_class (0 is the most), broken (bool), oldest (days past due of
    its oldest), owner, taken_by.
    invoices: number (of their customer), company, customer_id, invoice_id, line, currency, outstanding, likely, p, p_on_time,
    overdue (bool), due_date, due_by, days_past_due, expected_date, position; the most likely to slip first.
    held_back: company, customer_id, customer_name, currency, gate (of GATES), returns (date32; null where nobody can say),
    likely (what would slip), invoices; the most first.
    """

    as_of: date
    customers: pa.Table
    invoices: pa.Table
    held_back: pa.Table

    @cached_property
    def _ends(self) -> Ints:
        return np.concatenate([[0], np.cumsum(self.customers["invoices"].to_numpy())])

    def of(self, number: int) -> pa.Table:
        """The invoices of a ranked customer."""
        begin, end = self._ends[number - 1 : number + 1].tolist()
        return self.invoices.slice(begin, end - begin)


class _Hold(NamedTuple):
    """A gate and the day on which it opens again (UNKNOWN: nobody can say)."""

    gate: int
    returns: int


@dataclass(frozen=True)
class _Book:
    """The open invoices that count, their customers coded 0 ... n - 1 by company, customer id and currency."""

    table: pa.Table
    group: Codes
    names: pa.Table  # company, customer_id, currency, customer_name of each code
    late: Mask
    likely: Ints
    share: Floats  # by group: of all that is owed in its currency
    customers: Ints  # by group: how many owe in its currency

    @property
    def many(self) -> int:
        return len(self.names)

    def summed(self, values: np.ndarray, where: Mask) -> Ints:
        """Exact sums of int64 by group."""
        out = np.zeros(self.many, np.int64)
        np.add.at(out, self.group[where], values[where])
        return out


def rank(
    source: Path | pa.Table,
    agreed: Agreed,
    judged: tuple[JudgedPromise, ...],
    known: Known,
    *,
    weights: Weights,
    viewer: str = "",
) -> Ranked:
    """The worklist of a day, the same for the same predictions and events, in whatever order they come.

    source: predictions in the columns of `portfolio.snapshot`, or their file. viewer: who looks, "" for nobody in particular.
    """
    book = _book(source, agreed.as_of, known)
    gate, returns = _gates_of_invoices(book, agreed, known)
    listed = gate == NO_GATE
    left, likely = np.bincount(book.group[listed], minlength=book.many), book.summed(book.likely, listed)
    held = _held(book, gate, returns, left)
    _gates_of_customers(book, held, likely, (agreed, known), (weights, viewer))
    in_list = np.array([hold is None for hold in held], bool)
    broken = _broken(judged)
    rows = _ranked(book, listed & in_list[book.group], in_list, (agreed, broken), known, weights)
    return Ranked(agreed.as_of, rows[0], rows[1], _held_back(book, held))


# --- the open book ---------------------------------------------------------------------------------------------------


def _book(source: Path | pa.Table, as_of: date, known: Known) -> _Book:
    table = pq.read_table(source, columns=list(COLUMNS)) if isinstance(source, Path) else source.select(list(COLUMNS))
    at = day(as_of)
    due_by = days(table["due_by"])
    late, soon = due_by < at, (due_by >= at) & (due_by <= last_day_ahead(as_of, known.calendar))
    group, names = _groups(table)
    owed = table["outstanding"].to_numpy()
    share, customers = _shares(group, names, owed)
    kept = np.flatnonzero(late | soon)
    here, code = np.unique(group[kept], return_inverse=True)
    table, late = table.take(pa.array(kept)).combine_chunks(), late[kept]
    p = np.where(late, _filled(table["p_unpaid_7"], 1.0), 1 - _filled(table["p_on_time"], 0.0))
    table = table.append_column("p", pa.array(p))
    likely = np.floor(owed[kept] * p + 0.5).astype(np.int64)
    return _Book(table, code, names.take(pa.array(here)), late, likely, share[here], customers[here])


def last_day_ahead(as_of: date, calendar: str = "") -> int:
    """The last of the ten business days from the as-of day on (days since 1970-01-01)."""
    start = np.datetime64(as_of)
    last = np.busday_offset(start, AHEAD, roll="backward", holidays=free_days(calendar, np.array([start])))
    return int(last.astype(np.int64))


def _filled(column: pa.ChunkedArray, value: float) -> Floats:
    return np.asarray(pc.fill_null(column, value).to_numpy(), np.float64)


def _groups(table: pa.Table) -> tuple[Codes, pa.Table]:
    """A code per company, customer and currency, in their order, and the table of what each stands for."""
    code, keys = np.zeros(len(table), np.int64), ("company", "customer_id", "currency")
    for name in keys:
        column = table[name].combine_chunks().dictionary_encode()
        order = np.argsort(np.asarray(pc.sort_indices(column.dictionary)))
        place = order[column.indices.to_numpy()] if len(table) else np.zeros(0, np.int64)
        code = np.unique(code * max(len(order), 1) + place, return_inverse=True)[1]
    first = np.unique(code, return_index=True)[1]
    return code.astype(np.int64), table.select([*keys, "customer_name"]).take(pa.array(first)).combine_chunks()


def _shares(group: Codes, names: pa.Table, owed: Ints) -> tuple[Floats, Ints]:
    """By group: its share of what is owed in its currency, and how many owe in it."""
    currency = np.unique(names["currency"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)[1]
    of_group = np.bincount(group, owed, len(names))
    whole = np.bincount(currency, of_group)[currency] if len(names) else of_group
    return of_group / np.maximum(whole, 1), np.bincount(currency)[currency] if len(names) else np.zeros(0, np.int64)


# --- gates -------------------------------------------------------------------------------------------------------------


def _gates_of_invoices(book: _Book, agreed: Agreed, known: Known) -> tuple[Codes, Codes]:
    """Per invoice the first gate that takes it out (NO_GATE: none), and its day."""
    gate, returns = np.full(len(book.table), NO_GATE, np.int64), np.full(len(book.table), UNKNOWN, np.int64)
    if known.disputed is not None:
        gate[known.disputed[book.table["position"].to_numpy()]] = DISPUTED
    places = _places(book, {customer for customer, state in agreed.by_customer.items() if _has_scopes(state)})
    issue = days(book.table["issue_date"])
    for (customer, scope), where in places.items():
        state = agreed.of(customer)
        closed = max((on for of in (scope, WHOLE) if (on := state.resolved.get(of))), default=None)
        if gate[where] == DISPUTED and closed and closed > known.complete_through:
            gate[where] = NO_GATE  # resolved since the ledger said so
        hold = _hold_of_invoice(state, scope, int(issue[where]), agreed.as_of, known.complete_through)
        if hold and hold.gate <= gate[where]:
            gate[where], returns[where] = hold
    return gate, returns


def _has_scopes(state: OfCustomer) -> bool:
    return bool(state.promises or state.disputes or state.resolved or state.snoozes or state.in_payment)


def _places(book: _Book, customers: set[CustomerKey]) -> dict[tuple[CustomerKey, Scope], int]:
    """Where the invoices of some customers stand, by customer and invoice."""
    if not customers:
        return {}
    ids = pa.array(sorted({customer_id for _, customer_id in customers}), pa.string())
    near = np.flatnonzero(pc.is_in(book.table["customer_id"], ids).to_numpy(zero_copy_only=False))
    names = book.table.select(["company", "customer_id", "invoice_id", "line"]).take(pa.array(near))
    rows = zip(near.tolist(), *(column.to_pylist() for column in names.columns), strict=True)
    return {((company, who), (invoice, line)): at for at, company, who, invoice, line in rows if (company, who) in customers}


def _hold_of_invoice(state: OfCustomer, scope: Scope, issue: int, as_of: date, complete_through: date) -> _Hold | None:
    """The first gate of one invoice; claims of payment of the whole customer are of what had been issued by then."""
    for of in (scope, WHOLE):
        claim = state.in_payment.get(of)
        returns = in_payment_returns(claim, as_of) if claim and (of != WHOLE or issue < day(claim.as_of)) else None
        if returns:
            return _Hold(PAID, day(returns))
    return _hold_of_scope(state, scope, as_of, complete_through)


def _hold_of_scope(state: OfCustomer, scope: Scope, as_of: date, complete_through: date) -> _Hold | None:
    """The first gate of what an invoice, or the whole customer, was given."""
    if state.disputes.get(scope):
        return _Hold(DISPUTED, UNKNOWN)
    promise = state.promises.get(scope)
    if promise and (returns := promise_returns(promise, as_of)):
        return _Hold(PROMISED, day(returns))
    snooze = state.snoozes.get(scope)
    if snooze and is_snoozed(snooze, as_of, complete_through):
        until = snooze.day("until")
        return _Hold(SNOOZED, day(until) if until else UNKNOWN)
    return None


def _held(book: _Book, gate: Codes, returns: Codes, left: Ints) -> list[_Hold | None]:
    """Per group what holds it back where none of its invoices is left: their first gate, and the first day of that gate."""
    first = np.full(book.many, NO_GATE, np.int64)
    np.minimum.at(first, book.group, gate)
    soonest = np.full(book.many, 2**31, np.int64)
    mine = (gate == first[book.group]) & (returns != UNKNOWN)
    np.minimum.at(soonest, book.group[mine], returns[mine])
    held: list[_Hold | None] = [None] * book.many
    for at in np.flatnonzero(left == 0).tolist():
        held[at] = _Hold(int(first[at]), int(soonest[at]) if soonest[at] < 2**31 else UNKNOWN)
    return held


def _gates_of_customers(
    book: _Book, held: list[_Hold | None], likely: Ints, of: tuple[Agreed, Known], by: tuple[Weights, str]
) -> None:
    """Adds the gates of whole customers, and those that depend on amounts, to what holds a group back."""
    (agreed, known), (weights, viewer) = of, by
    companies, ids, currencies = (book.names[name].to_pylist() for name in ("company", "customer_id", "currency"))
    smallest = {currency: _minimum(currency, weights.minimum, known) for currency in set(currencies)}
    small = likely < np.array([smallest[currency] for currency in currencies], np.float64) if book.many else np.zeros(0, bool)
    large = (book.share > RELATIONSHIP_SHARE) & (book.customers >= RELATIONSHIP_FEWEST)
    for at, customer in enumerate(zip(companies, ids, strict=True)):
        state = agreed.by_customer.get(customer)
        now = held[at]
        if state is not None and (hold := _hold_of_customer(state, agreed.as_of, known.complete_through, weights)):
            held[at] = now = hold if now is None or hold.gate <= now.gate else now
        if now is None and small[at]:
            held[at] = _Hold(SMALL, UNKNOWN)
        elif now is None and large[at] and not (state and state.owner and state.owner == viewer):
            held[at] = _Hold(RELATIONSHIP, UNKNOWN)


def _hold_of_customer(state: OfCustomer, as_of: date, complete_through: date, weights: Weights) -> _Hold | None:
    """The first gate of the customer as a whole."""
    hold = _hold_of_scope(state, WHOLE, as_of, complete_through)
    returns = contact_returns(state.contact, as_of, weights.contact_days)
    contacted = _Hold(CONTACTED, day(returns)) if returns else None
    return min((gated for gated in (hold, contacted) if gated), key=lambda gated: gated.gate, default=None)


def _minimum(currency: str, units: int, known: Known) -> float:
    """Minor units of a currency below which a row is small: at the least one."""
    if not known.rates:
        return max(1.0, units * 10.0 ** exponent(currency))
    return max(1.0, units * 10.0 ** exponent(known.currency) / known.rates[currency])


def _broken(judged: tuple[JudgedPromise, ...]) -> set[tuple[CustomerKey, Scope]]:
    """Invoices whose last promise was broken, and which are still open."""
    last: dict[tuple[CustomerKey, Scope], JudgedPromise] = {}
    for promise in judged:
        for covered in promise.promise.payload["covers"]:
            last[promise.promise.customer, (covered["invoice_id"], covered["line"])] = promise
    return {key for key, promise in last.items() if promise.standing == "broken" and key[1] in promise.open_invoices}


# --- the order ---------------------------------------------------------------------------------------------------------


def _ranked(
    book: _Book, listed: Mask, in_list: Mask, of: tuple[Agreed, set[tuple[CustomerKey, Scope]]], known: Known, weights: Weights
) -> tuple[pa.Table, pa.Table]:
    agreed, broken_invoices = of
    soon, late = book.summed(book.likely, listed & ~book.late), book.summed(book.likely, listed & book.late)
    broken = np.zeros(book.many, bool)
    places = _places(book, {customer for customer, _ in broken_invoices})
    for key in broken_invoices & places.keys():
        broken[book.group[places[key]]] |= listed[places[key]]
    oldest = np.full(book.many, -(2**31), np.int64)
    np.maximum.at(oldest, book.group[listed], book.table["days_past_due"].to_numpy()[listed].astype(np.int64))
    which = np.flatnonzero(in_list)
    names = book.names.take(pa.array(which))
    figure, block = _figure(names["currency"].to_pylist(), soon[which], late[which], known, weights)
    by_figure = np.lexsort((np.arange(len(figure)), -oldest[which], -figure, block))  # age breaks ties, then names
    money = _classes(figure[by_figure], block[by_figure])
    final = np.lexsort((np.arange(len(figure)), ~broken[which][by_figure], money, block[by_figure]))
    order, of_row = by_figure[final], which[by_figure[final]]
    state = [agreed.by_customer.get(key) for key in zip(*(names[n].take(pa.array(order)).to_pylist() for n in KEYS), strict=True)]
    counts = np.bincount(book.group[listed], minlength=book.many)
    columns: dict[str, Any] = {
        "number": pa.array(np.arange(1, len(of_row) + 1)),
        **{name: book.names[name].take(pa.array(of_row)) for name in (*KEYS, "customer_name", "currency")},
        "likely": pa.array((soon + late)[of_row]),
        "soon": pa.array(soon[of_row]),
        "overdue": pa.array(late[of_row]),
        "outstanding": pa.array(book.summed(book.table["outstanding"].to_numpy(), listed)[of_row]),
        "invoices": pa.array(counts[of_row]),
        "money_class": pa.array(money[final]),
        "broken": pa.array(broken[of_row]),
        "oldest": pa.array(oldest[of_row]),
        "owner": pa.array([customer.owner if customer else "" for customer in state], pa.string()),
        "taken_by": pa.array([customer.taken_by if customer else "" for customer in state], pa.string()),
    }
    return pa.table(columns), _invoices(book, listed, of_row)


KEYS = ("company", "customer_id")


def _figure(currencies: list[str], soon: Ints, late: Ints, known: Known, weights: Weights) -> tuple[Floats, Codes]:
    """What ranks: the two parts weighed, in one currency where there are rates; else a block per currency, the fullest first."""
    weighed = 2 * (weights.prevention * soon + (100 - weights.prevention) * late) / 100
    if known.rates:
        return weighed * np.array([known.rates[currency] for currency in currencies], np.float64), np.zeros(len(soon), np.int64)
    names, code, count = np.unique(np.array(currencies, str), return_inverse=True, return_counts=True)
    place = np.empty(len(names), np.int64)
    place[np.lexsort((names, -count))] = np.arange(len(names))
    return weighed, place[code] if len(names) else code.astype(np.int64)


def _classes(figure: Floats, block: Codes) -> Codes:
    """Equal thirds of the listed sum of each block, of rows in order of their figures: 0 for the largest."""
    out = np.zeros(len(figure), np.int64)
    for code in np.unique(block):
        mine = block == code
        before = np.cumsum(figure[mine]) - figure[mine]
        whole = figure[mine].sum()
        out[mine] = np.minimum(np.floor(CLASSES * before / whole), CLASSES - 1) if whole > 0 else 0
    return out


def _invoices(book: _Book, listed: Mask, of_row: Codes) -> pa.Table:
    number = np.zeros(book.many, np.int64)
    number[of_row] = np.arange(1, len(of_row) + 1)
    which = np.flatnonzero(listed)
    table = book.table.take(pa.array(which))
    order = np.lexsort((table["position"].to_numpy(), -book.likely[which], number[book.group[which]]))
    at, table = which[order], table.take(pa.array(order))
    names = ("company", "customer_id", "invoice_id", "line", "currency", "outstanding")
    return pa.table(
        {
            "number": pa.array(number[book.group[at]]),
            **{name: table[name] for name in names},
            "likely": pa.array(book.likely[at]),
            "p": table["p"],
            "p_on_time": table["p_on_time"],
            "overdue": pa.array(book.late[at]),
            **{name: table[name] for name in ("due_date", "due_by", "days_past_due", "expected_date", "position")},
        }
    )


def _held_back(book: _Book, held: list[_Hold | None]) -> pa.Table:
    which = np.array([at for at, hold in enumerate(held) if hold is not None], np.int64)
    holds = [held[at] for at in which.tolist()]
    everything = np.ones(len(book.table), bool)
    likely = book.summed(book.likely, everything)[which]
    counts = np.bincount(book.group, minlength=book.many)[which]
    names = book.names.take(pa.array(which))
    returns = [as_date(hold.returns) if hold and hold.returns != UNKNOWN else None for hold in holds]
    columns = {
        **{name: names[name] for name in (*KEYS, "customer_name", "currency")},
        "gate": pa.array([GATES[hold.gate] for hold in holds if hold], pa.string()),
        "returns": pa.array(returns, pa.date32()),
        "likely": pa.array(likely),
        "invoices": pa.array(counts),
    }
    return pa.table(columns).take(pa.array(np.lexsort((np.arange(len(which)), -likely))))
