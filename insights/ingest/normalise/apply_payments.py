"""When was an invoice settled, where payments stand in rows of their own?

A payment row finds its invoice by reference, by matching number or in the order of issue. An invoice is settled on the day on
which what was applied reaches its amount within the tolerance; what was applied by credit notes is no payment.
"""

from contextlib import suppress
from decimal import Decimal, InvalidOperation

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.draft import Options
from insights.ingest.entries import Applied, Entries, codes, is_filled
from insights.ingest.normalise import terms
from insights.ingest.recognise import statement
from insights.ingest.recognise.dates import UNREADABLE
from insights.ingest.recognise.presets import Preset
from insights.ledger.errors import Refused
from insights.ledger.ledger import CREDIT, CREDIT_NOTE, INVOICE, PAYMENT, UNKNOWN
from insights.ledger.money import exponent

MOST_TOLERANCE = 10**9


def within_file(entries: Entries, preset: Preset, options: Options) -> None:
    """Applies the payment rows of the file itself, as the preset says they find their invoice."""
    if "clearing_document" in entries.text:
        _cleared_by(entries)
    if preset.payments == "reference" or (not preset.payments and "reference" in entries.text):
        by_reference(entries, preset)
    if not preset.payments:
        by_own_number(entries, preset)
    if preset.payments == "matching":
        by_matching(entries)
    elif preset.payments == "order" or statement.is_one(entries, preset):
        in_order(entries)
    finish(entries, options)


def _day_of(entries: Entries, preset: Preset) -> np.ndarray:
    name = preset.applied_date
    return np.where(entries.has_day(name), entries.dates(name), entries.dates("issue_date"))


def by_reference(entries: Entries, preset: Preset) -> None:
    """Rows below 0 that name the invoice they belong to are applied to it and leave the list."""
    reference = entries.texts("reference")
    target = np.where(is_filled(reference), positions(entries, reference), -1)
    _apply_to(entries, preset, target)


def by_own_number(entries: Entries, preset: Preset) -> None:
    """Payments and credit notes that bear the number of an invoice of their customer are applied to it and leave the list."""
    if "invoice_id" not in entries.text:
        return
    other = pc.not_equal(entries.texts("kind"), INVOICE).to_numpy() & is_filled(entries.texts("invoice_id"))
    if not other.any():
        return
    target = np.where(other, positions(entries, entries.texts("invoice_id")), -1)
    customer = codes([entries.texts("company"), entries.texts("customer_id"), entries.texts("currency")])
    day, issued = _day_of(entries, preset), entries.dates("issue_date")[np.maximum(target, 0)]
    mine = (target >= 0) & (customer == customer[np.maximum(target, 0)]) & (day >= issued)
    _apply_to(entries, preset, np.where(mine, target, -1))


def _apply_to(entries: Entries, preset: Preset, target: np.ndarray) -> None:
    """Applies rows below 0 to the invoices at the positions `target` (-1: to none); they leave the list."""
    amount = entries.money["amount"]
    wanted = (amount < 0) & (entries.dates("issue_date") > UNREADABLE)
    mine = np.flatnonzero(wanted & (target >= 0) & (target != np.arange(len(entries))))
    if not len(mine):
        return
    credit = pc.equal(entries.texts("kind"), CREDIT_NOTE).to_numpy()
    applied = Applied(target[mine], _day_of(entries, preset)[mine].astype(np.int32), -amount[mine], credit[mine])
    entries.applied = entries.applied.and_(applied)
    kept = np.ones(len(entries), bool)
    kept[mine] = False
    entries.keep(kept, "applied")


def positions(entries: Entries, wanted: pa.ChunkedArray) -> np.ndarray:
    """Position of the first invoice with each wanted number (of the same company where rows are asked for), -1 where none."""
    invoice = np.flatnonzero(pc.equal(entries.texts("kind"), INVOICE).to_numpy() & is_filled(entries.texts("invoice_id")))
    names = pc.binary_join_element_wise(entries.texts("company"), entries.texts("invoice_id"), "\x1f").take(pa.array(invoice))
    asked = pc.binary_join_element_wise(entries.texts("company"), wanted, "\x1f")
    place = pc.index_in(asked, value_set=names.combine_chunks()).fill_null(-1).to_numpy()
    return np.where(place >= 0, invoice[np.maximum(place, 0)] if len(invoice) else -1, -1)


