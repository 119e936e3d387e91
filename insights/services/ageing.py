"""What is owed as of a day, by age, with what will probably still be unpaid later, where models speak."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights import portfolio
from insights.access import Capability, Person, require
from insights.ledger import table_files
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.ledger.outcomes import DueRules
from insights.model.recipe import Recipe
from insights.portfolio import AGE_SUMS, AgeRanges
from insights.portfolio.cash import matrix
from insights.portfolio.converted import Conversion, converted_items
from insights.portfolio.customer_groups import Customers, of_customers
from insights.services import cash, contents, reach
from insights.services.reach import LedgerWithin
from insights.store import ledgers
from insights.store.store import Store

UNPAID_DAYS = 30  # how far ahead is asked what will still be unpaid
SILENT = ("no_model", "no_payment_dates")  # refusals of a forecast where an ageing stands without one


@dataclass(frozen=True)
class AgedLedger:
    """Everything open as of a day (`portfolio.open_items`; with the column unpaid where a model spoke), and its ranges."""

    items: pa.Table
    ranges: AgeRanges
    exact: Mapping[str, bool]  # by currency: what the books said then, or as invoiced

    @property
    def totals(self) -> tuple[portfolio.AgedTotal, ...]:
        return portfolio.aged_totals(self.items, self.ranges)

    @property
    def matrix(self) -> pa.Table:
        """By company, customer and currency."""
        return portfolio.matrix(self.items, self.ranges)


def aged(ledger: Ledger, as_of: date, ranges: AgeRanges, due_rules: Mapping[str, DueRules]) -> AgedLedger:
    """What a ledger's books said as of a day, by age. Refused for a day on which it cannot be seen."""
    ledger.check_as_of(as_of)
    return AgedLedger(portfolio.open_items(ledger, as_of, ranges, due_rules), ranges, portfolio.exact(ledger, as_of))


def due_rules_in_force(store: Store, ledger_id: str, as_of: date, model_id: str = "") -> dict[str, DueRules]:
    """Company -> the due rules of the model named, or of the one that speaks for the company; the defaults where none does."""
    held = contents.read(store)
    ledger = held.ledger(ledger_id)
    speaking = dict.fromkeys(ledger.companies, model_id) if model_id else held.by_company(ledger, as_of)
    rules = {model_id: Recipe.from_json(dict(held.model(model_id).recipe)).due_rules for model_id in set(speaking.values())}
    return {company: rules[speaking[company]] if company in speaking else DueRules() for company in ledger.companies}


def unpaid_later(  # noqa: PLR0913 - of what, when, by whom, by which model, how far ahead, within what
    store: Store,
    ledger_id: str,
    as_of: date,
    *,
    actor: Person,
    model_id: str = "",
    days: int = UNPAID_DAYS,
    within: LedgerWithin | None = None,
) -> pa.Table | None:
    """Columns position and unpaid (int64 minor units) of the open invoices: what will probably still be unpaid `days` days later.

    Of what the actor may see; `position` is that of `within`: by default `reach.ledger_within` as of now.
    As the cash forecast has it, by one model or by those in force; None where none speaks for all companies, or says no dates.
    """
    require(actor, Capability.OVERSEE)
    try:
        path = cash.expected(store, ledger_id, as_of, actor=actor, model_id=model_id)
    except Refused as refused:
        if refused.code in SILENT:
            return None
        raise
    within = within or reach.ledger_within(store, ledgers.load(store, ledger_id), actor.reach)
    rows = reach.rows_within(pq.read_table(path, columns=["position", "outstanding", "days"]), within)
    paid = matrix(rows, "days")[:, :days].sum(axis=1)
    return pa.table({"position": rows["position"], "unpaid": pa.array(rows["outstanding"].to_numpy() - paid)})


def with_unpaid(aged_ledger: AgedLedger, later: pa.Table) -> AgedLedger:
    """The same with what will probably still be unpaid, by `unpaid_later`."""
    items = portfolio.with_unpaid(aged_ledger.items, later["position"].to_numpy(), later["unpaid"].to_numpy())
    return replace(aged_ledger, items=items)


def of_some(aged_ledger: AgedLedger, customers: Customers | None, company: str | None = None) -> AgedLedger:
    """The same of some customers alone (None: of all), of one company if it is named."""
    items = aged_ledger.items
    if customers is not None:
        items = items.filter(pa.array(of_customers(items, customers)))
    return replace(aged_ledger, items=items if company is None else items.filter(pc.equal(items["company"], company)))


def converted(aged_ledger: AgedLedger, by: Conversion) -> AgedLedger:
    """The same in a reporting currency; exact where all that is added is."""
    exact: dict[str, bool] = {}
    for currency, is_exact in aged_ledger.exact.items():
        exact[by.name(currency)] = exact.get(by.name(currency), True) and is_exact
    return replace(aged_ledger, items=converted_items(aged_ledger.items, by), exact=exact)


def age_table(aged_ledger: AgedLedger, as_of: date) -> pa.Table:
    """The matrix as a file: a row per customer and currency, and a total per currency; amounts as exact decimals.

    `row` says which of both it is; `exact` is as in `AgedLedger`.
    """
    of_customers, totals = aged_ledger.matrix, portfolio.matrix(aged_ledger.items, aged_ledger.ranges, ["currency"])
    rows = pa.concat_tables([_of_kind(of_customers, "customer"), _of_kind(totals, "total")], promote_options="default")
    amounts = [*aged_ledger.ranges.columns, *AGE_SUMS]
    whole = {f"unpaid_in_{UNPAID_DAYS}_days": "unpaid"} if "unpaid" in rows.column_names else {}
    return pa.table(
        {
            "as_of": pa.array([as_of] * len(rows), pa.date32()),
            **{name: rows[name] for name in ("row", "company", "customer_id", "customer_name", "currency", "invoices")},
            **{name: table_files.decimals(rows[name], rows["currency"]) for name in amounts},
            **{name: table_files.decimals(rows[column], rows["currency"]) for name, column in whole.items()},
            "exact": pa.array([aged_ledger.exact[currency] for currency in rows["currency"].to_pylist()], pa.bool_()),
        }
    )


def _of_kind(rows: pa.Table, kind: str) -> pa.Table:
    return rows.append_column("row", pa.array([kind] * len(rows), pa.string()))
