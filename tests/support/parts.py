"""The parts of a ledger that fits into memory, made row by row: what `store.divided` must agree with."""

from hashlib import sha256

import numpy as np
import pyarrow as pa

from insights.features.partitions import Ledgers, Part
from insights.ledger.ledger import Ledger, of_rows


def divided(ledger: Ledger, parts: int) -> list[Part]:
    """The parts, the first first; empty ones too."""
    pairs = zip(*(ledger.invoices[name].to_pylist() for name in ("company", "customer_id")), strict=True)
    of = np.array([int.from_bytes(sha256("\x1f".join(pair).encode()).digest()[:8]) % parts for pair in pairs], np.int64)
    positions = (np.flatnonzero(of == number).astype(np.int64) for number in range(parts))
    return [Part(of_rows(ledger, each), each) for each in positions]


def ledgers_of(parts: list[Part]) -> Ledgers:
    return lambda: (part.ledger for part in parts)


def bits(table: pa.Table) -> bytes:
    """Everything of a table, as it would be written."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table.combine_chunks())
    return bytes(sink.getvalue())
