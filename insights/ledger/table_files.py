"""How is a table written to a file that others open, without a formula in it coming alive?"""

import io
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger import whole_files
from insights.ledger.errors import Refused
from insights.ledger.money import exponent


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
    """Writes .csv, .parquet or .xlsx (one `sheet`, so called), whole or not at all; no text acts as a formula."""
    writers: dict[str, Callable[[pa.Table, Path], None]] = {
        ".csv": _write_csv,
        ".parquet": _write_parquet,
        ".xlsx": partial(_write_xlsx, name=sheet),
    }
    if path.suffix.lower() not in writers:
        raise Refused(f"{path.name}: the file's ending must be .csv, .parquet or .xlsx.", "unknown_ending")
    whole_files.write(path, lambda begun: writers[path.suffix.lower()](table, begun))


def csv_text(table: pa.Table) -> str:
    """A table as the CSV that `write` makes of it."""
    return csv_bytes([table]).decode().removeprefix(MARK)


def csv_bytes(parts: Iterable[pa.Table]) -> bytes:
    """Tables of the same columns below each other, as a CSV for a spreadsheet."""
    sink = io.BytesIO(MARK.encode())
    sink.seek(0, io.SEEK_END)
    _write_parts(parts, sink)
    return sink.getvalue()


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


def _write_csv(table: pa.Table, path: Path) -> None:
    with path.open("wb") as sink:
        _write_parts([table], sink)


def _write_parts(parts: Iterable[pa.Table], sink: BinaryIO) -> None:
    from pyarrow import csv

    writer = None
    for part in parts:
        text = harmless(part)
        writer = writer or csv.CSVWriter(sink, text.schema, write_options=csv.WriteOptions(quoting_style="needed"))
        writer.write_table(text)
    if writer:
        writer.close()


def _write_parquet(table: pa.Table, path: Path) -> None:
    from pyarrow import parquet

    parquet.write_table(table, path)


def _write_xlsx(table: pa.Table, path: Path, name: str) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    packed = io.BytesIO()  # packed into a file, a full disk would be noticed too late for a sentence
    with xlsxwriter.Workbook(packed, options) as book:
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
    path.write_bytes(packed.getbuffer())
