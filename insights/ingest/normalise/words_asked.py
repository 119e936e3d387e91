"""Which words of types and statuses are not understood, and which signs? Each is asked with its rows and what they come to."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Question
from insights.ingest.entries import Entries
from insights.ingest.normalise.parse_cells import mostly_below
from insights.ingest.recognise import match, meanings
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.meanings import ALL_OTHERS, ENTRY, UNKNOWN
from insights.ingest.recognise.source import Source
from insights.ledger.ledger import CREDIT_NOTE, INVOICE, ON_ACCOUNT, WRITE_OFF
from insights.ledger.money import NO_CURRENCY, decimal_text
from insights.messages.problems import counted

SIGNED = ("amount", "outstanding")
MOST = 12  # words that are asked one by one; the rest are asked together
MOST_TYPES = 12  # different words, none of them understood, from which a column called "Type" is no type of document
LIKE_A_STATE = ("state", "stan", "estado", "état", "stato")  # which are names of regions and conditions too
TYPES = {
    "invoice": "an invoice: it is owed",
    "credit": "a credit note: it lowers what is owed",
    "payment": "a payment: it lowers what is owed",
    "write-off": "a write-off",
    "ignore": "nothing that a customer owes: left out",
}
SIDES = {"invoice": "debit: it is owed", "credit": "credit: it lowers what is owed"}
STATUSES = {
    "open": "open: still owed",
    "paid": "paid in full",
    "partial": "paid in part: the rest is owed",
    "void": "void: left out",
    "write-off": "written off",
}


@dataclass(frozen=True)
class Words:
    """A column of words: its field, what a word of it is called, the option that explains one, and what may be answered."""

    field: str
    noun: str
    option: str
    answers: Mapping[str, str]


def for_words(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Asks about the types and statuses of a file that are not understood, and about amounts that may have the other sign."""
    preset, options = source.preset, source.options
    if "kind" in entries.text:
        meaning = {
            word: meanings.of_type(word, preset.kinds, options.types, preset.other_kinds)
            for word in meanings.distinct(entries.texts("kind"))
        }
        _unsigned_entries(entries, meaning)
        if set(meaning.values()) - {UNKNOWN} or not _is_no_type(entries, meaning):
            _ask(entries, Words("kind", "type", "types", TYPES), meaning, decisions)
    if "debit_credit" in entries.text and preset.sign in {"", "debit_credit"}:
        sides = {word: meanings.of_side(word, options.types) for word in meanings.distinct(entries.texts("debit_credit"))}
        _ask(entries, Words("debit_credit", "side", "types", SIDES), sides, decisions)
    for name in ("status", "state"):
        if name in entries.text:
            _ask_statuses(source, entries, name, decisions)
    _ask_sign(source, entries, decisions)


def _unsigned_entries(entries: Entries, meaning: dict[str, str]) -> None:
    """Journals and the like are not understood where amounts bear no sign: nothing says whether they are owed."""
    amount = entries.money.get("amount", entries.money.get("outstanding"))
    lowering = [word for word, means in meaning.items() if means in {CREDIT_NOTE, ON_ACCOUNT, WRITE_OFF}]
    if amount is None or not lowering or "debit_credit" in entries.text:
        return
    texts = entries.texts("kind")
    rows = np.logical_or.reduce([pc.equal(texts, word).to_numpy() for word in lowering])
    if (amount[rows] >= 0).all() and (amount[rows] > 0).any():
        for word in [word for word, means in meaning.items() if means == ENTRY and word]:
            meaning[word] = UNKNOWN


def _is_no_type(entries: Entries, meaning: Mapping[str, str]) -> bool:
    """Whether a column that is called like a type, but not clearly, holds something else."""
    return len(meaning) > MOST_TYPES and match.is_weak("kind", entries.headers["kind"])


