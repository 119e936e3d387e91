"""What follows from the cells: numbers of documents, kinds, signs, due dates, what was paid and how.

Steps run in the order of `derive`; each reads fields of the entries and adds or changes fields. Technical fields that only
presets name: fiscal_year, reference_year, posting_date, clearing_document, special, cancelled, state, voucher, account_type,
terms_1 to terms_3, debit, credit, matching.
"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest import repeats
from insights.ingest.draft import Options
from insights.ingest.entries import Entries, constant
from insights.ingest.normalise import apply_payments, document_types, documents, explained, spellings, terms
from insights.ingest.recognise import statement
from insights.ingest.recognise.dates import ABSENT
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.match import words
from insights.ingest.recognise.presets import Preset
from insights.ledger.ledger import INVOICE

# of a header of paid dates
LAST = r"\b(?:last|latest|letzte\w*|derniere?|ultim[oa]|laatste|ostatni\w*|senaste|seneste|recent)\b|最終"


def derive(entries: Entries, preset: Preset, options: Options, decisions: Decisions) -> None:
    """All steps; afterwards the entries hold what `rules.contradictory` and the ledger need, duplicates still in."""
    _texts(entries)
    spellings.merge(entries, options)
    _two_sides(entries)
    _identity(entries, preset)
    document_types.statuses(entries, preset, options)
    document_types.kinds(entries, preset, options)
    document_types.signs(entries, preset, options)
    if statement.is_one(entries, preset):
        statement.kinds(entries)
    explained.allowances(entries)
    documents.gather(entries, preset, options, decisions)
    _amounts(entries)
    explained.amounts(entries)
    terms.due_dates(entries, options, decisions)
    document_types.settled_by(entries, preset)
    apply_payments.within_file(entries, preset, options)
    _used_credits(entries)
    terms.of_credits(entries)


def _texts(entries: Entries) -> None:
    """Identifiers that a spreadsheet turned into numbers; the name of customers; the first line."""
    for name in ("customer_id", "invoice_id", "company", "reference", "fiscal_year", "line"):
        if name in entries.text:
            entries.text[name] = _without_decimals(entries.text[name])
    if "customer_id" not in entries.text and "customer_name" in entries.text:
        entries.text["customer_id"] = entries.text["customer_name"]
    if "company" not in entries.text:
        entries.text["company"] = constant("", len(entries))
    name, customer = entries.texts("customer_name"), entries.texts("customer_id")
    entries.text["customer_name"] = pc.if_else(pc.equal(name, ""), customer, name)
    line = entries.texts("line")
    entries.text["line"] = pc.if_else(pc.equal(line, ""), "1", line)


def _without_decimals(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not repeats.says(column, r"^\d+\.0+$").any():
        return column
    return pc.replace_substring_regex(column, r"^(\d+)\.0+$", r"\1")


def _two_sides(entries: Entries) -> None:
    """Debit less credit, where each has a column of its own and the file has no other amount."""
    if "amount" in entries.money or "debit" not in entries.money or "credit" not in entries.money:
        return
    missing = entries.missing["debit"] & entries.missing["credit"]
    entries.set_money("amount", entries.money["debit"] - entries.money["credit"], missing)
    entries.unreadable["amount"] = entries.unreadable["debit"] | entries.unreadable["credit"]
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
    _last_payments(entries)
    if "outstanding" in money:
        settled = entries.has_day("paid_date") & missing["outstanding"]
        missing["outstanding"] = missing["outstanding"] & ~settled


def _last_payments(entries: Entries) -> None:
    """The date of the last payment, or one beside "partially paid", settles nothing of which something is open."""
    if "paid_date" not in entries.days:
        return
    rest = entries.money.get("outstanding", entries.money["amount"])
    unpaid = entries.masks.get("partial", np.zeros(len(entries), bool)) & (rest != 0)
    if "outstanding" in entries.money and re.search(LAST, words(entries.headers["paid_date"])):
        unpaid |= ~entries.missing["outstanding"] & (rest != 0)
    entries.days["paid_date"] = np.where(unpaid, ABSENT, entries.days["paid_date"]).astype(np.int32)


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
