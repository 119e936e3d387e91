"""What is owed, expected and sold in one reporting currency: by the rates of one day, each rounded so that the sums agree.

Amounts of one currency are rounded half to even where their running sum is, in the order of the rows, so that their total is the
total converted at once, as elsewhere, and every total is the sum of its rows. Where a currency has no rate it stands apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.errors import Refused
from insights.ledger.exchange_rates import ExchangeRates, Rate
from insights.ledger.ledger import Ints, Ledger
from insights.ledger.money import exponent
from insights.portfolio.cash.expected import WEEKS, matrix, spread
from insights.portfolio.cash.moves import parts, with_parts


@dataclass(frozen=True)
class Conversion:
    """The rates of a day into one currency. `apart`: currencies without one, which stay as they are."""

    into: str
    on: date
    rates: Mapping[str, Rate]
    apart: tuple[str, ...]

    @staticmethod
    def of(rates: ExchangeRates, currencies: list[str], into: str, on: date) -> "Conversion":
        """Of the currencies of a ledger, by the latest rates on or before a day."""
        on_day: dict[str, Rate] = {}
        for currency in sorted(currencies):
            try:
                on_day[currency] = rates.rate(currency, into, on)
            except Refused:
                continue
        return Conversion(into, on, on_day, tuple(currency for currency in sorted(currencies) if currency not in on_day))

    def name(self, currency: str) -> str:
        """What a currency becomes."""
        return self.into if currency in self.rates else currency

    def factor(self, currency: str) -> Fraction:
        """Minor units of the reporting currency for one of `currency`."""
        return Fraction(self.rates[currency].rate) * Fraction(10) ** (exponent(self.into) - exponent(currency))

    def total(self, minor: int, currency: str) -> int:
        """An amount, rounded half to even; as it is where the currency stands apart."""
        return round(minor * self.factor(currency)) if currency in self.rates else minor

    def running(self, amounts: Ints, currency: str) -> Ints:
        """Amounts of one currency, rounded where their running sum is."""
        if currency not in self.rates:
            return amounts
        factor = self.factor(currency)
        sums = [round(running * factor) for running in np.cumsum(amounts).tolist()]
        whole = np.array([0, *sums], np.int64)
        return whole[1:] - whole[:-1]

    def column(self, amounts: Ints, currency: pa.ChunkedArray, group: npt.NDArray[np.integer] | None = None) -> Ints:
        """The amounts of a table, of each currency (and group) by its own running sum."""
        out, codes = np.array(amounts, np.int64), np.asarray(currency.to_pylist(), object)
        groups = np.zeros(len(out), np.int64) if group is None else group
        for code in sorted(set(codes.tolist())):
            for number in np.unique(groups[codes == code]):
                mine = np.flatnonzero((codes == code) & (groups == number))
                out[mine] = self.running(out[mine], code)
        return out

    def names(self, currency: pa.ChunkedArray) -> pa.Array:
        return pa.array([self.name(code) for code in currency.to_pylist()], pa.string())


def with_columns(table: pa.Table, **columns: pa.Array) -> pa.Table:
    """The table with other values in some of its columns."""
    for name, values in columns.items():
        field = table.schema.field(name)
        table = table.set_column(table.column_names.index(name), field, values.cast(field.type))
    return table


def converted_items(items: pa.Table, by: Conversion) -> pa.Table:
    """Rows of `open_items` (and `with_unpaid`): receivables, credit notes and payments on account by a running sum each."""
    kind, before = items["kind"].dictionary_encode().unify_dictionaries().combine_chunks(), items["outstanding"].to_numpy()
    codes = np.asarray((kind if isinstance(kind, pa.DictionaryArray) else kind.chunk(0)).indices.to_numpy(), np.int64)
    owed = by.column(before, items["currency"], codes)
    changed = {"outstanding": pa.array(owed), "amount": pa.array(by.column(items["amount"].to_numpy(), items["currency"]))}
    if "unpaid" in items.column_names:
        unpaid, none = items["unpaid"].fill_null(0).to_numpy(), items["unpaid"].is_null()
        share = np.divide(unpaid, before, out=np.zeros(len(before)), where=before != 0)
        shown = np.where(unpaid == before, owed, np.rint(owed * share)).astype(np.int64)
        changed["unpaid"] = pc.if_else(none, None, pa.chunked_array([shown]))
    return with_columns(items, currency=by.names(items["currency"]), **changed)


def converted_cash(rows: pa.Table, by: Conversion) -> pa.Table:
    """Rows of `cash.EXPECTED`: what is outstanding by its running sum, each invoice's days, later and never in proportion."""
    before = np.asarray(rows["outstanding"].to_numpy(), np.int64)
    owed, whole = by.column(before, rows["currency"]), parts(rows)
    touched = np.flatnonzero(pc.is_in(rows["currency"], pa.array(list(by.rates), pa.string())).to_numpy())
    whole[touched] = spread(owed[touched], whole[touched] / np.maximum(before[touched], 1)[:, None])
    return with_columns(with_parts(rows, whole), outstanding=pa.array(owed), currency=by.names(rows["currency"]))