def _ask_statuses(source: Source, entries: Entries, name: str, decisions: Decisions) -> None:
    preset, options = source.preset, source.options
    meaning = {
        word: meanings.of_status(word, preset.statuses, options.statuses) for word in meanings.distinct(entries.texts(name))
    }
    understood = {word for word, means in meaning.items() if word and means}
    is_coded = all(len(word) <= 1 for word in meaning)  # regions have names or two letters
    if not understood and not is_coded and match.compact(entries.headers[name]) in map(match.compact, LIKE_A_STATE):
        return
    _ask(entries, Words(name, "status", "statuses", STATUSES), meaning, decisions)


def _ask(entries: Entries, words: Words, meaning: Mapping[str, str], decisions: Decisions) -> None:
    """One question per word that is not understood, the most frequent first; of many, the last are asked together."""
    name = "amount" if "amount" in entries.money else "outstanding"
    has_amount = ~entries.missing.get(name, np.zeros(len(entries), bool))  # a row without one cannot be owed
    texts = entries.texts(words.field)
    rows = {word: pc.equal(texts, word).to_numpy() & has_amount for word, means in meaning.items() if not means}
    unknown = sorted((word for word in rows if rows[word].any()), key=lambda word: -int(rows[word].sum()))
    for word in unknown[:MOST]:
        decisions.questions.append(_question(entries, words, f"“{word}”", word, rows[word]))
    if further := unknown[MOST:]:
        others = f"every other word (“{further[0]}” and {len(further) - 1:,} more)"
        together = np.logical_or.reduce([rows[word] for word in further])
        decisions.questions.append(_question(entries, words, others, ALL_OTHERS, together))


def _question(entries: Entries, words: Words, named: str, word: str, rows: np.ndarray) -> Question:
    header = entries.headers[words.field]
    sentence = (
        f"It is not clear what the {words.noun} {named} in column “{header}” means: {counted(int(rows.sum()), 'row')}, "
        f"{total(entries, rows)}."
    )
    choices = tuple((f"{word}={code}", label) for code, label in words.answers.items())
    argument = f'--{words.option} "{word}={"|".join(words.answers)}"'
    return Question(words.option, words.field, header, sentence, choices, argument, word)


def total(entries: Entries, rows: np.ndarray, name: str = "") -> str:
    """What the amounts of some rows come to, per currency: "1,080.00 EUR and 500.00 USD"."""
    name = name or next((field for field in ("amount", "debit", "outstanding") if field in entries.money), "")
    if not name:
        return "no amount"
    codes = entries.texts("currency").filter(pa.array(rows)).to_pylist()
    sums: dict[str, int] = {}
    for code, units in zip(codes, entries.money[name][rows].tolist(), strict=True):
        sums[code] = sums.get(code, 0) + units
    return " and ".join(money(units, code) for code, units in sorted(sums.items())) or "nothing"


def money(units: int, code: str) -> str:
    """Minor units for a person: "1,080.00 EUR"; without a currency the bare figure."""
    whole, dot, cents = decimal_text(units, code).partition(".")
    return f"{int(whole):,}{dot}{cents}" + ("" if code == NO_CURRENCY else f" {code}")


def _ask_sign(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Invoices most of which stand below 0, as billed or as still open: nobody has mostly credit notes."""
    if source.options.sign or source.preset.sign or {"debit_credit", "debit"} & set(entries.text):
        return
    invoice = np.ones(len(entries), bool)
    if "kind" in entries.text:
        types = meanings.types(entries.texts("kind"), source.preset.kinds, source.options.types, source.preset.other_kinds)
        invoice = (types == INVOICE) | (types == ENTRY)
    name = next((name for name in SIGNED if name in entries.money and mostly_below(entries.money[name][invoice])), "")
    if not name:
        return
    header, below = entries.headers[name], invoice & (entries.money[name] < 0)
    sentence = (
        f"{counted(int(below.sum()), 'invoice')} of {int(invoice.sum()):,} stand below 0 in column “{header}” "
        f"({total(entries, below, name)}): the sign may be turned, or these are credit notes."
    )
    choices = (("turned", "what is below 0 is owed: the signs are turned"), ("stated", "what is below 0 are credit notes"))
    decisions.questions.append(Question("sign", "sign", header, sentence, choices, "--sign turned|stated"))
