"""Where are replays kept? One file per ledger and recipe, the newest replay; the report stands in its metadata."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from insights.model.recipe import Recipe
from insights.store import digests, files
from insights.store.store import Store

REPORT = b"insights.report"


@dataclass(frozen=True)
class KeptReplay:
    """Its rows as in `backtest.Replay`, its report as JSON, and when it was made (UTC)."""

    rows: pa.Table
    report: dict[str, Any]
    made_at: datetime


def save(store: Store, ledger_id: str, recipe: Recipe, rows: pa.Table, report: dict[str, Any]) -> Path:
    """Keep a replay's rows and report in place of an earlier one of the same ledger and recipe."""
    path = place(store, ledger_id, recipe)
    table = rows.replace_schema_metadata({REPORT: json.dumps(report)})

    def write(begun: Path) -> None:
        pq.write_table(table, begun, compression="zstd")
        with store.database.write() as session:
            digests.keep(session, store.home, path, begun)

    files.place(path, write)
    return path


def load(store: Store, ledger_id: str, recipe: Recipe) -> KeptReplay | None:
    """The kept replay of a recipe on a ledger, None where there is none that is as it was written."""
    path = place(store, ledger_id, recipe)
    with store.database.read() as session:
        if not digests.kept(session, store.home, path):
            return None
    table = pq.read_table(path)
    made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return KeptReplay(table, json.loads(table.schema.metadata[REPORT]), made_at)


def place(store: Store, ledger_id: str, recipe: Recipe) -> Path:
    digest = sha256(json.dumps(recipe.to_json(), sort_keys=True).encode()).hexdigest()[:16]
    return store.path(f"backtests/{ledger_id}/{digest}.parquet")
