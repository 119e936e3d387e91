"""Do the columns of a file imply each other: amount = net + tax, open = amount - paid, ageing = open, base = document x rate?

A relation that most rows keep is one: rows that break it contradict the file. One that names suggest and no row keeps is none,
unless the rows prove another: an amount that is the net, a balance that runs.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Options, Question
from insights.ingest.entries import Entries, codes
from insights.ingest.normalise.witness import Contradiction
from insights.ingest.recognise import ageing, match
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.match import words
from insights.ledger.money import decimal_text

MOST = 0.5  # share of the rows from which a relation is one
NEARLY_ALL = 0.9  # share of the rows from which another reading is proven
FEWEST_RUNNING = 3  # rows of a running balance
FEWEST_WITH_SUM = 3  # taxes, from which one may be the sum of the others: of two, each may be half of it
MOST_EXPLAINING = 2  # columns that together may explain what does not agree
ROWS_SHOWN = 3
RATE_ERROR = 0.0005  # of the amount: rates are printed with four or five decimals

NET = (
    r"\b(?:net|netto|nettobetrag|subtotal|sub total|untaxed|taxable|ex|excl|exkl|ekskl|excluding|"
    r"exclusive|before tax|ohne|sans|sin|sem|senza|zonder|utan|uden|bez|without tax|ht|hors taxes?|imponibile)\b"
)
TAX = (
    r"\b(?:tax|taxes|vat|[csi]?gst|hst|mwst|ust|umsatzsteuer|steuer|steuerbetrag|tva|btw|iva|moms|podatek|impuestos?|impostos?|imposta|"
    r"消費税)\b"
)
NO_AMOUNT = r"\b(?:rate|percent|percentage|pct|satz|taux|tipo|id|no|nr|number|code|type|key|days|tage|jours|qty|quantity|age)\b|%"
RATE = (
    r"\b(?:exchange rate|exch rate|currency rate|conversion rate|fx rate|kurs|wechselkurs|umrechnungskurs|taux de change|"
    r"wisselkurs)\b"
)
RUNNING = r"\b(?:balance|running|saldo|solde|kontostand|cumulative|cumul)\b"


@dataclass(frozen=True)
class RowAmounts:
    """Amounts of the rows in minor units of their currency: fields, and further columns by header; which are there."""

    values: Mapping[str, np.ndarray]
    there: Mapping[str, np.ndarray]

    def named(self, pattern: str, without: str = r"(?!)") -> list[str]:
        """Further columns whose headers say this."""
        return [name for name in self.values if re.search(pattern, words(name)) and not re.search(without, words(name))]


def check(entries: Entries, options: Options, decisions: Decisions) -> list[Contradiction]:
    """Every relation that the columns speak of; runs before anything is derived. May drop a balance that runs, and ask."""
    further = further_amounts(entries)
    running = _running(entries, further, options)
    contradictions = [*running, *_net(entries, further, options, decisions), *_paid(entries, further)]
    return [*contradictions, *_aged(entries, further), *_base(entries)]


def further_amounts(entries: Entries) -> RowAmounts:
    """The further columns of figures."""
    values, there = {}, {}
    for header, column in entries.further.items():
        if pa.types.is_floating(column.type):
            there[header] = pc.is_valid(column).to_numpy()
            values[header] = ageing.figures(entries, header)
    return RowAmounts(values, there)


def taxes_of(further: RowAmounts, without: str = r"(?!)") -> list[str]:
    """Headers of the taxes that together are owed beside the net (CGST and SGST), but those that say this as well."""
    taxes = further.named(TAX, f"{NO_AMOUNT}|{NET}|{without}")
    return without_sum({name: np.abs(further.values[name]) for name in taxes})


def without_sum(taxes: Mapping[str, np.ndarray]) -> list[str]:
    """Headers of the taxes (minor units per row) without the one that is the sum of several others: it says them again."""
    whole = sum(taxes.values())
    if sum(bool(values.any()) for values in taxes.values()) < FEWEST_WITH_SUM:
        return list(taxes)
    return [name for name, values in taxes.items() if (np.abs(2 * values - whole) > 1).any()]


def _field(entries: Entries, name: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Values of a field and where they are there; None where the file has no such column."""
    if name not in entries.money or entries.missing[name].all():
        return None
    bad = entries.unreadable.get(name, np.zeros(len(entries), bool))
    return entries.money[name], ~entries.missing[name] & ~bad


