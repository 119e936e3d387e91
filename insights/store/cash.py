"""Where is expected cash kept? One immutable file beside the predictions that it was made from."""

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from insights.portfolio.cash import EXPECTED
from insights.store import files

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIX = ".cash.parquet"


def beside(predictions: Path) -> Path:
    """The file of the expected cash of a file of predictions."""
    return predictions.with_suffix(SUFFIX)


def is_readable(path: Path) -> bool:
    """Whether expected cash is there in today's columns."""
    return path.exists() and set(EXPECTED.names) <= set(pq.read_schema(path).names)


def write(path: Path, table: "pa.Table") -> None:
    files.place(path, lambda begun: pq.write_table(table, begun, compression="zstd"))
