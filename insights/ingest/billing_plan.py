"""How does a file of what will be invoiced become a billing plan? A row per day or period; bad rows become sentences."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from insights.ingest import sandbox
from insights.ingest.recognise import dates, formats, match, months, numbers
from insights.ingest.recognise.dates import UNREADABLE
from insights.ingest.recognise.table import Table
from insights.ledger.errors import Refused
from insights.ledger.ledger import as_date
from insights.ledger.money import exponent, is_currency
from insights.portfolio.cash import PlannedInvoice
from insights.sandbox.limits import Heard, unheard

COLUMNS = {
    "when": ("period", "date", "month", "invoice date", "issue date", "billing date", "monat", "datum", "periode", "mois", "mes"),
    "amount": ("amount", "planned amount", "invoice amount", "betrag", "value", "montant", "importe", "bedrag", "valor"),
    "currency": ("currency", "currency code", "ccy", "währung", "devise", "moneda", "valuta", "moeda"),
    "company": ("company", "company code", "entity", "buchungskreis", "firma", "société", "empresa"),
    "customer": ("customer", "customer id", "customer number", "account", "kunde", "kundennummer", "client", "cliente"),
    "terms": ("terms", "payment terms", "terms days", "net days", "zahlungsziel", "zahlungsbedingungen", "délai"),
}
SHOWN = 40  # characters of a cell in a sentence
MOST_ROWS = 20_000
LONGEST_TERMS = 400
MONTHS_OF_YEAR = 12
YEARS = range(1990, 2100)
MONTH = re.compile(r"^(\d{4})[-/.](\d{1,2})$")
MONTH_FIRST = re.compile(r"^(\d{1,2})[-/.](\d{4})$")
MONTH_WORD = re.compile(r"^([^\W\d]{3,12})\.?[\s-]+(\d{4})$")
QUARTER = re.compile(r"(?i)^(?:(\d{4})[\s-]*Q([1-4])|Q([1-4])[\s/-]*(\d{4}))$")
WEEK = re.compile(r"(?i)^(\d{4})[\s-]*W(\d{1,2})$")
TERMS = re.compile(r"(?i)^(?:net\s*)?(\d{1,3})(?:\.0+)?\s*(?:days?|tage|jours|d)?(?:\s*net(?:to)?)?$")


@dataclass(frozen=True)
class ReadPlan:
    """The rows of a plan that can be used, and a sentence for each that cannot."""

    rows: tuple[PlannedInvoice, ...]
    set_aside: tuple[str, ...]


def read(path: Path, companies: Collection[str], currencies: Sequence[str], *, heard: Heard = unheard) -> ReadPlan:
    """A billing plan (period or date, amount, currency, company, customer, terms) of any format that ledgers have.

    `companies` and `currencies` are those of the ledger: a company has to be one of them, and where there is one currency, a
    row without any is of it. Raises Refused without the columns, or where no row can be used.
    """
    plan = sandbox.table(path, {match.compact(name) for names in COLUMNS.values() for name in names}, heard=heard)
    at = match.by_header(plan.headers, COLUMNS)
    if missing := [name for name in ("when", "amount") if name not in at]:
        named = {"when": "period (or date)", "amount": "amount"}
        raise Refused(
            f"A billing plan needs the columns period (or date) and amount, then currency, company, customer and terms in days: "
            f"{' and '.join(named[name] for name in missing)} is missing; found were {', '.join(plan.headers)}.",
            "plan_columns",
        )
    if len(plan.body.lines) > MOST_ROWS:
        raise Refused(f"A billing plan has at most {MOST_ROWS:,} rows; this one has {len(plan.body.lines):,}.", "plan_too_long")
    texts = {name: [str(text or "").strip() for text in plan.body.columns[column].to_pylist()] for name, column in at.items()}
    days, amounts = _days(plan, at["when"], texts["when"]), _amounts(plan, at["amount"])
    rows: list[PlannedInvoice] = []
    aside: list[str] = []
    for number, line in enumerate(plan.body.lines.tolist()):
        cells = {name: column[number] for name, column in texts.items()}
        try:
            rows.append(_row(line, cells, days[number], amounts[number], (companies, currencies)))
        except ValueError as wrong:
            aside.append(f"Row {line}: {wrong}.")
    if not rows:
        raise Refused(f"No row of this billing plan can be used. {aside[0] if aside else 'It has none.'}", "no_plan", rows=aside)
    return ReadPlan(tuple(rows), tuple(aside))


def _days(plan: Table, at: int, texts: Sequence[str]) -> list[tuple[date, date] | None]:
    """First and last day of each row; None where it says none."""
    periods = [_period(text) for text in texts]
    cells, decisions = dates.column(plan.body.columns[at], plan.body.typed[at]), formats.Decisions()
    order = formats.orders({"when": (plan.headers[at], cells)}, plan.body.lines, "", decisions)["when"]
    if decisions.questions:
        raise Refused(f"{decisions.questions[0].sentence} Write the days of the billing plan as 2026-12-31.", "plan_dates")
    single = [as_date(day) if day > UNREADABLE else None for day in cells.days(order).tolist()]
    return [period or ((day, day) if day else None) for period, day in zip(periods, single, strict=True)]


def _period(text: str) -> tuple[date, date] | None:
    """The days of a month (2026-12, 12/2026, December 2026), a quarter (2026-Q4) or a week (2026-W50); None of anything else."""
    if parts := QUARTER.match(text):
        year, quarter = int(parts[1] or parts[4]), int(parts[2] or parts[3])
        return _months(year, 3 * quarter - 2, 3)
    if parts := WEEK.match(text):
        try:
            first = date.fromisocalendar(int(parts[1]), int(parts[2]), 1)
        except ValueError:
            return None
        return first, first + timedelta(days=6)
    if parts := MONTH.match(text):
        return _months(int(parts[1]), int(parts[2]), 1)
    if parts := MONTH_FIRST.match(text):
        return _months(int(parts[2]), int(parts[1]), 1)
    if parts := MONTH_WORD.match(text):
        return _months(int(parts[2]), months.months([parts[1]])[parts[1]], 1)
    return None


def _months(year: int, month: int, many: int) -> tuple[date, date] | None:
    if year not in YEARS or not 1 <= month <= MONTHS_OF_YEAR:
        return None
    after = year * MONTHS_OF_YEAR + month - 1 + many
    return date(year, month, 1), date(after // MONTHS_OF_YEAR, after % MONTHS_OF_YEAR + 1, 1) - timedelta(days=1)


def _amounts(plan: Table, at: int) -> list[Decimal | None]:
    cells = numbers.column(plan.body.columns[at], plan.body.typed[at])
    decisions = formats.Decisions()
    mark = formats.marks({"amount": (plan.headers[at], cells)}, plan.body.lines, "", decisions)["amount"]
    if decisions.questions:
        raise Refused(f"{decisions.questions[0].sentence} Write the amounts of the billing plan as 1234.50.", "plan_marks")
    values: list[Decimal | None] = cells.values(mark)[0].to_pylist()
    return values


def _row(
    line: int,
    cells: dict[str, str],
    span: tuple[date, date] | None,
    amount: Decimal | None,
    known: tuple[Collection[str], Sequence[str]],
) -> PlannedInvoice:
    """A row; ValueError, with what is wrong, where it cannot be used."""
    companies, currencies = known
    if span is None or span[0].year not in YEARS:
        wrong = f"“{cells['when'][:SHOWN]}” is no day like 2026-12-31 and no period like 2026-12, 2026-Q4 or 2026-W50"
        raise ValueError(wrong)
    currency = cells.get("currency", "").upper() or (currencies[0] if len(currencies) == 1 else "")
    if not currency or not is_currency(currency):
        wrong = f"“{currency[:SHOWN]}” is no currency" if currency else "it names no currency, and the ledger has several"
        raise ValueError(wrong)
    if amount is None or amount <= 0 or abs(amount) > numbers.MOST // 100:
        wrong = f"“{cells['amount'][:SHOWN]}” is no amount above 0"
        raise ValueError(wrong)
    company = cells.get("company") or None
    if company is not None and company not in companies:
        wrong = f"the ledger has no company “{company[:SHOWN]}”"
        raise ValueError(wrong)
    terms = cells.get("terms", "")
    days = TERMS.match(terms) if terms else None
    if terms and (days is None or int(days[1]) > LONGEST_TERMS):
        wrong = f"“{terms[:SHOWN]}” are no terms: write days, 0 to {LONGEST_TERMS}"
        raise ValueError(wrong)
    minor = int(amount.scaleb(exponent(currency)).to_integral_value())
    customer = cells.get("customer") or None
    return PlannedInvoice(line, *span, currency, minor, company, customer, int(days[1]) if days else None)
