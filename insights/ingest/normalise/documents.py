"""What are several rows with one document number: its lines, its payments, or its total again and again?

A file with a row per payment repeats the amount of the invoice, one with a row per item repeats its head. Both become one row per
document: payments are applied to it, the amounts of its lines added. Rows whose due dates differ are instalments and stay apart.
"""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest import repeats
from insights.ingest.draft import Options, Question
from insights.ingest.entries import Applied, Entries, codes, constant, is_filled
from insights.ingest.recognise import numbered
from insights.ingest.recognise.ageing import figures
from insights.ingest.recognise.dates import ABSENT, UNREADABLE
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.match import words
from insights.ingest.recognise.presets import Preset

LINES, TOTALS = "lines", "totals"
ITEM = (  # headers of columns that speak of one line of a document, as `words` has them
    r"\b(?:items?|lines?|products?|sku|qty|quantity|description|unit price|unit cost|unit amount|price|artikel|menge|position|pos"
    r"|bezeichnung|einzelpreis|article|quantite|designation|prix unitaire|cantidad|descripcion|producto|precio|quantidade"
    r"|descricao|produto|preco|quantita|descrizione|articolo|prezzo|aantal|omschrijving|antal|beskrivning|ilosc|opis|cena)\b"
)
OF_LINE = r"\b(?:line|item|extended|ext|position|zeile|zeilen|ligne|linea|linha|riga|regel|rad|linje)\b"
OF_DOCUMENT = (
    r"\b(?:invoice|document|bill|total|gross|grand|rechnungs?|beleg|gesamt|brutto|facture|ttc|factura|fatura|fattura|factuur)"
)
MOSTLY = 0.5  # of the documents of several rows
FEWEST = 3  # documents of several rows, from which equal amounts are the document's and no chance


@dataclass(frozen=True)
class Groups:
    """Documents of several rows: `of` is the group of each row (-1: it stands alone), `first` the position of its first row."""

    of: np.ndarray
    first: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        """Which rows are of a group (bool)."""
        grouped: np.ndarray = self.of >= 0
        return grouped

    def constant(self, values: np.ndarray) -> np.ndarray:
        """Whether each group has one value only."""
        same, grouped = np.ones(len(self.first), bool), np.flatnonzero(self.rows)
        of = self.of[grouped]
        same[of[values[grouped] != values[self.first[of]]]] = False
        return same

    def only(self, wanted: np.ndarray) -> "Groups":
        """Those groups of which `wanted` (bool per group) says so."""
        number = np.where(wanted, np.cumsum(wanted) - 1, -1)
        return Groups(np.where(self.rows, number[self.of], -1), self.first[wanted])

    def sums(self, values: np.ndarray) -> np.ndarray:
        total = np.zeros(len(self.first), np.int64)
        np.add.at(total, self.of[self.rows], values[self.rows])
        return total


def gather(entries: Entries, preset: Preset, options: Options, decisions: Decisions) -> None:
    """One row per document. Needs `kind` and signed amounts; asks where the rows do not say what their amounts are of."""
    if "invoice_id" in entries.text and "amount" in entries.money:
        if preset.documents:
            _first_of_each(entries)
        elif not _all_differ(entries) and len((groups := _groups(entries, decisions)).first):
            _fill_amounts(entries, groups)
            _gather(entries, groups, options, decisions)
    _numbered_payments(entries)
    _part_payments(entries, options)


def _first_of_each(entries: Entries) -> None:
    """The system repeats the totals of the document on each of its lines: the first row counts, never the sum."""
    key = codes([entries.texts(name) for name in ("company", "customer_id", "invoice_id", "kind")])
    first = np.zeros(len(entries), bool)
    first[np.unique(key, return_index=True)[1]] = True
    entries.keep(first | ~is_filled(entries.texts("invoice_id")), "line_of_document")


def _all_differ(entries: Entries) -> bool:
    """Whether no two rows bear the same number, as nearly always: that is quick to see."""
    numbers = entries.texts("invoice_id")
    again = repeats.may_repeat([numbers])
    if not again.any():
        return True
    doubtful = numbers.filter(pa.array(again))
    filled = doubtful.filter(pc.not_equal(doubtful, ""))
    different: int = pc.count_distinct(filled).as_py()
    return different == len(filled)


def _groups(entries: Entries, decisions: Decisions, *further: str) -> Groups:
    """Rows of one file with the same number, customer, currency, type and dates, and the same texts of `further` fields."""
    names = ("company", "customer_id", "invoice_id", "kind", "currency", *further)
    days = [entries.dates(name).astype(np.int64) for name in ("issue_date", "due_date")]
    starts = np.array([origin.before for origin in decisions.origins], np.int64)
    days.append(np.searchsorted(starts, entries.lines))  # the file: what stands in two exports is no two lines of a document
    key = codes(
        [*(entries.texts(name) for name in names), *(pa.chunked_array([pa.array(day).cast(pa.string())]) for day in days)]
    )
    key = np.where(is_filled(entries.texts("invoice_id")), key, key.max(initial=0) + 1 + np.arange(len(entries)))
    _, first, place, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    several = count > 1
    number = np.where(several, np.cumsum(several) - 1, -1)
    return Groups(number[place], first[several])


