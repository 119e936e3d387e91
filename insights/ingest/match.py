"""Which column holds which field? By name (any of several languages), checked against what stands in the cells."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz, process

from insights.ingest import dates, numbers
from insights.ingest.draft import REQUIRED, Match
from insights.ingest.grid import Grid
from insights.money import is_currency

ACCEPTED = 85  # confidence from which a column is used without asking
SUGGESTED = 70  # confidence from which it is suggested
CERTAIN = 100
UNIT = 95  # the very name with a unit beside it
CODE = 3  # letters of a currency code
YES = r"^(?:y|yes|true|1|x|ja|j|oui|s[ií]|sim)$"
NO = r"^(?:n|no|false|0|nein|non|nee|n[ãa]o)$"
WORDS = {"ALL", "TOP", "TRY"}  # codes that are words in a header of capitals
CHOSEN = -1  # the place of what the user chose: before everything, and one column may serve two fields then
MISFIT = 40  # most that a name can give where the cells say otherwise
FITTING = 0.6  # share of the filled cells that must read as a date or a number
SAMPLE_ROWS = 4000
SAMPLES = 3


@dataclass(frozen=True)
class Field:
    """A canonical field: its label, what its cells are, what its columns are called, and whether it is an outcome."""

    name: str
    label: str
    kind: str
    names: tuple[str, ...]
    outcome: bool = False


@cache
def fields() -> Mapping[str, Field]:
    """All canonical fields in the order of the mapping screen."""
    text = Path(__file__).with_name("fields.toml").read_text(encoding="utf-8")
    return {
        name: Field(name, entry["label"], entry["kind"], tuple(entry["names"]), entry.get("outcome", False))
        for name, entry in tomllib.loads(text).items()
    }


@cache
def words(header: str) -> str:
    """A header as plain lower-case words: "InvoiceDate_2" -> "invoice date 2"."""
    parted = re.sub(r"(?<=[a-zäöüßéèà0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", " ", header)
    plain = unicodedata.normalize("NFKD", parted.casefold().replace("ß", "ss").replace("º", "o").replace("°", "o"))
    letters = "".join(character if character.isalnum() else " " for character in plain if not unicodedata.combining(character))
    return " ".join(letters.split())


@cache
def compact(header: str) -> str:
    """A header without case, spaces, punctuation and accents."""
    return words(header).replace(" ", "")


@cache
def outcome_names() -> frozenset[str]:
    """Every name of an outcome, compact."""
    return frozenset(compact(name) for field in fields().values() if field.outcome for name in field.names)


@cache
def without_unit(header: str) -> str:
    """A header without what stands in brackets and without a currency code: "Amount (EUR)", "Betrag in EUR" -> "Amount"."""
    plain = re.sub(r"[(\[].*?[)\]]", " ", header)
    kept = [word for word in re.split(r"[\s_/-]+", plain) if not _is_code(word)]
    while kept and kept[-1].lower() in {"in", "en", "em", ""}:
        kept.pop()
    return " ".join(kept)


def currency_of(header: str) -> str:
    """The currency code that a header names, "" where it names none."""
    return next(filter(_is_code, re.split(r"[^A-Za-z]+", header)), "")


def _is_code(word: str) -> bool:
    return len(word) == CODE and word.isupper() and word not in WORDS and is_currency(word)


@cache
def known_names() -> frozenset[str]:
    """Every name of a field, compact."""
    return frozenset(compact(name) for field in fields().values() for name in field.names)


def columns(
    grid: Grid,
    headers: Sequence[str],
    *,
    chosen: Mapping[str, str],
    preset: Mapping[str, Sequence[str]],
) -> tuple[Match, ...]:
    """The best column of every field that has one: chosen by the user, known to the preset, or by name and content.

    One column serves one field. A field that the user maps to "" gets none.
    """
    candidates = [(CERTAIN, 0, CHOSEN, field, headers.index(header)) for field, header in chosen.items() if header in headers]
    free = [field for field in fields() if field not in chosen]
    candidates += _preset_candidates([*free, *(name for name in preset if name not in fields())], headers, preset)
    candidates += _name_candidates(grid, headers, [field for field in free if field not in {c[3] for c in candidates}])
    found = {match.field: match for match in _assigned(grid, headers, candidates)}
    known, named = found.get("customer_id"), found.get("customer_name")
    if "customer_id" in free and named and named.accepted and not (known and known.accepted):
        found["customer_id"] = replace(found.pop("customer_name"), field="customer_id")  # the name is all that tells them apart
    return tuple(found.values())


Candidate = tuple[int, int, int, str, int]  # confidence, rank of the name (0 is clearest), position of the field, field, column


def _preset_candidates(free: Sequence[str], headers: Sequence[str], preset: Mapping[str, Sequence[str]]) -> list[Candidate]:
    position = {compact(header): at for at, header in reversed(list(enumerate(headers)))}
    return [
        (CERTAIN, rank, 0, field, position[compact(name)])
        for field in free
        for rank, name in enumerate(preset.get(field, ()))
        if compact(name) in position
    ]


def _name_candidates(grid: Grid, headers: Sequence[str], free: Sequence[str]) -> list[Candidate]:
    """(field, column) pairs by likeness of the name, lowered where the cells do not fit."""
    order = list(fields())
    found = []
    for field in free:
        for at, header in enumerate(headers):
            confidence, rank = _likeness(field, header)
            if confidence >= SUGGESTED:
                fitted = (
                    confidence
                    if fits(grid, at, field) and (confidence == CERTAIN or _wordy(grid, at, field))
                    else min(confidence, MISFIT)
                )
                found.append((fitted, rank, order.index(field), field, at))
    return found


@cache
def _likeness(field: str, header: str) -> tuple[int, int]:
    """(0-100, rank of the nearest name) of a header and a field; 100 only for the very name."""
    names = fields()[field].names
    tight = compact(header)
    for rank, name in enumerate(names):
        if compact(name) == tight:
            return CERTAIN, rank
    if len(tight) < 3:
        return 0, 0
    loose = words(header)
    bare = compact(without_unit(header))
    for rank, name in enumerate(names):
        if compact(name) == bare:
            return UNIT, rank
    by_letters = process.extractOne(tight, [compact(name) for name in names], scorer=fuzz.ratio)
    by_words = process.extractOne(loose, [words(name) for name in names], scorer=fuzz.token_sort_ratio)
    score, rank = max(((by_letters[1], by_letters[2]), (by_words[1], by_words[2])), key=lambda pair: (pair[0], -pair[1]))
    return min(CERTAIN - 1, round(score)), rank


def fits(grid: Grid, at: int, field: str) -> bool:
    """Whether the cells of a column read as what the field holds; an empty column fits."""
    kind = fields()[field].kind
    if kind == "yesno":
        return _yes_or_no(grid.columns[at].slice(0, SAMPLE_ROWS))
    if fields()[field].outcome or kind not in {"date", "number"}:
        return True
    step = max(1, len(grid) // SAMPLE_ROWS)
    cells = grid.columns[at].take(_every(len(grid), step))
    typed = grid.typed[at]
    if kind == "date":
        return dates.column(cells).share_readable() >= FITTING
    return numbers.column(cells, None if typed is None else typed.take(_every(len(grid), step))).share_readable() >= FITTING


def _yes_or_no(cells: pa.ChunkedArray) -> bool:
    filled = cells.filter(pc.not_equal(cells, ""))
    return len(filled) > 0 and bool(pc.all(pc.match_substring_regex(pc.utf8_lower(filled), f"{YES}|{NO}")).as_py())


def _wordy(grid: Grid, at: int, field: str) -> bool:
    """Whether a column that is only like a text field holds texts, not dates or numbers."""
    if fields()[field].kind != "text":
        return True
    cells = grid.columns[at].slice(0, SAMPLE_ROWS)
    return dates.column(cells).share_readable() < FITTING and numbers.column(cells, None).share_readable() < FITTING


def _every(length: int, step: int) -> pa.Array:
    return pa.array(np.arange(0, length, step))


def _assigned(grid: Grid, headers: Sequence[str], candidates: list[Candidate]) -> tuple[Match, ...]:
    """Best pairs first; a column that lost against its equal is not guessed: the clearer name wins, then the earlier field."""
    taken_fields: set[str] = set()
    taken_columns: set[int] = set()
    found = []
    for confidence, _, place, field, at in sorted(candidates, key=lambda c: (-c[0], c[1], c[2], c[4])):
        chosen = place == CHOSEN
        if field in taken_fields or (at in taken_columns and not chosen):
            continue
        if confidence < (MISFIT if field in REQUIRED else SUGGESTED):
            continue
        taken_fields.add(field)
        accepted = confidence >= ACCEPTED
        if accepted:
            taken_columns.add(at)
        found.append(Match(field, headers[at], confidence, samples(grid, at), accepted=accepted))
    return tuple(found)


def samples(grid: Grid, at: int) -> tuple[str, ...]:
    """Up to three different values of a column."""
    seen = dict.fromkeys(cell for cell in grid.columns[at].slice(0, 200).to_pylist() if cell)
    return tuple(value[:80] for value in list(seen)[:SAMPLES])
