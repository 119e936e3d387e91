"""Which column holds which field? By name (any of several languages), checked against what stands in the cells.

The very name decides, or that name with a unit, abbreviated or but for a slip of a letter. What is only like a name is proposed.
"""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from insights.ingest.draft import REQUIRED, Match
from insights.ingest.grid import Grid
from insights.ingest.recognise import currencies, dates, numbers, units
from insights.ledger.money import is_currency

ACCEPTED = 85  # confidence from which a column is used without asking
SUGGESTED = 70  # confidence from which it is suggested
CERTAIN = 100
SAME_WORDS = 97  # the words of a name in another order, or abbreviated
UNIT = 95  # the very name with a unit beside it
MISSPELT = 90  # the very name but for a slip of one letter
LIKELY = 84  # the most that mere likeness gives: it proposes, and never decides
PRESET, NAME, SPELLING = "preset", "name", "spelling"  # by what a column was recognised
BASED = ("amount", "outstanding", "currency", "paid_amount")  # fields that have a likeness in the company's own currency
SHARING = "posting_date"  # a technical field of presets, whose column may be the issue date as well
IN_BOOKS = {"amount": "base_amount", "outstanding": "base_outstanding", "currency": "base_currency"}
BASE_CURRENCY = r"curr|wahr|devise|monnaie|moneda|moeda|valuta|lcy"
BASE = (  # as `words` has a header
    r"\b(?:in )?(?:local|company|functional|home|base|reporting|domestic|accounting)(?: (?:currency|curr|cur))?\b"
    r"|\b(?:in )?(?:lcy|hw|mst|hauswahrung|hwahr|eigenwahrung|hauptwahrung|lc2?)\b"
    r"|\b(?:en )?(?:devise|monnaie) (?:interne|locale|de base)\b"
    r"|\b(?:in )?interne valuta\b|\b(?:en|em) (?:moneda|moeda) (?:local|interna|base)\b|\b(?:in )?valuta (?:interna|locale)\b"
    r"|\bsigned\b(?!.*\bcurrency\b)(?<!currency signed)|\bbasowa\b"
)
ABBREVIATIONS = {
    "account": "acct",
    "amount": "amt",
    "balance": "bal",
    "currency": "ccy cur curr",
    "customer": "cust",
    "date": "dt dte",
    "document": "doc",
    "excluding": "ex excl",
    "including": "inc incl",
    "invoice": "inv",
    "number": "nbr no nr num",
    "original": "orig",
    "outstanding": "os",
    "payment": "pmt pymt",
    "received": "rcvd recd",
    "reference": "ref",
    "remaining": "rem",
    "tax": "gst vat",
    "total": "tot",
    "transaction": "trans txn",
}
ABBREVIATED = {short: word for word, shorts in ABBREVIATIONS.items() for short in shorts.split()}
FILLING = {"the", "of", "in", "for", "de", "du", "des", "della", "di", "da", "do", "der", "den", "la"}
FEWEST_LETTERS = 3
CODE = 3  # letters of a currency code
YES = (
    r"^(?:y|yes|true|1|x|ja|j|oui|s|s[iíì]|sim|tak|t|wahr|vrai|verdadero|verdadeiro|vero|prawda|sant|sand|はい|済|✓|✔|☑|√|\*|●)$"
)
NO = r"^(?:n|no|false|0|nein|non|nee|nej|nei|nie|n[ãa]o|falsch|faux|falso|fałsz|falskt?|いいえ|未|✗|✘|☐|-|–|\.)$"
OUI_NON = {"o", "n"}  # an "o" alone may be open
WORDS = {"ALL", "TOP", "TRY"}  # codes that are words in a header of capitals
CHOSEN = -1  # the place of what the user chose: before everything, and one column may serve two fields then
MISFIT = 40  # most that a name can give where the cells say otherwise
FITTING = 0.6  # share of the filled cells that must read as a date or a number
SAMPLE_ROWS = 4000
SAMPLES = 3


@dataclass(frozen=True)
class LedgerField:
    """A canonical field: its label, what its cells are, what its columns are called, and whether it is an outcome.

    `weak` names give way to clearer ones, `proposes` are never used without asking; `base` is the field that it holds in the
    currency of the company's own books.
    """

    name: str
    label: str
    kind: str
    names: tuple[str, ...]
    outcome: bool = False
    weak: tuple[str, ...] = ()
    proposes: tuple[str, ...] = ()
    base: str = ""


@cache
def fields() -> Mapping[str, LedgerField]:
    """All canonical fields in the order of the mapping screen."""
    text = Path(__file__).with_name("fields.toml").read_text(encoding="utf-8")
    return {name: _field(name, entry) for name, entry in tomllib.loads(text).items()}


