"""How is a large ledger open in several processes at once, and its memory given back when it is wanted elsewhere?

Its invoices lie a second time, uncompressed, in `mapped/ID/`, and are mapped into memory instead of read into it: what nobody
looks at takes none, the system may drop the rest, and app processes and workers share it. The Parquet file is what counts: this
one bears its sha256, is made from it where there is none of today's format, and is in no backup.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from insights.store import digests, files
from insights.store.store import Store

LOG = logging.getLogger(__name__)
FOLDER = "mapped"
FORMAT = 1  # of the file: one of another is made anew
LEAST = 200_000  # rows; fewer are read at once, and take little
MOST = 4  # ledgers, those used last: one takes ten times the room of its Parquet file
TOGETHER = 4_000_000  # rows of a piece
ROWS, MADE_FROM = "invoices.arrow", "made_from.json"


def place(ledger_id: str) -> str:
    """The folder of a ledger's mapped file, relative to the home."""
    return f"{FOLDER}/{ledger_id}"


def invoices(store: Store, ledger_id: str, parquet: Path, sha256: str) -> pa.Table:
    """The rows of a ledger's Parquet file, whose sha256 is known to be right; mapped where they are many and can be."""
    if pq.read_metadata(parquet).num_rows < LEAST:
        return pq.read_table(parquet)
    folder = store.path(place(ledger_id)) / f"{FORMAT}-{sha256[:16]}"
    try:
        if not _as_written(folder, sha256):
            with store.lock(f"{FOLDER}-{ledger_id}"):
                if not _as_written(folder, sha256):
                    files.discard(store.path(place(ledger_id)))
                    files.place(folder, lambda begun: _write(begun, parquet, sha256))
            _leave_those_used_last(store)
        folder.touch()
        with pa.memory_map(str(folder / ROWS)) as file:
            return pa.ipc.open_file(file).read_all()
    except OSError as error:  # a full disk, a home on which nothing can be mapped
        LOG.warning("%s could not be mapped and is read instead: %s", parquet, error)
        return pq.read_table(parquet)


def _as_written(folder: Path, sha256: str) -> bool:
    if not (folder / MADE_FROM).is_file():
        return False
    made_from = files.read_json(folder / MADE_FROM)
    return made_from["parquet"] == sha256 and digests.intact(folder / ROWS, made_from["rows"])


def _write(folder: Path, parquet: Path, sha256: str) -> None:
    """In as few pieces as can be: to take rows out of one costs nothing, out of several a copy of all of them."""
    folder.mkdir()
    with pq.ParquetFile(parquet) as source, pa.ipc.new_file(folder / ROWS, source.schema_arrow) as target:
        for groups in _together(source):
            target.write_table(source.read_row_groups(groups).combine_chunks(), max_chunksize=2 * TOGETHER)
    pa.default_memory_pool().release_unused()
    files.write_json(folder / MADE_FROM, {"parquet": sha256, "rows": files.digest(folder / ROWS)})


def _together(source: pq.ParquetFile) -> list[list[int]]:
    """The row groups of a file, those of about TOGETHER rows by themselves: so much is in memory at a time."""
    pieces: list[list[int]] = []
    rows = TOGETHER
    for number in range(source.num_row_groups):
        if rows >= TOGETHER:
            pieces.append([])
            rows = 0
        pieces[-1].append(number)
        rows += source.metadata.row_group(number).num_rows
    return pieces


def _leave_those_used_last(store: Store) -> None:
    """Remove all but MOST. Whoever has one of them mapped keeps it until it lets go."""
    for folder in sorted(_folders(store), key=_used, reverse=True)[MOST:]:
        with suppress(OSError):  # Windows removes no mapped file: then it stays
            files.discard(folder)


def _folders(store: Store) -> Iterator[Path]:
    return store.home.glob(f"{FOLDER}/[!.]*")


def _used(folder: Path) -> float:
    """When it was last opened."""
    with suppress(OSError):
        return max((inner.stat().st_mtime for inner in folder.glob("[!.]*")), default=0.0)
    return time.time()
