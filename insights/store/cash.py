"""Where are expected cash and its replays kept? A file beside the predictions of a day; a folder per ledger, recipe and code."""

import json
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from insights.model.recipe import Recipe
from insights.portfolio.cash import EXPECTED, REPLAYED
from insights.store import files
from insights.store.provenance import libraries, replay_digest
from insights.store.store import Store

SUFFIX = ".cash.parquet"


def beside(predictions: Path) -> Path:
    """The file of the expected cash of a file of predictions."""
    return predictions.with_suffix(SUFFIX)


def is_readable(path: Path) -> bool:
    """Whether expected cash is there in today's columns."""
    return path.exists() and set(EXPECTED.names) <= set(pq.read_schema(path).names)


def write(path: Path, table: pa.Table) -> None:
    files.place(path, lambda begun: pq.write_table(table, begun, compression="zstd"))


# ---------------------------------------------------------------- past Mondays


def folder_of(store: Store, ledger_id: str, recipe: Recipe) -> Path:
    """Where the Mondays of a recipe are: another recipe, other code or other libraries are another folder."""
    key = json.dumps([recipe.to_json(), replay_digest(libraries())], sort_keys=True)
    return store.path(f"cash/{ledger_id}/{sha256(key.encode()).hexdigest()[:32]}")


def missing(folder: Path, mondays: Sequence[date]) -> list[date]:
    """The Mondays that have still to be replayed."""
    return [each for each in mondays if not (folder / f"{each}.parquet").exists()]


def save(folder: Path, monday: date, rows: pa.Table) -> None:
    write(folder / f"{monday}.parquet", rows)


def load(folder: Path) -> pa.Table:
    """The rows of every Monday that is kept, in the columns of REPLAYED, oldest first."""
    kept = sorted(folder.glob("[!.]*.parquet"))
    return pa.concat_tables([REPLAYED.empty_table(), *(pq.read_table(path) for path in kept)]).combine_chunks()


def lock_of(store: Store, folder: Path) -> Path:
    return store.lock_file("-".join(folder.relative_to(store.home).parts))
