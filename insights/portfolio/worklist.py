"""Which open invoices need attention first? Filter, sort, page, count and sum predictions, per currency, by DuckDB.

A *source* is the Parquet file of an (as-of date, ledger, model) in the columns of `snapshot.PREDICTIONS`, or the same as an Arrow
table; without a model `unscored` makes one whose probabilities are null.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from insights.ledger import ledger as ledgers
from insights.ledger.keys import KEY, InvoiceKey
from insights.ledger.ledger import Ledger, days
from insights.ledger.money import exponent
from insights.ledger.outcomes import DueRules
from insights.portfolio.snapshot import FLAGGED_SQL, OVERDUE_SQL, snapshot

NOT_DUE_FLAGGED, NOT_DUE, OVERDUE, ALL = "flagged", "not_due", "overdue", "all"
TABS = (NOT_DUE_FLAGGED, NOT_DUE, OVERDUE, ALL)
_IS_INVOICE = " AND ".join(f"{name} = ?" for name in KEY)

AT_RISK = "at_risk"  # outstanding x (1 - P(on time)), the whole outstanding where nothing is predicted
SORTS = {
    AT_RISK: "major * (1 - coalesce(p_on_time, 0))",
    "p_on_time": "p_on_time",
    "outstanding": "major",
    "amount": "major_amount",
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
_KEPT = (
    "company, customer_id, customer_name, invoice_id, line, currency, amount, outstanding, issue_date, due_date, due_by, "
    "days_past_due, p_on_time, p_late, p_very_late, expected_date, confidence, no_history, reasons[1] AS reason"
)


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
    threshold: float = 0.5
    own_thresholds: Mapping[str, float] = field(default_factory=dict)  # of companies whose flags have another


@dataclass(frozen=True)
class OpenTotal:
    """How many invoices, and how much outstanding per currency (minor units)."""

    count: int
    sums: Mapping[str, int]


@dataclass(frozen=True)
class Page:
    """One page of a selection: `rows` of it, and what the whole selection comes to."""

    rows: pa.Table  # columns of `scoring.score` that a list shows; `reason` is the strongest one
    total: OpenTotal
    page: int  # 1 is the first; the last one where fewer remain than were asked for
    pages: int


def select(
    source: Path | pa.Table,
    wanted: WorklistFilter,
    *,
    sort: str = AT_RISK,
    ascending: bool = False,
    page: int = 1,
    size: int = 50,
) -> Page:
    """A page of the selection, sorted; ties in the order of company, invoice id and line. Unknown sorts are AT_RISK."""
    with _open(source) as database:
        where, values = _where(wanted)
        total = _total(database, where, values)
        pages = max(1, -(-total.count // size))
        page = min(max(1, page), pages)
        query = f"SELECT {_KEPT} FROM source {where} {_order(sort, ascending=ascending)} LIMIT {size} OFFSET {(page - 1) * size}"
        return Page(_table(database, query, values), total, page, pages)


def tabs(source: Path | pa.Table, wanted: WorklistFilter) -> dict[str, OpenTotal]:
    """What each tab of TABS would come to, with the rest of the filter as it is."""
    with _open(source) as database:
        return {tab: _total(database, *_where(replace(wanted, tab=tab))) for tab in TABS}


def selected(source: Path | pa.Table, wanted: WorklistFilter, *, sort: str = AT_RISK, ascending: bool = False) -> pa.Table:
    """The whole selection with all columns of the source, sorted: for exports."""
    with _open(source) as database:
        where, values = _where(wanted)
        query = f"SELECT * EXCLUDE (major, major_amount) FROM source {where} {_order(sort, ascending=ascending)}"
        return _table(database, query, values)


def invoice(source: Path | pa.Table, key: InvoiceKey) -> dict[str, Any] | None:
    """One open invoice with all its columns, None where it is not open (or not known) as of the date.

    A key without a customer, as links of earlier versions have it, is the first invoice that the rest fits.
    """
    rest = {name: value for name, value in key._asdict().items() if value or name != "customer_id"}
    with _open(source) as database:
        where = " AND ".join(f"{name} = ?" for name in rest)
        query = f"SELECT * EXCLUDE (major, major_amount) FROM source WHERE {where} ORDER BY customer_id LIMIT 1"
        found: list[dict[str, Any]] = _table(database, query, list(rest.values())).to_pylist()
        return found[0] if found else None


def choices(source: Path | pa.Table) -> dict[str, list[str]]:
    """The companies and the currencies that the source holds, sorted."""
    with _open(source) as database:
        rows = database.execute("SELECT DISTINCT company, currency FROM source").fetchall()
    return {"company": sorted({company for company, _ in rows}), "currency": sorted({currency for _, currency in rows})}


def unscored(ledger: Ledger, as_of: date) -> pa.Table:
    """The open invoices of a ledger as of a date, in the columns of a source, without predictions."""
    opened = ledgers.open_invoices(ledger, as_of)
    return snapshot(opened, DueRules().due_by(days(opened["due_date"])))


def _open(source: Path | pa.Table) -> duckdb.DuckDBPyConnection:
    """An in-memory database with the view `source`: the source and its amounts in whole units of their currency."""
    database = duckdb.connect()
    relation = database.read_parquet(str(source)) if isinstance(source, Path) else database.from_arrow(source)
    relation.create_view("given")
    codes = _table(database, "SELECT DISTINCT currency FROM given", [])["currency"]
    scales = [10 ** exponent(code) for code in codes.to_pylist()]
    database.register("scales", pa.table({"currency": codes, "scale": pa.array(scales, pa.int64())}))
    database.execute(
        "CREATE VIEW source AS "
        "SELECT given.*, outstanding / scale AS major, amount / scale AS major_amount FROM given JOIN scales USING (currency)"
    )
    return database


def _table(database: duckdb.DuckDBPyConnection, query: str, values: list[Any]) -> pa.Table:
    found: pa.Table = database.sql(query, params=values).to_arrow_table()
    return found


def _where(wanted: WorklistFilter) -> tuple[str, list[Any]]:
    """The WHERE clause of a filter, and its values in order."""
    terms: list[tuple[str, list[Any]]] = []
    if wanted.tab == NOT_DUE_FLAGGED:
        limit, values = _threshold(wanted)
        terms.append((f"NOT ({OVERDUE_SQL}) AND {FLAGGED_SQL.format(threshold=limit)}", values))
    if wanted.tab == NOT_DUE:
        terms.append((f"NOT ({OVERDUE_SQL})", []))
    if wanted.tab == OVERDUE:
        terms.append((OVERDUE_SQL, []))
    if wanted.search.strip():
        needle = wanted.search.strip().lower()
        anywhere = "lower(concat_ws(chr(10), customer_name, customer_id, invoice_id))"
        terms.append((f"contains({anywhere}, ?)", [needle]))
    for column, among in (("company", wanted.companies), ("currency", wanted.currencies)):
        if among:
            terms.append((f"{column} IN ({', '.join('?' for _ in among)})", list(among)))
    for column, (low, high) in (("days_past_due", wanted.past_due), ("major", wanted.outstanding)):
        terms += [(f"{column} >= ?", [low])] if low is not None else []
        terms += [(f"{column} <= ?", [high])] if high is not None else []
    if wanted.customer:
        terms.append(("company = ? AND customer_id = ?", list(wanted.customer)))
    if wanted.apart_from:
        terms.append((f"NOT ({_IS_INVOICE})", list(wanted.apart_from)))
    clause = " AND ".join(f"({term})" for term, _ in terms)
    return (f"WHERE {clause}" if clause else ""), [value for _, values in terms for value in values]


def _threshold(wanted: WorklistFilter) -> tuple[str, list[Any]]:
    """The flag threshold of a row, and its values in order."""
    if not wanted.own_thresholds:
        return "?", [wanted.threshold]
    cases = " ".join("WHEN ? THEN ?" for _ in wanted.own_thresholds)
    own = [value for pair in wanted.own_thresholds.items() for value in pair]
    return f"CASE company {cases} ELSE ? END", [*own, wanted.threshold]


def _order(sort: str, *, ascending: bool) -> str:
    direction = "ASC" if ascending else "DESC"
    return f"ORDER BY {SORTS.get(sort, SORTS[AT_RISK])} {direction} NULLS LAST, major DESC, company, invoice_id, line"


def _total(database: duckdb.DuckDBPyConnection, where: str, values: list[Any]) -> OpenTotal:
    query = f"SELECT currency, count(*), sum(outstanding)::BIGINT FROM source {where} GROUP BY currency ORDER BY currency"
    rows = database.execute(query, values).fetchall()
    return OpenTotal(sum(count for _, count, _ in rows), {currency: sum_ for currency, _, sum_ in rows})
