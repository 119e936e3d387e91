"""What was invoiced, where the file says it without tax, the tax, and what is open with it?

The open amounts prove it: none exceeds net and tax together, and some exceed the net. Then the amount is both.
"""

import re

import numpy as np

from insights.ingest.entries import Entries
from insights.ingest.normalise import implied
from insights.ingest.recognise import match
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.match import words
from insights.ingest.recognise.source import Source


def by_proof(source: Source, entries: Entries, decisions: Decisions) -> None:
    """The amount as net and tax, where what is open shows that both are owed; notes it."""
    if "outstanding" not in entries.money or "amount" in source.options.maps or {"debit", "credit"} & set(entries.money):
        return
    further = implied.further_amounts(entries)
    taxes = further.named(implied.TAX, f"{implied.NO_AMOUNT}|{implied.NET}|{INCLUDED}")
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


INCLUDED = r"\b(?:incl|including|inkl|inclusive|ttc|compris|gross|brutto|withholding)\b"


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