def _judged(
    entries: Entries, field: str, relation: str, left: np.ndarray, right: np.ndarray, rows: np.ndarray
) -> tuple[bool, list[Contradiction]]:
    """(whether most rows keep a relation, what contradicts it); notes one that all keep."""
    kept = np.abs(left - right) <= 1
    if not rows.any() or kept[rows].mean() <= MOST:
        return False, []
    if kept[rows].all():
        entries.note("columns_agree", relation, number=int(rows.sum()))
        return True, []
    return True, [Contradiction(field, _broken(entries, relation, left, right, np.flatnonzero(rows & ~kept)))]


def _broken(entries: Entries, relation: str, left: np.ndarray, right: np.ndarray, at: np.ndarray) -> str:
    currency = entries.texts("currency")
    places = [
        f"row {int(entries.lines[k]):,}: {decimal_text(int(left[k]), code)} against {decimal_text(int(right[k]), code)}"
        for k in at[:ROWS_SHOWN]
        for code in [currency[int(k)].as_py()]
    ]
    more = f", and {len(at) - ROWS_SHOWN:,} more" if len(at) > ROWS_SHOWN else ""
    return f"Most rows keep “{relation}”, {'this one does' if len(at) == 1 else 'these do'} not: {'; '.join(places)}{more}."


def _explained(difference: np.ndarray, rows: np.ndarray, further: RowAmounts) -> bool:
    """Whether further columns (a discount, a fee, a credit) hold exactly what is missing, each row one of at most two."""
    wrong = rows & (np.abs(difference) > 1)
    holds = [(np.abs(np.abs(difference) - np.abs(values)) <= 1)[wrong] for values in further.values.values()]
    holds = sorted((held for held in holds if held.any()), key=lambda held: -int(held.sum()))[:MOST_EXPLAINING]
    return bool(wrong.any() and holds and np.logical_or.reduce(holds).all())


# Amount, net and tax


def _net(entries: Entries, further: RowAmounts, options: Options, decisions: Decisions) -> list[Contradiction]:
    amount = _field(entries, "amount")
    taxes = taxes_of(further)
    if amount is None or not taxes:
        return []
    values, there = amount
    tax = np.abs(sum((further.values[name] for name in taxes), np.zeros(len(values), np.int64)))
    taxed = there & (tax != 0) & ~_void(entries)
    for name in further.named(NET, NO_AMOUNT):
        net = np.abs(further.values[name])
        rows = taxed & further.there[name]
        if _explained(np.abs(values) - net - tax, rows, further):
            rows = rows & (np.abs(np.abs(values) - net - tax) <= 1)
        relation = f"{entries.headers['amount']} = {name} + {' + '.join(taxes)}"
        if entries.headers["amount"] == " + ".join([name, *taxes]):
            return []  # it was made of them
        holds, contradictions = _judged(entries, "amount", relation, np.abs(values), net + tax, rows)
        if holds:
            return contradictions
    return _without_tax(entries, further, taxed, tax, options, decisions)


def _without_tax(
    entries: Entries, further: RowAmounts, taxed: np.ndarray, tax: np.ndarray, options: Options, decisions: Decisions
) -> list[Contradiction]:
    """An amount to which the tax must be added to give what another column says is the net: asks which one is owed."""
    values, header = entries.money["amount"], entries.headers["amount"]
    gross = next(
        (
            (name, field)
            for name, field, others in _others(entries, further)
            if taxed.any() and (np.abs(np.abs(values) + tax - np.abs(others)) <= 1)[taxed].mean() >= NEARLY_ALL
        ),
        None,
    )
    if gross is None:
        return []
    sentence = f"“{header}” is without tax: with it, every row gives “{gross[0]}”."
    if options.maps.get("amount"):
        return [Contradiction("amount", sentence)]
    total = {name: _sums(entries, column) for name, column in ((header, values), (gross[0], gross[1]))}
    choices = tuple((name, f"{name}: {text} in all") for name, text in reversed(total.items()))
    asked = f"{sentence} Which one is owed?"
    decisions.questions.append(Question("maps", "amount", header, asked, choices, f'--map amount="{gross[0]}"'))
    return []


