"""Which columns that nothing maps may decide what is owed: those whose name is like one that matters, or whose words say it?

Each is asked about; "no column" is an answer too. Every other column stays unused without a question.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Match, Question
from insights.ingest.recognise import currencies, dates, match, meanings, numbered, units
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.header_words import PLAIN, speaks_of
from insights.ingest.recognise.match import LIKELY
from insights.ingest.recognise.meanings import IGNORE, PAID, PARTIAL, REVERSED, UNKNOWN, UNPAID
from insights.ingest.recognise.source import Source
from insights.ledger.ledger import CREDIT_NOTE, INVOICE, ON_ACCOUNT, WRITE_OFF

MATTERS = ("paid_date", "outstanding", "paid_amount", "status", "kind", "currency", "invoice_id")
CHECKED = ("paid_date", "outstanding", "paid_amount")  # whose very name is asked about where the cells do not fit
TELLING = {UNPAID, PAID, PARTIAL, REVERSED, IGNORE, WRITE_OFF}
RUNNING = r"\b(?:running|cumulative|cumul|laufend\w*|progressi\w+)\b"  # what a balance that is of no single row is called
FEW = 4  # choices of a question between columns; one that offers every column is about none of them
FEWEST_TYPES = 1  # words that must be understood as types
SIDES = {INVOICE, CREDIT_NOTE}  # debit and credit
SETTLING = {"paid_date", "outstanding", "paid_amount", "status", "is_paid", "is_open", "debit", "matching", "clearing_document"}
LONGEST_MARK = 12  # letters of a mark
HEAD = 2000  # rows in which a column of many texts shows it
MOST_STATES = 8  # different words in a column that may be one of statuses, though none is understood
OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u036f\u0400-\u04ff\u1e00-\u1eff\u2000-\u33ff\u3400-\u9fff\uf900-\uffff]")
MOST_WORDS = 15  # different ones in a column of statuses
CURRENCY = r"curr|wahr|devise|monnaie|moneda|divisa|moeda|valuta|walut|通貨|\bccy\b|\bwkz\b"
MOSTLY = 0.5  # of the words of a column that must be understood, for it to be one of types or of statuses
TELLING_TYPES = {CREDIT_NOTE, ON_ACCOUNT, WRITE_OFF, IGNORE}
NO_CODE = r"\s\S+\s|[.,]\d{1,2}$|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}$"  # a text, an amount, a day
UNIQUE = 0.98  # of the filled cells that differ, of a column of numbers of documents
SAYS = {  # what a column of a field says
    "is_credit": "which rows are credit notes",
    "is_open": "which invoices are open",
    "is_paid": "which invoices are paid",
    "cancelled": "which documents are cancelled",
    "invoice_id": "the number of each invoice",
    "debit_credit": "which amounts are debits and which are credits",
}
FLAGS = ("is_credit", "is_open", "cancelled", "is_paid")  # the first that a header speaks of is asked about
NO_CURRENCIES = match.WORDS | {"CHE", "COU", "XAU", "XAG"}


def found_by_content(source: Source) -> Source:
    """A source with its only column of currency codes, where its header speaks of a currency: there is no other reading."""
    if {"currency", "base_currency"} & set(source.columns) or "currency" in source.options.maps:
        return source
    headers = source.table.headers
    fitting = [at for at in free(source) if _is_currencies(source.table.body.columns[at])]
    if len(fitting) != 1 or not re.search(CURRENCY, match.words(headers[fitting[0]])):
        return source
    at = fitting[0]
    named = Match("currency", headers[at], match.CERTAIN, match.samples(source.table.body, at), proof="content")
    named = replace(named, field="base_currency") if match.without_base(headers[at])[1] else named
    kept = [entry for entry in source.matches if entry.field != named.field]
    return replace(source, matches=(*kept, named))


def ask(source: Source, decisions: Decisions, *, signed: bool, known: Collection[str] = ()) -> None:
    """One question for each field that an unused column may be.

    `signed`: some amount of the file is below 0; `known`: headers of columns that say again what others prove.
    """
    asked = {question.field for question in decisions.questions} | {question.column for question in decisions.questions}
    asked |= {value for question in decisions.questions if question.option == "maps" for value, _ in question.choices[:FEW]}
    doubts = (
        *_alike(source),
        *_misfits(source),
        *_of_currencies(source),
        *_of_statuses(source),
        *_of_other_scripts(source),
        *_of_types(source),
        *(() if signed else _of_sides(source)),
        *_flags(source),
        *_shares(source),
        *_receipts(source),
        *_reversals(source),
        *_numbered(source),
    )
    for field, at, why in doubts:
        if source.table.headers[at] not in known and not {field, source.table.headers[at]} & asked:
            asked |= {field, source.table.headers[at]}
            decisions.questions.append(_question(source, field, at, why))


Doubt = tuple[str, int, str]  # field, column, why it may be the field


def free(source: Source) -> list[int]:
    """Columns that no field uses, with something in them."""
    used = {entry.column for entry in source.matches if entry.accepted}
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
    for entry in source.matches:
        if entry.field in MATTERS and entry.confidence == LIKELY and not entry.accepted and entry.column:
            at = source.table.headers.index(entry.column)
            if entry.field == "invoice_id" and not _are_numbers(source.table.body.columns[at]):
                continue
            runs = entry.field == "outstanding" and re.search(RUNNING, match.words(entry.column))
            if not runs and entry.field not in source.options.maps and at in free(source) and _speaks(source, entry.field, at):
                yield entry.field, at, "its name is like it"


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
    unused = free(source)
    for field in CHECKED:
        if field in source.columns or field in source.options.maps:
            continue
        for at in unused:
            header = source.table.headers[at]
            named = match.likeness_of(field, header).proof == match.NAME and not units.is_share(header)
            if named and not match.fits(source.table.body, at, field):
                yield field, at, "it is called so, and most of its cells read as none"


def _of_currencies(source: Source) -> Iterator[Doubt]:
    if not {"currency", "base_currency"} & set(source.columns) and "currency" not in source.options.maps:
        for at in free(source):
            if _is_currencies(source.table.body.columns[at]):
                yield "currency", at, "all its cells are names, codes or signs of currencies"


def _is_currencies(cells: pa.ChunkedArray) -> bool:
    words = _words(cells)
    known = [currencies.code_of(word, {}) or currencies.is_shared(word) for word in words]
    return bool(words) and all(known) and bool(set(words) - NO_CURRENCIES)


def _of_statuses(source: Source) -> Iterator[Doubt]:
    """Columns whose words mostly are statuses, some of which say that nothing is owed, or that something is."""
    taken, refused = source.columns, {name for name, header in source.options.maps.items() if not header}
    field = next((name for name in ("status", "state") if name not in taken), "") if not refused & {"status", "state"} else ""
    for at in free(source) if field else ():
        words = _words(source.table.body.columns[at])
        statuses = [meanings.of_status(word, source.preset.statuses, source.options.statuses) for word in words]
        if set(statuses) & TELLING and statuses.count(UNKNOWN) <= (1 - MOSTLY) * len(statuses):
            yield field, at, "its words say what is open, paid or void"
        elif _together(words) in meanings.pairs("states"):
            yield field, at, "its letters may stand for open, paid or closed"


def _of_other_scripts(source: Source) -> Iterator[Doubt]:
    """Columns of a few words in a script of whose languages few words are known, where nothing else says what is paid."""
    if SETTLING & {*source.columns, *source.options.maps}:
        return
    for at in free(source):
        words = _words(source.table.body.columns[at])
        if 1 < len(words) <= MOST_STATES and all(map(OTHER_SCRIPT.search, words)):
            yield "status", at, "its words are not understood, and nothing else says what is open, paid or void"


def _of_types(source: Source) -> Iterator[Doubt]:
    """Columns whose words mostly are types of documents, some of which are no invoices."""
    if {"kind", "debit", "credit"} & {*source.columns, *source.options.maps}:
        return
    for at in free(source):
        words = _words(source.table.body.columns[at])
        if _together(words) in meanings.pairs("trade"):
            yield "kind", at, "its words may tell sales from purchases"
            continue
        if speaks_of("payment_method", source.table.headers[at]):
            continue
        kinds = [meanings.of_type(word, source.preset.kinds, {}) for word in words]
        understood = len(kinds) - kinds.count(UNKNOWN)
        if set(kinds) & TELLING_TYPES and understood >= FEWEST_TYPES and understood >= MOSTLY * len(kinds):
            yield "kind", at, "its words say which rows are invoices, credit notes or payments"
        elif _together(words) in meanings.pairs("letters"):
            yield "kind", at, "its letters may stand for invoices and credit notes"


def _together(words: Sequence[str]) -> frozenset[str]:
    return frozenset(match.compact(word).translate(PLAIN) for word in words)


def _of_sides(source: Source) -> Iterator[Doubt]:
    """Columns of two words of which one means debit and the other credit, where no amount bears a sign."""
    if {"debit_credit", "debit", "kind"} & {*source.columns, *source.options.maps}:
        return
    for at in free(source):
        words = _words(source.table.body.columns[at])
        if len(words) == len(SIDES) and {meanings.of_side(word, {}) for word in words} == SIDES:
            yield "debit_credit", at, "one of its words means debit, the other credit, and no amount bears a sign"


def _flags(source: Source) -> Iterator[Doubt]:
    """Columns of yes and no, or of a single mark, whose header speaks of what is open, paid, void or a credit note."""
    for at in free(source):
        header = source.table.headers[at]
        field = next((name for name in FLAGS if speaks_of(name, header)), "")
        if not field or speaks_of("no_flag", header) or field in source.columns or field in source.options.maps:
            continue
        cells = source.table.body.columns[at]
        if match.fits(source.table.body, at, field):
            yield field, at, "its header says so, and its cells say yes or no"
        elif dates.column(cells).share_readable() > MOSTLY:
            continue  # days are asked about with what would be owed
        elif len(words := _words(cells)) == 1 and not words[0].replace(".", "").replace(",", "").isdigit():
            yield field, at, f"its header says so, and its cells are “{words[0]}” or empty"
        elif len(words) == len(SIDES) and not {"status", "kind"} & {*source.columns, *source.options.maps} and _are_marks(words):
            yield ("kind" if field == "is_credit" else "status"), at, "its header speaks of it, and it has two words"


def _receipts(source: Source) -> Iterator[Doubt]:
    """Columns of numbers of payments that some rows have, where nothing else says what is paid."""
    if SETTLING & {*source.columns, *source.options.maps}:
        return
    grid = source.table.body
    for at in free(source):
        header = source.table.headers[at]
        filled = pc.sum(pc.not_equal(grid.columns[at], "")).as_py()
        if speaks_of("payment_number", header) and not speaks_of("payment_method", header) and 0 < filled < len(grid):
            cells = grid.columns[at]
            if dates.column(cells).share_readable() < MOSTLY and len(_words(cells)) != 1:
                yield "is_paid", at, f"it names a payment, in {filled:,} of {len(grid):,} rows"


def _shares(source: Source) -> Iterator[Doubt]:
    """Columns of shares whose header speaks of what was paid or is open, where nothing else says it."""
    if SETTLING & {*source.columns, *source.options.maps}:
        return
    for at in free(source):
        header = source.table.headers[at]
        matter = next((name for name in ("paid_figures", "open_figures") if speaks_of(name, header)), "")
        if matter and units.is_share(header):
            yield "paid_amount" if matter == "paid_figures" else "outstanding", at, "its header says so, as a share of the amount"


def _reversals(source: Source) -> Iterator[Doubt]:
    """Columns in which some rows name what cancelled them: the number of another document."""
    if {"cancelled", "reference"} & {*source.columns, *source.options.maps}:
        return
    grid = source.table.body
    for at in free(source):
        cells = grid.columns[at]
        filled = pc.sum(pc.not_equal(cells, "")).as_py()
        if (
            speaks_of("cancelled", source.table.headers[at])
            and 0 < filled < len(grid)
            and dates.column(cells).share_readable() < MOSTLY
        ):
            yield "cancelled", at, f"its header says so, and {filled:,} of {len(grid):,} rows name another document"


def _are_marks(words: Sequence[str]) -> bool:
    return all(len(word) <= LONGEST_MARK and not any(map(str.isdigit, word)) for word in words)


def _numbered(source: Source) -> Iterator[Doubt]:
    """The only column of codes of which each stands once, where no column is the number of the invoice."""
    if {"invoice_id", "voucher"} & {*source.columns, *source.options.maps}:
        return
    named = []
    for at in free(source):
        header = source.table.headers[at]
        if speaks_of("number", header) and not speaks_of("no_number", header) and _are_numbers(source.table.body.columns[at]):
            named.append(at)
    if named:
        yield "invoice_id", named[0], "no other column may be the number, and each of its cells stands once"


def _are_numbers(cells: pa.ChunkedArray) -> bool:
    """Whether nearly every cell is filled with a code of its own: figures in it, without decimals, and no day."""
    filled = cells.filter(pc.not_equal(cells, ""))
    if len(filled) < UNIQUE * len(cells) or not len(filled) or pc.count_distinct(filled).as_py() < UNIQUE * len(filled):
        return False
    head = filled.slice(0, match.SAMPLE_ROWS)
    codes = pc.and_(pc.match_substring_regex(head, r"\d"), pc.invert(pc.match_substring_regex(head, NO_CODE)))
    return bool(pc.mean(codes.cast(pa.float64())).as_py() >= UNIQUE)


def _words(cells: pa.ChunkedArray) -> list[str]:
    """The different texts of a column; none where there are too many to be words of a kind."""
    if pc.count_distinct(cells.slice(0, HEAD)).as_py() > MOST_WORDS + 1:  # with the empty one
        return []
    distinct = [text for text in pc.unique(cells).to_pylist() if text]
    return distinct if len(distinct) <= MOST_WORDS else []


def _question(source: Source, field: str, at: int, why: str) -> Question:
    header = source.table.headers[at]
    samples = " · ".join(match.samples(source.table.body, at))
    says = SAYS.get(field, f"the {match.fields()[field].label.lower()} of each row")
    sentence = f"Column “{header}” ({samples}) may say {says}: {why}."
    if field == "is_credit" and "cancelled" not in source.columns:  # the invoice itself, or one that was credited
        choices = (
            (f"is_credit={header}", f"it says {says}: these rows lower what is owed"),
            (f"cancelled={header}", "it says which invoices were credited: nothing is owed of them"),
            ("is_credit=", "neither"),
        )
        argument = f'--map is_credit="{header}" or --map cancelled="{header}" or --map is_credit='
        return Question("maps", field, header, sentence, choices, argument, header)
    answers = ((header, f"it says {says}"), ("", "it does not"))
    return Question("maps", field, header, sentence, answers, f'--map {field}="{header}" or --map {field}=')
