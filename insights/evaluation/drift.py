"""Do the invoices that are open now look like those that the model has learned from?

The population stability index (PSI) of a field: sum((now - then) x ln(now / then)) over ten bins, equally full then. Below
0.1 hardly anything moved, above 0.25 much did.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from insights.features.catalog import field, is_text
from insights.features.dataset import FeatureSet, open_rows
from insights.features.events import codes
from insights.features.kernel import features
from insights.ledger.ledger import Matrix, day

BINS = 10
MUCH = 0.25
FEWEST = 50  # rows on either side
SMALLEST = 0.001  # a bin's share, so that an empty one does not make it infinite


def drift(book: FeatureSet, then: Sequence[date], now: date) -> dict[str, float]:
    """Field of the book -> PSI of the invoices open as of `now` against those open on the days `then`; the most moved first.

    Empty where either side has fewer than FEWEST invoices.
    """
    matrices = [snapshot(book, as_of) for as_of in (*then, now)]
    before, after = np.concatenate(matrices[:-1] or [matrices[-1][:0]]), matrices[-1]
    if min(len(before), len(after)) < FEWEST:
        return {}
    by_field = {name: psi(before[:, number], after[:, number]) for number, name in enumerate(book.fields) if can_drift(name)}
    return dict(sorted(by_field.items(), key=lambda entry: -entry[1]))


def can_drift(name: str) -> bool:
    """Whether a change tells something: time itself moves the calendar, and lengthens every relationship."""
    return field(name).group in {"invoice", "past", "present", "own"} and field(name).theme not in {"relationship", "age"}


def snapshot(book: FeatureSet, as_of: date) -> Matrix:
    """The matrix of the invoices open as of a date; text columns of the ledger as codes of their values."""
    rows, invoice = open_rows(book.events, day(as_of))
    matrix, table = book.assemble(features(book.events, rows, book.rates), rows, invoice), book.ledger.invoices
    for number, name in enumerate(book.fields):
        if name in table.column_names and field(name).group == "own" and is_text(table, name):
            matrix[:, number] = codes(table[name])[book.positions[invoice]]
    return matrix


def psi(then: npt.NDArray[np.float32], now: npt.NDArray[np.float32]) -> float:
    """Of two samples of one field; what is missing is a bin of its own."""
    known = then[~np.isnan(then)]
    middle = np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]) if len(known) else np.zeros(0)
    edges = np.unique(middle).astype(np.float64)
    first, second = (shares(sample, edges) for sample in (then, now))
    return float(np.sum((second - first) * np.log(second / first)))


def shares(sample: npt.NDArray[np.float32], edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    place = np.where(np.isnan(sample), len(edges) + 1, np.searchsorted(edges, sample, side="right"))
    counts = np.bincount(place, minlength=len(edges) + 2)
    out: npt.NDArray[np.float64] = np.maximum(counts / max(len(sample), 1), SMALLEST)
    return out
