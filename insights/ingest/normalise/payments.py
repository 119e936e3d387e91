"""Which invoice does each row of a payments file belong to? By document, else per customer oldest first; the rest is reported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest import source_rows
from insights.ingest.draft import Options
from insights.ingest.entries import Applied, Entries, codes, constant, is_filled
from insights.ingest.normalise import apply_payments
from insights.ingest.recognise import currencies, dates, formats, match, numbers, payment_names
from insights.ingest.recognise.dates import UNREADABLE
from insights.ingest.recognise.table import Table
from insights.ledger.errors import Refused
from insights.ledger.ledger import Problem
from insights.ledger.money import NO_CURRENCY, decimal_text, exponent
from insights.messages.problems import PAYMENTS_FILE

MINIMUM = ("paid_date", "amount")


@dataclass(frozen=True)
class Rows:
    """The rows of a payments file: texts, days (int32) and minor units (int64), unreadable ones left out and reported."""

    lines: np.ndarray
    invoice: pa.ChunkedArray
    customer: pa.ChunkedArray
    currency: pa.ChunkedArray
    day: np.ndarray
    amount: np.ndarray
    credit: np.ndarray


def join(entries: Entries, table: Table, options: Options) -> None:
    """Applies the payments of a second file or sheet to the invoices. Raises Refused where it has no date or amount column."""
    with source_rows.speaking_of(PAYMENTS_FILE.capitalize()):
        rows = _read(entries, table, options)
    named = is_filled(rows.invoice)
    left = rows.amount.copy()
    left[named] = _spread(entries, rows, "invoice_id", np.flatnonzero(named))
    left[~named] = _spread(entries, rows, "customer_id", np.flatnonzero(~named))
    if (~named & (left < rows.amount)).any():
        entries.note("payments_oldest_first", PAYMENTS_FILE, number=int((~named & (left < rows.amount)).sum()))
    _report(entries, rows, np.flatnonzero(left > 0), left[left > 0])
    apply_payments.finish(entries, options)


def _read(entries: Entries, table: Table, options: Options) -> Rows:
    position = {match.compact(header): at for at, header in reversed(list(enumerate(table.headers)))}
    at = _columns(position)
    missing = [name for name in MINIMUM if name not in at]
    if missing:
        raise Refused(
            f"It needs a column for the date and one for the amount; found were {', '.join(table.headers)}.",
            "payments_columns",
        )
    return _typed(entries, options, table, at)


def _columns(position: dict[str, int]) -> dict[str, int]:
    result: dict[str, int] = {}
    for name, names in payment_names.names().items():
        for candidate in names:
            column = position.get(match.compact(candidate))
            if column is not None and column not in result.values():
                result[name] = column
                break
    return result


def _typed(entries: Entries, options: Options, table: Table, at: dict[str, int]) -> Rows:
    decisions, body, headers = formats.Decisions(), table.body, table.headers
    day_cells, figures = (
        dates.column(body.columns[at["paid_date"]]),
        numbers.column(body.columns[at["amount"]], body.typed[at["amount"]]),
    )
    order = formats.orders({"paid_date": (headers[at["paid_date"]], day_cells)}, body.lines, options.date_order, decisions)
    mark = formats.marks({"amount": (headers[at["amount"]], figures)}, body.lines, options.decimal, decisions)
    if decisions.questions:
        asked = " ".join(f"{question.sentence} (pass {question.argument})" for question in decisions.questions)
        raise Refused(asked, "payments_questions")
    texts = {
        name: body.columns[at[name]] if name in at else constant("", len(body))
        for name in ("invoice_id", "customer_id", "currency", "kind")
    }
    texts = {name: pc.replace_substring_regex(column, r"^(\d+)\.0+$", r"\1") for name, column in texts.items()}
    values, unreadable = figures.values(mark["amount"])
    currency = _currencies(entries, texts)
    amount, empty = numbers.minor_units(values, _places(currency))
    amount = -amount if (amount <= 0).all() else amount  # some systems write payments as credits
    day = day_cells.days(order["paid_date"])
    readable = ~empty & ~unreadable & (day > UNREADABLE) & (np.abs(amount) <= numbers.MOST)
    cells = body.columns[at["amount"]]
    _say(entries, body.lines[~readable], cells.filter(pa.array(~readable)).to_pylist(), "payment_unreadable")
    back = readable & (amount < 0)
    _say(entries, body.lines[back], cells.filter(pa.array(back)).to_pylist(), "payment_negative")
    good = readable & (amount > 0)
    mask = pa.array(good)
    credit = pc.match_substring_regex(pc.utf8_lower(texts["kind"]), "credit|gutschrift|avoir").to_numpy()[good]
    documents, customers = texts["invoice_id"].filter(mask), texts["customer_id"].filter(mask)
    return Rows(body.lines[good], documents, customers, currency.filter(mask), day[good].astype(np.int32), amount[good], credit)


def _currencies(entries: Entries, texts: Mapping[str, pa.ChunkedArray]) -> pa.ChunkedArray:
    """The currency of each payment: its own, else that of the invoice it names, else that of its customer."""
    known = entries.texts("currency")
    own = currencies.column(texts["currency"])
    for mine, names in (("invoice_id", texts["invoice_id"]), ("customer_id", texts["customer_id"])):
        place = pc.index_in(names, value_set=entries.texts(mine).combine_chunks())
        own = pc.if_else(pc.equal(own, ""), pc.fill_null(known.take(place), ""), own)
    return pc.if_else(pc.equal(own, ""), NO_CURRENCY, own)


def _places(currency: pa.ChunkedArray) -> np.ndarray:
    encoded = currency.combine_chunks().dictionary_encode()
    places = np.array([exponent(code) for code in encoded.dictionary.to_pylist()] or [2], np.int8)
    of_rows: np.ndarray = places[encoded.indices.to_numpy(zero_copy_only=False)]
    return of_rows


def _spread(entries: Entries, rows: Rows, by: str, at: np.ndarray) -> np.ndarray:
    """Applies the payments at `at` to the invoices of the same document or customer (`by`) and currency, oldest due first.

    Gives what is left of each (minor units).
    """
    theirs_text = rows.invoice if by == "invoice_id" else rows.customer
    pairs = [(entries.texts(by), theirs_text), (entries.texts("currency"), rows.currency)]
    both = codes(
        [pa.chunked_array([*of_invoices.chunks, *of_payments.chunks], pa.string()) for of_invoices, of_payments in pairs]
    )
    of_invoices, of_payments = both[: len(entries)], both[len(entries) :][at]
    due, issue = entries.dates("due_date"), entries.dates("issue_date")
    free = entries.money["amount"] - _applied_sum(entries)
    wanted = (free > 0) & (issue > UNREADABLE) & is_filled(entries.texts(by))
    if by == "customer_id":
        wanted &= ~entries.has_day("paid_date")
    debit = np.flatnonzero(wanted)
    debit = debit[np.lexsort((debit, due[debit], issue[debit], of_invoices[debit]))]
    order = np.lexsort((at, rows.day[at], of_payments))
    (to, source, value), over = apply_payments.spread(of_invoices[debit], free[debit], of_payments[order], rows.amount[at][order])
    used = at[order][source]
    entries.applied = entries.applied.and_(Applied(debit[to], rows.day[used], value, rows.credit[used]))
    left = np.zeros(len(at), np.int64)
    left[order] = over
    return left


def _applied_sum(entries: Entries) -> np.ndarray:
    total = np.zeros(len(entries), np.int64)
    np.add.at(total, entries.applied.position, entries.applied.amount)
    return total


def _report(entries: Entries, rows: Rows, at: np.ndarray, amounts: np.ndarray) -> None:
    """Every payment of which something found no invoice, with its line in the payments file, and their sum."""
    if not len(at):
        return
    currencies = np.array(rows.currency.take(pa.array(at)).to_pylist(), object)
    sums = [f"{decimal_text(amounts[currencies == code].sum(), code)} {code}" for code in sorted(set(currencies))]
    entries.note("payments_unmatched", PAYMENTS_FILE, ", ".join(sums), len(at))
    named = pc.if_else(pc.equal(rows.invoice, ""), rows.customer, rows.invoice).take(pa.array(at)).to_pylist()
    _say(entries, rows.lines[at], named, "payment_unmatched")


def _say(entries: Entries, lines: np.ndarray, values: Sequence[str], reason: str) -> None:
    """Remarks on rows of the payments file."""
    pairs = zip(lines.tolist(), values, strict=True)
    entries.remarks += [Problem(line, PAYMENTS_FILE, value, reason, set_aside=False) for line, value in pairs]