def _field(name: str, entry: Mapping[str, Any]) -> LedgerField:
    lists = {key: tuple(entry.get(key, ())) for key in ("names", "weak", "proposes")}
    return LedgerField(
        name, entry["label"], entry["kind"], outcome=entry.get("outcome", False), base=entry.get("base", ""), **lists
    )


@cache
def words(header: str) -> str:
    """A header as plain lower-case words: "InvoiceDate_2" -> "invoice date 2"."""
    parted = re.sub(r"(?<=[a-zäöüßéèà0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", " ", header.replace("O/S", "OS"))
    plain = unicodedata.normalize("NFKD", parted.casefold().replace("ß", "ss").replace("º", "o").replace("°", "o"))
    letters = "".join(character if character.isalnum() else " " for character in plain if not unicodedata.combining(character))
    return " ".join(letters.split())


@cache
def compact(header: str) -> str:
    """A header without case, spaces, punctuation and accents."""
    return words(header).replace(" ", "")


def by_header(headers: Sequence[str], known: Mapping[str, Collection[str]]) -> dict[str, int]:
    """Field -> the first column whose header is one of the field's names (`known`: field -> names)."""
    names = {compact(name): field for field, names in known.items() for name in names}
    places: dict[str, int] = {}
    for at, header in enumerate(headers):
        if field := names.get(compact(header)):
            places.setdefault(field, at)
    return places


@cache
def outcome_names() -> frozenset[str]:
    """Every name of an outcome, compact."""
    return frozenset(compact(name) for field in fields().values() if field.outcome for name in field.names)


@cache
def without_unit(header: str) -> str:
    """A header without what stands in brackets and without a currency code: "Amount (EUR)", "Betrag in EUR" -> "Amount"."""
    plain = units.without_units(header)
    kept = [word for word in re.split(r"[\s_/-]+", plain) if not _is_code(word)]
    while kept and kept[-1].lower() in {"in", "en", "em", ""}:
        kept.pop()
    return " ".join(kept)


def currency_of(header: str) -> str:
    """The currency that a header names by its code, or by a sign that is of one currency only; "" where it names none."""
    signs = (
        currencies.SIGNS.get(re.sub(r"^[kKtT](?=\W)", "", part), "")
        for part in re.split(r"[\s()\[\]/]+", header)
        if not part.isalpha()
    )
    parts = [re.sub(r"^[kKT](?=[A-Z]{3}$)", "", part) for part in re.split(r"[^A-Za-z]+", header)]
    return next(filter(_is_code, parts), "") or next(filter(None, signs), "")


def _is_code(word: str) -> bool:
    return len(word) == CODE and word.isupper() and word not in WORDS and is_currency(word)


@cache
def known_names() -> frozenset[str]:
    """Every name of a field, compact."""
    return frozenset(compact(name) for field in fields().values() for name in field.names)


@cache
def foreign_words() -> frozenset[str]:
    """Words with letters beyond ASCII in the names of fields, lower case."""
    words_ = {word for field in fields().values() for name in field.names for word in re.split(r"[\W\d_]+", name.lower())}
    return frozenset(word for word in words_ if not word.isascii())


def columns(
    grid: Grid,
    headers: Sequence[str],
    *,
    chosen: Mapping[str, str],
    preset: Mapping[str, Sequence[str]],
    outcomes: Collection[str] = (),
) -> tuple[Match, ...]:
    """The best column of every field that has one: chosen by the user, known to the preset, or by name and content.

    One column serves one field. A field that the user maps to "" gets none; `outcomes` are headers that become no field.
    """
    candidates = [Candidate(CERTAIN, 0, CHOSEN, field, headers.index(at), "") for field, at in chosen.items() if at in headers]
    free = [field for field in fields() if field not in chosen]
    candidates += _preset_candidates([*free, *(name for name in preset if name not in fields())], headers, preset)
    named = _name_candidates(grid, headers, [field for field in free if field not in {c.field for c in candidates}])
    barred = {compact(header) for header in outcomes}
    candidates += [candidate for candidate in named if compact(headers[candidate.at]) not in barred]
    assigned = {match.field: match for match in _assigned(grid, headers, candidates)}
    known, name = assigned.get("customer_id"), assigned.get("customer_name")
    if "customer_id" in free and name and name.accepted and not (known and known.accepted):
        assigned["customer_id"] = replace(assigned.pop("customer_name"), field="customer_id")  # all that tells them apart
    return tuple(assigned.values())


