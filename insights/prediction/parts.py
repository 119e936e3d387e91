"""How is a ledger scored in parts, by nobody in particular, with the same bits as in one piece?

Part k of N holds the customers whose hash says so, with everything of theirs. What a part must know of the others are counts
(`scoring.Whole`), made once from all parts and mergeable with +. So parts can be scored anywhere, in any order:

    parts  = [part(ledger, k, N) for k in range(N)]
    whole  = whole_of(model, [each.ledger for each in parts], as_of)
    tables = [scored(model, each, as_of, whole) for each in parts]
    table  = together(tables)                       # as `scoring.score` of the ledger
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from hashlib import sha256
from operator import add, or_

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insights.features.events import customer_codes, events_of
from insights.features.whole_ledger import counts, extent
from insights.ledger.keys import SEPARATOR
from insights.ledger.ledger import Ints, Ledger, day, of_rows
from insights.model.early_payments import age_counts
from insights.model.model import Model
from insights.prediction.scoring import Whole, score


@dataclass(frozen=True)
class Part:
    """Some customers of a ledger, and where their rows stand in it."""

    ledger: Ledger
    positions: Ints


def buckets(invoices: pa.Table, parts: int) -> npt.NDArray[np.int64]:
    """The part of each row, 0 to parts - 1: a hash of company and customer, the same on every machine."""
    code = customer_codes(invoices)
    first = pa.array(np.unique(code, return_index=True)[1])
    pairs = zip(*(invoices[name].take(first).to_pylist() for name in ("company", "customer_id")), strict=True)
    of = [int.from_bytes(sha256(f"{company}{SEPARATOR}{customer}".encode()).digest()[:8]) % parts for company, customer in pairs]
    return np.array(of, np.int64)[code]


def divided(ledger: Ledger, parts: int) -> Iterable[Part]:
    """The parts of a ledger, the first first; empty ones too."""
    of = buckets(ledger.invoices, parts)
    for number in range(parts):
        positions = np.flatnonzero(of == number).astype(np.int64)
        yield Part(of_rows(ledger, positions), positions)


def whole_of(model: Model, ledgers: Sequence[Ledger], as_of: date) -> Whole:
    """What each part needs of all of them."""
    rules, half_life = model.recipe.due_rules, model.timing.half_life if model.timing else None
    whole = reduce(or_, (extent(ledger, rules) for ledger in ledgers))

    def of(part: Ledger) -> Whole:
        events = events_of(part, rules, whole.currencies)
        return Whole(counts(part, events, model.fields, whole), age_counts(events, day(as_of), half_life))

    return reduce(add, map(of, ledgers))


def scored(model: Model, part: Part, as_of: date, whole: Whole) -> pa.Table:
    """The part's rows as `score` makes them, their positions those of the whole ledger."""
    table = score(model, part.ledger, as_of, whole=whole)
    at = table.schema.get_field_index("position")
    return table.set_column(at, table.schema.field(at), pa.array(part.positions[table["position"].to_numpy()]))


def together(tables: Iterable[pa.Table]) -> pa.Table:
    """The rows of all parts, in the order of the ledger."""
    return pa.concat_tables(tables).sort_by("position").combine_chunks()
