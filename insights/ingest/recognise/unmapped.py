"""Which columns that nothing maps may decide what is owed: those whose name is like one that matters, or whose words say it?

Each is asked about; "no column" is an answer too. Every other column stays unused without a question.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Match, Question
from insights.ingest.recognise import currencies, match, meanings, numbered
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.match import LIKELY
from insights.ingest.recognise.meanings import IGNORE, PAID, PARTIAL, REVERSED, UNKNOWN, UNPAID
from insights.ingest.recognise.source import Source
from insights.ledger.ledger import WRITE_OFF

MATTERS = ("paid_date", "outstanding", "paid_amount", "status", "kind", "currency", "invoice_id")
CHECKED = ("paid_date", "outstanding", "paid_amount")  # whose very name is asked about where the cells do not fit
TELLING = {UNPAID, PAID, PARTIAL, REVERSED, IGNORE, WRITE_OFF}
RUNNING = r"\b(?:running|cumulative|cumul|laufend\w*|progressi\w+)\b"  # what a balance that is of no single row is called
FEW = 4  # choices of a question between columns; one that offers every column is about none of them
MOST_WORDS = 15  # different ones in a column of statuses
CURRENCY = r"curr|wahr|devise|monnaie|moneda|divisa|moeda|valuta|walut|通貨|\bccy\b|\bwkz\b"
FLAGS = (  # words of a header of yes and no -> what it says
    ("is_open", r"\b(?:open|unpaid|outstanding|offen|unbezahlt|ouverte?|impayee?|abiert[oa]|abert[oa]|apert[oa]|openstaand)\b"),
    ("cancelled", r"\b(?:void|voided|cancel\w*|deleted|reversed|storn\w*|annul\w*|anul\w*|geannuleerd)\b"),
    (
        "is_paid",
        r"\b(?:paid|settled|closed|cleared|written off|bezahlt|ausgeglichen|payee?|reglee?|pagad[oa]|betaald|pagat[oa])\b",
    ),
)
NO_CURRENCIES = match.WORDS | {"CHE", "COU", "XAU", "XAG"}


def found_by_content(source: Source) -> Source:
    """A source with its only column of currency codes, where its header speaks of a currency: there is no other reading."""
    if {"currency", "base_currency"} & set(source.columns) or "currency" in source.options.maps:
        return source
    headers = source.table.headers
    fitting = [at for at in _free(source) if _is_currencies(source.table.body.columns[at])]
    if len(fitting) != 1 or not re.search(CURRENCY, match.words(headers[fitting[0]])):
        return source
    at = fitting[0]
    named = Match("currency", headers[at], match.CERTAIN, match.samples(source.table.body, at), proof="content")
    named = replace(named, field="base_currency") if match.without_base(headers[at])[1] else named
    kept = [found for found in source.matches if found.field != named.field]
    return replace(source, matches=(*kept, named))


def ask(source: Source, decisions: Decisions) -> None:
    """One question for each field that an unused column may be."""
    asked = {question.field for question in decisions.questions} | {question.column for question in decisions.questions}
    asked |= {value for question in decisions.questions if question.option == "maps" for value, _ in question.choices[:FEW]}
    for field, at, why in (*_alike(source), *_misfits(source), *_of_currencies(source), *_of_statuses(source), *_flags(source)):
        if not {field, source.table.headers[at]} & asked:
            asked |= {field, source.table.headers[at]}
            decisions.questions.append(_question(source, field, at, why))


Doubt = tuple[str, int, str]  # field, column, why it may be the field


def _free(source: Source) -> list[int]:
    """Columns that no field uses, with something in them."""
    used = {found.column for found in source.matches if found.accepted}
    used |= {header for pair in numbered.payments(source.table.headers) for header in pair}
    outcomes = {match.compact(header) for header in source.preset.outcomes} | match.outcome_names()
    grid = source.table.body
    return [
        at
        for at, header in enumerate(source.table.headers)
        if header not in used and match.compact(header) not in outcomes and pc.any(pc.not_equal(grid.columns[at], "")).as_py()
    ]


def _alike(source: Source) -> Iterator[Doubt]:
    """Columns whose name is much like that of a field that matters and has no column, and whose cells fit."""
    for found in source.matches:
        if found.field in MATTERS and found.confidence == LIKELY and not found.accepted and found.column:
            at = source.table.headers.index(found.column)
            runs = found.field == "outstanding" and re.search(RUNNING, match.words(found.column))
            if not runs and found.field not in source.options.maps and at in _free(source) and _speaks(source, found.field, at):
                yield found.field, at, "its name is like it"


def _speaks(source: Source, field: str, at: int) -> bool:
    """Whether the words of a column are at all such as the field has."""
    cells = source.table.body.columns[at]
    if field == "currency":
        return _is_currencies(cells)
    if field in {"status", "kind"}:
        of = meanings.of_status if field == "status" else meanings.of_type
        return any(of(word, {}, {}) for word in _words(cells))
    return True


def _misfits(source: Source) -> Iterator[Doubt]:
    """Columns that bear the very name, and whose cells are mostly no dates or no numbers."""
    free = _free(source)
    for field in CHECKED:
        if field in source.columns or field in source.options.maps:
            continue
        for at in free:
            named = match.likeness_of(field, source.table.headers[at]).proof == match.NAME
            if named and not match.fits(source.table.body, at, field):
                yield field, at, "it is called so, and most of its cells read as none"


def _of_currencies(source: Source) -> Iterator[Doubt]:
    if not {"currency", "base_currency"} & set(source.columns) and "currency" not in source.options.maps:
        for at in _free(source):
            if _is_currencies(source.table.body.columns[at]):
                yield "currency", at, "all its cells are names, codes or signs of currencies"


def _is_currencies(cells: pa.ChunkedArray) -> bool:
    words = _words(cells)
    known = [currencies.code_of(word, {}) or currencies.is_shared(word) for word in words]
    return bool(words) and all(known) and bool(set(words) - NO_CURRENCIES)


def _of_statuses(source: Source) -> Iterator[Doubt]:
    """Columns whose words all are statuses, some of which say that nothing is owed, or that something is."""
    taken, refused = source.columns, {name for name, header in source.options.maps.items() if not header}
    field = next((name for name in ("status", "state") if name not in taken), "") if not refused & {"status", "state"} else ""
    for at in _free(source) if field else ():
        words = _words(source.table.body.columns[at])
        said = {meanings.of_status(word, source.preset.statuses, source.options.statuses) for word in words}
        if said & TELLING and UNKNOWN not in said:
            yield field, at, "its words say what is open, paid or void"


def _flags(source: Source) -> Iterator[Doubt]:
    """Columns of yes and no whose header speaks of what is open, paid or void."""
    for at in _free(source):
        header = match.words(source.table.headers[at])
        field = next((name for name, pattern in FLAGS if re.search(pattern, header)), "")
        if (
            field
            and field not in source.columns
            and field not in source.options.maps
            and match.fits(source.table.body, at, field)
        ):
            yield field, at, "its header says so, and its cells say yes or no"


def _words(cells: pa.ChunkedArray) -> list[str]:
    """The different texts of a column; none where there are too many to be words of a kind."""
    found = [text for text in pc.unique(cells).to_pylist() if text]
    return found if len(found) <= MOST_WORDS else []


def _question(source: Source, field: str, at: int, why: str) -> Question:
    header, label = source.table.headers[at], match.fields()[field].label.lower()
    samples = " · ".join(match.samples(source.table.body, at))
    sentence = f"Column “{header}” ({samples}) may be the {label}: {why}."
    choices = ((header, f"it is the {label}"), ("", "it is not"))
    return Question("maps", field, header, sentence, choices, f'--map {field}="{header}" or --map {field}=')
