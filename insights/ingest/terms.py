"""When is an invoice due that has no due date: so many days after its baseline or issue date, as the terms say?"""

import re

import numpy as np
import pyarrow as pa

from insights.ingest.dates import ABSENT, UNREADABLE
from insights.ingest.draft import LONGEST_TERMS, Options
from insights.ingest.entries import Entries, is_filled

TERMS = (
    r"(?i)net(?:to)?[\s.-]*(?P<d>\d{1,3})\b",
    r"(?i)\bn\s*/?\s*(?P<d>\d{1,3})\b",
    r"(?i)(?P<d>\d{1,3})\s*-?\s*(?:days?|tage|jours?|dagen|d[ií]as?|dias?|d)\b",
    r"^\s*(?P<d>\d{1,3})(?:\.0)?\s*$",
    r"(?i)^(?P<d>)(?:due (?:on|upon) receipt|sofort|immediate|cod|cash|à réception|per direct|contado|[àa] vista).*$",
)
DISCOUNT = r"(?P<share>\d{1,2}(?:[.,]\d+)?)\s*%?\s*(?:/|\s)\s*(?P<d>\d{1,2})\b(?=.*\bn(?:et)?)"  # 2/10 net 30, 2% 10 Net 30
MOST_DISCOUNT = 10  # per cent; more is no cash discount


def due_dates(entries: Entries, options: Options) -> None:
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
    """Days from the base to the due date (int32), -1 where nothing says: SAP's net days, a days column, worded terms."""
    days = np.full(len(entries), -1, np.int32)
    for name in ("terms_3", "terms_2", "terms_1", "terms_days"):
        if name in entries.decimals:
            value = entries.decimals[name].cast(pa.float64()).fill_null(0.0).to_numpy()
            days = np.where(
                (days <= 0) & (value >= 0) & (value <= LONGEST_TERMS), np.clip(value, 0, LONGEST_TERMS).astype(np.int32), days
            )
    if "terms" in entries.text and (days < 0).any():
        days = np.where(days < 0, worded_terms(entries.texts("terms")), days)
    if options.terms_days is not None:
        days = np.where(days < 0, np.int32(options.terms_days), days)
    return days


def discounts(entries: Entries) -> tuple[np.ndarray, np.ndarray]:
    """(share of the amount (float64), last day (int32)) of the cash discount of each row; share 0 where there is none."""
    share, days = np.zeros(len(entries)), np.zeros(len(entries), np.int32)
    if "terms" in entries.text:
        encoded = entries.texts("terms").combine_chunks().dictionary_encode()
        found = np.array([_discount(text) for text in encoded.dictionary.to_pylist()] or [(0.0, 0)])
        share, days = found[encoded.indices.to_numpy(zero_copy_only=False)].T
    if "percent_1" in entries.decimals and "terms_1" in entries.decimals:
        stated, until = (entries.decimals[name].cast(pa.float64()).fill_null(0.0).to_numpy() for name in ("percent_1", "terms_1"))
        share, days = np.where(stated > 0, stated / 100, share), np.where(stated > 0, until, days)
    base = np.where(entries.has_day("baseline_date"), entries.dates("baseline_date"), entries.dates("issue_date"))
    return np.where(share <= MOST_DISCOUNT / 100, share, 0.0), (base + days).astype(np.int32)


def _discount(text: str) -> tuple[float, int]:
    match = re.search(DISCOUNT, text, re.IGNORECASE)
    return (float(match["share"].replace(",", ".")) / 100, int(match["d"])) if match else (0.0, 0)


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


def of_credits(entries: Entries) -> None:
    """Credits have no terms: where their due date is missing or before issue, it is the issue date."""
    credit = entries.money["amount"] < 0
    due, issue = entries.dates("due_date"), entries.dates("issue_date")
    entries.days["due_date"] = np.where(credit & (due < issue), issue, due).astype(np.int32)