def converted_layer(weeks: Mapping[tuple[str, str], Ints], by: Conversion) -> dict[tuple[str, str], Ints]:
    """What is not invoiced yet, by (company, currency), int64[WEEKS]; companies' currencies are added once converted."""
    out: dict[tuple[str, str], Ints] = {}
    for (company, currency), amounts in weeks.items():
        key = (company, by.name(currency))
        out[key] = out.get(key, np.zeros(WEEKS, np.int64)) + by.running(amounts, currency)
    return out


def converted_replays(replays: pa.Table, by: Conversion) -> pa.Table:
    """Rows of `cash.REPLAYED`, all past Mondays by the same rates: what a forecast was off by is not what rates moved."""
    names = replays["currency"].to_pylist()
    factor = np.array([float(by.factor(name)) if name in by.rates else 1.0 for name in names])
    changed = {}
    for field in replays.schema:
        if pa.types.is_fixed_size_list(field.type):
            power = 2 if field.name == "variance" else 1
            values = matrix(replays, field.name) * factor[:, None] ** power
            flat = values.ravel() if power == 2 else np.rint(values).astype(np.int64).ravel()
            changed[field.name] = pa.FixedSizeListArray.from_arrays(pa.array(flat), field.type.list_size)
        elif field.name in ("outstanding", "at_risk", "before"):
            changed[field.name] = pa.array(np.rint(replays[field.name].to_numpy() * factor).astype(np.int64))
    return with_columns(replays, currency=by.names(replays["currency"]), **changed)


def converted_ledger(ledger: Ledger, by: Conversion) -> Ledger:
    """The ledger with every invoice and payment in the reporting currency, whenever it was: for figures over months.

    Each invoice is rounded by itself, its payments where their running sum is: what is paid in full is so still.
    """
    table, paid = ledger.invoices, ledger.payments
    currency = np.asarray(table["currency"].to_pylist(), object)
    factor = {code: by.factor(code) if code in by.rates else Fraction(1) for code in set(currency.tolist())}

    def rounded(amounts: Ints, codes: npt.NDArray[np.object_]) -> Ints:
        pairs = zip(amounts.tolist(), codes.tolist(), strict=True)
        return np.array([round(amount * factor[code]) for amount, code in pairs], np.int64)

    position, part = paid["position"].to_numpy(), paid["amount"].to_numpy()
    order = np.lexsort((np.arange(len(position)), position))
    sums = np.cumsum(part[order])
    first = np.searchsorted(position[order], position[order])
    within = sums - (sums[first] - part[order][first])
    running = rounded(within, currency[position[order]])
    before = np.where(np.arange(len(order)) == first, 0, np.roll(running, 1))
    changed = np.zeros(len(part), np.int64)
    changed[order] = running - before
    invoices = with_columns(
        table,
        amount=pa.array(rounded(table["amount"].to_numpy(), currency)),
        outstanding=pa.array(rounded(table["outstanding"].to_numpy(), currency)),
        currency=by.names(table["currency"]),
    )
    return replace(ledger, invoices=invoices, payments=with_columns(paid, amount=pa.array(changed)))
