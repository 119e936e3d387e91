"""What must be known of a whole ledger before any part of it can be computed alone? Counts, mergeable with +."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from insights.features.catalog import is_text
from insights.features.events import Events, events_of, invoice_positions
from insights.features.kernel import DailyCounts, daily_counts, span
from insights.features.value_counts import merged_values, value_counts
from insights.ledger.ledger import Ledger
from insights.ledger.outcomes import DueRules


@dataclass(frozen=True)
class Extent:
    """Over which days a ledger's counts go, and in which currencies; that of a whole is the `|` of its parts'."""

    first: int
    last: int
    currencies: tuple[str, ...]  # ascending; their codes are their places

    def __or__(self, other: "Extent") -> "Extent":
        if not other.currencies or not self.currencies:  # one of them is empty
            return self if self.currencies else other
        currencies = tuple(sorted({*self.currencies, *other.currencies}))
        return Extent(min(self.first, other.first), max(self.last, other.last), currencies)


@dataclass(frozen=True)
class WholeLedger:
    """What the features of a part need of all parts: daily counts, and counts by value of the ledger's text columns."""

    extent: Extent
    rates: DailyCounts
    values: Mapping[str, pa.Table]  # by field: `value_counts.value_counts`

    def __add__(self, other: "WholeLedger") -> "WholeLedger":
        values = {name: merged_values([self.values[name], other.values[name]]) for name in self.values}
        return WholeLedger(self.extent, self.rates + other.rates, values)


def currencies_of(ledger: Ledger) -> tuple[str, ...]:
    """The currencies of a ledger's invoices, ascending."""
    return tuple(sorted(pc.unique(ledger.invoices["currency"].take(pa.array(invoice_positions(ledger)))).to_pylist()))


def extent(ledger: Ledger, due_rules: DueRules) -> Extent:
    """The extent of a ledger, or of a part of one."""
    return Extent(*span(events_of(ledger, due_rules)), currencies_of(ledger))


def counts(ledger: Ledger, events: Events, names: Iterable[str], whole: Extent) -> WholeLedger:
    """The counts of a ledger, or of a part of one, for the fields of these names; `events` in the codes of the whole's extent."""
    rates = daily_counts(events, whole.first, whole.last, max(len(whole.currencies), 1))
    table = ledger.invoices
    at = pa.array(invoice_positions(ledger))
    text = [name for name in names if name in table.column_names and is_text(table, name)]
    return WholeLedger(whole, rates, {name: value_counts(table[name].take(at), events) for name in text})
