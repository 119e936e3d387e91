"""Which ledgers are larger than the memory that they are computed in? Invented ones, written block by block."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.ledger.ledger import INVOICE, PAYMENT, SCHEMA, UNKNOWN, Ledger
from insights.store import files, ledgers

FIRST, SPAN = date(2023, 1, 2), 1095  # three years
AS_OF = FIRST + timedelta(days=SPAN)
BLOCK = 500_000  # invoices made at a time


def write(folder: Path, count: int, seed: int = 7) -> None:
    """A ledger of `count` invoices of count / 60 customers, as a workspace keeps it, with habits as in `speed.invoices`."""
    random = np.random.default_rng(seed)
    buyers = max(20, count // 60)
    share = np.cumsum(random.pareto(1.2, buyers) + 0.05)
    terms = np.array([14, 30, 45, 60])[random.integers(0, 4, buyers)]
    habit, spread = random.normal(-2, 12, buyers), random.uniform(1, 12, buyers)
    ledgers.write(
        folder, Ledger(SCHEMA.empty_table(), AS_OF - timedelta(days=1), FIRST, rows_read=count, name="Large", id="large")
    )
    edges = np.linspace(0, SPAN, -(-count // BLOCK) + 1)
    with pq.ParquetWriter(folder / "invoices.parquet", SCHEMA, compression="zstd") as writer:
        for number, first in enumerate(range(0, count, BLOCK)):
            many = min(BLOCK, count - first)
            customer = np.searchsorted(share, random.random(many) * share[-1])
            issue = np.sort(random.uniform(edges[number], edges[number + 1], many).astype(np.int64))
            due = issue + terms[customer]
            paid = np.maximum(issue + 1, due + np.round(habit[customer] + spread[customer] * random.standard_normal(many)))
            amount = np.round(100 * (random.lognormal(7, 1.2, many) + 1)).astype(np.int64)
            writer.write_table(table(first + np.arange(many), customer, (issue, due, paid.astype(np.int64)), terms, amount))
    meta = files.read_json(folder / ledgers.META)
    meta["sha256"]["invoices"] = files.digest(folder / "invoices.parquet")
    files.write_json(folder / ledgers.META, meta)


def table(
    number: npt.NDArray[np.int64],
    customer: npt.NDArray[np.int64],
    days: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]],
    terms: npt.NDArray[np.int64],
    amount: npt.NDArray[np.int64],
) -> pa.Table:
    """The rows of a block; `days` of issue, due and paid from FIRST on."""
    start = (FIRST - date(1970, 1, 1)).days
    issue, due, paid = ((day + start).astype(np.int32) for day in days)
    is_open = days[2] >= SPAN
    ids = named("C", customer, 8)
    south = customer % 2 == 1
    columns = {
        "row": pa.array(number + 2),
        "company": pa.array(["North", "South"]).take(pa.array(south.astype(np.int32))),
        "customer_id": ids,
        "customer_name": ids,
        "invoice_id": named("R", number, 9),
        "line": pa.array(["1"]).take(pa.array(np.zeros(len(number), np.int32))),
        "kind": pa.array([INVOICE]).take(pa.array(np.zeros(len(number), np.int32))),
        "settled_by": pa.array([PAYMENT, UNKNOWN]).take(pa.array(is_open.astype(np.int32))),
        "currency": pa.array(["EUR", "GBP"]).take(pa.array(south.astype(np.int32))),
        "amount": pa.array(amount),
        "outstanding": pa.array(np.where(is_open, amount, 0)),
        "issue_date": pa.array(issue).cast(pa.date32()),
        "due_date": pa.array(due).cast(pa.date32()),
        "paid_date": pa.array(paid, mask=is_open).cast(pa.date32()),
        "terms": pc.binary_join_element_wise("Net", pa.array(terms[customer]).cast(pa.string()), " "),
        "disputed": pa.nulls(len(number), pa.bool_()),
    }
    return pa.table(columns, schema=SCHEMA)


def named(letter: str, number: npt.NDArray[np.int64], width: int) -> pa.Array:
    """C00000012 and the like."""
    return pc.binary_join_element_wise(letter, pc.utf8_lpad(pa.array(number).cast(pa.string()), width, "0"), "")
