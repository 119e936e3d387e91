"""What does a model say of every open invoice as of a date, and how is that written to a file?"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights import messages
from insights.features.events import Rows
from insights.features.kernel import features
from insights.ledger.errors import Refused
from insights.ledger.ledger import NEVER, Ledger, day, open_invoices
from insights.ledger.money import exponent
from insights.model.model import Book, Model, open_book, open_rows, probabilities
from insights.model.payment_dates import Forecast, confidence
from insights.model.tuning import Progress, quiet
from insights.prediction.explain import MOST_REASONS, reasons

CHUNK = 50_000  # rows explained at a time, which bounds the memory
KEPT = (
    "company",
    "customer_id",
    "customer_name",
    "invoice_id",
    "line",
    "currency",
    "amount",
    "outstanding",
    "issue_date",
    "due_date",
    "terms",
    "days_past_due",
    "position",
)
LATER = ("expected_date", "date_low", "date_high", "confidence", "no_history")  # after the columns of the contract


def score(model: Model, ledger: Ledger, as_of: date, progress: Progress = quiet) -> pa.Table:
    """One row per invoice open as of the date, in ledger order: KEPT columns, three probabilities, no_history, reasons, dates.

    Money in minor units (int64), probabilities float64 that sum to 1, reasons list<explain.REASON>. Refused for a date
    before the model's training date: there it has seen the answers.
    """
    ledger.check_as_of(as_of)
    if as_of < model.trained_as_of:
        raise Refused(
            f"This model was trained as of {model.trained_as_of}: on {as_of} it would have seen the answers. "
            f"Train one as of {as_of}, or choose a later date.",
            "model_too_new",
        )
    table = open_invoices(ledger, as_of).select(KEPT)
    book = open_book(ledger, model.recipe.lines, model.fields)
    rows, invoice = open_rows(book.events, day(as_of))
    order = np.searchsorted(book.positions[invoice], table["position"].to_numpy())
    rows, invoice = rows.take(order), invoice[order]
    parts = [pa.table({})]
    forecast = Forecast(model.timing, book.events, day(as_of), rows.customer) if model.timing else None
    for begin in range(0, max(len(rows), 1), CHUNK):
        some = slice(begin, begin + CHUNK)
        part = _scored(model, book, rows.take(some), invoice[some])
        parts.append(with_dates(part, forecast, rows.take(some), model.recipe.calendar))
        progress("reasons", min(1.0, (begin + CHUNK) / max(len(rows), 1)))
    scored = pa.concat_tables(parts[1:])
    for name in scored.column_names:
        table = table.append_column(name, scored[name])
    return table.combine_chunks()


def _scored(model: Model, book: Book, rows: Rows, invoice: npt.NDArray[np.int64]) -> pa.Table:
    computed = features(book.events, rows, book.rates)
    matrix = book.assemble(computed, rows, invoice)
    predicted = probabilities(model, rows, matrix)
    no_history = (computed["paid_count"] == 0) & (computed["resolved_count"] == 0)
    return pa.table(
        {
            "p_on_time": predicted[:, 0],
            "p_late": predicted[:, 1],
            "p_very_late": predicted[:, 2],
            "no_history": no_history,
            "reasons": reasons(model, book, rows, invoice, matrix),
        }
    )


def with_dates(scored: pa.Table, forecast: Forecast | None, rows: Rows, calendar: str) -> pa.Table:
    """The scored rows with expected_date, date_low, date_high (null: no end in sight) and confidence; null without a timing."""
    empty = pa.nulls(len(rows), pa.date32())
    columns = {"expected_date": empty, "date_low": empty, "date_high": empty, "confidence": pa.nulls(len(rows), pa.string())}
    if forecast is not None:
        predicted = np.column_stack([scored[name].to_numpy() for name in ("p_on_time", "p_late", "p_very_late")])
        dates = forecast.dates(rows, predicted, calendar)
        columns = {
            "expected_date": pa.array(dates.expected).cast(pa.date32()),
            "date_low": pa.array(dates.low).cast(pa.date32()),
            "date_high": pa.array(dates.high, mask=dates.high == NEVER).cast(pa.date32()),
            "confidence": pa.array(confidence(dates, predicted, scored["no_history"].to_numpy()), pa.string()),
        }
    for name, column in columns.items():
        scored = scored.append_column(name, column)
    return scored


def flagged(p_on_time: npt.NDArray[np.float64], threshold: float | npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Red circle: the probability of on time is below the threshold (of all, or of each); exactly at it is not flagged."""
    out: npt.NDArray[np.bool_] = p_on_time < threshold
    return out


