"""How is a table written to a file that others open, without a formula in it coming alive?"""

import io
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.errors import Refused
from insights.ledger.money import exponent

if TYPE_CHECKING:
    from collections.abc import Callable


def decimals(minor: pa.ChunkedArray, currency: pa.ChunkedArray) -> pa.Array:
    """Minor units as decimals, exact, with as many places as the currency with most has; null where they are null."""
    codes = currency.to_pylist()
    places = {code: exponent(code) for code in set(codes)}
    most = max(places.values(), default=2)
    factor = np.array([10 ** (most - places[code]) for code in codes], np.int64)
    whole = pa.array(pc.fill_null(minor, 0).to_numpy() * factor).cast(pa.decimal128(19, 0))
    exact = pc.multiply(whole, pa.scalar(Decimal(1).scaleb(-most), pa.decimal128(most + 1, most)))
    return pc.if_else(minor.is_valid(), exact, None) if minor.null_count else exact


# What a spreadsheet runs: a cell that begins with one of these signs (full-width ones too), after blanks or quotes if need be.
# Our files part their cells by commas; a spreadsheet that is set to semicolons, tabs or bars parts them within our text,
# where quotes are no help, and so does one that ends its line at a break. An apostrophe makes it text, wherever it may begin.
LIVE = r"""(^|[,;|\t\r\n])([\p{Z}\p{Cf}\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"']*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}])"""
NUMBER = r"^-\d+(\.\d+)?([eE][+-]?\d+)?$"
MARK = "\ufeff"  # tells a spreadsheet that a CSV is UTF-8


def write(table: pa.Table, path: Path, *, sheet: str = "Invoices") -> None:
    """Writes .csv, .parquet or .xlsx (one `sheet`, so called); text in CSV and XLSX cannot act as a formula in a spreadsheet."""
    writers: dict[str, Callable[[pa.Table, Path], None]] = {
        ".csv": _write_csv,
        ".parquet": _write_parquet,
        ".xlsx": partial(_write_xlsx, name=sheet),
    }
    if path.suffix.lower() not in writers:
        raise Refused(f"{path.name}: the file's ending must be .csv, .parquet or .xlsx.", "unknown_ending")
    writers[path.suffix.lower()](table, path)


def csv_text(table: pa.Table) -> str:
    """A table as the CSV that `write` makes of it."""
    sink = io.BytesIO()
    _write_csv(table, sink)
    return sink.getvalue().decode()


def harmless(table: pa.Table) -> pa.Table:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it; a plain number stays one."""
    for place, column in enumerate(table.schema):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            table = table.set_column(place, column.name, _harmless(table.column(place)))
    names = _harmless(pa.chunked_array([table.column_names], pa.string()))
    return table.rename_columns(names.to_pylist())


def _harmless(column: pa.ChunkedArray) -> pa.ChunkedArray:
    text = pc.replace_substring_regex(column, LIVE, r"\1'\2")
    return pc.if_else(pc.match_substring_regex(column, NUMBER), column, text)


def _write_csv(table: pa.Table, sink: Path | io.BytesIO) -> None:
    from pyarrow import csv

    csv.write_csv(harmless(table), sink, csv.WriteOptions(quoting_style="needed"))


def _write_parquet(table: pa.Table, path: Path) -> None:
    from pyarrow import parquet

    parquet.write_table(table, path)


def _write_xlsx(table: pa.Table, path: Path, name: str) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    with xlsxwriter.Workbook(path, options) as book:
        sheet, as_day = book.add_worksheet(name), book.add_format({"num_format": "yyyy-mm-dd"})
        table = harmless(table)
        for place, heading in enumerate(table.column_names):
            sheet.write_string(0, place, heading)
        is_date = [pa.types.is_date(column.type) for column in table.schema]
        for number, row in enumerate(zip(*(column.to_pylist() for column in table.columns), strict=True), 1):
            for place, value in enumerate(row):
                if value is None:
                    continue
                if is_date[place]:
                    sheet.write_datetime(number, place, value, as_day)
                elif isinstance(value, str):
                    sheet.write_string(number, place, value)
                else:
                    sheet.write(number, place, value)
