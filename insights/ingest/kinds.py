"""What kind of document is each row, which way does its amount count, and what settled it?"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.entries import Entries, constant
from insights.ingest.match import YES, compact
from insights.ingest.presets import Preset
from insights.ledger import CREDIT, CREDIT_NOTE, INVOICE, ON_ACCOUNT, PAYMENT, UNKNOWN, WRITE_OFF

IGNORE = "ignore"
KIND_WORDS = (
    (
        CREDIT_NOTE,
        r"credit.?(?:note|memo|invoice|nota|factuur)|^credit$|gutschrift|^avoir|nota de cr|abono|^crn$|^cn$|^cm$|refund",
    ),
    (
        ON_ACCOUNT,
        r"payment|^receipt|zahlung|^paiement|r[eè]glement|betaling|^pago|recebimento|deposit|unapplied|on.account|akonto|voorschot",
    ),
    (WRITE_OFF, r"write.?off|written.off|bad.debt|ausbuchung|abschreibung"),
)
SETTLED_WORDS = (
    (WRITE_OFF, r"write|written|bad debt|ausgebucht|ausbuchung|abschreib|perte|oninba|incobra"),
    (CREDIT, r"credit.?(?:note|memo)|^credit$|gutschrift|avoir|abono|^cr[eé]dito$|nota de cr|revers|storn"),
    (PAYMENT, r"pa[iy]|zahl|bank|cash|check|cheque|transfer|card|betaal|pago|virement|receipt|settled|lastschrift|incasso"),
)
VOID = (
    r"^(?:void|voided|cancelled|canceled|deleted|draft|storniert|annul[ée]e?s?|geannuleerd|anulad[ao]|cancelad[ao]|entwurf|"
    r"brouillon|concept)$"
)
NO = {"", "no", "n", "false", "0", "nein", "non", "nee", "não", "nao", "none", "null", "undisputed", "not disputed", "-"}
PAID = (
    r"^(?:(?:fully )?paid(?: in full)?|closed|settled|cleared|bezahlt|ausgeglichen|beglichen|pay[eé]e?|r[eé]gl[eé]e?|sold[eé]e?|"
    r"betaald|voldaan|pagad[ao]|cobrad[ao]|liquidad[ao]|pag[ao]|quitad[ao])$"
)
CREDIT_SIDE = {"h", "c", "cr", "credit", "haben", "crédit", "haber", "crédito", "-"}


def statuses(entries: Entries, preset: Preset) -> None:
    """Drafts and cancelled documents are no receivables; what the preset ignores is left out."""
    for name, values in preset.skip.items():
        if name in entries.text:
            entries.keep(_coded(entries.texts(name), dict.fromkeys(values, IGNORE)) != IGNORE, "other_document")
    if "state" in entries.text:
        entries.keep(~_is_void(entries.texts("state")), "cancelled")
    if "cancelled" in entries.text:
        entries.keep(~(_coded(entries.texts("cancelled"), dict.fromkeys(("1", "true", "yes", "x"), "yes")) == "yes"), "cancelled")
    if "is_paid" in entries.text:
        entries.masks["paid"] = pc.match_substring_regex(pc.utf8_lower(entries.texts("is_paid")), YES).to_numpy()
    if "status" in entries.text:
        meaning = _coded(entries.texts("status"), dict(preset.statuses))
        said = pc.match_substring_regex(pc.utf8_lower(entries.texts("status")), PAID).to_numpy()
        entries.masks["paid"] = (meaning == "paid") | said | entries.masks.get("paid", np.zeros(len(entries), bool))
        void = (meaning == IGNORE) | _is_void(entries.texts("status"))
        entries.keep(~void & (meaning != "reversed"), "cancelled")


def _is_void(column: pa.ChunkedArray) -> np.ndarray:
    found: np.ndarray = pc.match_substring_regex(pc.utf8_lower(column), VOID).to_numpy()
    return found


def kinds(entries: Entries, preset: Preset) -> None:
    """`kind` by the type of document; the sign of the amount decides where the type says nothing."""
    if "kind" not in entries.text:
        entries.text["kind"] = constant(INVOICE, len(entries))
        return
    found = _coded(entries.texts("kind"), dict(preset.kinds))
    if not preset.kinds:
        found = _worded(entries.texts("kind"), KIND_WORDS)
    entries.text["type"], entries.headers["type"] = entries.text["kind"], entries.headers.get("kind", "kind")
    found[found == ""] = INVOICE
    entries.text["kind"] = pa.chunked_array([pa.array(found, pa.string())])
    entries.keep(found != IGNORE, "other_document")


def signs(entries: Entries, preset: Preset) -> None:
    """Invoices above 0, all else below: from the debit/credit column, from the type, or as the file has it."""
    kind, amount = (
        np.array(entries.texts("kind").to_pylist(), object) if "type" in entries.text else None,
        entries.money.get("amount"),
    )
    if "debit_credit" in entries.text and preset.sign in {"", "debit_credit"}:
        credit = _coded(entries.texts("debit_credit"), dict.fromkeys(map(compact, CREDIT_SIDE - {"-"}), "credit")) == "credit"
        for name in ("amount", "outstanding", "paid_amount"):
            if name in entries.money and (entries.money[name] >= 0).all():
                entries.money[name] = np.where(credit, -entries.money[name], entries.money[name])
    elif kind is not None and amount is not None:
        other = (kind != INVOICE) & (kind != WRITE_OFF)
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
    said = np.full(len(entries), "", object)
    if "settled_by" in entries.text:
        said = _coded(entries.texts("settled_by"), dict(preset.settled))
        words = _worded(entries.texts("settled_by"), SETTLED_WORDS)
        said = np.where(said == "", words, said)
    if "status" in entries.text:
        status = _coded(entries.texts("status"), dict(preset.statuses))
        status = np.where(status == "", _worded(entries.texts("status"), KIND_WORDS[2:]), status)
        said = np.where((said == "") & (status == WRITE_OFF), WRITE_OFF, said)
    if "special" in entries.text:
        said = np.where(pc.equal(entries.texts("special"), "D").to_numpy(), WRITE_OFF, said)
    said = np.where(said == "", np.where(paid, PAYMENT, UNKNOWN), said)
    entries.text["settled_by"] = pa.chunked_array([pa.array(np.where(paid | (said == WRITE_OFF), said, UNKNOWN), pa.string())])


def disputed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Yes or no; a dispute code is a yes."""
    encoded = column.combine_chunks().dictionary_encode()
    values = pa.array([value.strip().lower() not in NO for value in encoded.dictionary.to_pylist()], pa.bool_())
    return pa.chunked_array([values.take(encoded.indices)])


def _coded(column: pa.ChunkedArray, meaning: dict[str, str]) -> np.ndarray:
    """What each value means (object array, "" where nothing is known); compact comparison."""
    encoded = column.combine_chunks().dictionary_encode()
    values = np.array([meaning.get(compact(value), "") for value in encoded.dictionary.to_pylist()] or [""], object)
    found: np.ndarray = values[encoded.indices.to_numpy(zero_copy_only=False)]
    return found


def _worded(column: pa.ChunkedArray, words: tuple[tuple[str, str], ...]) -> np.ndarray:
    """As `_coded`, by the first pattern that is found in a value."""
    encoded = column.combine_chunks().dictionary_encode()
    values = [
        next((m for m, pattern in words if re.search(pattern, value.lower())), "") for value in encoded.dictionary.to_pylist()
    ]
    found: np.ndarray = np.array(values or [""], object)[encoded.indices.to_numpy(zero_copy_only=False)]
    return found