def by_matching(entries: Entries) -> None:
    """Rows with the same matching number: those below 0 are applied to those above, oldest first."""
    matching = entries.texts("matching")
    rows = is_filled(matching)
    if rows.any():
        _oldest_first(entries, codes([matching]), rows)


def in_order(entries: Entries) -> None:
    """Payments carry no reference: per customer they are applied oldest first, but those of which the file says what is open."""
    customer = codes([entries.texts("company"), entries.texts("customer_id"), entries.texts("currency")])
    rows = ~_open_by_the_file(entries)
    amount = entries.money["amount"]
    if (rows & (amount < 0)).any():
        _oldest_first(entries, customer, rows)
        entries.note("matched_oldest_first")


def _open_by_the_file(entries: Entries) -> np.ndarray:
    """Rows (bool) that were applied to nothing, or that nothing was applied to, where a column says what is open of credits."""
    none = np.zeros(len(entries), bool)
    if "outstanding" not in entries.money:
        return none
    amount, left = entries.money["amount"], entries.money["outstanding"]
    untouched: np.ndarray = ~entries.missing["outstanding"] & (amount != 0) & (np.abs(left) == np.abs(amount))
    return untouched if (untouched & (amount < 0)).any() else none


def _oldest_first(entries: Entries, group: np.ndarray, rows: np.ndarray) -> None:
    """Within each group, spreads what is below 0 over what is above, in the order of their dates."""
    amount, day = entries.money["amount"], entries.dates("issue_date")
    due = np.where(entries.has_day("due_date"), entries.dates("due_date"), day)
    usable = rows & (day > UNREADABLE) & ~entries.missing["amount"]
    debit = np.flatnonzero(usable & (amount > 0))
    credit = np.flatnonzero(usable & (amount < 0))
    debit = debit[np.lexsort((debit, due[debit], day[debit], group[debit]))]
    credit = credit[np.lexsort((credit, day[credit], group[credit]))]
    by_credit = pc.equal(entries.texts("kind"), CREDIT_NOTE).to_numpy()
    covered, rest = spread(group[debit], amount[debit], group[credit], -amount[credit])
    position, source, value = debit[covered[0]], credit[covered[1]], covered[2]
    entries.applied = entries.applied.and_(Applied(position, day[source].astype(np.int32), value, by_credit[source]))
    kept = np.ones(len(entries), bool)
    used_up = credit[rest == 0]
    kept[used_up] = False
    partly = credit[(rest > 0) & (rest < -amount[credit])]
    entries.money["amount"][partly] = -rest[(rest > 0) & (rest < -amount[credit])]
    if "outstanding" in entries.money:
        entries.money["outstanding"][partly] = entries.money["amount"][partly]
    entries.keep(kept, "applied")


def spread(
    debit_group: np.ndarray, debits: np.ndarray, credit_group: np.ndarray, credits_: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], np.ndarray]:
    """Applies credits to debits within equal groups (both sorted by group), first to first.

    Gives ((debit, credit, minor units) of each application, what is left of each credit).
    """
    debit, credit, value = [], [], []
    rest = credits_.copy()
    at = 0
    left = debits.copy()
    for k in range(len(credits_)):
        while at < len(debits) and (debit_group[at] < credit_group[k] or (debit_group[at] == credit_group[k] and left[at] == 0)):
            at += 1
        while rest[k] > 0 and at < len(debits) and debit_group[at] == credit_group[k]:
            share = min(int(left[at]), int(rest[k]))
            debit.append(at)
            credit.append(k)
            value.append(share)
            left[at] -= share
            rest[k] -= share
            at += left[at] == 0
    return (np.array(debit, np.int64), np.array(credit, np.int64), np.array(value, np.int64)), rest


def _cleared_by(entries: Entries) -> None:
    """Cleared together with a credit note and without a payment: settled by credit."""
    clearing = entries.texts("clearing_document")
    there = is_filled(clearing) & entries.has_day("paid_date")
    if not there.any():
        return
    group = codes([entries.texts("company"), clearing])
    size = int(group.max()) + 1
    kind = entries.texts("kind")
    notes, invoices = (pc.equal(kind, name).to_numpy() & there for name in (CREDIT_NOTE, INVOICE))
    with_note = np.bincount(group[notes], minlength=size) > 0
    with_payment = np.bincount(group[there & ~notes & ~invoices], minlength=size) > 0
    by_credit = invoices & (with_note & ~with_payment)[group]
    settled = entries.texts("settled_by")
    mask = pa.chunked_array([pa.array(by_credit & pc.equal(settled, PAYMENT).to_numpy())])
    entries.text["settled_by"] = pc.if_else(mask, CREDIT, settled)