def _others(entries: Entries, further: RowAmounts) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Header, values and values of every other amount of the file."""
    for name, values in further.values.items():
        yield name, values, values
    if (open_ := _field(entries, "outstanding")) is not None and open_[1].all():
        yield entries.headers["outstanding"], open_[0], open_[0]


def _sums(entries: Entries, values: np.ndarray) -> str:
    """What a column comes to per currency, as text."""
    currency = entries.texts("currency")
    names = pc.unique(currency).to_pylist()
    return ", ".join(f"{decimal_text(int(values[pc.equal(currency, code).to_numpy()].sum()), code)} {code}" for code in names)


# Amount, paid and open


def _paid(entries: Entries, further: RowAmounts) -> list[Contradiction]:
    columns = [_field(entries, name) for name in ("amount", "paid_amount", "outstanding")]
    if any(column is None for column in columns):
        return []
    (amount, a), (paid, p), (outstanding, o) = (column for column in columns if column is not None)
    rows, left = a & p & o & ~_repeated(entries) & ~_void(entries), np.abs(amount) - np.abs(paid)
    difference = left - np.abs(outstanding)
    if _explained(difference, rows, further):
        rows = rows & (np.abs(difference) <= 1)
    relation = " ".join([entries.headers["outstanding"], "=", entries.headers["amount"], "-", entries.headers["paid_amount"]])
    return _judged(entries, "outstanding", relation, np.abs(outstanding), np.abs(left), rows)[1]


def _void(entries: Entries) -> np.ndarray:
    return entries.masks.get("void", np.zeros(len(entries), bool))


def _repeated(entries: Entries) -> np.ndarray:
    """Rows of documents that stand several times, once per payment or line: what is left after each is not what is open."""
    number = entries.texts("invoice_id")
    key = codes([entries.texts("customer_id"), number])
    repeated: np.ndarray = (np.bincount(key)[key] > 1) & pc.not_equal(number, "").to_numpy() if len(key) else np.zeros(0, bool)
    return repeated


# Ageing columns and open


def _aged(entries: Entries, further: RowAmounts) -> list[Contradiction]:
    buckets = [name for name in ageing.ranges(entries.further) if name in further.values]
    if not buckets or entries.headers.get("outstanding") == " + ".join(buckets):  # they are all there is
        return []
    total = sum((further.values[name] for name in buckets), np.zeros(len(entries), np.int64))
    filled = np.logical_or.reduce([further.there[name] for name in buckets])
    for name in ("outstanding", "amount"):
        if (column := _field(entries, name)) is not None:
            relation = f"{entries.headers[name]} = {' + '.join(buckets)}"
            holds, contradictions = _judged(entries, name, relation, np.abs(column[0]), np.abs(total), column[1] & filled)
            if holds:
                return contradictions
    return []


# A balance that runs


def _running(entries: Entries, further: RowAmounts, options: Options) -> list[Contradiction]:
    """A column that adds up row by row is a running balance, never what is open of a row."""
    amount = _field(entries, "amount") or _two_sides(entries)
    if amount is None or len(entries) < FEWEST_RUNNING:
        return []
    contradictions = []
    if (open_ := _field(entries, "outstanding")) is not None and (runs := _run(entries, open_[0], amount[0])) is not None:
        header = entries.headers["outstanding"]
        if options.maps.get("outstanding"):
            contradictions.append(
                Contradiction("outstanding", f"“{header}” adds up row by row: it is a running balance, not what is open.")
            )
        else:
            entries.note("runs", header)
            del entries.money["outstanding"], entries.missing["outstanding"]
            entries.unreadable.pop("outstanding", None)
            contradictions += _held(entries, header, *runs)
    for name in further.named(RUNNING):
        if (runs := _run(entries, further.values[name], amount[0])) is not None:
            contradictions += _held(entries, name, *runs)
    return contradictions


def _held(entries: Entries, header: str, runs: np.ndarray, opening: int) -> list[Contradiction]:
    """What contradicts a running balance; notes one that every row bears out."""
    wrong = entries.lines[~runs]
    if not len(wrong) and opening:
        text = decimal_text(opening, entries.texts("currency")[0].as_py())
        return [Contradiction("amount", f"“{header}” begins with {text} that no row of this file accounts for.")]
    if not len(wrong):
        entries.note("running_agrees", header)
        return []
    lines = ", ".join(f"{int(line):,}" for line in wrong[:ROWS_SHOWN])
    more = f" and {len(wrong) - ROWS_SHOWN:,} more" if len(wrong) > ROWS_SHOWN else ""
    rows = f"{'row' if len(wrong) == 1 else 'rows'} {lines}{more}"
    return [
        Contradiction(
            "amount",
            f"“{header}” is a balance that adds up row by row, but {rows} {'does' if len(wrong) == 1 else 'do'} not agree.",
        )
    ]


def _two_sides(entries: Entries) -> tuple[np.ndarray, np.ndarray] | None:
    sides = [_field(entries, name) for name in ("debit", "credit")]
    if sides[0] is None or sides[1] is None:
        return None
    return sides[0][0] - sides[1][0], sides[0][1] | sides[1][1]


def _run(entries: Entries, balance: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, int] | None:
    """(which rows add their amount to the balance before, what the balance begins with); None where it is no balance.

    It may run downwards or upwards, over all rows or per customer. It exceeds the amount of some row, and most rows add to it;
    the first row of each run has nothing before it.
    """
    if not (np.abs(balance) > np.abs(values)).any():
        return None
    customer = codes([entries.texts(name) for name in ("company", "customer_id", "customer_name", "currency")])
    best, most = None, MOST
    for group in (np.zeros(len(values), np.int64), customer):
        order = np.argsort(group, kind="stable")
        for way in (order, order[::-1]):  # downwards, and upwards
            same = group[way][1:] == group[way][:-1]
            agrees = np.abs(np.diff(balance[way]) - values[way][1:]) <= 1
            if same.sum() >= FEWEST_RUNNING - 1 and (share := float(agrees[same].mean())) > most:
                kept, most = np.ones(len(values), bool), share
                kept[way[1:]] = agrees | ~same
                first = way[np.concatenate([[True], ~same])]
                best = kept, int((balance[first] - values[first]).sum())
    return best


# Document, rate and base


def _base(entries: Entries) -> list[Contradiction]:
    """The amount in the company's own currency is the amount times the rate, or divided by it."""
    amount, own = _field(entries, "amount"), _in_books(entries)
    rates = [
        name for name, column in entries.further.items() if pa.types.is_floating(column.type) and re.search(RATE, words(name))
    ]
    if amount is None or own is None or not rates:
        return []
    rate = pc.fill_null(entries.further[rates[0]], np.nan).to_numpy()
    document, base = np.abs(amount[0] / ageing.scale(entries)), np.abs(own[1])
    rows = amount[1] & own[2] & np.isfinite(rate) & (rate > 0)
    factors = (rate, 1 / np.where(rows, rate, 1.0))
    kept = [np.abs(document * factor - base) <= RATE_ERROR * base + 0.011 for factor in factors]
    best = max(kept, key=lambda holds: int(holds[rows].sum()))
    if not rows.any() or best[rows].mean() <= MOST:
        return []
    relation = f"{own[0]} = {entries.headers['amount']} x {rates[0]}"
    wrong = np.flatnonzero(rows & ~best)
    if not len(wrong):
        entries.note("columns_agree", relation, number=int(rows.sum()))
        return []
    lines = ", ".join(f"{int(entries.lines[k]):,}" for k in wrong[:ROWS_SHOWN])
    return [Contradiction("amount", f"Most rows keep “{relation}”, but not {'row' if len(wrong) == 1 else 'rows'} {lines}.")]


def _in_books(entries: Entries) -> tuple[str, np.ndarray, np.ndarray] | None:
    """The amounts in the company's own currency (header, float64), and where they are there."""
    for header, column in entries.further.items():
        base = match.likeness_of("base_amount", header).proof or header == entries.headers.get("base_amount")
        if base and pa.types.is_floating(column.type):
            return header, pc.fill_null(column, 0.0).to_numpy(), pc.is_valid(column).to_numpy()
    return None
