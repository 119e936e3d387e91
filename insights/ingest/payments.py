"""Which invoice does each row of a payments file belong to? By document, else per customer oldest first; the rest is reported."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.errors import Refused
from insights.ingest import dates, decide, derive, match, numbers, settle, table
from insights.ingest.dates import UNREADABLE
from insights.ingest.draft import Options
from insights.ingest.entries import Applied, Entries, codes, constant, is_filled
from insights.ingest.grid import Grid
from insights.ledger import INVOICE, Problem
from insights.money import NO_CURRENCY, exponent

MINIMUM = ("paid_date", "amount")


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    """Field -> what its columns are called."""
    text = Path(__file__).with_name("payments.toml").read_text(encoding="utf-8")
    return {name: tuple(names) for name, names in tomllib.loads(text).items()}


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


def join(entries: Entries, grid: Grid, options: Options) -> None:
    """Applies the payments of a second file or sheet to the invoices. Raises Refused where it has no date or amount column."""
    rows = _read(entries, grid, options)
    position = _by_document(entries, rows)
    found = np.flatnonzero(position >= 0)
    entries.applied = entries.applied.and_(Applied(position[found], rows.day[found], rows.amount[found], rows.credit[found]))
    rest = np.flatnonzero(position < 0)
    left = _oldest_first(entries, rows, rest)
    _report(entries, rows, rest, left)
    settle.finish(entries, options)


def _read(entries: Entries, grid: Grid, options: Options) -> Rows:
    found = table.table(grid, {match.compact(name) for names in _names().values() for name in names})
    position = {match.compact(header): at for at, header in reversed(list(enumerate(found.headers)))}
    at = _columns(position)
    missing = [name for name in MINIMUM if name not in at]
    if missing:
        raise Refused(
            f"The payments file needs a column for the date and one for the amount; found were {', '.join(found.headers)}.",
            "payments_columns",
        )
    return _typed(entries, options, found, at)


def _columns(position: dict[str, int]) -> dict[str, int]:
    result: dict[str, int] = {}
    for name, names in _names().items():
        for candidate in names:
            column = position.get(match.compact(candidate))
            if column is not None and column not in result.values():
                result[name] = column
                break
    return result


def _typed(entries: Entries, options: Options, found: table.Table, at: dict[str, int]) -> Rows:
    decisions, body, headers = decide.Decisions(), found.body, found.headers
    day_cells, figures = (
        dates.column(body.columns[at["paid_date"]]),
        numbers.column(body.columns[at["amount"]], body.typed[at["amount"]]),
    )
    order = decide.orders({"paid_date": (headers[at["paid_date"]], day_cells)}, body.lines, options.date_order, decisions)
    mark = decide.marks({"amount": (headers[at["amount"]], figures)}, body.lines, options.decimal, decisions)
    if decisions.questions:
        asked = " ".join(f"{question.sentence} (pass {question.argument})" for question in decisions.questions)
        raise Refused(f"Payments file: {asked}", "payments_questions")
    texts = {
        name: body.columns[at[name]] if name in at else constant("", len(body))
        for name in ("invoice_id", "customer_id", "currency", "kind")
    }
    currency = derive.currencies(texts["currency"], NO_CURRENCY)
    places = np.array([exponent(code) for code in currency.to_pylist()] or [], np.int8)
    values, unreadable = figures.values(mark["amount"])
    amount, empty = numbers.minor_units(values, places)
    day = day_cells.days(order["paid_date"])
    good = ~empty & ~unreadable & (day > UNREADABLE) & (amount != 0)
    _say(entries, body.lines[~good], headers[at["amount"]], "payment_unreadable")
    mask = pa.array(good)
    credit = pc.match_substring_regex(pc.utf8_lower(texts["kind"]), "credit|gutschrift|avoir").to_numpy()[good]
    return Rows(
        body.lines[good],
        pc.replace_substring_regex(texts["invoice_id"], r"^(\d+)\.0+$", r"\1").filter(mask),
        pc.replace_substring_regex(texts["customer_id"], r"^(\d+)\.0+$", r"\1").filter(mask),
        currency.filter(mask),
        day[good].astype(np.int32),
        np.abs(amount[good]),
        credit,
    )


def _by_document(entries: Entries, rows: Rows) -> np.ndarray:
    """Position of the invoice that each payment names, -1 where it names none that is there."""
    invoice = np.flatnonzero(pc.equal(entries.texts("kind"), INVOICE).to_numpy() & is_filled(entries.texts("invoice_id")))
    if not len(invoice):
        return np.full(len(rows.lines), -1)
    names = entries.texts("invoice_id").take(pa.array(invoice)).combine_chunks()
    found = pc.index_in(rows.invoice, value_set=names).fill_null(-1).to_numpy()
    return np.where(found >= 0, invoice[np.maximum(found, 0)], -1)


def _oldest_first(entries: Entries, rows: Rows, rest: np.ndarray) -> np.ndarray:
    """Spreads payments that name no invoice over the open ones of their customer; gives what is left of each (minor units)."""
    left: np.ndarray = rows.amount[rest]
    unnamed = rest[~is_filled(rows.invoice.take(pa.array(rest)))] if len(rest) else rest
    if not len(unnamed):
        return left
    asked = [rows.customer.take(pa.array(unnamed)), rows.currency.take(pa.array(unnamed))]
    both = codes([pa.chunked_array([*entries.texts("customer_id").chunks, *asked[0].chunks], pa.string())])
    mine, theirs = both[: len(entries)], both[len(entries) :]
    amount, issue = entries.money["amount"], entries.dates("issue_date")
    free = amount - _applied_sum(entries)
    open_ = np.flatnonzero((free > 0) & ~entries.has_day("paid_date") & (issue > UNREADABLE) & (amount > 0))
    open_ = open_[np.lexsort((open_, issue[open_], mine[open_]))]
    order = np.lexsort((unnamed, rows.day[unnamed], theirs))
    (debit, credit, value), over = settle.spread(mine[open_], free[open_], theirs[order], rows.amount[unnamed][order])
    source = unnamed[order][credit]
    entries.applied = entries.applied.and_(Applied(open_[debit], rows.day[source], value, rows.credit[source]))
    entries.note("payments_oldest_first", "", str(len(np.unique(source))))
    left[np.searchsorted(rest, unnamed[order])] = over
    return left


def _applied_sum(entries: Entries) -> np.ndarray:
    total = np.zeros(len(entries), np.int64)
    np.add.at(total, entries.applied.position, entries.applied.amount)
    return total


def _report(entries: Entries, rows: Rows, rest: np.ndarray, left: np.ndarray) -> None:
    """Every payment of which something found no invoice, with its line in the payments file."""
    over = np.flatnonzero(left > 0)
    _say(entries, rows.lines[rest[over]], "payments file", "payment_unmatched")


def _say(entries: Entries, lines: np.ndarray, column: str, reason: str) -> None:
    entries.remarks += [
        Problem(int(line), column, f"line {line} of the payments file", reason, set_aside=False) for line in lines
    ]
