"""What kind of document is each row, which way does its amount count, and what settled it?"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Options
from insights.ingest.entries import Entries, constant
from insights.ingest.recognise import ageing, meanings
from insights.ingest.recognise.dates import EMPTY, NOT_YET
from insights.ingest.recognise.header_words import speaks_of
from insights.ingest.recognise.match import NO, OUI_NON, YES, compact
from insights.ingest.recognise.meanings import IGNORE, PAID, PARTIAL, REVERSED, UNPAID
from insights.ingest.recognise.presets import Preset
from insights.ledger.ledger import CREDIT, CREDIT_NOTE, INVOICE, PAYMENT, UNKNOWN, WRITE_OFF

SETTLED_WORDS = (
    (WRITE_OFF, r"write|written|bad debt|ausgebucht|ausbuchung|abschreib|perte|oninba|incobra"),
    (CREDIT, r"credit.?(?:note|memo)|^credit$|gutschrift|avoir|abono|^cr[eé]dito$|nota de cr|revers|storn"),
    (PAYMENT, r"pa[iy]|zahl|bank|cash|check|cheque|transfer|card|betaal|pago|virement|receipt|settled|lastschrift|incasso"),
)
CREDIT_WORD = "credit note"  # as a type: every list of words has it
NO_DISPUTE = {"", "no", "n", "false", "0", "nein", "non", "nee", "não", "nao", "none", "null", "undisputed", "not disputed", "-"}


def statuses(entries: Entries, preset: Preset, options: Options) -> None:
    """Drafts and cancelled documents are no receivables; what the preset ignores is left out.

    What the file says of the rest is kept in the masks paid, partial, said_unpaid and written_off.
    """
    for name, values in preset.skip.items():
        if name in entries.text:
            entries.keep(_coded(entries.texts(name), dict.fromkeys(values, IGNORE)) != IGNORE, "other_document")
    if "state" in entries.text:
        entries.keep(_meanings(entries, "state", preset, options) != IGNORE, "cancelled")
    if "cancelled" in entries.text:
        entries.keep(~says_yes(entries.texts("cancelled")), "cancelled")
    meaning = _meanings(entries, "status", preset, options)
    paid = meaning == PAID
    if "is_paid" in entries.text:
        paid |= says_yes(entries.texts("is_paid"))
    if "is_open" in entries.text:
        filled = pc.not_equal(entries.texts("is_open"), "").to_numpy()
        paid |= filled & ~says_yes(entries.texts("is_open"))
    if {"status", "is_paid", "is_open"} & set(entries.text):
        entries.masks["paid"] = paid
    if "status" in entries.text:
        named = {"partial": PARTIAL, "said_unpaid": UNPAID, "written_off": WRITE_OFF}
        entries.masks |= {name: meaning == word for name, word in named.items()}
        entries.keep((meaning != IGNORE) & (meaning != REVERSED), "cancelled")


def void(entries: Entries, preset: Preset, options: Options) -> np.ndarray:
    """Which rows are cancelled, deleted or drafts by what the file says (bool): their amounts need not agree with anything."""
    is_void = np.zeros(len(entries), bool)
    for name in ("status", "state"):
        if name in entries.text:
            is_void |= np.isin(_meanings(entries, name, preset, options).astype(str), [IGNORE, REVERSED])
    if "cancelled" in entries.text:
        is_void |= says_yes(entries.texts("cancelled"))
    return is_void


def _meanings(entries: Entries, name: str, preset: Preset, options: Options) -> np.ndarray:
    """What the cells of a column of statuses mean; a word that is not understood by now is one of a document that counts."""
    return meanings.statuses(entries.texts(name), preset.statuses, options.statuses)


def says_yes(column: pa.ChunkedArray) -> np.ndarray:
    """Which cells say yes (bool). Where none says yes or no, what is filled does: a cross of any kind, a day, a number."""
    encoded = column.combine_chunks().dictionary_encode()
    words = [word.strip().lower() for word in encoded.dictionary.to_pylist()]
    yes = np.array([re.search(YES, word) is not None for word in words] or [False], bool)
    if set(words) - {""} == OUI_NON:
        yes = np.array([word == "o" for word in words], bool)
    if not yes.any() and not any(re.search(NO, word) for word in words):
        yes = np.array([word not in EMPTY and not NOT_YET.match(word) for word in words] or [False], bool)
    answers: np.ndarray = yes[encoded.indices.to_numpy(zero_copy_only=False)]
    return answers


def kinds(entries: Entries, preset: Preset, options: Options) -> None:
    """`kind` by the type of document; the sign of the amount decides where the type says nothing."""
    if "is_credit" in entries.text:
        _said_credits(entries)
    if "kind" not in entries.text:
        entries.text["kind"] = constant(INVOICE, len(entries))
        return
    kind = meanings.types(entries.texts("kind"), preset.kinds, options.types, preset.other_kinds)
    entries.text["type"], entries.headers["type"] = entries.text["kind"], entries.headers.get("kind", "kind")
    kind[(kind == meanings.UNKNOWN) | (kind == meanings.ENTRY)] = INVOICE
    entries.text["kind"] = pa.chunked_array([pa.array(kind, pa.string())])
    entries.keep(kind != IGNORE, "other_document")


def _said_credits(entries: Entries) -> None:
    """What a column of yes and no calls a credit note is one, whatever its type is called."""
    credit = pa.chunked_array([pa.array(says_yes(entries.texts("is_credit")))])
    entries.text["kind"] = pc.if_else(credit, CREDIT_WORD, entries.texts("kind"))


def signs(entries: Entries, preset: Preset, options: Options) -> None:
    """Invoices above 0, all else below: from the debit/credit column, from the type, or as the file has it."""
    kind, amount = (
        np.array(entries.texts("kind").to_pylist(), object) if "type" in entries.text else None,
        entries.money.get("amount"),
    )
    if "debit_credit" in entries.text and preset.sign in {"", "debit_credit"}:
        credit = meanings.sides(entries.texts("debit_credit"), options.types) == CREDIT_NOTE
        for name in ("amount", "outstanding", "paid_amount"):
            if name in entries.money and (entries.money[name] >= 0).all():
                entries.money[name] = np.where(credit, -entries.money[name], entries.money[name])
    elif kind is not None and amount is not None:
        for other in (kind == other_kind for other_kind in set(kind) - {INVOICE}):
            for name in ("amount", "outstanding"):
                if name in entries.money and (entries.money[name][other] >= 0).all():
                    entries.money[name] = np.where(other, -entries.money[name], entries.money[name])
    _kinds_by_sign(entries)


def _kinds_by_sign(entries: Entries) -> None:
    """A negative invoice is a credit note; a positive credit a reversal of one, and counts as an invoice."""
    amount = entries.money.get("amount", entries.money.get("outstanding"))
    if amount is None:
        return
    kind = entries.texts("kind")
    negative = pa.chunked_array([pa.array(amount < 0)])
    kind = pc.if_else(pc.and_(negative, pc.or_(pc.equal(kind, INVOICE), pc.equal(kind, WRITE_OFF))), CREDIT_NOTE, kind)
    positive = pa.chunked_array([pa.array(amount > 0)])
    entries.text["kind"] = pc.if_else(pc.and_(positive, pc.not_equal(kind, INVOICE)), INVOICE, kind)


def settled_by(entries: Entries, preset: Preset) -> None:
    """What settled an invoice: what the file says, else a payment; nothing yet for open ones."""
    paid = entries.has_day("paid_date")
    means = np.full(len(entries), "", object)
    if "settled_by" in entries.text:
        means = _coded(entries.texts("settled_by"), dict(preset.settled))
        words = _worded(entries.texts("settled_by"), SETTLED_WORDS)
        means = np.where(means == "", words, means)
    if "status" in entries.text:
        means = np.where((means == "") & entries.masks["written_off"], WRITE_OFF, means)
    if "special" in entries.text:
        means = np.where(pc.equal(entries.texts("special"), "D").to_numpy(), WRITE_OFF, means)
    written_off = _written_off(entries)
    if not {"settled_by", "status", "special"} & set(entries.text) and not written_off.any():
        entries.text["settled_by"] = pc.if_else(pa.chunked_array([pa.array(paid)]), PAYMENT, UNKNOWN)
        return
    means = np.where((means == "") & written_off, WRITE_OFF, means)
    means = np.where(means == "", np.where(paid, PAYMENT, UNKNOWN), means)
    entries.text["settled_by"] = pa.chunked_array([pa.array(np.where(paid | (means == WRITE_OFF), means, UNKNOWN), pa.string())])


def _written_off(entries: Entries) -> np.ndarray:
    """Rows that are settled and all of whose amount stands in a column of what was written off (bool)."""
    written_off = np.zeros(len(entries), bool)
    for header, column in entries.further.items():
        if pa.types.is_floating(column.type) and speaks_of("written_off", header) and "amount" in entries.money:
            mine = entries.has_day("paid_date") & (entries.money["amount"] != 0)
            mine &= np.abs(np.abs(ageing.figures(entries, header)) - np.abs(entries.money["amount"])) <= 1
            if mine.any():
                entries.note("written_off_stated", header, number=int(mine.sum()))
            written_off |= mine
    return written_off


def disputed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Yes or no; a dispute code is a yes."""
    encoded = column.combine_chunks().dictionary_encode()
    values = pa.array([value.strip().lower() not in NO_DISPUTE for value in encoded.dictionary.to_pylist()], pa.bool_())
    return pa.chunked_array([values.take(encoded.indices)])


def _coded(column: pa.ChunkedArray, meaning: dict[str, str]) -> np.ndarray:
    """What each value means (object array, "" where nothing is known); compact comparison."""
    encoded = column.combine_chunks().dictionary_encode()
    values = np.array([meaning.get(compact(value), "") for value in encoded.dictionary.to_pylist()] or [""], object)
    meanings_of_rows: np.ndarray = values[encoded.indices.to_numpy(zero_copy_only=False)]
    return meanings_of_rows


def _worded(column: pa.ChunkedArray, words: tuple[tuple[str, str], ...]) -> np.ndarray:
    """As `_coded`, by the first pattern that is found in a value."""
    encoded = column.combine_chunks().dictionary_encode()
    values = [
        next((m for m, pattern in words if re.search(pattern, value.lower())), "") for value in encoded.dictionary.to_pylist()
    ]
    meanings_of_rows: np.ndarray = np.array(values or [""], object)[encoded.indices.to_numpy(zero_copy_only=False)]
    return meanings_of_rows
