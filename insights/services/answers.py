"""What do all screens ask of a ledger as of a day, or of a model over it? Computed with each scoring, and then read."""

import json
from dataclasses import asdict, fields
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

import pyarrow as pa

from insights import portfolio
from insights.ledger.ledger import Ledger
from insights.portfolio import CashKpis, LedgerPart, changed_habits
from insights.portfolio.delays import usual_delays
from insights.portfolio.kpis import WHOLE
from insights.store import answers
from insights.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from insights.features.whole_ledger import WholeLedger
    from insights.ledger.outcomes import DueRules

COUNTS, PAYING, FIGURES = "counts", "paying", "figures"
MONTHS = 24  # of figures
TYPES: dict[object, pa.DataType] = {date: pa.date32(), str: pa.string(), int: pa.int64(), float | None: pa.float64()}
KPIS = pa.schema([(field.name, TYPES[field.type]) for field in fields(CashKpis)])
HERE = "services/answers"
OF_COUNTS, OF_PAYING = ("ledger", "features", HERE), ("ledger", "portfolio", HERE)  # whose code decides what they hold


def whole_counts(
    store: Store,
    ledger: Ledger,
    due_rules: "DueRules",
    fields: tuple[str, ...],
    count: "Callable[[], WholeLedger] | None" = None,
) -> "WholeLedger":
    """What must be known of a kept ledger before any of its customers can be looked at alone (`dataset.feature_set`).

    count: what gives it where it is not kept, from what is there already.
    """
    from insights.features.dataset import feature_set
    from insights.features.kernel import DailyCounts
    from insights.features.whole_ledger import Extent, WholeLedger

    def make() -> dict[str, pa.Table]:
        whole = count() if count else feature_set(ledger, due_rules, fields).whole
        extent = {"first": [whole.extent.first], "last": [whole.extent.last], "start": [whole.rates.start]}
        return {
            "extent": pa.table(extent),
            "currencies": pa.table({"currency": pa.array(whole.extent.currencies, pa.string())}),
            "daily": answers.of_array(whole.rates.daily),
            "amounts": answers.of_array(whole.rates.amounts),
            **{f"value {name}": table for name, table in whole.values.items()},
        }

    asked = json.dumps([asdict(due_rules), sorted(fields)], sort_keys=True)
    name = f"{COUNTS}-{sha256(asked.encode()).hexdigest()[:16]}"
    kept = answers.of(store, ledger.id, name, OF_COUNTS, make)
    (extent,) = kept["extent"].to_pylist()
    rates = DailyCounts(extent["start"], answers.as_array(kept["daily"]), answers.as_array(kept["amounts"]))
    values = {name.removeprefix("value "): table for name, table in kept.items() if name.startswith("value ")}
    return WholeLedger(Extent(extent["first"], extent["last"], tuple(kept["currencies"]["currency"].to_pylist())), rates, values)


def paying(store: Store, ledger: Ledger, as_of: date) -> tuple[pa.Table, pa.Table]:
    """As `paying_now`, of a whole, kept ledger."""
    names = ("delays", "trends")
    kept = answers.of(
        store, ledger.id, f"{PAYING}-{as_of}", OF_PAYING, lambda: dict(zip(names, paying_now(ledger, as_of), strict=True))
    )
    return kept["delays"], kept["trends"]


def paying_now(ledger: Ledger, as_of: date) -> tuple[pa.Table, pa.Table]:
    """How customers pay: `delays.usual_delays`, and `changed_habits.days_late_trends`."""
    return usual_delays(ledger, as_of), changed_habits.days_late_trends(ledger, as_of)


def figures(store: Store, ledger: Ledger, as_of: date, due_rules: "Mapping[str, DueRules]") -> dict[str, list[CashKpis]]:
    """As `figures_now` of MONTHS, of a whole, kept ledger."""

    def make() -> dict[str, pa.Table]:
        months = figures_now(ledger, as_of, due_rules)
        rows = {currency: [asdict(figure) for figure in figures] for currency, figures in months.items()}
        return {currency: pa.Table.from_pylist(figures, KPIS) for currency, figures in rows.items()}

    rules = json.dumps({company: asdict(rules) for company, rules in sorted(due_rules.items())})
    name = f"{FIGURES}-{as_of}-{sha256(rules.encode()).hexdigest()[:16]}"
    kept = answers.of(store, ledger.id, name, OF_PAYING, make)
    return {currency: [CashKpis(**row) for row in table.to_pylist()] for currency, table in kept.items()}


def figures_now(
    ledger: Ledger, as_of: date, due_rules: "Mapping[str, DueRules]", months: int = MONTHS, part: LedgerPart = WHOLE
) -> dict[str, list[CashKpis]]:
    """The figures of each currency with anything open, as of a day last and of the first days of the months before it."""
    on = portfolio.month_starts(ledger, as_of, months)
    by_currency = portfolio.trend(ledger, on, due_rules=due_rules, part=part)
    return {currency: by_currency[currency] for currency in portfolio.open_currencies(ledger, as_of, part)}
