"""How does a Parquet file become cells, and is it safe to open at all?"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.ingest.grid import Grid, text_column, trimmed
from insights.ledger.errors import Refused

ROWS_LIMIT = 5_000_000
UNPACKED_LIMIT = 3 << 29  # bytes
COLUMN_LIMIT = 2000


def read(path: Path) -> Grid:
    """A Parquet file as a grid whose first row, line 1, are the column names."""
    try:
        file = pq.ParquetFile(path)
        _check(file.metadata)
        table = file.read()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Refused("This Parquet file is damaged or incomplete: write it again and upload that.", "damaged") from error
    names = table.column_names
    columns = tuple(_with_name(name, _text(table[k])) for k, name in enumerate(names))
    typed = tuple(_typed(column) for column in table.columns)
    return Grid(columns, typed, np.arange(1, table.num_rows + 2), headed=True)


def _check(metadata: pq.FileMetaData) -> None:
    rows, columns = metadata.num_rows, metadata.num_columns
    unpacked = sum(metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups))
    if columns > COLUMN_LIMIT:
        raise Refused(f"This file has {columns:,} columns; a ledger has at most {COLUMN_LIMIT:,}.", "too_many_columns")
    if rows > ROWS_LIMIT or unpacked > UNPACKED_LIMIT:
        raise Refused(
            f"This Parquet file holds {rows:,} rows ({unpacked / 1e9:,.1f} GB unpacked); the limit is {ROWS_LIMIT:,} rows and "
            f"{UNPACKED_LIMIT / 1e9:,.1f} GB. Split it by company or by year.",
            "too_many_rows",
        )


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_nested(kind) or (pa.types.is_binary(kind) and not pa.types.is_string(kind)):
        return pa.chunked_array([pa.repeat(pa.scalar("", pa.string()), len(column))])
    if pa.types.is_timestamp(kind):
        column = pc.strftime(column, format="%Y-%m-%d")
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_finite(column), column, None)
    return trimmed(column.cast(pa.string()))


def _typed(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return None
    return pa.chunked_array([pa.array([False]), pa.repeat(pa.scalar(value=True), len(column))])


def _with_name(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([*text_column([name]).chunks, *column.chunks], pa.string())
