"""How is a ledger divided into parts that does not fit into memory? DuckDB streams its files into one folder a part.

parts/0001/invoices/*.parquet   the rows of the part's customers, and where each stands in the whole (POSITION)
parts/0001/payments/*.parquet   their dated part payments, if there are any

DuckDB takes names that differ in case alone for one, so that further columns lie there under names of ours (`_lain`).
"""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from insights.features.partitions import Part
from insights.ledger.keys import SEPARATOR
from insights.ledger.ledger import FURTHER, PAYMENTS, Ledger

POSITION = "place"  # no column of a ledger is called so: further ones have their prefix
BUFFERED = 65_536  # rows of a part that DuckDB holds before it writes them


@dataclass(frozen=True)
class Divided:
    """A ledger in parts, in a folder."""

    folder: Path
    parts: int

    def place(self, number: int) -> Path:
        """The folder of a part, 1 to `parts`."""
        return self.folder / f"{number:04}"

    def read(self, number: int, like: Ledger) -> Part:
        """A part; `like`: the ledger without its rows (`ledgers.read_empty`), with the columns that are wanted."""
        table = _rows(self.place(number) / "invoices", like.invoices.schema.append(pa.field(POSITION, pa.int64())))
        positions = np.asarray(table[POSITION].to_numpy(), np.int64)
        payments = _rows(self.place(number) / "payments", PAYMENTS.append(pa.field(POSITION, pa.int64()))).drop_columns(POSITION)
        moved = pa.array(np.searchsorted(positions, payments["position"].to_numpy()).astype(np.int64))
        payments = payments.set_column(0, PAYMENTS.field("position"), moved)
        own = replace(like, invoices=table.drop_columns(POSITION), payments=payments)
        return Part(own, positions)


def _rows(folder: Path, schema: pa.Schema) -> pa.Table:
    """The rows that DuckDB wrote by several threads, in the order of the ledger, its columns as they were."""
    names = [_lain(name) for name in schema.names]
    written = [pq.read_table(path, columns=names, partitioning=None) for path in sorted(folder.glob("*.parquet"))]
    if not written:
        return schema.empty_table()
    table = pa.concat_tables(written).sort_by(POSITION)
    return pa.table([column.cast(field.type) for column, field in zip(table.columns, schema, strict=True)], schema=schema)


def _lain(name: str) -> str:
    """The name under which a column lies in a part; of a further one in hexadecimal digits, without upper case."""
    return FURTHER + name[len(FURTHER) :].encode().hex() if name.startswith(FURTHER) else name


def divide(ledger: Path, into: Path, parts: int, *, megabytes: int, threads: int) -> Divided:
    """Divide the ledger in a folder (`ledgers.write`) into `into`/0001 and so on; DuckDB holds about so many megabytes."""
    done = Divided(into, parts)
    for number in range(1, parts + 1):
        done.place(number).mkdir(parents=True)
    # The first 64 bits of the SHA-256 of company and customer, the same on every machine.
    part = f"('0x' || substr(sha256(company || chr({ord(SEPARATOR)}) || customer_id), 1, 16))::UBIGINT % {parts} + 1 AS part"
    named = ", ".join(f'"{_lain(name)}"' for name in (*pq.read_schema(ledger / "invoices.parquet").names, POSITION))
    invoices = f"read_parquet($invoices, file_row_number = true) AS invoices({named})"  # by their order
    queries = {"invoices": f"SELECT *, {part} FROM {invoices}"}  # noqa: S608 - of our own names alone
    given = {"invoices": str(ledger / "invoices.parquet")}
    if pq.read_metadata(ledger / "payments.parquet").num_rows:
        queries["payments"] = f"""
            SELECT paid.* RENAME (file_row_number AS "{POSITION}"), owed.part
            FROM read_parquet($payments, file_row_number = true) AS paid
            JOIN (SELECT "{POSITION}" AS at, {part} FROM {invoices}) AS owed ON owed.at = paid.position
        """  # noqa: S608 - of our own names alone
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{megabytes}MB",
        "threads": threads,
        "temp_directory": str(into / ".spilled"),
    }
    with duckdb.connect(config=settings) as database:
        database.execute(f"SET partitioned_write_flush_threshold = {BUFFERED}")
        database.execute("SET preserve_insertion_order = false")  # else rows wait for their turn, in memory
        for name, query in queries.items():
            begun = into / f".{name}"
            copy = f"COPY ({query}) TO $begun (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (part))"
            paths = given | {"begun": str(begun)} | ({"payments": str(ledger / "payments.parquet")} if name == "payments" else {})
            database.execute(copy, paths)
            for written in begun.iterdir():
                written.rename(done.place(int(written.name.removeprefix("part="))) / name)
            begun.rmdir()
    shutil.rmtree(into / ".spilled", ignore_errors=True)
    return done
