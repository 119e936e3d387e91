"""Where are replays kept? One file per ledger and recipe, the newest replay; the report stands in its metadata."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.ledger.ledger import Ledger
from insights.model.recipe import Recipe
from insights.store import files
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.evaluation import Replay

REPORT = b"insights.report"


@dataclass(frozen=True)
class Backtest:
    """A kept replay: its rows as in `backtest.Replay`, its report, and when it was made (UTC)."""

    rows: pa.Table
    report: dict[str, Any]
    made_at: datetime

    @property
    def dates(self) -> tuple[date, ...]:
        return tuple(date.fromisoformat(each["as_of"]) for each in self.report["dates"])


def save(store: Store, replay: "Replay", report: dict[str, Any]) -> Path:
    """Keep a replay in place of an earlier one of the same ledger and recipe."""
    path = place(store, replay.ledger_id, replay.recipe)
    table = replay.rows.replace_schema_metadata({REPORT: json.dumps(report)})
    files.place(path, lambda begun: pq.write_table(table, begun, compression="zstd"))
    return path


def load(store: Store, ledger_id: str, recipe: Recipe) -> Backtest | None:
    """The kept replay of a recipe on a ledger, None where there is none."""
    path = place(store, ledger_id, recipe)
    if not path.exists():
        return None
    table = pq.read_table(path)
    made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Backtest(table, json.loads(table.schema.metadata[REPORT]), made_at)


def of_companies(found: Backtest, ledger: Ledger, companies: Sequence[str]) -> Backtest:
    """The same, judged on the invoices of some companies alone. What was left out is not known per company: None.

    `report`: as `backtest.report`, with `dates_said`; drift stays that of the whole ledger.
    """
    from insights.evaluation import Replay, punctuality
    from insights.evaluation.report import report

    company = ledger.invoices["company"].take(found.rows["position"])
    rows = found.rows.filter(pc.is_in(company, pa.array(companies, pa.string()))).combine_chunks()
    left_out = tuple((each, 0, 0) for each in found.dates)
    told = report(Replay(rows, Recipe.from_json(dict(found.report["recipe"])), left_out, ledger.id))
    unknown = {"not_yet_answered": None, "settled_by_credit": None}
    dates = [each | unknown for each in told["dates"]]
    said = {name: asdict(each) for name, each in punctuality(rows, ledger.complete_through).items()}
    return replace(found, rows=rows, report=found.report | told | {"dates": dates, "dates_said": said})


def place(store: Store, ledger_id: str, recipe: Recipe) -> Path:
    digest = sha256(json.dumps(recipe.to_json(), sort_keys=True).encode()).hexdigest()[:16]
    return store.path(f"backtests/{ledger_id}/{digest}.parquet")
