"""Which rows break a rule of the ledger, and why?

A row is set aside under its first reason, so that the counts per reason add up. Credits (below 0) need no due date and
have no terms.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest import repeats
from insights.ingest.draft import LONGEST_TERMS, Options
from insights.ingest.entries import VALUE_LENGTH, Entries, codes, is_filled
from insights.ingest.normalise import apply_payments, complete, explained
from insights.ingest.recognise.dates import ABSENT, UNREADABLE
from insights.ingest.recognise.numbers import MOST
from insights.ledger.ledger import INVOICE, UNKNOWN, Problem, day
from insights.ledger.money import is_currency

FAR = 400  # days beyond nearly all others: a mistyped year
FAR_FROM_MIDDLE = 5500  # days
NEARLY_ALL = 0.995
FEWEST_FOR_FAR = 20


def unreadable(entries: Entries) -> None:
    """Sets rows aside whose customer, dates or amounts are missing or no such thing."""
    if "wide" in entries.masks:
        entries.blame(entries.masks["wide"], "row_wider", "amount")
    entries.blame(~is_filled(entries.texts("customer_id")), "customer_missing", "customer_id")
    for name in ("issue_date", "due_date", "paid_date"):
        if name in entries.days:
            entries.blame(entries.days[name] == UNREADABLE, "date_unreadable", name)
    for name in ("amount", "outstanding", "paid_amount"):
        if name in entries.unreadable:
            entries.blame(entries.unreadable[name], "number_unreadable", name)
        if name in entries.money:
            entries.blame(np.abs(entries.money[name]) > MOST, "amount_absurd", name)
    entries.blame(entries.missing["amount"], "amount_missing", "amount")
    entries.blame(entries.money["amount"] == 0, "amount_zero", "amount")
    entries.blame(~entries.has_day("issue_date"), "issue_missing", "issue_date")
    encoded = entries.texts("currency").combine_chunks().dictionary_encode()
    known = np.array([is_currency(code) for code in encoded.dictionary.to_pylist()], bool)
    entries.blame(~known[encoded.indices.to_numpy(zero_copy_only=False)], "currency_unknown", "currency")


def contradictory(entries: Entries, options: Options) -> None:
    """Sets rows aside whose dates or amounts contradict each other. Needs `kind` to be known."""
    invoice = pc.equal(entries.texts("kind"), INVOICE).to_numpy()
    issue, due, paid = (entries.dates(name).astype(np.int64) for name in ("issue_date", "due_date", "paid_date"))
    settled = entries.has_day("paid_date")
    entries.blame(invoice & ~entries.has_day("due_date"), "due_missing", "due_date")
    entries.blame(invoice & (due < issue), "due_before_issue", "due_date")
    long = invoice & (due - issue > LONGEST_TERMS)
    entries.blame(long & ~explained.is_retention(entries, long), "terms_too_long", "due_date")
    for name in ("issue_date", "paid_date"):
        entries.blame(_far(entries, name), "date_far", name)
    entries.blame(settled & (paid < issue), "paid_before_issue", "paid_date")
    residual = apply_payments.residuals(entries, options)
    settled = _without_days_to_come(entries, options, settled, residual)
    _said(entries, invoice, settled, residual)
    _contradictory_amounts(entries, invoice, settled, residual)


def _far(entries: Entries, name: str) -> np.ndarray:
    """Dates far from nearly all of their column: one mistyped year would make everything else look overdue."""
    days, there = entries.dates(name).astype(np.int64), entries.has_day(name) & entries.good()
    if not there.any():
        return np.zeros(len(entries), bool)
    middle = np.median(days[there])
    first, last = middle - FAR_FROM_MIDDLE, middle + FAR_FROM_MIDDLE
    if there.sum() >= FEWEST_FOR_FAR:
        last = min(last, np.quantile(days[there], NEARLY_ALL, method="lower") + FAR)
    far: np.ndarray = np.logical_and(there, (days > last) | (days < first))
    return far


def _without_days_to_come(entries: Entries, options: Options, settled: np.ndarray, residual: np.ndarray) -> np.ndarray:
    """Which rows are settled, where those that will be paid only after the last day of the ledger are open as the file says."""
    if "outstanding" not in entries.money:
        return settled
    last = day(options.complete_through or complete.today())
    left = ~entries.missing["outstanding"] & (np.abs(entries.money["outstanding"]) > residual)
    ahead = settled & left & (entries.dates("paid_date") > last)
    texts = entries.texts("paid_date")
    for k in np.flatnonzero(ahead & entries.good()).tolist():
        value = texts[k].as_py()[:VALUE_LENGTH]
        header = entries.headers.get("paid_date", "paid date")
        entries.remarks.append(Problem(int(entries.lines[k]), header, value, "paid_later", set_aside=False))
    if ahead.any():
        entries.days["paid_date"] = np.where(ahead, ABSENT, entries.dates("paid_date")).astype(np.int32)
        entries.text["settled_by"] = pc.if_else(pa.chunked_array([pa.array(ahead)]), UNKNOWN, entries.texts("settled_by"))
    open_again: np.ndarray = settled & ~ahead
    return open_again


def _said(entries: Entries, invoice: np.ndarray, settled: np.ndarray, residual: np.ndarray) -> None:
    """What a status says and no day or amount bears out."""
    about = next((name for name in ("status", "is_paid", "is_open") if name in entries.text), "status")
    left = np.zeros(len(entries), bool)
    if "outstanding" in entries.money:
        left = ~entries.missing["outstanding"] & (np.abs(entries.money["outstanding"]) > residual)
    if "written_off" in entries.masks:
        entries.blame(invoice & entries.masks["written_off"] & ~settled, "written_off_undated", about)
        entries.blame(invoice & entries.masks["said_unpaid"] & settled, "unpaid_but_paid_date", "paid_date")
    if "paid" in entries.masks:
        entries.blame(invoice & entries.masks["paid"] & left, "said_paid_but_outstanding", "outstanding")
        entries.blame(invoice & entries.masks["paid"] & ~settled, "settled_without_date", about)
    if "dateless" in entries.masks:
        entries.blame(invoice & entries.masks["dateless"] & ~settled & ~left, "settled_without_date", "paid_date")


def _contradictory_amounts(entries: Entries, invoice: np.ndarray, settled: np.ndarray, residual: np.ndarray) -> None:
    if "outstanding" not in entries.money:
        return
    amount, outstanding, known = entries.money["amount"], entries.money["outstanding"], ~entries.missing["outstanding"]
    entries.blame(known & (np.sign(outstanding) * np.sign(amount) < 0), "outstanding_sign", "outstanding")
    entries.blame(known & (np.abs(outstanding) > np.abs(amount)), "outstanding_above_amount", "outstanding")
    entries.blame(invoice & known & settled & (outstanding > residual), "paid_but_outstanding", "outstanding")
    entries.blame(invoice & known & ~settled & (outstanding == 0), "settled_without_date", "outstanding")


def repeated(entries: Entries) -> None:
    """Duplicates are set aside; the same number with another due date or amount becomes a further line.

    Of two equal rows one of which is settled, the settled one stays: two exports may overlap.
    """
    keys = [entries.texts("company"), entries.texts("invoice_id"), entries.texts("line")]
    if not repeats.may_repeat(keys).any():
        return
    unit = codes(keys)
    good = unit[entries.good()]
    if len(np.unique(good)) < len(good):
        _number(entries, unit)


def alike(entries: Entries) -> None:
    """Notes rows that equal an earlier one in everything but the number: they may be real, so they are used."""
    names, dated = ("company", "customer_id", "currency"), ("issue_date", "due_date", "paid_date")
    days = {name: entries.dates(name) for name in dated}
    again = repeats.may_repeat([*map(entries.texts, names), *days.values(), entries.money["amount"]]) & entries.good()
    if not again.any():
        return
    numbered = _are_numbered_as_before(entries)[again]
    columns = {name: codes([entries.texts(name)])[again] for name in names}
    rows = pd.DataFrame({**columns, **{name: days[name][again] for name in dated}, "amount": entries.money["amount"][again]})
    number = int((rows.duplicated().to_numpy() & ~numbered).sum())
    if number:
        entries.note("looks_repeated", number=number)


def _are_numbered_as_before(entries: Entries) -> np.ndarray:
    """Good rows (bool) with the company and number of an earlier good one."""
    key, good = [entries.texts("company"), entries.texts("invoice_id")], entries.good()
    as_before = np.zeros(len(entries), bool)
    if repeats.may_repeat(key).any():
        as_before[good] = pd.Series(codes(key)[good]).duplicated().to_numpy()
    return as_before


def _number(entries: Entries, unit: np.ndarray) -> None:
    good = np.flatnonzero(entries.good())
    rows = pd.DataFrame({"at": good, "unit": unit[good]})
    rows = rows[rows.duplicated("unit", keep=False)].copy()
    at = rows["at"].to_numpy()
    for name, values in (
        ("due", entries.dates("due_date")),
        ("issue", entries.dates("issue_date")),
        ("amount", entries.money["amount"]),
    ):
        rows[name] = values[at]
    rows["customer"] = codes([entries.texts("customer_id"), entries.texts("currency"), entries.texts("kind")])[at]
    rows["open"] = ~entries.has_day("paid_date")[at]
    same = ["unit", "customer", "due", "amount"]
    first = rows.sort_values(["open", "at"], kind="stable").duplicated(same, keep="first").sort_index()
    mask = np.zeros(len(entries), bool)
    mask[rows.loc[first, "at"].to_numpy()] = True
    entries.blame(mask, "duplicate", "invoice_id")
    rest = rows[~first].sort_values("at", kind="stable")
    later = rest.groupby("unit").cumcount().to_numpy() + 1
    further = later > 1
    if further.any():
        _set_lines(entries, rest["at"].to_numpy()[further], later[further])


def _set_lines(entries: Entries, at: np.ndarray, later: np.ndarray) -> None:
    """Instalments: "2", "3", ... in file order; below a line that the file names, "10-2"."""
    lines = entries.texts("line").to_pylist()
    named = "line" in entries.headers
    for k, number in zip(at.tolist(), later.tolist(), strict=True):
        lines[k] = f"{lines[k]}-{number}" if named else str(number)
    entries.text["line"] = pa.chunked_array([pa.array(lines, pa.string())])
    entries.note("further_lines", entries.headers.get("invoice_id", ""), number=len(at))
