"""Where are expected cash and its replays kept? A file beside the predictions of a day; a folder per ledger, recipe and code."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from insights.model.recipe import Recipe
from insights.portfolio.cash import EXPECTED, REPLAYED, ReplayedDay
from insights.store import digests, files
from insights.store.provenance import libraries, replay_digest
from insights.store.store import Store

SUFFIX = ".cash.parquet"
CUSTOMERS = "customers"  # of a folder of replays: each customer's part


def beside(predictions: Path) -> Path:
    """The file of the expected cash of a file of predictions."""
    return predictions.with_suffix(SUFFIX)


def is_readable(store: Store, path: Path) -> bool:
    """Whether expected cash is there, as it was written and in today's columns."""
    return kept(store, path) and set(EXPECTED.names) <= set(pq.read_schema(path).names)


def kept(store: Store, path: Path) -> bool:
    with store.database.read() as session:
        return digests.kept(session, store.home, path)


def write(store: Store, path: Path, table: pa.Table) -> None:
    def written(begun: Path) -> None:
        pq.write_table(table, begun, compression="zstd")
        with store.database.write() as session:
            digests.keep(session, store.home, path, begun)

    files.place(path, written)


@dataclass(frozen=True)
class EarlierForecast:
    """Expected cash that was shown as of a day, made by one model or by several."""

    as_of: date
    ledger_id: str
    path: Path
    made_at: datetime
    model_id: str  # that spoke of every company; "" where several did
    models: Mapping[str, str]  # else: company -> the model that spoke of it

    def model_of(self, company: str) -> str | None:
        """The model that spoke of a company; None where none did."""
        return self.model_id or self.models.get(company)


def shown(store: Store, ledger_ids: Collection[str]) -> list[EarlierForecast]:
    """Every forecast of some ledgers that was shown and is as written: the newest day first, of a day the one made last."""
    written = [path for ledger_id in ledger_ids for path in store.home.glob(f"predictions/{ledger_id}/*/[!.]*{SUFFIX}")]
    forecasts = [_read(path) for path in written if is_readable(store, path)]
    return sorted(forecasts, key=lambda forecast: (forecast.as_of, forecast.made_at), reverse=True)


def _read(path: Path) -> EarlierForecast:
    as_of, made_at = date.fromisoformat(path.name.removesuffix(SUFFIX)), datetime.fromtimestamp(path.stat().st_mtime, UTC)
    metadata = pq.read_schema(path).metadata or {}
    model_id, models = metadata.get(b"model", b"").decode(), json.loads(metadata.get(b"models", b"{}"))
    return EarlierForecast(as_of, path.parent.parent.name, path, made_at, model_id, models)


# ---------------------------------------------------------------- past Mondays


def folder_of(store: Store, ledger_id: str, recipe: Recipe) -> Path:
    """Where the Mondays of a recipe are: another recipe, other code or other libraries are another folder."""
    key = json.dumps([recipe.to_json(), replay_digest(libraries())], sort_keys=True)
    return store.path(f"cash/{ledger_id}/{sha256(key.encode()).hexdigest()[:32]}")


def missing(store: Store, folder: Path, mondays: Sequence[date]) -> list[date]:
    """The Mondays that have still to be replayed."""
    both = (folder, folder / CUSTOMERS)
    return [monday for monday in mondays if not all(kept(store, where / f"{monday}.parquet") for where in both)]


def save(store: Store, folder: Path, replayed: ReplayedDay) -> None:
    write(store, folder / CUSTOMERS / f"{replayed.as_of}.parquet", replayed.by_customer)
    write(store, folder / f"{replayed.as_of}.parquet", replayed.rows)


def load(store: Store, folder: Path) -> pa.Table:
    """The rows of every Monday that is kept as it was written, in the columns of REPLAYED, oldest first."""
    return pa.concat_tables([REPLAYED.empty_table(), *(rows for _, rows in _mondays(store, folder))]).combine_chunks()


def by_customer(store: Store, folder: Path) -> Iterator[tuple[date, pa.Table]]:
    """Each Monday with its rows in the columns of BY_CUSTOMER, one at a time: of all together there may be millions."""
    yield from _mondays(store, folder / CUSTOMERS)


def _mondays(store: Store, folder: Path) -> Iterator[tuple[date, pa.Table]]:
    paths = (path for path in sorted(folder.glob("[!.]*.parquet")) if kept(store, path))
    yield from ((date.fromisoformat(path.stem), pq.read_table(path)) for path in paths)
