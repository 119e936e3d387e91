"""How do a ledger's open invoices become the rows and columns that a model reads?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from insights.features.catalog import is_text, own_number
from insights.features.events import Events, SnapshotRows, events_of, invoice_positions, rows_at
from insights.features.kernel import Columns, DailyCounts, features, span
from insights.features.value_counts import target_encoding_as_of
from insights.features.whole_ledger import Extent, WholeLedger, counts, currencies_of
from insights.ledger.ledger import Ledger, Matrix
from insights.ledger.outcomes import DueRules


@dataclass(frozen=True)
class FeatureSet:
    """A ledger, or a part of one, made ready for any number of rows: events and whole-ledger counts, computed once."""

    ledger: Ledger
    events: Events
    whole: WholeLedger
    positions: npt.NDArray[np.int64]  # of the events in ledger.invoices
    fields: tuple[str, ...]

    @property
    def rates(self) -> DailyCounts:
        return self.whole.rates

    def matrix(self, rows: SnapshotRows, invoice: npt.NDArray[np.int64], *, habit: bool = True) -> Matrix:
        """float32[rows, fields]; `invoice` are indices into the events. Without `habit`, fields of that group are NaN."""
        return self.assemble(features(self.events, rows, self.rates, habit=habit), rows, invoice)

    def matrix_of_few(self, rows: SnapshotRows, invoice: npt.NDArray[np.int64]) -> Matrix:
        """As `matrix`, made from the events of the rows' customers alone: quicker where these are few."""
        events = self.events.take(np.isin(self.events.customer, rows.customer))
        return self.assemble(features(events, rows, self.rates), rows, invoice)

    def assemble(self, computed: Columns, rows: SnapshotRows, invoice: npt.NDArray[np.int64]) -> Matrix:
        """The matrix from features already computed."""
        return np.column_stack([self.column(name, computed, rows, invoice) for name in self.fields])

    def column(self, name: str, computed: Columns, rows: SnapshotRows, invoice: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """float32[rows]: one field, computed already or the ledger's own."""
        return computed[name] if name in computed else self._own(name, rows, invoice)

    def _own(self, name: str, rows: SnapshotRows, invoice: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        table = self.ledger.invoices  # which has no column that is called as a field of habit
        if name not in table.column_names:  # a newer ledger may lack a column that the model knew
            return np.full(len(rows), np.nan, np.float32)
        if not is_text(table, name):
            return own_number(table, name)[self.positions[invoice]]
        own = table[name].take(pa.array(self.positions[invoice]))
        return target_encoding_as_of(self.whole.values[name], own, rows, self.rates)


def feature_set(ledger: Ledger, due_rules: DueRules, names: tuple[str, ...], whole: WholeLedger | None = None) -> FeatureSet:
    """The feature set of a ledger; of a part of one where `whole` says what its whole is like."""
    currencies = whole.extent.currencies if whole else currencies_of(ledger)
    events = events_of(ledger, due_rules, currencies)
    whole = whole or counts(ledger, events, names, Extent(*span(events), currencies))
    return FeatureSet(ledger, events, whole, invoice_positions(ledger), names)


def open_rows(events: Events, at: int) -> tuple[SnapshotRows, npt.NDArray[np.int64]]:
    """The snapshot's rows: invoices open as of a day, and their indices."""
    which = np.flatnonzero((events.issue < at) & (events.closed >= at))
    return rows_at(events, which, at), which