def _gather(entries: Entries, groups: Groups, options: Options, decisions: Decisions) -> None:
    if _are_payments(entries, groups):
        _apply(entries, groups)
    elif _are_lines(entries, groups):
        groups = groups.only(groups.constant(entries.dates("paid_date")))
        repeated = options.repeated or _amounts_of(entries, groups)
        if not repeated:
            decisions.questions.append(_ask(entries, groups))
        _join(entries, groups, summed=repeated == LINES)
    else:
        _last_paid(entries, _groups(entries, decisions, "line"))


# A row per payment


def _fill_amounts(entries: Entries, groups: Groups) -> None:
    """The amount of an invoice that stands in the first of its rows only, beside a payment in each."""
    amount, missing = entries.money["amount"], entries.missing["amount"]
    if "paid_amount" not in entries.money or not (missing & groups.rows).any():
        return
    first = groups.first[groups.of]
    blank = groups.rows & missing & ~missing[first] & ~entries.missing["paid_amount"]
    entries.set_money("amount", np.where(blank, amount[first], amount), missing & ~blank)


def _are_payments(entries: Entries, groups: Groups) -> bool:
    """Whether rows repeat the amount of their invoice beside payments of it: of several days, and together no more than it."""
    if "paid_amount" not in entries.money or "paid_date" not in entries.days:
        return False
    amount, paid = np.abs(entries.money["amount"]), np.abs(entries.money["paid_amount"])
    several = ~groups.constant(entries.dates("paid_date")) | ~groups.constant(paid)
    within = groups.sums(paid) <= amount[groups.first] + 1
    return bool(groups.constant(entries.money["amount"]).all() and several.any() and within[several].mean() > 1 / 2)


def _apply(entries: Entries, groups: Groups) -> None:
    """Every payment is applied to the first row of its invoice."""
    target = np.where(groups.rows, groups.first[groups.of] if len(groups.first) else 0, np.arange(len(entries)))
    _applied(entries, groups.rows & entries.has_day("paid_date"), target)
    paid = entries.money["paid_amount"].copy()
    paid[groups.first] = groups.sums(paid)
    missing = entries.missing["paid_amount"].copy()
    missing[groups.first] = False
    entries.set_money("paid_amount", paid, missing)
    if "outstanding" in entries.money:
        entries.money["outstanding"][groups.first] = _least(entries, groups)
    _drop_others(entries, groups, "payment_of_document")


def _least(entries: Entries, groups: Groups) -> np.ndarray:
    """What is outstanding of each invoice: after its last payment, where each row says what was left."""
    left = entries.money["outstanding"]
    least: np.ndarray = left[groups.first].copy()
    np.minimum.at(least, groups.of[groups.rows], left[groups.rows])
    return least


def _applied(entries: Entries, rows: np.ndarray, target: np.ndarray) -> None:
    """Turns the paid date and amount of rows into payments of the rows `target` (positions)."""
    amount = np.abs(entries.money["paid_amount"])
    at = np.flatnonzero(rows & (amount > 0))
    days = entries.dates("paid_date").copy()
    applied = Applied(target[at], days[at].astype(np.int32), amount[at], np.zeros(len(at), bool))
    entries.applied = entries.applied.and_(applied)
    days[rows] = ABSENT
    entries.days["paid_date"] = days


def _numbered_payments(entries: Entries) -> None:
    """Payments that stand beside each other in numbered pairs of columns: "Payment 1 Date", "Payment 1 Amount", and so on."""
    pairs = _pairs(entries)
    if not pairs or "amount" not in entries.money:
        return
    own, before = np.arange(len(entries)), entries.days.get("paid_date")
    paid = np.abs(entries.money.get("paid_amount", np.zeros(len(entries), np.int64)))
    for day, amount in pairs:
        days = entries.further.pop(day).cast(pa.int32())
        there = pc.is_valid(days).to_numpy()
        minor = np.abs(figures(entries, amount))
        paid = paid + minor
        at = np.flatnonzero(there & (minor > 0))
        entries.applied = entries.applied.and_(
            Applied(own[at], days.fill_null(0).to_numpy()[at].astype(np.int32), minor[at], np.zeros(len(at), bool))
        )
        del entries.further[amount]
        for header in (day, amount):
            entries.note("outcome_column", header)
    several = np.isin(own, entries.applied.position)
    if before is not None and "paid_amount" in entries.money:
        _applied(entries, several & entries.has_day("paid_date"), own)
    entries.set_money("paid_amount", paid, np.zeros(len(entries), bool))
    entries.headers.setdefault("paid_amount", pairs[0][1])
    entries.text.setdefault("paid_amount", constant("", len(entries)))


def _pairs(entries: Entries) -> list[tuple[str, str]]:
    """Headers of the day and the amount of each numbered payment, where the cells are days and figures."""
    held = entries.further
    return [
        (day, amount)
        for day, amount in numbered.payments(held)
        if pa.types.is_date32(held[day].type) and pa.types.is_floating(held[amount].type)
    ]


