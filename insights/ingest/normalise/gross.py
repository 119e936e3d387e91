"""What was invoiced, where the file says it without tax, the tax, and what is open with it?

The open amounts prove it: none exceeds net and tax together, and some exceed the net. Then the amount is both. Where nothing
says what is open, a tax that is a usual rate of the amount makes it doubtful, and it is asked.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np

from insights.ingest.draft import Question
from insights.ingest.entries import Entries
from insights.ingest.normalise import implied, unused
from insights.ingest.recognise import match
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.match import words
from insights.ingest.recognise.source import Source

FEWEST = 3  # rows with a tax, from which their rates prove something
RATES = (
    *(3, 4, 5, 5.5, 6, 7, 7.5, 7.7, 8, 8.1, 9, 10, 11, 12, 13, 13.5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 25.5, 27),
)  # per cent, of taxes on sales
CALLED_GROSS = r"\b(?:gross|brut\w*|total\w*|ttc|incl\w*|inkl\w*|lordo|grand|payable|invoice|due)\b"
INCLUDED = r"\b(?:incl|including|inkl|inclusive|ttc|compris|gross|brutto|withholding|withheld|tds)\b"


def by_proof(source: Source, entries: Entries, decisions: Decisions) -> None:
    """The amount as net and tax, where what is open shows that both are owed, or the user says so; notes it."""
    if {"amount", "tax"} <= set(entries.money):
        _add_tax(entries, decisions)
        return
    if "outstanding" not in entries.money or "amount" in source.options.maps or {"debit", "credit"} & set(entries.money):
        return
    further = implied.further_amounts(entries)
    taxes = _taxes(further)
    if not taxes:
        return
    tax = sum((further.values[name] for name in taxes), np.zeros(len(entries), np.int64))
    taxed = tax != 0
    for header, net, missing in _nets(entries, further):
        whole = net + np.where(np.sign(tax) == -np.sign(net), -tax, tax)
        if _is_owed(entries, net, whole, taxed & ~missing):
            entries.set_money("amount", whole, missing)
            entries.headers["amount"] = " + ".join([header, *taxes])
            entries.text.setdefault("amount", entries.texts("outstanding"))
            entries.unreadable.setdefault("amount", np.zeros(len(entries), bool))
            decisions.note("gross_added", header, " + ".join(taxes))
            return


def _taxes(further: implied.RowAmounts) -> list[str]:
    """Headers of the further columns of taxes on top of an amount; several belong together (CGST and SGST)."""
    return implied.taxes_of(further, INCLUDED)


def _add_tax(entries: Entries, decisions: Decisions) -> None:
    """The amount with the tax that the user says is owed on top, and with its like."""
    further = implied.further_amounts(entries)
    amount, header = entries.money["amount"], entries.headers["amount"]
    taxes = {entries.headers["tax"]: entries.money["tax"]} | {name: further.values[name] for name in _taxes(further)}
    taxes = {name: np.abs(values) for name, values in taxes.items()}
    counted = implied.without_sum(taxes)
    tax, of_tax = np.sum([taxes[name] for name in counted], axis=0), " + ".join(counted)
    entries.set_money("amount", amount + np.sign(amount) * tax, entries.missing["amount"])
    entries.headers["amount"] = f"{header} + {of_tax}"
    decisions.note("gross_added", header, of_tax)


def ask(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Asks whether a tax is owed on top of the amount, where its rate says so and no column holds both or what is open."""
    settled = {"outstanding", "debit", "credit", "tax", "base_amount"} & {*entries.money, *source.options.maps}
    if "amount" not in entries.money or settled or "amount" in source.options.maps or source.preset.code:
        return
    if any(question.field == "amount" for question in decisions.questions):
        return
    further = implied.further_amounts(entries)
    taxes = _taxes(further)
    if not taxes:
        return
    amount, tax = np.abs(entries.money["amount"]), _sum(entries, further, taxes)
    taxed = ~entries.missing["amount"] & (tax != 0)
    if taxed.sum() < FEWEST or _holds_either(entries, further, amount, tax, taxed):
        return
    is_net = _share_at_a_rate(tax, amount, taxed, lambda rate: rate) >= implied.NEARLY_ALL
    is_gross = _share_at_a_rate(tax, amount, taxed, lambda rate: rate / (1 + rate)) >= implied.NEARLY_ALL
    if not is_net or (is_gross and re.search(CALLED_GROSS, words(entries.headers["amount"]))):
        return
    decisions.questions.append(_question(source, entries, taxes, tax))


