"""What is a part of a ledger, and what are the fields of its invoices? With the same bits as in one piece.

A part holds some customers with everything of theirs. What it must know of the others is a `WholeLedger`, counts that add up:

    whole  = whole_of(ledgers, due_rules, names)    # ledgers() yields the ledger of each part; it is called twice
    table  = fields_of(part, due_rules, names, whole, day)
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add, or_

import numpy as np
import pyarrow as pa

from insights.features.dataset import feature_set, open_rows
from insights.features.events import events_of, rows_at
from insights.features.kernel import features
from insights.features.whole_ledger import Extent, WholeLedger, counts, extent
from insights.ledger.ledger import Ints, Ledger
from insights.ledger.outcomes import DueRules

AT_ONCE = 250_000  # rows whose fields are computed at a time

Ledgers = Callable[[], Iterable[Ledger]]


@dataclass(frozen=True)
class Part:
    """Some customers of a ledger, and where their rows stand in it (ascending)."""

    ledger: Ledger
    positions: Ints


def whole_of(ledgers: Ledgers, due_rules: DueRules, names: tuple[str, ...]) -> WholeLedger:
    """The counts of a whole ledger from those of its parts, one of which is held at a time."""
    whole = extent_of(ledgers, due_rules)
    made = (counts(ledger, events_of(ledger, due_rules, whole.currencies), names, whole) for ledger in ledgers())
    return reduce(add, made)


def extent_of(ledgers: Ledgers, due_rules: DueRules) -> Extent:
    """Over which days and currencies the counts of a whole ledger go."""
    return reduce(or_, (extent(ledger, due_rules) for ledger in ledgers()))


def fields_of(part: Part, due_rules: DueRules, names: tuple[str, ...], whole: WholeLedger, at: int | None) -> pa.Table:
    """position (int64, in the whole ledger), at (date32) and the fields (float32), NaN where one says nothing.

    One row per invoice open as of day `at`; for None one per invoice, as of the day after its issue. In the order of the ledger.
    """
    book = feature_set(part.ledger, due_rules, names, whole)
    if at is None:
        which = np.arange(len(book.events))
        rows = rows_at(book.events, which, book.events.issue + np.int32(1))
    else:
        rows, which = open_rows(book.events, at)
    tables = []
    for first in range(0, max(len(rows), 1), AT_ONCE):
        some, of = rows.take(slice(first, first + AT_ONCE)), which[first : first + AT_ONCE]
        computed = features(book.events, some, book.rates)
        columns = {name: pa.array(book.column(name, computed, some, of), pa.float32()) for name in names}
        position = part.positions[book.positions[of]]
        tables.append(pa.table({"position": position, "at": pa.array(some.at, pa.int32()).cast(pa.date32())} | columns))
    return pa.concat_tables(tables)
