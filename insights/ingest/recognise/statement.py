"""Is a file a statement: debit and credit in columns of their own, and perhaps a balance that runs?"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Match
from insights.ingest.entries import Entries
from insights.ingest.grid import Grid
from insights.ingest.recognise import meanings, numbers
from insights.ingest.recognise.match import CERTAIN, compact, samples, without_unit, words
from insights.ingest.recognise.presets import Preset
from insights.ledger.ledger import CREDIT_NOTE, INVOICE, ON_ACCOUNT

SIDES = {
    "debit": "credit",
    "debits": "credits",
    "dr": "cr",
    "soll": "haben",
    "sollbetrag": "habenbetrag",
    "debe": "haber",
    "debito": "credito",
    "dare": "avere",
    "debet": "kredit",
    "borc": "alacak",
    "winien": "ma",
    "madati": "dal",
    "tartozik": "kovetel",
    "wn": "ma",
    "借方": "貸方",
    "借方金額": "貸方金額",
}
FILLING = {"amount", "amt", "betrag", "montant", "importe", "valor", "bedrag"}
FEWEST_ONE_SIDED = 0.9  # of the rows: an entry stands on one side


def sides(grid: Grid, headers: Sequence[str], matches: Sequence[Match]) -> tuple[Match, ...]:
    """The matches with debit and credit, where a pair of columns is called so, every row has one side, and no amount is known."""
    accepted = {matched.field for matched in matches if matched.accepted}
    if "amount" in accepted or {"debit", "credit"} & accepted:
        return tuple(matches)
    pair = _pair(headers)
    if pair is None or not _is_one_sided(grid, *pair):
        return tuple(matches)
    mine = {headers[at] for at in pair}
    matched = [
        Match(name, headers[at], CERTAIN, samples(grid, at), proof="name")
        for name, at in zip(("debit", "credit"), pair, strict=True)
    ]
    return (*(entry for entry in matches if entry.column not in mine), *matched)


def _pair(headers: Sequence[str]) -> tuple[int, int] | None:
    names = [compact(" ".join(word for word in words(without_unit(header)).split() if word not in FILLING)) for header in headers]
    for left, right in SIDES.items():
        if left in names and right in names:
            return names.index(left), names.index(right)
    if "debet" in names and "credit" in names:
        return names.index("debet"), names.index("credit")
    return _differing_in_side(headers)


def _differing_in_side(headers: Sequence[str]) -> tuple[int, int] | None:
    """Two columns that are called the same but for the word of their side: "Umsatz Soll" and "Umsatz Haben"."""
    parts = [[compact(word) for word in words(without_unit(header)).split()] for header in headers]
    for left, right in SIDES.items():
        for at, mine in enumerate(parts):
            opposite = [right if word == left else word for word in mine]
            if opposite != mine and opposite in parts:
                return at, parts.index(opposite)
    return None


def _is_one_sided(grid: Grid, left: int, right: int) -> bool:
    """Whether both columns hold numbers, and hardly any row has one on each side."""
    cells = [numbers.column(grid.columns[at], grid.typed[at]) for at in (left, right)]
    if any(column.share_readable() < FEWEST_ONE_SIDED for column in cells):
        return False
    filled = [pc.match_substring_regex(column.bare.fill_null("0"), "[1-9]").to_numpy() for column in cells]
    some, both = (filled[0] | filled[1]).sum(), (filled[0] & filled[1]).sum()
    return bool(some and both <= (1 - FEWEST_ONE_SIDED) * some)


def is_one(entries: Entries, preset: Preset) -> bool:
    """Whether the amounts are debit less credit, in a file of no known system."""
    return (
        not preset.code
        and {"debit", "credit"} <= set(entries.money)
        and entries.headers.get("amount") == entries.headers["debit"]
    )


def kinds(entries: Entries) -> None:
    """What is credited is a payment where nothing calls it a credit note."""
    if "type" in entries.text:
        return
    credited = entries.money["amount"] < 0
    note = np.zeros(len(entries), bool)
    for column in entries.further.values():
        if pa.types.is_string(column.type):
            note |= meanings.types(pc.fill_null(column, ""), {}, {}) == CREDIT_NOTE
    kind = np.where(credited, np.where(note, CREDIT_NOTE, ON_ACCOUNT), INVOICE)
    entries.text["kind"] = pa.chunked_array([pa.array(kind, pa.string())])
