"""What follows from the cells: numbers of documents, kinds, signs, due dates, what was paid and how.

Steps run in the order of `derive`; each reads fields of the entries and adds or changes fields. Technical fields that only presets
name: fiscal_year, reference_year, posting_date, clearing_document, special, cancelled, state, voucher, account_type, terms_1 to terms_3,
debit, credit, matching.
"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest import settle
from insights.ingest.dates import ABSENT, UNREADABLE
from insights.ingest.draft import Options
from insights.ingest.entries import Entries, codes, constant, is_filled
from insights.ingest.match import compact
from insights.ingest.presets import Preset
from insights.ledger import CREDIT, CREDIT_NOTE, INVOICE, ON_ACCOUNT, PAYMENT, UNKNOWN, WRITE_OFF

IGNORE = "ignore"
KIND_WORDS = (
    (
        CREDIT_NOTE,
        r"credit.?(?:note|memo|invoice)|^credit$|gutschrift|^avoir|nota de cr|abono|^crn$|^cn$|^cm$|refund|creditnota|creditfactuur",
    ),
    (
        ON_ACCOUNT,
        r"payment|^receipt|zahlung|^paiement|r[eè]glement|betaling|^pago|recebimento|deposit|unapplied|on.account|akonto|voorschot",
    ),
    (WRITE_OFF, r"write.?off|written.off|bad.debt|ausbuchung|abschreibung"),
)
SETTLED_WORDS = (
    (WRITE_OFF, r"write|written|bad debt|ausgebucht|ausbuchung|abschreib|perte|oninba|incobra"),
    (CREDIT, r"credit|gutschrift|avoir|abono|cr[eé]dito|revers|storn"),
    (PAYMENT, r"pa[iy]|zahl|bank|cash|check|cheque|transfer|card|betaal|pago|virement|receipt|settled|lastschrift|incasso"),
)
VOID = r"^(?:void|voided|cancelled|canceled|deleted|draft|storniert|annul[ée]e?s?|geannuleerd|anulad[ao]|cancelad[ao]|entwurf|brouillon|concept)$"
NO = {
    "",
    "no",
    "n",
    "false",
    "0",
    "nein",
    "non",
    "nee",
    "não",
    "nao",
    "none",
    "null",
    "undisputed",
    "not disputed",
    "falsch",
    "-",
}
CREDIT_SIDE = {"h", "c", "cr", "credit", "haben", "crédit", "haber", "crédito", "-"}
SYMBOLS = {
    "€": "EUR", "£": "GBP", "R$": "BRL", "US$": "USD", "$US": "USD", "CA$": "CAD", "C$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "₹": "INR", "₽": "RUB",
    "₩": "KRW", "₺": "TRY", "₪": "ILS", "₴": "UAH", "฿": "THB", "₫": "VND", "ZŁ": "PLN", "KČ": "CZK", "EURO": "EUR", "EUROS": "EUR", "US DOLLAR": "USD", "RMB": "CNY", "STG": "GBP",
}  # fmt: skip
TERMS = (
    r"(?i)net(?:to)?[\s.-]*(?P<d>\d{1,3})\b",
    r"(?i)\bn\s*/?\s*(?P<d>\d{1,3})\b",
    r"(?i)(?P<d>\d{1,3})\s*-?\s*(?:days?|tage|jours?|dagen|d[ií]as?|dias?|d)\b",
    r"^\s*(?P<d>\d{1,3})(?:\.0)?\s*$",
    r"(?i)^(?P<d>)(?:due (?:on|upon) receipt|sofort|immediate(?: payment)?|cod|cash|à réception|per direct|contado|à vista|a vista).*$",
)
LAST_TERMS = 400


def derive(entries: Entries, preset: Preset, options: Options) -> None:
    """All steps; afterwards the entries hold what `rules.contradictory` and the ledger need, duplicates still in."""
    _texts(entries)
    _two_sides(entries)
    _identity(entries, preset)
    _statuses(entries, preset)
    _kinds(entries, preset)
    _signs(entries, preset)
    _documents(entries, preset)
    _amounts(entries)
    _due_dates(entries, options)
    _settled_by(entries, preset)
    settle.within_file(entries, preset, options)
    _used_credits(entries)
    _unused_credit_dates(entries)


def currencies(column: pa.ChunkedArray, default: str) -> pa.ChunkedArray:
    """Currency codes: symbols and lower case mended, `default` where empty."""
    encoded = column.combine_chunks().dictionary_encode()
    mended = [
        SYMBOLS.get(code.upper().strip(" ."), code.upper().strip(" .")) or default for code in encoded.dictionary.to_pylist()
    ]
    return pa.chunked_array([pa.array(mended, pa.string()).take(encoded.indices)])


def _texts(entries: Entries) -> None:
    """Identifiers that a spreadsheet turned into numbers; the name of customers; the first line."""
    for name in ("customer_id", "invoice_id", "company", "reference", "fiscal_year", "line"):
        if name in entries.text:
            entries.text[name] = pc.replace_substring_regex(entries.text[name], r"^(\d+)\.0+$", r"\1")
    if "customer_id" not in entries.text and "customer_name" in entries.text:
        entries.text["customer_id"] = entries.text["customer_name"]
    if "company" not in entries.text:
        entries.text["company"] = constant("", len(entries))
    name, customer = entries.texts("customer_name"), entries.texts("customer_id")
    entries.text["customer_name"] = pc.if_else(pc.equal(name, ""), customer, name)
    line = entries.texts("line")
    entries.text["line"] = pc.if_else(pc.equal(line, ""), "1", line)


def _two_sides(entries: Entries) -> None:
    """Debit less credit, where each has a column of its own and the file has no other amount."""
    if "amount" in entries.money or "debit" not in entries.money or "credit" not in entries.money:
        return
    missing = entries.missing["debit"] & entries.missing["credit"]
    entries.set_money("amount", entries.money["debit"] - entries.money["credit"], missing)
    entries.headers["amount"], entries.text["amount"] = entries.headers["debit"], entries.text["debit"]


def _identity(entries: Entries, preset: Preset) -> None:
    """The invoice number, of several fields where one is not unique (SAP: number and fiscal year)."""
    if "voucher" in entries.text:
        number, voucher = entries.texts("invoice_id"), entries.texts("voucher")
        entries.text["invoice_id"] = pc.if_else(pc.equal(number, ""), voucher, number)
    if "invoice_id" not in entries.text:
        return
    parts = [entries.texts(name) for name in preset.identity if name in entries.text]
    if len(parts) > 1:
        entries.text["invoice_id"] = _joined(parts)
        if "reference" in entries.text:
            years = [entries.texts("reference_year")] if "reference_year" in entries.text else []
            entries.text["reference"] = _joined([entries.texts("reference"), *years])


def _joined(parts: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    """First part, "/" and the others; empty where the first is empty or all zeros."""
    text = pc.binary_join_element_wise(*parts, "/")
    text = pc.replace_substring_regex(text, r"/+$", "")
    return pc.if_else(pc.match_substring_regex(parts[0], r"^0*$"), "", text)


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


def _statuses(entries: Entries, preset: Preset) -> None:
    """Drafts and cancelled documents are no receivables; what the preset ignores is left out."""
    for name, values in preset.skip.items():
        if name in entries.text:
            entries.keep(_coded(entries.texts(name), dict.fromkeys(values, IGNORE)) != IGNORE, "other_document")
    if "state" in entries.text:
        entries.keep(~_is_void(entries.texts("state")), "cancelled")
    if "cancelled" in entries.text:
        entries.keep(~(_coded(entries.texts("cancelled"), dict.fromkeys(("1", "true", "yes", "x"), "yes")) == "yes"), "cancelled")
    if "status" not in entries.text:
        return
    meaning = _coded(entries.texts("status"), dict(preset.statuses))
    void = (meaning == IGNORE) | _is_void(entries.texts("status"))
    entries.keep(~void & (meaning != "reversed"), "cancelled")


def _is_void(column: pa.ChunkedArray) -> np.ndarray:
    found: np.ndarray = pc.match_substring_regex(pc.utf8_lower(column), VOID).to_numpy()
    return found


def _kinds(entries: Entries, preset: Preset) -> None:
    """`kind` by the type of document; the sign of the amount decides where the type says nothing."""
    if "kind" not in entries.text:
        entries.text["kind"] = constant(INVOICE, len(entries))
        return
    kinds = _coded(entries.texts("kind"), dict(preset.kinds))
    if not preset.kinds:
        kinds = _worded(entries.texts("kind"), KIND_WORDS)
    entries.text["type"], entries.headers["type"] = entries.text["kind"], entries.headers.get("kind", "kind")
    kinds[kinds == ""] = INVOICE
    entries.text["kind"] = pa.chunked_array([pa.array(kinds, pa.string())])
    entries.keep(kinds != IGNORE, "other_document")


def _signs(entries: Entries, preset: Preset) -> None:
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


def _documents(entries: Entries, preset: Preset) -> None:
    """Files with a row per line of the invoice repeat its totals on each: the first row counts, never the sum."""
    if not preset.documents or "invoice_id" not in entries.text:
        return
    key = codes([entries.texts("company"), entries.texts("customer_id"), entries.texts("invoice_id"), entries.texts("kind")])
    first = np.zeros(len(entries), bool)
    first[np.unique(key, return_index=True)[1]] = True
    entries.keep(first | ~is_filled(entries.texts("invoice_id")), "line_of_document")


def _amounts(entries: Entries) -> None:
    """The amount from the outstanding one where the file has no other, and the outstanding one from what was paid."""
    money, missing = entries.money, entries.missing
    if "amount" not in money:
        entries.set_money("amount", money["outstanding"].copy(), missing["outstanding"].copy())
        entries.headers["amount"] = entries.headers["outstanding"]
        entries.text["amount"] = entries.text["outstanding"]
        entries.note("amount_is_outstanding", entries.headers["outstanding"])
    elif "outstanding" in money:
        _amounts_of_credits(entries)
    if "outstanding" not in money and "paid_amount" in money:
        paid = np.abs(money["paid_amount"]) * np.sign(money["amount"])
        entries.set_money("outstanding", money["amount"] - paid, missing["amount"])
        entries.headers["outstanding"], entries.text["outstanding"] = entries.headers["paid_amount"], entries.text["paid_amount"]
    if "outstanding" in money:
        settled = entries.has_day("paid_date") & missing["outstanding"]
        missing["outstanding"] = missing["outstanding"] & ~settled


def _amounts_of_credits(entries: Entries) -> None:
    """Reports show unapplied payments with an outstanding amount only."""
    money, missing = entries.money, entries.missing
    other = pc.not_equal(entries.texts("kind"), INVOICE).to_numpy()
    only = other & (missing["amount"] | (money["amount"] == 0)) & ~missing["outstanding"] & (money["outstanding"] != 0)
    money["amount"] = np.where(only, money["outstanding"], money["amount"])
    missing["amount"] = missing["amount"] & ~only


def _used_credits(entries: Entries) -> None:
    """Credits of which nothing is left, without a day on which they were used: they lower nothing any more."""
    if "outstanding" in entries.money:
        used = (entries.money["amount"] < 0) & (entries.money["outstanding"] == 0) & ~entries.missing["outstanding"]
        entries.keep(~(used & ~entries.has_day("paid_date")), "used_credit")


def _due_dates(entries: Entries, options: Options) -> None:
    """Due dates that are missing, from the baseline date or issue date and the terms; marked as derived."""
    due = entries.dates("due_date").copy()
    base = np.where(entries.has_day("baseline_date"), entries.dates("baseline_date"), entries.dates("issue_date"))
    credit = entries.money["amount"] < 0
    linked = is_filled(entries.texts("reference"))
    wanted = (due == ABSENT) & (base > UNREADABLE)
    terms = _terms(entries, options)
    terms = np.where(credit & ~linked, 0, terms)
    derived = wanted & (terms >= 0)
    due[derived] = (base + terms)[derived]
    if (derived & ~credit).any():
        column = entries.headers.get("baseline_date") or entries.headers.get("terms") or entries.headers.get("issue_date", "")
        entries.note("due_derived", column, str(int((derived & ~credit).sum())))
    entries.days["due_date"] = due


def _terms(entries: Entries, options: Options) -> np.ndarray:
    """Days from the base to the due date (int32), -1 where nothing says: SAP's net days, the days column, the words of the terms."""
    days = np.full(len(entries), -1, np.int32)
    for name in ("terms_3", "terms_2", "terms_1", "terms_days"):
        if name in entries.decimals:
            value = entries.decimals[name].cast(pa.float64()).fill_null(0.0).to_numpy()
            days = np.where((days <= 0) & (value >= 0) & (value <= LAST_TERMS), value.astype(np.int32), days)
    if "terms" in entries.text and (days < 0).any():
        days = np.where(days < 0, worded_terms(entries.texts("terms")), days)
    if options.terms_days is not None:
        days = np.where(days < 0, np.int32(options.terms_days), days)
    return days


