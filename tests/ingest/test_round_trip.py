"""Does a ledger that is written in any format and locale read back as the same ledger?"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.ingest.draft import Options
from insights.ingest.parse import parse
from insights.ledger.money import decimal_text
from tests.ingest.examples import assert_nothing_lost

HEADERS = {
    "en": ("Company", "Customer ID", "Customer Name", "Invoice No", "Currency", "Amount", "Outstanding", "Invoice Date", "Due Date", "Paid Date"),
    "de": ("Buchungskreis", "Kundennummer", "Kundenname", "Rechnungsnummer", "Währung", "Betrag", "Offener Betrag", "Rechnungsdatum", "Fällig am", "Zahlungsdatum"),
    "fr": ("Société", "Code client", "Nom client", "Numéro de facture", "Devise", "Montant", "Reste à payer", "Date de facture", "Échéance", "Date de paiement"),
    "es": ("Sociedad", "Código de cliente", "Nombre cliente", "Número de factura", "Moneda", "Importe", "Importe pendiente", "Fecha de factura", "Fecha de vencimiento", "Fecha de pago"),
}  # fmt: skip
DATES: dict[str, Callable[[date], str]] = {
    "ymd": date.isoformat,
    "compact": lambda day: f"{day:%Y%m%d}",
    "dmy": lambda day: f"{day:%d.%m.%Y}",
    "mdy": lambda day: f"{day.month}/{day.day}/{day.year}",
    "words": lambda day: f"{day:%d %b %Y}",
    "stamp": lambda day: f"{day:%Y-%m-%dT12:00:00Z}",
}
GROUPS = {".": ("", ",", " ", "'"), ",": ("", ".", " ", "\u00a0")}


@dataclass(frozen=True)
class Row:
    """What must come back of an invoice."""

    company: str
    customer: str
    name: str
    invoice: str
    currency: str
    amount: int
    outstanding: int
    issue: date
    due: date
    paid: date | None


# Letters that Western and Central European code pages write alike: of a word that means nothing, no more can be told.
LETTERS = st.characters(codec="ascii", exclude_categories=("Cc", "Zs")) | st.sampled_from("äöüÄÖÜßéáíóúç")
LEAST = 10**4  # minor units: where all that is outstanding is 0 or 1, it says whether, and not how much
texts = st.text(LETTERS, min_size=1, max_size=12)


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    count = draw(st.integers(1, 8))
    found = []
    for k in range(count):
        issue = date(2020, 1, 1) + timedelta(draw(st.integers(0, 900)))
        amount = draw(st.integers(LEAST, 10**10))
        paid = issue + timedelta(draw(st.integers(0, 300))) if draw(st.booleans()) else None
        outstanding = 0 if paid else draw(st.integers(LEAST, amount))
        currency = draw(st.sampled_from(("EUR", "USD", "JPY", "KWD")))
        customer = draw(texts)
        name = draw(texts)
        found.append(
            Row(
                "B" + draw(texts),
                "K" + customer,
                name,
                f"R-{k}",
                currency,
                amount,
                outstanding,
                issue,
                issue + timedelta(draw(st.integers(0, 90))),
                paid,
            )
        )
    return found


@dataclass(frozen=True)
class Way:
    """How a ledger is written."""

    form: str
    language: str
    dates: str
    mark: str
    group: str
    separator: str
    encoding: str


@st.composite
def ways(draw: st.DrawFn) -> Way:
    mark = draw(st.sampled_from(".,"))
    return Way(
        draw(st.sampled_from(("csv", "xlsx", "typed", "parquet"))),
        draw(st.sampled_from(sorted(HEADERS))),
        draw(st.sampled_from(sorted(DATES))),
        mark,
        draw(st.sampled_from(GROUPS[mark])),
        draw(st.sampled_from(",;\t|")),
        draw(st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "cp1252"))),
    )


def money(minor: int, currency: str, way: Way) -> str:
    whole, _, part = decimal_text(minor, currency).partition(".")
    grouped = f"{int(whole):,}".replace(",", way.group)
    return grouped + (way.mark + part if part else "")


def as_text(row: Row, way: Way) -> list[str]:
    day = DATES[way.dates]
    amounts = [money(minor, row.currency, way) for minor in (row.amount, row.outstanding)]
    days = [day(row.issue), day(row.due), day(row.paid) if row.paid else ""]
    return [row.company, row.customer, row.name, row.invoice, row.currency, *amounts, *days]


def write(path: Path, found: list[Row], way: Way) -> None:
    table = [list(HEADERS[way.language]), *(as_text(row, way) for row in found)]
    if way.form == "csv":
        sink = io.StringIO()
        csv.writer(sink, delimiter=way.separator).writerows(table)
        path.write_bytes(sink.getvalue().encode(way.encoding))
    elif way.form == "xlsx":
        with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            page = book.add_worksheet()
            for at, cells in enumerate(table):
                for k, cell in enumerate(cells):
                    page.write_string(at, k, cell)
    elif way.form == "typed":
        write_typed(path, found, way)
    else:
        columns = list(zip(*table[1:], strict=True))
        pq.write_table(pa.table([pa.array(column, pa.string()) for column in columns], names=table[0]), path)


def write_typed(path: Path, found: list[Row], way: Way) -> None:
    """Real dates and numbers in the cells."""
    with xlsxwriter.Workbook(
        path, {"default_date_format": "dd/mm/yyyy", "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADERS[way.language])
        for at, row in enumerate(found, start=1):
            for k, text in enumerate((row.company, row.customer, row.name, row.invoice, row.currency)):
                page.write_string(at, k, text)
            for k, minor in enumerate((row.amount, row.outstanding), start=5):
                page.write_number(at, k, float(decimal_text(minor, row.currency)))
            for k, day in enumerate((row.issue, row.due, row.paid), start=7):
                if day:
                    page.write_datetime(at, k, day)


def read(path: Path, way: Way, through: date) -> list[Row]:
    order = way.dates if way.dates in {"dmy", "mdy"} and way.form != "typed" else ""
    options = Options(date_order=order, decimal="" if way.form == "typed" else way.mark, complete_through=through)
    draft = parse(path, options)
    if way.encoding == "cp1252" and [question.option for question in draft.questions] == ["encoding"]:
        draft = parse(path, replace(options, encoding="windows-1252"))  # letters that are words in no encoding are asked about
    ledger = draft.require()
    assert_nothing_lost(ledger)
    return [
        Row(
            row["company"],
            row["customer_id"],
            row["customer_name"],
            row["invoice_id"],
            row["currency"],
            row["amount"],
            row["outstanding"],
            row["issue_date"],
            row["due_date"],
            row["paid_date"],
        )
        for row in ledger.invoices.to_pylist()
    ]


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(found=rows(), way=ways())
def test_a_ledger_reads_back_as_it_was_written(tmp_path: Path, found: list[Row], way: Way) -> None:
    path = tmp_path / "ledger"
    write(path, found, way)
    through = max(day for row in found for day in (row.issue, row.paid) if day)
    assert read(path, way, through) == found
