"""Which columns of figures that nothing maps may say what is open, or what was paid, of each invoice?

Such a figure never exceeds the amount. Names alone do not make one: a tax or a freight lies within the amount too, but neither is
it called so, nor does it equal the amount where something was paid in full.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from insights.ingest.draft import Question
from insights.ingest.entries import Entries
from insights.ingest.normalise import doubted_amounts, implied, unused
from insights.ingest.recognise import ageing, match, units
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.header_words import speaks_of
from insights.ingest.recognise.match import words
from insights.ingest.recognise.source import Source

MOST_OF = 0.5  # of the rows on which a figure decides: fewer, and it is the figure of another matter


@dataclass(frozen=True)
class Figure:
    """A column that may say it: minor units per row, what of the row is owed if it is open or if it was paid, and by what."""

    header: str
    values: np.ndarray
    is_open: bool
    is_paid: bool
    other: str = ""  # the column that makes up the amount together with it


def ask(source: Source, entries: Entries, decisions: Decisions) -> None:
    """One question about all columns that may say what is open or what was paid, where no column is known to say what is open."""
    known, answered = set(entries.money), source.options.maps
    doubted_amounts.ask(source, entries, decisions)
    if "amount" not in known or {"outstanding", "debit", "credit"} & known or "outstanding" in answered:
        return
    if any(question.field in {"outstanding", "paid_amount", "amount"} for question in decisions.questions):
        return
    base = _owed(source, entries)
    if candidates := _candidates(source, entries, decisions, base):
        decisions.questions.append(_question(entries, candidates, base, offers_paid="paid_amount" not in {*known, *answered}))
    elif "paid_amount" in known and "allowance" not in {*known, *answered}:
        _ask_allowances(source, entries, decisions, base)


def _ask_allowances(source: Source, entries: Entries, decisions: Decisions, base: np.ndarray) -> None:
    """Asks about discounts, credits and adjustments beside what was paid, where no column says what is left."""
    further, owed = implied.further_amounts(entries), np.abs(base)
    allowances = {
        header: np.abs(further.values[header])
        for header in unused.free(source, entries, decisions)
        if header in further.values and speaks_of("allowances", header) and not units.is_share(header)
    }
    allowances = {header: values for header, values in allowances.items() if _lowers(entries, values, owed)}
    if not allowances:
        return
    named = " and ".join(f"“{header}” ({unused.samples(entries.further[header])})" for header in allowances)
    many = len(allowances) > 1
    sentence = (
        f"{named} may lower what is owed besides “{entries.headers.get('paid_amount', 'paid amount')}”, and no column says what "
        f"is still open{'. Only one of them can be counted: a column of what is open says more' if many else ''}."
    )
    choices = [
        (f"allowance={header}", f"“{header}” lowers it: {unused.owed(entries, np.sign(base) * np.maximum(owed - values, 0))}")
        for header, values in allowances.items()
    ]
    choices.append(("allowance=", f"{'none of them does' if many else 'it does not'}: {unused.owed(entries, base)}"))
    first = next(iter(allowances))
    argument = " or ".join([*(f'--map allowance="{header}"' for header in allowances), "--map allowance="])
    decisions.questions.append(Question("maps", "allowance", first, sentence, tuple(choices), argument, first))


def _lowers(entries: Entries, values: np.ndarray, owed: np.ndarray) -> bool:
    """Whether figures stand where something is owed, and in no row that was paid in full; what completes a payment is counted."""
    amount, paid = (np.abs(entries.money[name]) for name in ("amount", "paid_amount"))
    rows = ~entries.missing["amount"] & (values > 0) & (values <= amount)
    completes = rows & (paid > 0) & (np.abs(paid + values - amount) <= 1)
    return bool((rows & (owed > 0) & ~completes).any()) and not (rows & (paid >= amount) & (amount > 0)).any()


def _owed(source: Source, entries: Entries) -> np.ndarray:
    """What is owed of each row as the file is understood now: nothing where it is settled, else the amount less what was paid."""
    amount = entries.money["amount"]
    paid = entries.money.get("paid_amount", np.zeros(len(entries), np.int64))
    left = np.sign(amount) * np.maximum(np.abs(amount) - np.abs(paid), 0)
    owed: np.ndarray = np.where(unused.settled(source, entries), 0, left)
    return owed


def _candidates(source: Source, entries: Entries, decisions: Decisions, base: np.ndarray) -> list[Figure]:
    further = implied.further_amounts(entries)
    aged = set(ageing.ranges(entries.further))
    free = set(unused.free(source, entries, decisions)) - aged - doubted_amounts.redundant(entries)
    whole = np.abs(entries.money["amount"])
    rows = ~entries.missing["amount"] & (whole > 0)
    within = {
        header: np.where(further.there[header], np.abs(values), 0)
        for header, values in further.values.items()
        if header in free and _lies_within(np.abs(values), whole, rows)
    }
    judged = [_judged(entries, header, within, rows, base) for header in within]
    figures = [figure for figure in judged if figure]
    return sorted(figures, key=lambda figure: not (figure.is_open or figure.is_paid))[: unused.FEW]


def _lies_within(values: np.ndarray, whole: np.ndarray, rows: np.ndarray) -> bool:
    """Whether no value exceeds the amount and some differ from it and from 0: then it may be a part of it."""
    mine, of = values[rows], whole[rows]
    return len(mine) > 0 and bool((mine <= of + 1).all() and (mine > 0).any() and (mine < of).any())


def _judged(entries: Entries, header: str, within: dict[str, np.ndarray], rows: np.ndarray, base: np.ndarray) -> Figure | None:
    """A column within the amount, if its name, its values or another column beside it make it one that may say what is owed."""
    name, values, whole = words(header), within[header], np.abs(entries.money["amount"])
    is_open, is_paid = (speaks_of(matter, header) for matter in ("open_figures", "paid_figures"))
    no_matter = f"{implied.NO_AMOUNT}|{implied.TAX}" + ("" if is_open else f"|{implied.NET}")  # "Net due" is what is open
    if re.search(no_matter, name) or match.only_proposes("amount", header):
        return None
    if match.likeness_of("base_amount", header).proof or _is_of_other_currency(entries, header):
        return None
    if "paid_amount" in entries.money and not is_open:
        return None
    owed = np.abs(base)
    says_nothing_new = (values == owed)[rows].all() or (whole - values == owed)[rows].all()
    if says_nothing_new:
        return None
    other = next((rival for rival, figures in within.items() if rival != header and _make_up(values, figures, whole, rows)), "")
    if other and (re.search(f"{implied.TAX}|{implied.NET}", words(other)) or speaks_of("other_figures", other)):
        return None
    decides = ((values == whole) | (values == 0))[rows].mean() >= MOST_OF and (values == whole)[rows].any()
    if not (is_open or is_paid):
        is_paid = _agrees_with_days(entries, values, whole, rows)
    if is_open or is_paid or (not speaks_of("other_figures", header) and (other or decides)):
        return Figure(header, values, is_open, is_paid, other)
    return None


def _is_of_other_currency(entries: Entries, header: str) -> bool:
    """Whether a header names a currency that is not that of every row: its figures are no part of the amounts."""
    named = match.currency_of(header)
    return bool(named) and set(pc.unique(entries.texts("currency")).to_pylist()) != {named}


def _agrees_with_days(entries: Entries, values: np.ndarray, whole: np.ndarray, rows: np.ndarray) -> bool:
    """Whether a figure is there just where a day of payment is, and mostly all of the amount: then it is what was paid."""
    paid = entries.has_day("paid_date") & rows
    if not paid.any() or (values[paid] == 0).any() or (values[rows & ~paid] != 0).any():
        return False
    return bool((values == whole)[paid].mean() >= MOST_OF)


def _make_up(first: np.ndarray, second: np.ndarray, whole: np.ndarray, rows: np.ndarray) -> bool:
    return bool((np.abs(first + second - whole) <= 1)[rows].all())


def _question(entries: Entries, candidates: Sequence[Figure], base: np.ndarray, *, offers_paid: bool) -> Question:
    amount, first = entries.headers.get("amount", "amount"), candidates[0]
    sign = np.sign(entries.money["amount"])
    choices, named = [], []
    for figure in candidates:
        named.append(f"“{figure.header}” ({unused.samples(entries.further[figure.header])})")
        readings = {"outstanding": (figure.values, "is what is still open")}
        if offers_paid:
            readings["paid_amount"] = np.abs(entries.money["amount"]) - figure.values, "is what was paid, credited or written off"
        order = sorted(readings, key=lambda name, paid=figure.is_paid and not figure.is_open: (name == "paid_amount") != paid)  # type: ignore[misc]
        for name in order:
            units, says = readings[name]
            choices.append((f"{name}={figure.header}", f"“{figure.header}” {says}: {unused.owed(entries, sign * units)}"))
    choices.append(("outstanding=", f"neither what is open nor what was paid: {unused.owed(entries, base)}"))
    many = len(candidates) > 1
    sentence = (
        f"{'Columns' if many else 'Column'} {' and '.join(named)} never exceed{'' if many else 's'} “{amount}”, and nothing says "
        f"what {'they are' if many else 'it is'}: what is still open of each invoice, what was paid of it, or another matter."
    )
    if first.other:
        sentence += f" “{first.header}” is “{amount}” less “{first.other}” in every row."
    field = "paid_amount" if choices[0][0].startswith("paid_amount") else "outstanding"
    options = [f'--map {value}"' for value in (choice.replace("=", '="', 1) for choice, _ in choices[:-1])]
    argument = " or ".join([*options, "--map outstanding="])
    return Question("maps", field, first.header, sentence, tuple(choices), argument, first.header)
