"""Keep a table of exchange rates, remove one, and show amounts in one currency by what is kept."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from insights.access import Capability, Person, require
from insights.ingest import rate_table
from insights.ledger.errors import Refused
from insights.messages.plurals import noun
from insights.sandbox.limits import Heard, unheard
from insights.store import rate_tables
from insights.store.records import RateTable
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.portfolio.converted import Conversion


def keep(store: Store, path: Path, *, actor: Person, target: str = "", heard: Heard = unheard) -> RateTable:
    """Read a table (date, from, to, rate) and keep it in place of the one before; `target` where it has no such column.

    `heard` is told how many files are read before. Raises Refused, with the row, for what is no rate. Recorded.
    """
    require(actor, Capability.IMPORT)
    return rate_tables.keep(store, rate_table.read(path, target, heard=heard), path.name, actor=actor)


def remove(store: Store, table_id: str, *, actor: Person) -> None:
    """Delete a table: the one before it counts again. Recorded."""
    require(actor, Capability.IMPORT)
    rate_tables.remove(store, table_id, actor=actor)


def conversion(store: Store, currencies: Iterable[str], into: str, as_of: date) -> "Conversion":
    """The rates of the day before `as_of`. Refused where no rates are kept, or none leads to the currency."""
    from insights.portfolio.converted import Conversion

    kept = rate_tables.newest(store)
    if kept is None:
        sentence = "There are no rates in this workspace yet: keep a table of them with the command rates, or on Ledgers."
        raise Refused(sentence, "no_rate_table")
    conversion = Conversion.of(rate_tables.load(store, kept.id), list(currencies), into, as_of - timedelta(days=1))
    if not conversion.rates:
        raise Refused(f"No rate leads to {into} on or before {conversion.on}.", "no_rate", target=into)
    return conversion


def sentences(by: "Conversion") -> list[str]:
    """By which rates, and what has none."""
    used = [rate for currency, rate in sorted(by.rates.items()) if currency != by.into]
    out = []
    if used:
        via = {rate.source: f" via {rate.via}" if rate.via else "" for rate in used}
        listed = ", ".join(f"{rate.source} at {float(rate.rate):.6g} of {rate.day}{via[rate.source]}" for rate in used)
        out.append(f"All in {by.into}, each currency at one rate: {listed}.")
    if by.apart:
        stands = "stands" if len(by.apart) == 1 else "stand"
        out.append(
            f"There is no rate from {' or '.join(by.apart)} to {by.into} on or before {by.on}: "
            f"{'that' if len(by.apart) == 1 else 'those'} {noun(len(by.apart), 'currency', 'currencies')} {stands} apart."
        )
    return out


def sums(amounts: Mapping[str, int], by: "Conversion") -> dict[str, int]:
    """Amounts by currency, each converted once and added."""
    out: dict[str, int] = {}
    for currency, minor in amounts.items():
        out[by.name(currency)] = out.get(by.name(currency), 0) + by.total(minor, currency)
    return out
