"""Which words of types and statuses are not understood, and which signs? Each is asked with its rows and what they come to."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest import match, meanings
from insights.ingest.decide import Decisions
from insights.ingest.draft import Question
from insights.ingest.entries import Entries
from insights.ingest.meanings import ALL_OTHERS, ENTRY, UNKNOWN
from insights.ingest.source import Source
from insights.ledger import INVOICE
from insights.money import NO_CURRENCY, decimal_text
from insights.words.problems import counted

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
STATUSES = {
    "open": "open: still owed",
    "paid": "paid in full",
    "partial": "paid in part: the rest is owed",
    "void": "void: left out",
    "write-off": "written off",
}


def for_words(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Asks about the types and statuses of a file that are not understood, and about amounts that may have the other sign."""
    preset, options = source.preset, source.options
    if "kind" in entries.text:
        meaning = {
            word: meanings.of_type(word, preset.kinds, options.types, preset.other_kinds)
            for word in meanings.distinct(entries.texts("kind"))
        }
        if set(meaning.values()) - {UNKNOWN} or not _is_no_type(entries, meaning):
            _ask(entries, "kind", "types", meaning, TYPES, decisions)
    for name in ("status", "state"):
        if name in entries.text:
            _ask_statuses(source, entries, name, decisions)
    _ask_sign(source, entries, decisions)


def _is_no_type(entries: Entries, meaning: Mapping[str, str]) -> bool:
    """Whether a column that is called like a type, but not clearly, holds something else."""
    return len(meaning) > MOST_TYPES and match.is_weak("kind", entries.headers["kind"])


def _ask_statuses(source: Source, entries: Entries, name: str, decisions: Decisions) -> None:
    preset, options = source.preset, source.options
    meaning = {
        word: meanings.of_status(word, preset.statuses, options.statuses) for word in meanings.distinct(entries.texts(name))
    }
    understood = {word for word, found in meaning.items() if word and found}
    if not understood and match.compact(entries.headers[name]) in map(match.compact, LIKE_A_STATE):
        return
    _ask(entries, name, "statuses", meaning, STATUSES, decisions)


def _ask(
    entries: Entries, name: str, option: str, meaning: Mapping[str, str], answers: Mapping[str, str], decisions: Decisions
) -> None:
    """One question per word that is not understood, the most frequent first."""
    header = entries.headers[name]
    rows = {word: pc.equal(entries.texts(name), word).to_numpy() for word, found in meaning.items() if not found}
    words = sorted(rows, key=lambda word: -int(rows[word].sum()))
    for word in words[:MOST] if len(words) > MOST else words:
        decisions.questions.append(_question(entries, name, option, header, (word,), rows[word], answers))
    if len(words) > MOST:
        others = np.logical_or.reduce([rows[word] for word in words[MOST:]])
        decisions.questions.append(_question(entries, name, option, header, words[MOST:], others, answers))


def _question(
    entries: Entries, name: str, option: str, header: str, words: Sequence[str], rows: np.ndarray, answers: Mapping[str, str]
) -> Question:
    word = words[0] if len(words) == 1 else ALL_OTHERS
    said = f"“{word}”" if word != ALL_OTHERS else f"{len(words)} further words (“{words[0]}”, “{words[1]}”, …)"
    sums = told(entries, rows)
    sentence = f"{'Type' if option == 'types' else 'Status'}: what does {said} in column “{header}” mean? ({counted(int(rows.sum()), 'row')}, {sums})"
    choices = tuple((f"{word}={code}", label) for code, label in answers.items())
    argument = f'--{option} "{word}={"|".join(answers)}"'
    return Question(option, name, header, sentence, choices, argument, word)


def told(entries: Entries, rows: np.ndarray) -> str:
    """What the amounts of some rows come to, per currency: "1,080.00 EUR and 500.00 USD"."""
    name = "amount" if "amount" in entries.money else "outstanding"
    if name not in entries.money:
        return "no amount"
    codes = entries.texts("currency").filter(pa.array(rows)).to_pylist()
    sums: dict[str, int] = {}
    for code, units in zip(codes, entries.money[name][rows].tolist(), strict=True):
        sums[code] = sums.get(code, 0) + units
    return " and ".join(money(units, code) for code, units in sorted(sums.items())) or "nothing"


def money(units: int, code: str) -> str:
    """Minor units for a person: "1,080.00 EUR"; without a currency the bare figure."""
    figure = f"{decimal_text(units, code)}"
    whole, dot, cents = figure.partition(".")
    return f"{int(whole):,}{dot}{cents}" + ("" if code == NO_CURRENCY else f" {code}")


def _ask_sign(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Invoices most of which stand below 0: nobody has mostly credit notes."""
    name = "amount" if "amount" in entries.money else "outstanding"
    explained = source.options.sign or source.preset.sign or {"debit_credit", "debit"} & set(entries.text)
    if name not in entries.money or explained:
        return
    invoice = np.ones(len(entries), bool)
    if "kind" in entries.text:
        types = meanings.types(entries.texts("kind"), source.preset.kinds, source.options.types, source.preset.other_kinds)
        invoice = (types == INVOICE) | (types == ENTRY)
    amount = entries.money[name]
    below = invoice & (amount < 0)
    if below.sum() * 2 <= (invoice & (amount != 0)).sum():
        return
    header = entries.headers[name]
    sentence = (
        f"{counted(int(below.sum()), 'invoice')} of {int(invoice.sum()):,} stand below 0 in column “{header}” "
        f"({told(entries, below)}): the sign may be turned, or these are credit notes."
    )
    choices = (("turned", "what is below 0 is owed: the signs are turned"), ("stated", "what is below 0 are credit notes"))
    decisions.questions.append(Question("sign", "sign", header, sentence, choices, "--sign turned|stated"))
