"""Where are replayed days kept? One folder per ledger, recipe and code, one file per day."""

import json
import os
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from insights.model.recipe import Recipe
from insights.store import digests, files
from insights.store.provenance import libraries, replay_digest
from insights.store.store import Store

MOST_KEPT = 20  # recipes per ledger


def folder_of(ledger_id: str, recipe: Recipe) -> str:
    """Where the replays of a recipe are: another recipe, other code or other libraries are another folder."""
    key = json.dumps([recipe.to_json(), replay_digest(libraries())], sort_keys=True)
    return f"replays/{ledger_id}/{sha256(key.encode()).hexdigest()[:32]}"


def missing(store: Store, ledger_id: str, recipe: Recipe, dates: Sequence[date]) -> list[date]:
    """The days that have still to be replayed."""
    folder = store.path(folder_of(ledger_id, recipe))
    with store.database.read() as session:
        return [as_of for as_of in dates if not digests.kept(session, store.home, folder / f"{as_of}.parquet")]


def save(store: Store, folder: Path, as_of: date, rows: pa.Table, left_out: tuple[int, int]) -> None:
    """Keep one day; `left_out`: invoices not yet answered, and settled by credit."""
    unanswered, credited = left_out
    noted = rows.replace_schema_metadata({"unanswered": str(unanswered), "credited": str(credited)})
    target = folder / f"{as_of}.parquet"

    def write(begun: Path) -> None:
        pq.write_table(noted, begun, compression="zstd")
        with store.database.write() as session:
            digests.keep(session, store.home, target, begun)

    files.place(target, write)


def load(folder: Path, dates: Sequence[date]) -> tuple[pa.Table, tuple[tuple[date, int, int], ...]]:
    """The rows of some kept days together, and (day, not yet answered, settled by credit) of each. It counts as used."""
    tables = [pq.read_table(folder / f"{as_of}.parquet") for as_of in dates]
    os.utime(folder)
    left_out = tuple((as_of, *counts(table)) for as_of, table in zip(dates, tables, strict=True))
    rows = pa.concat_tables([table.replace_schema_metadata(None) for table in tables]).combine_chunks()
    return rows, left_out


def counts(table: pa.Table) -> tuple[int, int]:
    """(not yet answered, settled by credit) of one day's rows."""
    noted = table.schema.metadata
    return int(noted[b"unanswered"]), int(noted[b"credited"])


def sweep(store: Store) -> None:
    """Keep of each ledger only the replays of the recipes used last: others, and those of older code, are made again if asked."""
    for ledger in store.home.glob("replays/*"):
        used = sorted(ledger.glob("[!.]*"), key=lambda folder: folder.stat().st_mtime, reverse=True)
        for folder in used[MOST_KEPT:]:
            with store.try_lock(store.lock_of(folder)) as free:
                if free:
                    files.discard(folder)