def _part_payments(entries: Entries, options: Options) -> None:
    """A paid date beside a paid amount that leaves more than a tolerance is the day of a payment, not of the settlement."""
    from insights.ingest.normalise import apply_payments

    if not {"amount", "paid_amount"} <= set(entries.money) or "paid_date" not in entries.days:
        return
    amount, paid = np.abs(entries.money["amount"]), np.abs(entries.money["paid_amount"])
    left = amount - paid
    part = (
        entries.has_day("paid_date")
        & ~entries.missing["paid_amount"]
        & (paid > 0)
        & (left > apply_payments.residuals(entries, options))
    )
    if "outstanding" in entries.money:
        part &= entries.missing["outstanding"] | (np.abs(entries.money["outstanding"]) == left)
    if "paid" in entries.masks:
        part &= ~entries.masks["paid"]
    if part.any():
        entries.note("part_payments", entries.headers.get("paid_amount", ""), number=int(part.sum()))
        _applied(entries, part, np.arange(len(entries)))


def _last_paid(entries: Entries, groups: Groups) -> None:
    """Rows that differ in nothing but the day of payment: the last one settles, never the first instalment."""
    days = entries.dates("paid_date")
    same = groups.constant(entries.money["amount"])
    all_paid = np.ones(len(groups.first), bool)
    all_paid[groups.of[groups.rows & (days <= UNREADABLE)]] = False
    wanted = same & all_paid & ~groups.constant(days)
    if not wanted.any():
        return
    last = days[groups.first].copy()
    np.maximum.at(last, groups.of[groups.rows], days[groups.rows])
    days = days.copy()
    days[groups.first[wanted]] = last[wanted]
    entries.days["paid_date"] = days
    _drop_others(entries, groups.only(wanted), "payment_of_document")


# A row per line of the document


def _are_lines(entries: Entries, groups: Groups) -> bool:
    """Whether the rows of a document differ in columns that speak of its items."""
    if re.search(OF_LINE, words(entries.headers.get("amount", ""))):
        return True
    spoken = [column for header, column in entries.further.items() if re.search(ITEM, words(header))]
    if pc.any(pc.match_substring_regex(entries.texts("line"), r"\D")).as_py():  # an item in words, no number of a line
        spoken.append(entries.texts("line"))
    differ = [~groups.constant(codes([column.cast(pa.string()).fill_null("")])) for column in spoken]
    return bool(differ) and float(np.logical_or.reduce(differ).mean()) > MOSTLY  # else a few rows stand there twice


def _amounts_of(entries: Entries, groups: Groups) -> str:
    """Whether the amounts are of the lines or, repeated, of the document; "" where neither is proven."""
    header, amount = words(entries.headers.get("amount", "")), entries.money["amount"]
    if re.search(OF_LINE, header) or not groups.constant(amount).all():
        return LINES
    if re.search(OF_DOCUMENT, header) or len(groups.first) >= FEWEST:
        return TOTALS
    parts = [_minor(column) for column in entries.further.values() if pa.types.is_floating(column.type)]
    return TOTALS if any((groups.sums(part) == amount[groups.first]).all() for part in parts) else ""


def _minor(column: pa.ChunkedArray) -> np.ndarray:
    """A further column of figures in hundredths; 0 where empty."""
    values = pc.fill_null(column, 0.0).to_numpy()
    minor: np.ndarray = np.rint(np.clip(values, -1e15, 1e15) * 100).astype(np.int64)
    return minor


def _join(entries: Entries, groups: Groups, *, summed: bool) -> None:
    """One row per document; with `summed`, the amounts of its lines added up."""
    for name in ("amount", "outstanding", "paid_amount"):
        if summed and name in entries.money and _is_of_lines(entries, groups, name):
            values = entries.money[name].copy()
            values[groups.first] = groups.sums(values)
            entries.money[name] = values
    entries.text["line"] = constant("1", len(entries))
    _drop_others(entries, groups, "line_summed" if summed else "line_of_document")


def _is_of_lines(entries: Entries, groups: Groups, name: str) -> bool:
    """Whether a figure is of the line as the amount is: it differs between lines, or never exceeds the line's amount."""
    values, amount = np.abs(entries.money[name]), np.abs(entries.money["amount"])
    return name == "amount" or not groups.constant(values).all() or bool((values <= amount)[groups.rows].all())


def _drop_others(entries: Entries, groups: Groups, reason: str) -> None:
    kept = ~groups.rows
    kept[groups.first] = True
    entries.keep(kept, reason)


def _ask(entries: Entries, groups: Groups) -> Question:
    header = entries.headers.get("amount", "amount")
    number = entries.texts("invoice_id")[int(groups.first[0])].as_py()
    sentence = (
        f"Several rows bear the number {number} with the same “{header}”: it may be the amount of each line, to be added up, "
        "or the total of the document, repeated."
    )
    choices = ((LINES, "of each line: the rows of a document are added up"), (TOTALS, "of the document: it counts once"))
    return Question("repeated", "amount", header, sentence, choices, "--repeated lines|totals")