def _amount(text: str) -> Decimal:
    """A tolerance as the user writes it. Raises Refused for what is none."""
    with suppress(InvalidOperation):  # of NaN too
        tolerance = Decimal(text)
        if 0 <= tolerance <= MOST_TOLERANCE:
            return tolerance
    raise Refused(f"“{text}” is no tolerance: write an amount from 0 to {MOST_TOLERANCE:,}, as 2.50.", "no_tolerance")


def tolerances(entries: Entries, options: Options) -> np.ndarray:
    """Minor units (int64 per row) up to which a residual counts as settled: the smaller of the amount and the per cent."""
    encoded = entries.texts("currency").combine_chunks().dictionary_encode()
    tolerance = _amount(options.tolerance)
    units = [int(tolerance.scaleb(exponent(code))) for code in encoded.dictionary.to_pylist()]
    flat = np.array(units or [0], np.int64)[encoded.indices.to_numpy(zero_copy_only=False)]
    share = (np.abs(entries.money["amount"]) * (options.tolerance_percent / 100)).astype(np.int64)
    smaller: np.ndarray = np.minimum(flat, share)
    return smaller


def residuals(entries: Entries, options: Options) -> np.ndarray:
    """What may be left of a settled invoice (minor units): the tolerance, and the cash discount where it was paid in time."""
    share, until = terms.discounts(entries)
    in_time = entries.has_day("paid_date") & (entries.dates("paid_date") <= until)
    discount = np.where(in_time, np.abs(entries.money["amount"]) * share, 0).astype(np.int64)
    left: np.ndarray = tolerances(entries, options) + discount
    return left


def finish(entries: Entries, options: Options) -> None:
    """Paid date, outstanding and `settled_by` of the invoices that something was applied to."""
    applied = entries.applied
    if not len(applied.position):
        return
    order = np.lexsort((applied.day, applied.position))
    position, day, value, credit = (part[order] for part in (applied.position, applied.day, applied.amount, applied.credit))
    entries.applied = Applied(position, day, value, credit)
    total = np.zeros(len(entries), np.int64)
    np.add.at(total, position, value)
    amount = entries.money["amount"]
    sums = np.cumsum(value)
    starts = np.searchsorted(position, position, side="left")
    running = sums - np.where(starts > 0, sums[starts - 1], 0)
    enough = amount - tolerances(entries, options)
    share, until = terms.discounts(entries)
    reached = (running >= enough[position]) | ((running >= (enough - amount * share)[position]) & (day <= until[position]))
    at, crossing = np.unique(position[reached], return_index=True)
    crossing = np.flatnonzero(reached)[crossing]
    fresh = ~entries.has_day("paid_date")[at]
    paid = entries.dates("paid_date").copy()
    paid[at[fresh]] = day[crossing][fresh]
    entries.days["paid_date"] = paid
    _outstanding(entries, total)
    _say_how(entries, at[fresh], credit[crossing][fresh])


def _outstanding(entries: Entries, total: np.ndarray) -> None:
    """Amount less what was applied, where the file itself says nothing; 0 once settled."""
    amount = entries.money["amount"]
    rest = amount - np.sign(amount) * total
    if "stated" not in entries.masks:
        stated = np.zeros(len(entries), bool)
        if "outstanding" in entries.money:
            stated = ~entries.missing["outstanding"] & (entries.money["outstanding"] != amount)
        entries.masks["stated"] = stated
    if "outstanding" in entries.money:
        rest = np.where(entries.masks["stated"], entries.money["outstanding"], rest)
    rest = np.where(entries.has_day("paid_date"), 0, rest)
    entries.set_money("outstanding", rest, np.zeros(len(entries), bool))


def _say_how(entries: Entries, at: np.ndarray, credit: np.ndarray) -> None:
    how = np.array(entries.texts("settled_by").to_pylist(), object)
    open_ = how[at] == UNKNOWN
    how[at[open_]] = np.where(credit[open_], CREDIT, PAYMENT)
    entries.text["settled_by"] = pa.chunked_array([pa.array(how, pa.string())])