def _sum(entries: Entries, further: implied.RowAmounts, headers: Sequence[str]) -> np.ndarray:
    return sum((np.abs(further.values[name]) for name in headers), np.zeros(len(entries), np.int64))


def _holds_either(entries: Entries, further: implied.RowAmounts, amount: np.ndarray, tax: np.ndarray, rows: np.ndarray) -> bool:
    """Whether another column is the amount with the tax or without it: then it is known what the amount is, or it is asked."""
    others = [np.abs(values) for values in further.values.values()]
    others += [np.abs(entries.money[name]) for name in ("paid_amount",) if name in entries.money]
    return any((np.abs(other - amount - sign * tax) <= 1)[rows].mean() >= implied.MOST for other in others for sign in (1, -1))


def _share_at_a_rate(tax: np.ndarray, amount: np.ndarray, rows: np.ndarray, of_amount: Callable[[float], float]) -> float:
    """The share of the rows whose tax is, to the cent, one of the usual rates of the amount."""
    near = [np.abs(tax[rows] - amount[rows] * of_amount(rate / 100)) <= 1 for rate in RATES]
    return float(np.logical_or.reduce(near).mean())


def _question(source: Source, entries: Entries, taxes: Sequence[str], tax: np.ndarray) -> Question:
    amount, header, several = entries.headers["amount"], taxes[0], len(taxes) > 1
    named = " and ".join(f"“{name}” ({unused.samples(entries.further[name])})" for name in taxes)
    owed = np.where(unused.settled(source, entries), 0, entries.money["amount"])
    both = owed + np.sign(owed) * tax
    sentence = (
        f"{named} {'together are' if several else 'is'} a usual rate of “{amount}” in every row, as a tax on top of it is, and "
        "no column holds both together: is the tax owed besides?"
    )
    choices = (
        (f"tax={header}", f"“{amount}” is without tax, {'all' if several else 'both'} are owed: {unused.owed(entries, both)}"),
        ("tax=", f"“{amount}” is what is owed: {unused.owed(entries, owed)}"),
    )
    return Question("maps", "tax", header, sentence, choices, f'--map tax="{header}" or --map tax=', header)


def _nets(entries: Entries, further: implied.RowAmounts) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Header, figures and missing of the columns that may be the net: the amount itself, else those called so."""
    if "amount" in entries.money:
        return [(entries.headers["amount"], entries.money["amount"], entries.missing["amount"])]
    return [
        (name, values, ~further.there[name])
        for name, values in further.values.items()
        if match.only_proposes("amount", name)
        or (re.search(implied.NET, words(name)) and not re.search(implied.TAX, words(name)))
    ]


def _is_owed(entries: Entries, net: np.ndarray, whole: np.ndarray, rows: np.ndarray) -> bool:
    """Whether what is open never exceeds net and tax, exceeds the net somewhere, and mostly is both together or nothing."""
    left = entries.money["outstanding"]
    rows = rows & ~entries.missing["outstanding"]
    open_ = rows & (left != 0)
    if not open_.any() or (np.abs(left) > np.abs(whole) + 1)[rows].any():
        return False
    full = (np.abs(left - whole) <= 1)[open_]
    return bool((np.abs(left) > np.abs(net) + 1)[open_].any() and full.mean() >= 1 / 2)
