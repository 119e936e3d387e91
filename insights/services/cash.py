"""How much cash comes in which week, and how sure is that? Made from the predictions of a day, kept beside them, then read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.access import Capability, Person, require
from insights.ledger.ledger import Ledger, of_rows
from insights.portfolio.customer_groups import of_customers
from insights.services import billing_plan, contents, leakage_guard, predictions, rates, reach
from insights.services.contents import Contents
from insights.services.progress import Progress, quiet
from insights.services.reach import ALL, LedgerWithin, Visible
from insights.store import billing_plans, cash, ledgers, models
from insights.store.cash import EarlierForecast
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.ledger.ledger import Ints
    from insights.model.recipe import Recipe
    from insights.portfolio.cash import CurrencyForecast, Moves, PlannedCash, PlannedInvoice, ThenAndNow
    from insights.portfolio.converted import Conversion
    from insights.portfolio.customer_groups import Customers


Made = TypeVar("Made")
PLAN_OF_COMPANIES: Final = (
    "The billing plan has rows that name no customer. Of those companies and currencies, what is not invoiced yet of some "
    "customers is what past weeks received from their later invoices."
)


@dataclass(frozen=True)
class Forecast:
    """The cash forecast of a ledger as of a day."""

    as_of: date
    currencies: tuple["CurrencyForecast", ...]
    models: tuple[str, ...]
    planned: "PlannedCash | None" = None  # what a billing plan says of what is not invoiced yet, where there is one
    remarks: tuple[str, ...] = ()  # by which rates, where it is in one currency


def expected(store: Store, ledger_id: str, as_of: date, *, actor: Person, model_id: str = "") -> Path:
    """The Parquet file of `cash.EXPECTED`, by one model or by those in force; made under a lock by whoever comes first."""
    require(actor, Capability.OVERSEE)
    scored = _scored(store, ledger_id, as_of, actor, model_id)
    path = cash.beside(scored)
    if not cash.is_readable(store, path):
        with store.lock(f"cash-{ledger_id}-{scored.parent.name}-{as_of}"):
            if not cash.is_readable(store, path):
                cash.write(store, path, _expected(store, ledger_id, pq.read_table(scored), as_of))
    return path


def _scored(store: Store, ledger_id: str, as_of: date, actor: Person, model_id: str) -> Path:
    """The predictions of one model, or of those in force."""
    if model_id:
        return predictions.of_model(store, ledger_id, model_id, as_of, actor=actor)
    return predictions.active(store, ledger_id, as_of, actor=actor)


def _expected(store: Store, ledger_id: str, scored: pa.Table, as_of: date) -> pa.Table:
    from insights.prediction.payments_expected import payments_expected

    used = {model_id: models.load(store, model_id) for model_id in sorted(set(scored["model"].to_pylist()))}
    table = payments_expected(used, ledgers.load(store, ledger_id), scored, as_of)
    return table.replace_schema_metadata(scored.schema.metadata)


@dataclass(frozen=True)
class CashBook:
    """Everything that a cash forecast of a day is made from: read once, then asked by currency and company."""

    as_of: date
    rows: pa.Table  # `cash.EXPECTED`, as the models say
    agreed: pa.Table  # the same, moved by what was agreed with customers
    moves: "Moves"
    not_invoiced: Mapping[tuple[str, str], "Ints"]  # by (company, currency), int64[WEEKS]; by the plan where there is one
    replays: pa.Table  # `cash.REPLAYED`
    learned: Mapping[tuple[str, str], "Ints"]  # as `not_invoiced`, by what past weeks received: ranges are as wide as of this
    planned: "PlannedCash | None" = None
    by: "Conversion | None" = None  # into the reporting currency, where it is shown in one
    visible: Visible = ALL  # of whoever asked: it holds nothing else
    customers: "Customers | None" = None  # whose it is; None: of all that are visible

    @property
    def currencies(self) -> tuple[str, ...]:
        """The one with the most open invoices first."""
        return tuple(forecast.currency for forecast in self.forecasts())

    @property
    def companies(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.rows["company"].to_pylist())))

    def converted(self, by: "Conversion") -> "CashBook":
        """The same in a reporting currency."""
        from insights.portfolio.converted import converted_cash, converted_layer, converted_replays

        return replace(
            self,
            rows=converted_cash(self.rows, by),
            agreed=converted_cash(self.agreed, by),
            not_invoiced=converted_layer(self.not_invoiced, by),
            learned=converted_layer(self.learned, by),
            replays=converted_replays(self.replays, by),
            by=by,
        )

    def forecasts(self, company: str | None = None) -> tuple["CurrencyForecast", ...]:
        """A forecast per currency, of one company or of all, with its ranges."""
        if company not in self._made:
            self._made[company] = self.supposing(self.agreed, self.not_invoiced, company)
        return self._made[company]

    @cached_property
    def _made(self) -> dict[str | None, tuple["CurrencyForecast", ...]]:
        """By company: a screen asks several times, and the ranges of a hundred Mondays take a fifth of a second."""
        return {}

    def once(self, name: str, of: str, company: str | None, made: "Callable[[], Made]") -> "Made":
        """What is made of the book, kept with it by its name, currency and company: many invoices are added up once."""
        key = (name, of, company)
        if key not in self._kept:
            self._kept[key] = made()
        return cast("Made", self._kept[key])

    @cached_property
    def _kept(self) -> dict[tuple[str, str, str | None], object]:
        return {}

    def supposing(
        self, rows: pa.Table, not_invoiced: Mapping[tuple[str, str], "Ints"], company: str | None = None
    ) -> tuple["CurrencyForecast", ...]:
        """The same of other rows and another second layer; as wide as the base is."""
        from insights.portfolio.cash import by_currency, with_ranges

        later = {key: weeks for key, weeks in not_invoiced.items() if company in (None, key[0])}
        base = {
            forecast.currency: forecast
            for forecast in by_currency(self.of_company(self.rows, company), self._own(company), self.as_of)
        }
        replays = self.of_company(self.replays, company)
        middle = by_currency(self.of_company(rows, company), later, self.as_of)
        return tuple(with_ranges(forecast, replays, self.as_of, base.get(forecast.currency)) for forecast in middle)

    def _own(self, company: str | None) -> dict[tuple[str, str], "Ints"]:
        return {key: weeks for key, weeks in self.learned.items() if company in (None, key[0])}

    @staticmethod
    def of_company(table: pa.Table, company: str | None) -> pa.Table:
        return table if company is None else table.filter(pc.equal(table["company"], company))


def shown_before(store: Store, ledger_id: str, as_of: date, visible: Visible = ALL) -> list[EarlierForecast]:
    """What was said of a ledger, or of its earlier versions, as of days before, as far as days still overlap: newest day first.

    Of each day a forecast of all companies that are visible: the last one by the models that spoke when it was made, if any is.
    """
    from insights.portfolio.cash import AHEAD

    held = contents.read(store)
    record = held.ledger(ledger_id)
    versions = [
        ledger.id for ledger in held.ledgers if ledger.lineage_id == record.lineage_id and ledger.sequence <= record.sequence
    ]
    by_day: dict[date, list[EarlierForecast]] = {}
    for forecast in cash.shown(store, versions):
        companies = [company for company in held.ledger(forecast.ledger_id).companies if visible.has_company(company)]
        whole = all(forecast.model_of(company) for company in companies)
        if whole and as_of - timedelta(days=AHEAD) < forecast.as_of < as_of:
            by_day.setdefault(forecast.as_of, []).append(forecast)
    return [
        next((forecast for forecast in forecasts if _by_those_in_force(held, forecast, visible)), forecasts[0])
        for forecasts in by_day.values()
    ]


def _by_those_in_force(held: Contents, forecast: EarlierForecast, visible: Visible) -> bool:
    """Whether the models that spoke of what is visible when a forecast was made are those that it is by."""
    then = held.at(forecast.made_at).by_company(held.ledger(forecast.ledger_id), forecast.as_of)
    return all(forecast.model_of(company) == model_id for company, model_id in then.items() if visible.has_company(company))


def compared(read: CashBook, earlier: EarlierForecast, ledger: Ledger, currency: str, company: str | None = None) -> "ThenAndNow":
    """What was said of a currency (and company) as of an earlier day, what is said now, and what came meanwhile."""
    from insights.portfolio.cash import then_and_now
    from insights.portfolio.converted import converted_cash, converted_ledger

    def mine(table: pa.Table) -> pa.Table:
        return read.of_company(table.filter(pc.equal(table["currency"], currency)), company)

    then = read.visible.rows(pq.read_table(earlier.path))
    if read.customers is not None:
        then, ledger = then.filter(pa.array(of_customers(then, read.customers))), _part(ledger, read.customers)
    if read.by:
        then, ledger = converted_cash(then, read.by), converted_ledger(ledger, read.by)
    return then_and_now(mine(then), earlier.as_of, mine(read.rows), mine(read.agreed), read.as_of, ledger)


def mark(store: Store, ledger_id: str, agreed: str, plan_id: str) -> str:
    """What tells whether `book` would read anything new: Mondays kept, the plan that counts, and what was `agreed`."""
    kept = sum(1 for _ in store.home.glob(f"cash/{ledger_id}/**/*.parquet"))  # of customers as well
    return f"{kept}-{agreed}-{plan_id}"


def book(  # noqa: PLR0913 - of what, when, by whom, by which model and plan, of whom
    store: Store,
    ledger_id: str,
    as_of: date,
    *,
    actor: Person,
    model_id: str = "",
    plan: "Sequence[PlannedInvoice] | None" = None,
    customers: "Customers | None" = None,
    within: LedgerWithin | None = None,
) -> CashBook:
    """What a day's forecast is made from, of all customers or of some; ranges rest on the past Mondays that are kept (`replay`).

    Of what the actor may see. `plan`: what will be invoiced, instead of the billing plan that is kept for the ledger; of some
    customers what of it names them. `position` in its rows is that of `within`: by default `reach.ledger_within` as of now.
    """
    require(actor, Capability.OVERSEE)
    from insights.portfolio.cash import moved, not_invoiced, past_weeks, planned_by_company, planned_cash

    path, whole = expected(store, ledger_id, as_of, actor=actor, model_id=model_id), ledgers.load(store, ledger_id)
    within = within or reach.ledger_within(store, whole, actor.reach)
    ledger, seen, rows = within.ledger, within.visible, reach.rows_within(path, within)
    some = seen.among(customers)
    if some is not None:
        rows, ledger = rows.filter(pa.array(of_customers(rows, some))), _part(ledger, some)
    moves = agreed_moves(store, within.ledger, rows, as_of, seen)
    agreed = moved(rows, moves, as_of)
    past = past_weeks(ledger, as_of)
    later, _ = not_invoiced(past, len(past.at) - 1)
    by_group = dict(zip(past.groups.names, later, strict=True))
    if plan is None and (kept := billing_plan.counting(store, ledger_id)):
        plan = billing_plans.load(store, kept.id)
    if plan and not seen.everything:
        plan = [row for row in planned_by_company(plan, whole, as_of) if seen.has_company(row.company or "")]
    planned = planned_cash(plan, whole, as_of, some) if plan else None
    replays = _past(store, ledger_id, rows, ledger, some)
    layer = {**by_group, **planned.weeks} if planned else by_group
    return CashBook(as_of, rows, agreed, moves, layer, replays, by_group, planned, visible=seen, customers=some)


def past_mondays(  # noqa: PLR0913 - of what, when, by whom, by which model, of whom
    store: Store,
    ledger_id: str,
    as_of: date,
    *,
    actor: Person,
    model_id: str = "",
    customers: "Customers | None" = None,
    within: LedgerWithin | None = None,
) -> pa.Table:
    """The past Mondays that are kept (`cash.REPLAYED`), of all that the actor may see or of some customers of it: no forecast."""
    require(actor, Capability.OVERSEE)
    path = _scored(store, ledger_id, as_of, actor, model_id)
    within = within or reach.ledger_within(store, ledgers.load(store, ledger_id), actor.reach)
    some = within.visible.among(customers)
    rows = reach.rows_within(pq.read_table(path, columns=["company", "model", "position"]), within)
    return _past(store, ledger_id, rows, within.ledger if some is None else _part(within.ledger, some), some)


def _past(store: Store, ledger_id: str, rows: pa.Table, ledger: Ledger, some: "Customers | None") -> pa.Table:
    """By the recipes that speak of rows; of `some` customers, whose invoices `ledger` has, or (None) of all."""
    by_company = recipes(store, rows)
    return replayed(store, ledger_id, by_company) if some is None else _replayed_of(store, ledger_id, by_company, some, ledger)


def _part(ledger: Ledger, customers: "Customers") -> Ledger:
    """The invoices of some customers, with everything else as it was."""
    return of_rows(ledger, np.flatnonzero(of_customers(ledger.invoices, customers)))


def agreed_moves(store: Store, ledger: Ledger, rows: pa.Table, as_of: date, visible: Visible = ALL) -> "Moves":
    """How promises, disputes and overrides that hold as of a day move rows of `cash.EXPECTED`."""
    from insights.agreements.expected import adjustments
    from insights.portfolio.cash import Moves
    from insights.services.agreements import standing

    held = standing(store, ledger, as_of, visible)
    adjusted = adjustments(rows, held.agreed, held.judged, held.kept)
    return Moves(adjusted.override, adjusted.promised, adjusted.weight * adjusted.promised_share, adjusted.delay)


def forecast(  # noqa: PLR0913 - of what, when, by whom, by which model and plan, in which currency
    store: Store,
    ledger_id: str,
    as_of: date,
    *,
    actor: Person,
    model_id: str = "",
    plan: "Sequence[PlannedInvoice] | None" = None,
    into: str = "",
    customers: "Customers | None" = None,
    company: str | None = None,
) -> Forecast:
    """The cash of the weeks ahead, by currency: of the open book, and of what is not invoiced yet; in one currency if wished."""
    read = book(store, ledger_id, as_of, actor=actor, model_id=model_id, plan=plan, customers=customers)
    remarks = (PLAN_OF_COMPANIES,) if read.planned and read.planned.unused else ()
    if into:
        by = rates.conversion(store, read.currencies, into, as_of)
        read, remarks = read.converted(by), (*remarks, *rates.sentences(by))
    return Forecast(as_of, read.forecasts(company), tuple(sorted(set(read.rows["model"].to_pylist()))), read.planned, remarks)


# ---------------------------------------------------------------- past Mondays


def recipes(store: Store, rows: pa.Table) -> dict[str, "Recipe"]:
    """Company -> the recipe of the model that speaks of it, of rows of `cash.EXPECTED`."""
    from insights.model.recipe import Recipe

    pairs = rows.group_by(["company", "model"]).aggregate([]).to_pylist()
    used = {
        model_id: Recipe.from_json(dict(models.get(store, model_id).recipe)) for model_id in {pair["model"] for pair in pairs}
    }
    return {pair["company"]: used[pair["model"]] for pair in pairs}


def replayed(store: Store, ledger_id: str, by_company: Mapping[str, "Recipe"]) -> pa.Table:
    """The past Mondays that are kept of each company's recipe, in the columns of `cash.REPLAYED`."""
    from insights.portfolio.cash import REPLAYED

    parts = [REPLAYED.empty_table()]
    for recipe in dict.fromkeys(by_company.values()):
        companies = [company for company, own in by_company.items() if own == recipe]
        rows = cash.load(store, cash.folder_of(store, ledger_id, recipe))
        parts.append(rows.filter(pc.is_in(rows["company"], pa.array(companies, pa.string()))))
    return pa.concat_tables(parts).combine_chunks()


