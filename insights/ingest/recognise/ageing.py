"""Which columns are the ranges of an ageing report, and what do they come to?"""

import re
from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.entries import Entries, constant
from insights.ingest.recognise.match import words
from insights.ledger.errors import Refused
from insights.ledger.money import exponent

FEWEST = 2  # ranges of a report
RANGE = (  # as `words` has a header
    r"^(?:current|not (?:yet )?due|nicht fallig|non echu|a vencer|no vencido|(?:1 )?months?|[1-9] months?|older|"
    r"(?:over |above |more than |uber |plus de |mas de |mais de )?\d{1,3}(?: days| tage| jours| dias)?"
    r"(?: (?:and |or )?(?:over|above|older|more|days))?|"
    r"\d{1,3} (?:to |bis |a |and |tot )?\d{1,3}(?: days| tage| jours| dias| dagen)?)$"
)


def ranges(headers: Iterable[str]) -> list[str]:
    """The headers that name ranges of days, where there are several."""
    named = [header for header in headers if re.search(RANGE, words(header))]
    return named if len(named) >= FEWEST else []


def refuse_summary(headers: Iterable[str], matched: Mapping[str, object]) -> None:
    """Raises Refused for a report of ranges per customer: it holds no invoices."""
    if ranges(headers) and not {"invoice_id", "issue_date", "due_date"} & set(matched):
        raise Refused(
            "This is a summary per customer: it says how old the balances are, but holds no invoices. Export the report that "
            "lists every open invoice with its dates (an ageing detail, or a list of open invoices).",
            "summary",
        )


def scale(entries: Entries) -> np.ndarray:
    """Minor units per unit of the currency of each row (float64)."""
    encoded = entries.texts("currency").combine_chunks().dictionary_encode()
    factors = np.array([10.0 ** exponent(code) for code in encoded.dictionary.to_pylist()] or [100.0])
    of_rows: np.ndarray = factors[encoded.indices.to_numpy(zero_copy_only=False)]
    return of_rows


def figures(entries: Entries, header: str) -> np.ndarray:
    """A further column of figures in minor units (int64), 0 where it is empty."""
    values = pc.fill_null(entries.further[header], 0.0).to_numpy() * scale(entries)
    minor: np.ndarray = np.rint(np.clip(values, -9e15, 9e15)).astype(np.int64)
    return minor


def add_up(entries: Entries) -> None:
    """What is open of each row from its ranges, where no column says it, and they never exceed the amount."""
    if {"outstanding", "debit", "credit", "paid_amount"} & set(entries.money):
        return
    named = [header for header in ranges(entries.further) if entries.further[header].null_count < len(entries)]
    summed = [header for header in named if pa.types.is_floating(entries.further[header].type)]
    if not summed or len(summed) < len(named):  # one that cannot be read leaves the sum unknown
        return
    total = sum((figures(entries, header) for header in summed), np.zeros(len(entries), np.int64))
    empty = np.logical_and.reduce([pc.is_null(entries.further[header]).to_numpy() for header in summed])
    if "amount" in entries.money:
        whole = entries.money["amount"]
        within = (np.sign(total) * np.sign(whole) >= 0) & (np.abs(total) <= np.abs(whole) + 1)
        if not within.all() or (np.abs(total - whole) <= 1).all() or (total == 0).all():
            return  # they are of another matter, or say nothing new
        empty = np.zeros(len(entries), bool)
        entries.note("ageing_is_open", " + ".join(summed))
    entries.set_money("outstanding", total, empty)
    entries.headers["outstanding"] = " + ".join(summed)
    entries.text["outstanding"] = constant("", len(entries))