def worded_terms(column: pa.ChunkedArray) -> np.ndarray:
    """Days of terms in words: "2/10 net 30" is 30, "due on receipt" 0, what is not understood -1."""
    encoded = column.combine_chunks().dictionary_encode()
    values = np.array([_term_days(text) for text in encoded.dictionary.to_pylist()] or [-1], np.int32)
    found: np.ndarray = values[encoded.indices.to_numpy(zero_copy_only=False)]
    return found


def _term_days(text: str) -> int:
    for pattern in TERMS:
        if match := re.search(pattern, text):
            return int(match["d"] or 0)
    return -1


def _settled_by(entries: Entries, preset: Preset) -> None:
    """What settled an invoice: what the file says, else a payment; nothing yet for open ones."""
    paid = entries.has_day("paid_date")
    said = np.full(len(entries), "", object)
    if "settled_by" in entries.text:
        said = _coded(entries.texts("settled_by"), dict(preset.settled))
        words = _worded(entries.texts("settled_by"), SETTLED_WORDS)
        said = np.where(said == "", words, said)
    if "status" in entries.text:
        status = _coded(entries.texts("status"), dict(preset.statuses))
        said = np.where((said == "") & (status == WRITE_OFF), WRITE_OFF, said)
    if "special" in entries.text:
        said = np.where(pc.equal(entries.texts("special"), "D").to_numpy(), WRITE_OFF, said)
    said = np.where(said == "", np.where(paid, PAYMENT, UNKNOWN), said)
    entries.text["settled_by"] = pa.chunked_array([pa.array(np.where(paid | (said == WRITE_OFF), said, UNKNOWN), pa.string())])


def _unused_credit_dates(entries: Entries) -> None:
    """Credits have no terms: where their due date is missing or before issue, it is the issue date."""
    credit = entries.money["amount"] < 0
    due, issue = entries.dates("due_date"), entries.dates("issue_date")
    entries.days["due_date"] = np.where(credit & (due < issue), issue, due).astype(np.int32)


def disputed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Yes or no; a dispute code is a yes."""
    encoded = column.combine_chunks().dictionary_encode()
    values = pa.array([value.strip().lower() not in NO for value in encoded.dictionary.to_pylist()], pa.bool_())
    return pa.chunked_array([values.take(encoded.indices)])