def scored_file(
    predictions: pa.Table, threshold: float | npt.NDArray[np.float64], model_id: str | pa.ChunkedArray, as_of: date
) -> pa.Table:
    """The predictions as a file for people and scripts: exact decimal amounts, the flag, and reasons as sentences.

    Threshold and model id are those of all rows, or of each.
    """
    many = len(predictions)
    return pa.table(
        {
            **{name: predictions[name] for name in ("company", "customer_id", "customer_name", "invoice_id", "line", "currency")},
            "outstanding": decimals(predictions["outstanding"], predictions["currency"]),
            **{name: predictions[name] for name in ("issue_date", "due_date", "days_past_due")},
            **{name: predictions[name] for name in ("p_on_time", "p_late", "p_very_late")},
            "flagged": flagged(predictions["p_on_time"].to_numpy(), threshold),
            **sentences(predictions["reasons"]),
            "as_of": pa.array([as_of] * many, pa.date32()),
            "model": pa.array([model_id] * many, pa.string()) if isinstance(model_id, str) else model_id,
            **{name: predictions[name] for name in LATER if name in predictions.column_names},
        }
    )


def sentences(lists: pa.ChunkedArray) -> dict[str, pa.Array]:
    """reason_1 ... reason_5: the reasons of each row in words, "" where it has fewer."""
    texts = [[messages.reason(reason) for reason in row] for row in lists.to_pylist()]
    return {
        f"reason_{n + 1}": pa.array([row[n] if n < len(row) else "" for row in texts], pa.string()) for n in range(MOST_REASONS)
    }


def decimals(minor: pa.ChunkedArray, currency: pa.ChunkedArray) -> pa.Array:
    """Minor units as decimals, exact, with as many places as the currency with most has."""
    codes = currency.to_pylist()
    places = {code: exponent(code) for code in set(codes)}
    most = max(places.values(), default=2)
    factor = np.array([10 ** (most - places[code]) for code in codes], np.int64)
    whole = pa.array(minor.to_numpy() * factor).cast(pa.decimal128(19, 0))
    return pc.multiply(whole, pa.scalar(Decimal(1).scaleb(-most), pa.decimal128(most + 1, most)))


# ---------------------------------------------------------------- files


def write(table: pa.Table, path: Path) -> None:
    """Writes .csv, .parquet or .xlsx; text in CSV and XLSX cannot act as a formula in a spreadsheet."""
    writers = {".csv": _write_csv, ".parquet": _write_parquet, ".xlsx": _write_xlsx}
    if path.suffix.lower() not in writers:
        raise Refused(f"{path.name}: the file's ending must be .csv, .parquet or .xlsx.", "unknown_ending")
    writers[path.suffix.lower()](table, path)


def harmless(table: pa.Table) -> pa.Table:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it; a plain number stays one."""
    for place, column in enumerate(table.schema):
        if pa.types.is_string(column.type):
            plain = pc.match_substring_regex(table[column.name], r"^-\d+(\.\d+)?$")
            text = pc.replace_substring_regex(table[column.name], r"^(\s*[=+\-@\t\r\n])", r"'\1")
            text = pc.if_else(plain, table[column.name], text)
            table = table.set_column(place, column.name, text)
    return table


def _write_csv(table: pa.Table, path: Path) -> None:
    from pyarrow import csv

    csv.write_csv(harmless(table), path, csv.WriteOptions(quoting_style="needed"))


def _write_parquet(table: pa.Table, path: Path) -> None:
    from pyarrow import parquet

    parquet.write_table(table, path)


def _write_xlsx(table: pa.Table, path: Path) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    with xlsxwriter.Workbook(path, options) as book:
        sheet, as_day = book.add_worksheet("Invoices"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, table.column_names)
        is_date = [pa.types.is_date(column.type) for column in table.schema]
        for number, row in enumerate(zip(*(column.to_pylist() for column in harmless(table).columns), strict=True), 1):
            for place, value in enumerate(row):
                if value is None:
                    continue
                if is_date[place]:
                    sheet.write_datetime(number, place, value, as_day)
                elif isinstance(value, str):
                    sheet.write_string(number, place, value)
                else:
                    sheet.write(number, place, value)
