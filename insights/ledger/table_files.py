"""How is a table written to a file that others open, without a formula in it coming alive?"""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.errors import Refused
from insights.ledger.money import exponent


def decimals(minor: pa.ChunkedArray, currency: pa.ChunkedArray) -> pa.Array:
    """Minor units as decimals, exact, with as many places as the currency with most has."""
    codes = currency.to_pylist()
    places = {code: exponent(code) for code in set(codes)}
    most = max(places.values(), default=2)
    factor = np.array([10 ** (most - places[code]) for code in codes], np.int64)
    whole = pa.array(minor.to_numpy() * factor).cast(pa.decimal128(19, 0))
    return pc.multiply(whole, pa.scalar(Decimal(1).scaleb(-most), pa.decimal128(most + 1, most)))


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