def in_books(matches: Sequence[Match], preset: Mapping[str, Sequence[str]]) -> tuple[Match, ...]:
    """Matches in which a column of the company's own currency is one of `base_amount` and the like, whoever named it."""

    def renamed(entry: Match) -> Match:
        base = IN_BOOKS.get(entry.field, "")
        known = {compact(name) for name in preset.get(base, ())}
        is_base = without_base(entry.column)[1] or compact(entry.column) in known
        return replace(entry, field=base) if base and entry.accepted and is_base else entry

    moved = [renamed(entry) for entry in matches]
    named = {new.field for new, old in zip(moved, matches, strict=True) if new.field != old.field}
    return tuple(new for new, old in zip(moved, matches, strict=True) if new.field != old.field or old.field not in named)


class Candidate(NamedTuple):
    """A column that may hold a field: how sure, the rank of its name (0 is clearest), the field's place, how it was found."""

    confidence: int
    rank: int
    place: int
    field: str
    at: int
    proof: str


def _preset_candidates(free: Sequence[str], headers: Sequence[str], preset: Mapping[str, Sequence[str]]) -> list[Candidate]:
    position = {compact(header): at for at, header in reversed(list(enumerate(headers)))}
    return [
        Candidate(CERTAIN, rank, 0, field, position[compact(name)], PRESET)
        for field in free
        for rank, name in enumerate(preset.get(field, ()))
        if compact(name) in position
    ]


def _name_candidates(grid: Grid, headers: Sequence[str], free: Sequence[str]) -> list[Candidate]:
    """(field, column) pairs by the name, lowered where the cells do not fit."""
    order = list(fields())
    candidates = []
    for field in free:
        for at, header in enumerate(headers):
            likeness = likeness_of(field, header)
            if likeness.confidence < SUGGESTED:
                continue
            fitting = fits(grid, at, field) and (likeness.confidence == CERTAIN or _wordy(grid, at, field))
            fitting &= not (field == "outstanding" and likeness_of("is_open", header).proof and _is_flag(grid.columns[at]))
            confidence = likeness.confidence if fitting else min(likeness.confidence, MISFIT)
            candidates.append(Candidate(confidence, likeness.rank, order.index(field), field, at, likeness.proof))
    return candidates


class Likeness(NamedTuple):
    """How like a header and a field are (0-100), the rank of the nearest name, and what it proves ("" = nothing)."""

    confidence: int
    rank: int
    proof: str = ""


@cache
def likeness_of(field: str, header: str) -> Likeness:
    """100 for the very name, ACCEPTED and more where it is that name beyond doubt, less where it is only like it.

    A name of a column in the company's own currency is one of `base_amount` and the like, never of `amount`.
    """
    entry = fields()[field]
    plain, is_base = without_base(header)
    if entry.base == "currency":
        is_currency_of_base = is_base and plain in {"", "code", "key"} and re.search(BASE_CURRENCY, words(header))
        return Likeness(CERTAIN, 0, NAME) if is_currency_of_base else Likeness(0, 0)
    if entry.base:
        likeness = _likeness(entry.base, plain) if is_base else Likeness(0, 0)
        return likeness if likeness.proof else Likeness(0, 0)
    if is_base and field in BASED:
        return Likeness(0, 0)
    return _likeness(field, header)


def _likeness(field: str, header: str) -> Likeness:
    names = fields()[field].names
    if not names or (fields()[field].kind == "number" and units.is_share(header)):
        return Likeness(0, 0)  # what only a user maps is called nothing, and a share is no amount
    tight, bare = compact(header), compact(without_unit(header))
    known = [compact(name) for name in names]
    if tight in known:
        return Likeness(CERTAIN, known.index(tight), NAME)
    if len(tight) < FEWEST_LETTERS:
        return Likeness(0, 0)
    if bare in known:
        return Likeness(UNIT, known.index(bare), NAME)
    spelt = [signature(name) for name in names]
    for text in (header, without_unit(header)):
        if signature(text) in spelt:
            return Likeness(SAME_WORDS, spelt.index(signature(text)), NAME)
    if (rank := _misspelt(header, names)) >= 0:
        return Likeness(MISSPELT, rank, SPELLING)
    return _alike(header, (*names, *fields()[field].proposes))


def _alike(header: str, names: Sequence[str]) -> Likeness:
    """What looks like a name without being it: a proposal, never more."""
    by_letters = process.extractOne(compact(header), [compact(name) for name in names], scorer=fuzz.ratio)
    by_words = process.extractOne(words(header), [words(name) for name in names], scorer=fuzz.token_sort_ratio)
    score, rank = max(((by_letters[1], by_letters[2]), (by_words[1], by_words[2])), key=lambda pair: (pair[0], -pair[1]))
    return Likeness(min(LIKELY, round(score)), rank)


@cache
def signature(header: str) -> tuple[str, ...]:
    """The words of a header without regard to order, abbreviation and filling words: "Date of Inv." and "invoice date"."""
    return tuple(sorted(ABBREVIATED.get(word, word) for word in words(header).split() if word not in FILLING))


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(
        word for field in fields().values() for name in (*field.names, *field.proposes) for word in words(name).split()
    )


