"""What is each field of a ledger: its name on a screen, what it means, how often it is missing, how many values it has?"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from insights import messages
from insights.features import catalog, sampling
from insights.features.dataset import feature_set
from insights.ledger.ledger import Ints, Ledger, Matrix, day
from insights.ledger.outcomes import DueRules

MOST_ROWS = 50_000  # enough to tell a share and to count values


@dataclass(frozen=True)
class Described:
    """One field over the training rows. `missing`: share, 0 to 1; `distinct`: different values."""

    name: str
    label: str
    help: str
    group: str
    theme: str
    missing: float
    distinct: int


def described(ledger: Ledger, as_of: date | None = None, due_rules: DueRules | None = None) -> tuple[Described, ...]:
    """Every field that a model of the ledger could use, seen on the rows it would learn from as of a date."""
    due_rules, at = due_rules or DueRules(), day(as_of or ledger.default_as_of)
    names = catalog.candidates(ledger)
    book = feature_set(ledger, due_rules, names)
    sample = sampling.first_stage(book.events, day(ledger.history_starts) + 1, at, 0)
    if len(sample) > MOST_ROWS:
        sample = sample.take(np.arange(0, len(sample), -(-len(sample) // MOST_ROWS)))
    matrix = book.matrix(sample.rows, sample.invoice)
    positions = book.positions[sample.invoice]
    return tuple(describe(name, held(ledger, name, positions, matrix[:, number])) for number, name in enumerate(names))


def held(ledger: Ledger, name: str, positions: Ints, encoded: Matrix) -> np.ndarray:
    """What a field holds in some rows, NaN where nothing: of a column of text a number per value, not what models make of it."""
    if name in catalog.FIELDS or not catalog.is_text(ledger.invoices, name):
        return encoded
    column = ledger.invoices[name].take(pa.array(positions)).combine_chunks().cast(pa.string())
    return np.asarray(column.dictionary_encode().indices.to_numpy(zero_copy_only=False), np.float64)


def describe(name: str, values: np.ndarray) -> Described:
    known = values[~np.isnan(values)]
    field = catalog.field(name)
    return Described(
        name=name,
        label=messages.field(name),
        help=messages.field_help(name),
        group=messages.group(field.group),
        theme=messages.theme(field.theme),
        missing=1 - len(known) / max(len(values), 1),
        distinct=len(np.unique(known)),
    )
