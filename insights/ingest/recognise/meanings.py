"""What do the words in a column of types or of statuses mean? By the user's word, the preset, and lists in many languages."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from insights.ingest.recognise.match import compact, words
from insights.ledger.ledger import CREDIT_NOTE, INVOICE, ON_ACCOUNT, WRITE_OFF

IGNORE, ENTRY = "ignore", "entry"
OPEN, UNPAID, PAID, PARTIAL, REVERSED = "open", "unpaid", "paid", "partial", "reversed"
ALL_OTHERS = "*"  # in the user's answers: every word that is not understood
UNKNOWN = ""
# what a user may answer -> what it means
TYPES = {"invoice": INVOICE, "credit": CREDIT_NOTE, "payment": ON_ACCOUNT, "write-off": WRITE_OFF, "ignore": IGNORE}
STATUSES = {"open": OPEN, "paid": PAID, "partial": PARTIAL, "void": IGNORE, "write-off": WRITE_OFF}


@cache
def _lists() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    text = Path(__file__).with_name("words.toml").read_text(encoding="utf-8")
    return {
        column: {meaning: tuple(spellings) for meaning, spellings in lists.items()}
        for column, lists in tomllib.loads(text).items()
    }


def listed(column: str, name: str) -> tuple[str, ...]:
    """A list of words: of `rows` and `numbers` besides those of `types` and `statuses`."""
    return _lists()[column][name]


@cache
def pairs(name: str) -> frozenset[frozenset[str]]:
    """Sets of words (compact) that together say something, of a list of `pairs`."""
    return frozenset(frozenset(pair.split()) for pair in listed("pairs", name))


@cache
def known(column: str) -> Mapping[str, str]:
    """Word (compact) -> meaning, of `types` or `statuses`."""
    return {
        compact(word): meaning
        for meaning, spellings in _lists()[column].items()
        if meaning != "neutral"
        for word in reversed(spellings)
    }


def of_type(word: str, preset: Mapping[str, str], answers: Mapping[str, str], otherwise: str = UNKNOWN) -> str:
    """invoice, credit_note, payment_on_account, write_off, entry or ignore; `otherwise` where it is not understood.

    Nothing is an invoice.
    """
    if not word:
        return INVOICE
    meaning = _of(word, preset, answers, TYPES, "types")
    if not meaning:
        rest = [part for part in words(word).split() if part not in _lists()["types"]["neutral"]]
        meaning = known("types").get("".join(rest), "")
    return meaning or TYPES.get(answers.get(ALL_OTHERS, ""), otherwise)


def of_status(word: str, preset: Mapping[str, str], answers: Mapping[str, str]) -> str:
    """unpaid, open, paid, partial, reversed, write_off or ignore; "" where it is not understood. Empty is open."""
    if not word:
        return OPEN
    return _of(word, preset, answers, STATUSES, "statuses") or STATUSES.get(answers.get(ALL_OTHERS, ""), UNKNOWN)


def _of(word: str, preset: Mapping[str, str], answers: Mapping[str, str], allowed: Mapping[str, str], column: str) -> str:
    tight = compact(word)
    answered = next((meaning for name, meaning in answers.items() if name == word or (tight and compact(name) == tight)), "")
    return allowed.get(answered, answered) or preset.get(tight, "") or known(column).get(tight, UNKNOWN)


def of_column(column: pa.ChunkedArray, meaning: Mapping[str, str]) -> np.ndarray:
    """What each cell means (object array), by `meaning` of each different text."""
    encoded = column.combine_chunks().dictionary_encode()
    values = np.array([meaning.get(text, UNKNOWN) for text in encoded.dictionary.to_pylist()] or [UNKNOWN], object)
    of_rows: np.ndarray = values[encoded.indices.to_numpy(zero_copy_only=False)]
    return of_rows


def distinct(column: pa.ChunkedArray) -> list[str]:
    texts: list[str] = column.unique().to_pylist()
    return texts


def types(column: pa.ChunkedArray, preset: Mapping[str, str], answers: Mapping[str, str], otherwise: str = UNKNOWN) -> np.ndarray:
    """What each type means, as `of_type`."""
    return of_column(column, {text: of_type(text, preset, answers, otherwise) for text in distinct(column)})


def statuses(column: pa.ChunkedArray, preset: Mapping[str, str], answers: Mapping[str, str]) -> np.ndarray:
    """What each status means, as `of_status`."""
    return of_column(column, {text: of_status(text, preset, answers) for text in distinct(column)})


CREDIT_SIDE = {"h", "c", "cr", "k", "credit", "haben", "crédit", "haber", "crédito", "avere", "ma", "kredit", "貸方", "貸"}
DEBIT_SIDE = {"s", "d", "dr", "db", "debit", "soll", "débit", "debe", "débito", "dare", "wn", "debet", "借方", "借"}


def of_side(word: str, answers: Mapping[str, str]) -> str:
    """invoice for debit, credit_note for credit; "" where it is not understood. Nothing is debit."""
    plain = word.strip()
    if not plain or plain == "+" or compact(plain) in map(compact, DEBIT_SIDE):
        return INVOICE
    if plain in {"-", "−", "–"} or compact(plain) in map(compact, CREDIT_SIDE):
        return CREDIT_NOTE
    meaning = TYPES.get(answers.get(plain, answers.get(ALL_OTHERS, "")), UNKNOWN)
    return meaning if meaning in {UNKNOWN, INVOICE} else CREDIT_NOTE


def sides(column: pa.ChunkedArray, answers: Mapping[str, str]) -> np.ndarray:
    """What each cell of a column of debit and credit means, as `of_side`."""
    return of_column(column, {text: of_side(text, answers) for text in distinct(column)})