def _replayed_of(
    store: Store, ledger_id: str, by_company: Mapping[str, "Recipe"], customers: "Customers", ledger: Ledger
) -> pa.Table:
    """The same of some customers, whose invoices `ledger` has: of each Monday since the first on which it had one."""
    from insights.portfolio.cash import BY_CUSTOMER, REPLAYED, replays_of_customers

    rows = [REPLAYED.empty_table()]
    for recipe in dict.fromkeys(by_company.values()):
        mine = frozenset(who for who in customers if by_company.get(who[0]) == recipe)
        parts, mondays = [BY_CUSTOMER.empty_table()], []
        for monday, of_all in cash.by_customer(store, cash.folder_of(store, ledger_id, recipe)):
            mondays.append(monday)
            parts.append(of_all.filter(pa.array(of_customers(of_all, mine))))
        rows.append(replays_of_customers(pa.concat_tables(parts).combine_chunks(), _part(ledger, mine), mondays))
    return pa.concat_tables(rows).combine_chunks()


def replay(store: Store, ledger_id: str, as_of: date, *, actor: Person, model_id: str = "", progress: Progress = quiet) -> int:
    """Replay the Mondays before a day that are not kept yet, by the recipes that speak of the ledger then; how many they were.

    Refused with code "leak" where a recipe would learn from what looks like the outcome.
    """
    require(actor, Capability.PLAN)
    rows = pq.read_table(expected(store, ledger_id, as_of, actor=actor, model_id=model_id), columns=["company", "model"])
    return sum(_replay(store, ledger_id, recipe, as_of, progress) for recipe in dict.fromkeys(recipes(store, rows).values()))


def _replay(store: Store, ledger_id: str, recipe: "Recipe", as_of: date, progress: Progress) -> int:
    from insights.evaluation.cash import mondays, replay_cash

    folder = cash.folder_of(store, ledger_id, recipe)
    with store.lock(store.lock_of(folder)):
        ledger = ledgers.load(store, ledger_id)
        if not (left := cash.missing(store, folder, mondays(ledger, recipe, as_of))):
            return 0
        leakage_guard.check_replay(store, ledger, recipe)
        for monday in replay_cash(ledger, left, recipe, progress):
            cash.save(store, folder, monday)
    return len(left)
