"""What would a recipe have said on past days? Replayed once per ledger, recipe and day, then read."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from insights.ledger.errors import Refused
from insights.services import leakage_guard
from insights.store import files, ledgers
from insights.store.provenance import libraries, replay_digest
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.evaluation import Replay
    from insights.model.recipe import Recipe

Progress = Callable[[str, float], None]

MOST_KEPT = 20  # recipes per ledger
MONTHS = 6  # as-of dates that a gate or a comparison replays


def quiet(stage: str, share: float) -> None:
    """Progress that nobody watches."""


def folder_of(ledger_id: str, recipe: "Recipe") -> str:
    """Where the replays of a recipe are: another recipe, other code or other libraries are another folder."""
    key = json.dumps([recipe.to_json(), replay_digest(libraries())], sort_keys=True)
    return f"replays/{ledger_id}/{sha256(key.encode()).hexdigest()[:32]}"


def missing(store: Store, ledger_id: str, recipe: "Recipe", dates: Sequence[date]) -> list[date]:
    """The days that have still to be replayed."""
    folder = store.path(folder_of(ledger_id, recipe))
    return [as_of for as_of in dates if not (folder / f"{as_of}.parquet").exists()]


def get(store: Store, ledger_id: str, recipe: "Recipe", dates: Sequence[date], progress: Progress = quiet) -> "Replay":
    """The replay of a recipe on these days; what was never replayed is, one day after the other.

    Refused with code "leak" where the recipe would learn from what looks like the outcome.
    """
    from insights.evaluation import Replay

    folder = store.path(folder_of(ledger_id, recipe))
    with files.lock(lock_of(store, folder)):
        if left := missing(store, ledger_id, recipe, dates):
            leakage_guard.check_replay(store, ledgers.load(store, ledger_id), recipe)
        for number, as_of in enumerate(left):
            progress(f"replay of {as_of}", number / len(left))
            make(store, ledger_id, recipe, as_of, folder / f"{as_of}.parquet")
        tables = [pq.read_table(folder / f"{as_of}.parquet") for as_of in dates]
        os.utime(folder)  # it was used
    left_out = tuple((as_of, *counts(table)) for as_of, table in zip(dates, tables, strict=True))
    rows = pa.concat_tables([table.replace_schema_metadata(None) for table in tables]).combine_chunks()
    return Replay(rows, recipe, left_out, ledger_id)


def lock_of(store: Store, folder: Path) -> Path:
    return store.lock_file("-".join(folder.relative_to(store.home).parts))


def sweep(store: Store) -> None:
    """Keep of each ledger only the replays of the recipes used last: others, and those of older code, are made again if asked."""
    for ledger in store.home.glob("replays/*"):
        used = sorted(ledger.glob("[!.]*"), key=lambda folder: folder.stat().st_mtime, reverse=True)
        for folder in used[MOST_KEPT:]:
            with files.try_lock(lock_of(store, folder)) as free:
                if free:
                    files.discard(folder)


def make(store: Store, ledger_id: str, recipe: "Recipe", as_of: date, target: Path) -> None:
    from insights.evaluation import replay_dates

    replay = replay_dates(ledgers.load(store, ledger_id), [as_of], recipe)
    ((_, unanswered, credited),) = replay.left_out
    noted = replay.rows.replace_schema_metadata({"unanswered": str(unanswered), "credited": str(credited)})
    files.place(target, lambda begun: pq.write_table(noted, begun, compression="zstd"))


def counts(table: pa.Table) -> tuple[int, int]:
    """(not yet answered, settled by credit) of one day's rows."""
    noted = table.schema.metadata
    return int(noted[b"unanswered"]), int(noted[b"credited"])


def recent_months(store: Store, ledger_id: str, recipe: "Recipe", months: int = MONTHS) -> tuple[date, ...]:
    """The last months of a ledger that can be judged by now, oldest first; Refused where there are none."""
    from insights.evaluation import month_starts

    found = month_starts(ledgers.load(store, ledger_id), recipe)[-months:]
    if not found:
        raise Refused(
            "This ledger is too short to replay: it takes nine months of history, and a month whose outcomes are known since.",
            "too_short_to_replay",
        )
    return found
