"""How do entries that break no rule become the ledger?"""

from datetime import date
from hashlib import blake2b

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest import reconcile, settings
from insights.ingest.draft import Options
from insights.ingest.entries import Entries, codes, is_filled
from insights.ingest.normalise import complete, document_types
from insights.ingest.recognise.dates import UNREADABLE
from insights.ledger.errors import Refused
from insights.ledger.ledger import FURTHER, INVOICE, PAYMENTS, SCHEMA, Ledger, as_date
from insights.messages import problems as words


def number(entries: Entries) -> None:
    """Numbers for rows without one: a hash of company, customer, dates, amount and occurrence: the same in later exports."""
    given = entries.texts("invoice_id")
    without = np.flatnonzero(~is_filled(given) & entries.good())
    if not len(without):
        entries.text["invoice_id"] = given
        return
    frame = pd.DataFrame(
        {
            "company": codes([entries.texts("company")])[without],
            "customer": codes([entries.texts("customer_id")])[without],
            "currency": codes([entries.texts("currency")])[without],
            "issue": entries.dates("issue_date")[without],
            "due": entries.dates("due_date")[without],
            "amount": entries.money["amount"][without],
        }
    )
    occurrence = frame.groupby(list(frame.columns)).cumcount().to_numpy()
    chosen = pa.array(without)
    texts = [entries.texts(name).take(chosen).to_pylist() for name in ("company", "customer_id", "currency")]
    rows = zip(*texts, frame["issue"].tolist(), frame["due"].tolist(), frame["amount"].tolist(), occurrence.tolist(), strict=True)
    made = [_hash(row) for row in rows]
    names = np.array(given.to_pylist(), object)
    names[without] = made
    entries.text["invoice_id"] = pa.chunked_array([pa.array(names, pa.string())])
    entries.note("numbered", entries.headers.get("invoice_id", ""), number=len(without))


def _hash(row: tuple[object, ...]) -> str:
    return "row-" + blake2b("\x1f".join(map(str, row)).encode(), digest_size=8).hexdigest()


def ledger(entries: Entries, options: Options, rows_read: int) -> Ledger:
    """The immutable ledger of the good rows. Raises Refused where none is left or a named column does not exist."""
    good = entries.good()
    if not good.any():
        raise Refused(_nothing_left(entries), "no_rows")
    invoices = _table(entries, pa.array(good))
    entries.notes += reconcile.warnings(invoices, entries.count("settled_without_date"))
    applied = entries.applied.renumbered(good)
    return Ledger(
        invoices=invoices,
        complete_through=options.complete_through or complete.latest(entries, good, complete.today()),
        history_starts=options.history_starts or _history_starts(invoices),
        payments=_payments(applied.position, applied.day, applied.amount),
        problems=entries.problems(),
        known_at_issue=settings.known_at_issue(
            options.known_at_issue, entries.further, entries.headers.get("disputed", ""), entries.notes
        ),
        rows_read=rows_read,
        rows_ignored=entries.ignored.total(),
        name=options.name,
        aside=entries.aside(),
    )


def _nothing_left(entries: Entries) -> str:
    if not len(entries):
        return "Below its header this file has no rows."
    codes_ = np.unique(entries.reason)
    code = max(codes_, key=lambda value: int((entries.reason == value).sum()))
    about, reason = entries.blamed[code], entries.reasons[code]
    where = f"{entries.headers.get(about, about.replace('_', ' '))}: {words.reason(reason)}"
    if len(entries) == 1:
        return f"The only row cannot be used ({where})."
    return f"None of the {len(entries):,} rows can be used. Most often ({words.counted(entries.count(reason), 'row')}), {where}."


def _table(entries: Entries, good: pa.Array) -> pa.Table:
    def days(name: str) -> pa.Array:
        values = entries.dates(name)
        none = values <= UNREADABLE
        return pa.array(np.where(none, 0, values), pa.int32(), mask=none).cast(pa.date32())

    amount = entries.money["amount"]
    settled = entries.has_day("paid_date")
    outstanding = np.where(settled, 0, amount)
    if "outstanding" in entries.money:
        outstanding = np.where(settled | entries.missing["outstanding"], outstanding, entries.money["outstanding"])
    terms = entries.texts("terms")
    columns = {
        "row": pa.array(entries.lines, pa.int64()),
        **{
            name: entries.texts(name)
            for name in ("company", "customer_id", "customer_name", "invoice_id", "line", "kind", "settled_by", "currency")
        },
        "amount": pa.array(amount, pa.int64()),
        "outstanding": pa.array(outstanding, pa.int64()),
        **{name: days(name) for name in ("issue_date", "due_date", "paid_date")},
        "terms": pc.if_else(pc.equal(terms, ""), pa.scalar(None, pa.string()), terms),
        "disputed": document_types.disputed(entries.texts("disputed"))
        if "disputed" in entries.text
        else pa.nulls(len(entries), pa.bool_()),
    }
    fields = list(SCHEMA) + [pa.field(FURTHER + name, column.type) for name, column in entries.further.items()]
    arrays = [columns[name] for name in SCHEMA.names] + list(entries.further.values())
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    return (table if pc.all(good).as_py() else table.filter(good)).combine_chunks()


def _payments(position: np.ndarray, day: np.ndarray, amount: np.ndarray) -> pa.Table:
    columns = [pa.array(position, pa.int64()), pa.array(day, pa.int32()).cast(pa.date32()), pa.array(amount, pa.int64())]
    return pa.Table.from_arrays(columns, schema=PAYMENTS)


def _history_starts(invoices: pa.Table) -> date:
    """The later of the first issue and the first paid date of the invoices (of all rows where there is none)."""
    dated = invoices.select(["issue_date", "paid_date"])
    mine = dated.filter(pc.equal(invoices["kind"], INVOICE))
    rows = mine if len(mine) else dated
    days = [pc.min(rows[name].cast(pa.int32())).as_py() for name in ("issue_date", "paid_date")]
    return as_date(max(day for day in days if day is not None))