def _misspelt(header: str, names: Sequence[str]) -> int:
    """The rank of the name that this is but for a letter missing, too many or misplaced in one unknown word; -1: none."""
    given = words(header).split()
    shortest = 5 if len(given) == 1 else 3
    for rank, name in enumerate(names):
        known = words(name).split()
        wrong = [(a, b) for a, b in zip(given, known, strict=False) if a != b]
        if len(given) != len(known) or len(wrong) != 1:
            continue
        (word, meant) = wrong[0]
        long_enough = min(len(word), len(meant)) >= shortest and word not in _vocabulary()
        if long_enough and OSA.distance(word, meant) == 1 and not _is_substitution(word, meant):
            return rank
    return -1


def _is_substitution(word: str, meant: str) -> bool:
    """Whether a letter stands for another: that makes another word as often as a misspelt one ("stage", "state")."""
    return len(word) == len(meant) and sum(a != b for a, b in zip(word, meant, strict=True)) == 1


@cache
def without_base(header: str) -> tuple[str, bool]:
    """A header without the words for "in the currency of the company's books", and whether it has them."""
    plain = re.sub(BASE, " ", words(header))
    return (" ".join(plain.split()), True) if plain != words(header) else (header, False)


@cache
def is_weak(field: str, header: str) -> bool:
    """Whether a header is a name that gives way to clearer ones of the field."""
    names = {compact(name) for name in fields()[field].weak} if field in fields() else set()
    return compact(header) in names or compact(without_unit(header)) in names


@cache
def only_proposes(field: str, header: str) -> bool:
    """Whether a header is a name that is never used without asking: an amount without tax, an expected date."""
    names = {compact(name) for name in fields()[field].proposes} if field in fields() else set()
    return compact(header) in names or compact(without_unit(header)) in names


def fits(grid: Grid, at: int, field: str) -> bool:
    """Whether the cells of a column read as what the field holds; an empty column fits."""
    kind = fields()[field].kind
    if kind == "yesno":
        return _yes_or_no(grid.columns[at].slice(0, SAMPLE_ROWS))
    if fields()[field].outcome or (kind not in {"date", "number"} and field != "terms"):
        return True
    step = max(1, len(grid) // SAMPLE_ROWS)
    cells = grid.columns[at].take(_every(len(grid), step))
    if field == "terms":  # days in a column that is called so are due dates
        filled = pc.any(pc.not_equal(cells, "")).as_py()
        return not filled or dates.column(cells).share_readable() < FITTING
    typed = grid.typed[at]
    if kind == "date":
        return dates.column(cells, six_figures=True).share_readable() >= FITTING
    return numbers.column(cells, None if typed is None else typed.take(_every(len(grid), step))).share_readable() >= FITTING


def _yes_or_no(cells: pa.ChunkedArray) -> bool:
    filled = cells.filter(pc.not_equal(cells, ""))
    if set(pc.unique(pc.utf8_lower(filled)).to_pylist()) == OUI_NON:
        return True
    return len(filled) > 0 and bool(pc.all(pc.match_substring_regex(pc.utf8_lower(filled), f"{YES}|{NO}")).as_py())


def _is_flag(cells: pa.ChunkedArray) -> bool:
    """Whether a column of figures says 0 or 1 only: whether something is open, not how much."""
    return set(pc.unique(cells).to_pylist()) - {""} == {"0", "1"}


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
    taken_fields, taken_columns = set[str](), set[int]()
    assigned = []

    def order(c: Candidate) -> tuple[int, bool, int, int, int]:
        return -c.confidence, c.proof != PRESET and is_weak(c.field, headers[c.at]), c.rank, c.place, c.at

    for candidate in sorted(candidates, key=order):
        confidence, _, place, field, at, proof = candidate
        if field in taken_fields or (at in taken_columns and place != CHOSEN and field != SHARING):
            continue
        if confidence < (MISFIT if field in REQUIRED else SUGGESTED):
            continue
        taken_fields.add(field)
        accepted = confidence >= ACCEPTED
        if accepted and field != SHARING:
            taken_columns.add(at)
        proof = proof if accepted else ""
        assigned.append(Match(field, headers[at], confidence, samples(grid, at), accepted=accepted, proof=proof))
    return tuple(assigned)


def samples(grid: Grid, at: int) -> tuple[str, ...]:
    """Up to three different values of a column."""
    seen = dict.fromkeys(cell for cell in grid.columns[at].slice(0, 200).to_pylist() if cell)
    return tuple(value[:80] for value in list(seen)[:SAMPLES])
