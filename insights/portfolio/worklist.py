"""Which open invoices need attention first? Filter, sort, page, count and sum predictions, per currency, by DuckDB.

A *source* is the Parquet file of an (as-of date, ledger, model) in the columns of `snapshot.PREDICTIONS`, or the same as an Arrow
table; without a model `unscored` makes one whose probabilities are null.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger import ledger as ledgers
from insights.ledger.errors import Refused
from insights.ledger.exchange_rates import ExchangeRates
from insights.ledger.keys import KEY, InvoiceKey
from insights.ledger.ledger import Ints, Ledger, days
from insights.ledger.outcomes import BUCKETS, LATE, VERY_LATE, DueRules
from insights.portfolio.buckets import split
from insights.portfolio.opened_sources import opened, table_of
from insights.portfolio.snapshot import FLAGGED_SQL, OVERDUE_SQL, REASON, in_order, is_flagged, snapshot, speaks_for

NOT_DUE_FLAGGED, NOT_DUE, OVERDUE, ALL = "flagged", "not_due", "overdue", "all"
TABS = (NOT_DUE_FLAGGED, NOT_DUE, OVERDUE, ALL)
_IS_INVOICE = " AND ".join(f"{name} = ?" for name in KEY)

AT_RISK = "at_risk"  # outstanding x (1 - P(on time)), the whole outstanding where nothing is predicted
LIKELY_VERY_LATE = "likely_very_late"  # outstanding x P(very late): of overdue invoices, all of which are late already
MONEY = {  # in whole units of a currency: compared by rates, or else currency by currency
    AT_RISK: "major * (1 - coalesce(p_on_time, 0))",
    LIKELY_VERY_LATE: "major * coalesce(p_very_late, 1)",
    "outstanding": "major",
    "amount": "major_amount",
}
SORTS = MONEY | {
    "p_on_time": "p_on_time",
    "days_past_due": "days_past_due",
    "due_date": "due_date",
    "issue_date": "issue_date",
    "customer_name": "lower(customer_name)",
    "customer_id": "customer_id",
    "invoice_id": "invoice_id",
    "currency": "currency",
    "company": "company",
    "p_late": "p_late",
    "p_very_late": "p_very_late",
    "expected_date": "expected_date",
}
PROBABILITIES = tuple(f"p_{bucket}" for bucket in BUCKETS)
_NAMES = (
    *("company", "customer_id", "customer_name", "invoice_id", "line", "currency", "amount", "outstanding", "issue_date"),
    *("due_date", "due_by", "days_past_due", "position", *PROBABILITIES, "expected_date", "confidence", "no_history"),
)
_KEPT = ", ".join((*_NAMES, "reasons"))
_ALL_GIVEN = "* EXCLUDE (major, major_amount, rate, block)"
MOST_OF_CUSTOMER = 10  # invoices listed below a customer; the rest is one line


@dataclass(frozen=True)
class WorklistFilter:
    """What is selected. Bounds are inclusive, None = unbounded; amounts are outstanding in whole units of the currency."""

    tab: str = NOT_DUE_FLAGGED
    search: str = ""  # part of the customer's name or id, or of the invoice id, in any case
    companies: tuple[str, ...] = ()  # none = all
    currencies: tuple[str, ...] = ()
    past_due: tuple[int | None, int | None] = (None, None)
    outstanding: tuple[float | None, float | None] = (None, None)
    customer: tuple[str, str] | None = None  # exactly this (company, customer id)
    apart_from: InvoiceKey | None = None  # all but this
    positions: Ints | None = None  # in the ledger: none but these (`disputed`)
    threshold: float = 0.5
    own_thresholds: Mapping[str, float] = field(default_factory=dict)  # of companies whose flags have another


@dataclass(frozen=True)
class OpenTotal:
    """How many invoices, and how much outstanding per currency (minor units)."""

    count: int
    sums: Mapping[str, int]
    at_risk: Mapping[str, int] = field(default_factory=dict)  # expected late or very late, likewise; of a page's selection
    very_late: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """One page of a selection: `rows` of it, and what the whole selection comes to.

    `rows` has the columns of `scoring.score` that a list shows, `reason` as `main_reason` gives it, and the parts of what is
    outstanding that are expected late or very late (`at_risk`) and `very_late` alone: int64 minor units as `buckets.split` gives
    them, null where nothing is predicted.
    """

    rows: pa.Table
    total: OpenTotal
    page: int  # 1 is the first; the last one where fewer remain than were asked for
    pages: int


@dataclass(frozen=True)
class CustomerGroup:
    """The invoices of a selection that one customer owes in one currency: some of them as rows, and all of them summed."""

    company: str
    customer_id: str
    customer_name: str
    currency: str
    count: int
    outstanding: int  # minor units, of all of them
    at_risk: int | None  # as in the rows
    very_late: int | None
    rows: pa.Table  # the first MOST_OF_CUSTOMER


@dataclass(frozen=True)
class GroupedPage:
    """One page of a selection by customer; page and pages count customers."""

    groups: tuple[CustomerGroup, ...]
    total: OpenTotal
    page: int
    pages: int
    customers: int  # and currencies


def select(  # noqa: PLR0913 - what, in which order, and which page of it
    source: Path | pa.Table,
    wanted: WorklistFilter,
    *,
    sort: str = AT_RISK,
    ascending: bool = False,
    rates: Mapping[str, float] | None = None,
    page: int = 1,
    size: int = 50,
) -> Page:
    """A page of the selection, sorted; ties in the order of company, invoice id and line. Unknown sorts are AT_RISK.

    By money, amounts are compared at `rates` (`in_one_currency`); without them, the currency of most invoices comes first.
    """
    with opened(source, rates) as database:
        where, values = _where(wanted)
        total = _total_with_parts(database, where, values)
        pages = max(1, -(-total.count // size))
        page = min(max(1, page), pages)
        query = f"SELECT {_KEPT} FROM source {where} {_order(sort, ascending=ascending)} LIMIT {size} OFFSET {(page - 1) * size}"
        return Page(_with_reason(_with_parts(table_of(database, query, values)), wanted), total, page, pages)


def by_customer(  # noqa: PLR0913 - as `select`
    source: Path | pa.Table,
    wanted: WorklistFilter,
    *,
    sort: str = AT_RISK,
    ascending: bool = False,
    rates: Mapping[str, float] | None = None,
    page: int = 1,
    size: int = 20,
) -> GroupedPage:
    """The selection by customer and currency, the one first of whom most is at risk (or likely very late, sorted by that).

    Within a customer the invoices stand in the order of the sort.
    """
    weight = MONEY[LIKELY_VERY_LATE if sort == LIKELY_VERY_LATE else AT_RISK]
    names = "company, customer_id, currency"
    with opened(source, rates) as database:
        where, values = _where(wanted)
        total = _total_with_parts(database, where, values)
        ranked = f"SELECT {names}, min(block) AS block, sum({weight} * rate) AS weight FROM source {where} GROUP BY {names}"
        customers = database.execute(f"SELECT count(*) FROM ({ranked})", values).fetchall()[0][0]
        pages = max(1, -(-customers // size))
        page = min(max(1, page), pages)
        order = "block, weight DESC, company, customer_id, currency"
        picked = f"SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM ({ranked}) QUALIFY place > ? AND place <= ?"
        query = (
            f"WITH chosen AS (SELECT * FROM source {where}), picked AS ({picked}) "
            f"SELECT chosen.* FROM chosen JOIN picked USING ({names}) ORDER BY picked.place, {_by(sort, ascending=ascending)}"
        )
        limits = [(page - 1) * size, page * size]
        rows = _with_parts(table_of(database, query, [*values, *values, *limits]).select([*_NAMES, "reasons"]))
    return GroupedPage(tuple(_groups(rows, wanted)), total, page, pages, customers)


def neighbours(
    source: Path | pa.Table,
    wanted: WorklistFilter,
    key: InvoiceKey,
    *,
    sort: str = AT_RISK,
    ascending: bool = False,
    rates: Mapping[str, float] | None = None,
) -> tuple[InvoiceKey | None, InvoiceKey | None]:
    """The invoices before and after one in a selection; neither where it is not in the selection."""
    order = _order(sort, ascending=ascending)
    sides = {"before": "lag", "after": "lead"}
    moved = ", ".join(f"{of}({name}) OVER ({order}) AS {side}_{name}" for side, of in sides.items() for name in KEY)
    with opened(source, rates) as database:
        where, values = _where(wanted)
        query = f"SELECT {', '.join(KEY)}, {moved} FROM source {where}"
        rows = table_of(database, f"SELECT * FROM ({query}) WHERE {_IS_INVOICE}", [*values, *key]).to_pylist()
    if not rows:
        return None, None
    before, after = ([rows[0][f"{side}_{name}"] for name in KEY] for side in sides)
    return (None if before[0] is None else InvoiceKey(*before)), (None if after[0] is None else InvoiceKey(*after))


def disputed(ledger: Ledger, as_of: date) -> Ints:
    """Positions of the open invoices that the ledger calls disputed: a state at its export, so only as of the day after that."""
    if as_of != ledger.last_as_of:
        return np.zeros(0, np.int64)
    opened = ledgers.open_positions(ledger, as_of)
    return np.array(
        [
            at
            for at, says in zip(opened.tolist(), ledger.invoices["disputed"].take(pa.array(opened)).to_pylist(), strict=True)
            if says
        ],
        np.int64,
    )


def is_overdue(row: Mapping[str, Any]) -> bool:
    """Whether an invoice of a source can no longer be on time: as OVERDUE_SQL says it."""
    return bool((row["due_by"] - row["due_date"]).days < row["days_past_due"])


def main_reason(row: Mapping[str, Any], threshold: float) -> Mapping[str, Any] | None:
    """The reason that a list shows of an invoice of a source, flagged below a threshold; None without a model.

    That an overdue invoice is overdue is no reason, where another one says why it may become very late.
    """
    reasons = in_order(row["reasons"] or [], flagged=is_flagged(row["p_on_time"], threshold))
    if is_overdue(row) and len(reasons) > 1 and not speaks_for(reasons[1]):
        return reasons[1]
    return reasons[0] if reasons else None


def in_one_currency(rates: ExchangeRates, currencies: Iterable[str], into: str, on: date) -> dict[str, float] | None:
    """What a whole unit of each currency is worth in one on a day; None where a rate is missing: then nothing compares."""
    try:
        return {currency: float(rates.rate(currency, into, on).rate) for currency in currencies}
    except Refused:
        return None


def tabs(source: Path | pa.Table, wanted: WorklistFilter) -> dict[str, OpenTotal]:
    """What each tab of TABS would come to, with the rest of the filter as it is."""
    with opened(source) as database:
        return {tab: _total(database, *_where(replace(wanted, tab=tab))) for tab in TABS}


def selected(
    source: Path | pa.Table,
    wanted: WorklistFilter,
    *,
    sort: str = AT_RISK,
    ascending: bool = False,
    rates: Mapping[str, float] | None = None,
) -> pa.Table:
    """The whole selection with all columns of the source, sorted: for exports."""
    with opened(source, rates) as database:
        where, values = _where(wanted)
        query = f"SELECT {_ALL_GIVEN} FROM source {where} {_order(sort, ascending=ascending)}"
        return table_of(database, query, values)


def invoice(source: Path | pa.Table, key: InvoiceKey) -> dict[str, Any] | None:
    """One open invoice with all its columns, None where it is not open (or not known) as of the date.

    A key without a customer, as links of earlier versions have it, is the first invoice that the rest fits.
    """
    rest = {name: value for name, value in key._asdict().items() if value or name != "customer_id"}
    with opened(source) as database:
        where = " AND ".join(f"{name} = ?" for name in rest)
        query = f"SELECT {_ALL_GIVEN} FROM source WHERE {where} ORDER BY customer_id LIMIT 1"
        rows: list[dict[str, Any]] = table_of(database, query, list(rest.values())).to_pylist()
        return rows[0] if rows else None


def choices(source: Path | pa.Table) -> dict[str, list[str]]:
    """The companies and the currencies that the source holds, sorted."""
    with opened(source) as database:
        rows = database.execute("SELECT DISTINCT company, currency FROM source").fetchall()
    return {"company": sorted({company for company, _ in rows}), "currency": sorted({currency for _, currency in rows})}


def unscored(ledger: Ledger, as_of: date) -> pa.Table:
    """The open invoices of a ledger as of a date, in the columns of a source, without predictions."""
    opened = ledgers.open_invoices(ledger, as_of)
    return snapshot(opened, DueRules().due_by(days(opened["due_date"])))


def _where(wanted: WorklistFilter) -> tuple[str, list[Any]]:
    """The WHERE clause of a filter, and its values in order."""
    terms = [*_of_tab(wanted), *_of_text(wanted), *_of_bounds(wanted)]
    if wanted.customer:
        terms.append(("company = ? AND customer_id = ?", list(wanted.customer)))
    if wanted.positions is not None:
        terms.append(("position IN (SELECT unnest(?::BIGINT[]))", [wanted.positions.tolist()]))
    if wanted.apart_from:
        terms.append((f"NOT ({_IS_INVOICE})", list(wanted.apart_from)))
    clause = " AND ".join(f"({term})" for term, _ in terms)
    return (f"WHERE {clause}" if clause else ""), [value for _, values in terms for value in values]


def _of_tab(wanted: WorklistFilter) -> Iterator[tuple[str, list[Any]]]:
    if wanted.tab == NOT_DUE_FLAGGED:
        limit, values = _threshold(wanted)
        yield f"NOT ({OVERDUE_SQL}) AND {FLAGGED_SQL.format(threshold=limit)}", values
    if wanted.tab == NOT_DUE:
        yield f"NOT ({OVERDUE_SQL})", []
    if wanted.tab == OVERDUE:
        yield OVERDUE_SQL, []


def _of_text(wanted: WorklistFilter) -> Iterator[tuple[str, list[Any]]]:
    if needle := wanted.search.strip().lower():
        yield "contains(lower(concat_ws(chr(10), customer_name, customer_id, invoice_id)), ?)", [needle]
    for column, among in (("company", wanted.companies), ("currency", wanted.currencies)):
        if among:
            yield f"{column} IN ({', '.join('?' for _ in among)})", list(among)


def _of_bounds(wanted: WorklistFilter) -> Iterator[tuple[str, list[Any]]]:
    for column, (low, high) in (("days_past_due", wanted.past_due), ("major", wanted.outstanding)):
        if low is not None:
            yield f"{column} >= ?", [low]
        if high is not None:
            yield f"{column} <= ?", [high]


def _threshold(wanted: WorklistFilter) -> tuple[str, list[Any]]:
    """The flag threshold of a row, and its values in order."""
    if not wanted.own_thresholds:
        return "?", [wanted.threshold]
    cases = " ".join("WHEN ? THEN ?" for _ in wanted.own_thresholds)
    own = [value for pair in wanted.own_thresholds.items() for value in pair]
    return f"CASE company {cases} ELSE ? END", [*own, wanted.threshold]


def _order(sort: str, *, ascending: bool) -> str:
    return f"ORDER BY {_by(sort, ascending=ascending)}"


def _by(sort: str, *, ascending: bool) -> str:
    """What is sorted by, ties in an order that never changes."""
    direction = "ASC" if ascending else "DESC"
    sort = sort if sort in SORTS else AT_RISK
    by = f"block, {MONEY[sort]} * rate" if sort in MONEY else SORTS[sort]
    return f"{by} {direction} NULLS LAST, block, major * rate DESC, company, invoice_id, line, customer_id"


def _total(database: duckdb.DuckDBPyConnection, where: str, values: list[Any]) -> OpenTotal:
    query = f"SELECT currency, count(*), sum(outstanding)::BIGINT FROM source {where} GROUP BY currency ORDER BY currency"
    rows = database.execute(query, values).fetchall()
    return OpenTotal(sum(count for _, count, _ in rows), {currency: sum_ for currency, _, sum_ in rows})


def _total_with_parts(database: duckdb.DuckDBPyConnection, where: str, values: list[Any]) -> OpenTotal:
    """The total of a selection, with what of it is expected late or very late: the sums of what its rows show."""
    columns = ", ".join(("currency", "outstanding", *PROBABILITIES))
    rows = _with_parts(table_of(database, f"SELECT {columns} FROM source {where}", values))
    summed = rows.group_by("currency").aggregate([(name, "sum") for name in ("outstanding", "at_risk", "very_late")])
    by_currency = {row["currency"]: row for row in summed.sort_by("currency").to_pylist()}
    parts = {
        name: {code: row[f"{name}_sum"] for code, row in by_currency.items() if row[f"{name}_sum"] is not None}
        for name in ("outstanding", "at_risk", "very_late")
    }
    return OpenTotal(len(rows), parts["outstanding"], parts["at_risk"], parts["very_late"])


def _with_parts(rows: pa.Table) -> pa.Table:
    """The rows with at_risk and very_late (int64 minor units), null where nothing is predicted."""
    p = np.column_stack([rows[name].to_numpy() for name in PROBABILITIES]).astype(np.float64)
    unknown = np.isnan(p[:, 0])
    parts = split(rows["outstanding"].to_numpy(), np.where(unknown[:, None], 1.0, p))
    amounts = {"at_risk": parts[:, LATE] + parts[:, VERY_LATE], "very_late": parts[:, VERY_LATE]}
    for name, values in amounts.items():
        rows = rows.append_column(name, pa.array(values, pa.int64(), mask=unknown))
    return rows


def _with_reason(rows: pa.Table, wanted: WorklistFilter) -> pa.Table:
    """The rows with `reason`, as `main_reason` gives it, in place of all reasons."""
    reasons = [
        main_reason(row, wanted.own_thresholds.get(row["company"], wanted.threshold))
        for row in rows.select(["company", "due_date", "due_by", "days_past_due", "p_on_time", "reasons"]).to_pylist()
    ]
    return rows.drop_columns("reasons").append_column("reason", pa.array(reasons, REASON))


def _groups(rows: pa.Table, wanted: WorklistFilter) -> Iterator[CustomerGroup]:
    """The rows of a page of customers, which stand together, one group each."""
    places = list(zip(*(rows[name].to_pylist() for name in ("company", "customer_id", "currency")), strict=True))
    begin = 0
    while begin < len(places):
        end = next((at for at in range(begin, len(places)) if places[at] != places[begin]), len(places))
        mine = rows.slice(begin, end - begin)
        sums = {name: pc.sum(mine[name]).as_py() for name in ("outstanding", "at_risk", "very_late")}
        company, customer_id, currency = places[begin]
        name = pc.max(mine["customer_name"]).as_py()
        first = _with_reason(mine.slice(0, MOST_OF_CUSTOMER), wanted)
        yield CustomerGroup(company, customer_id, name, currency, len(mine), **sums, rows=first)
        begin = end
