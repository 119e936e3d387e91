"""How much cash comes in which week? Made from the predictions of a day, kept beside them, then read."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from insights.services import predictions
from insights.store import cash, files, ledgers, models
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.portfolio.cash import CurrencyForecast


@dataclass(frozen=True)
class Forecast:
    """The cash forecast of a ledger as of a day."""

    as_of: date
    currencies: tuple["CurrencyForecast", ...]
    models: tuple[str, ...]


def expected(store: Store, ledger_id: str, as_of: date, *, actor: str, model_id: str = "") -> Path:
    """The Parquet file of `cash.EXPECTED`, by one model or by those in force; made under a lock by whoever comes first."""
    if model_id:
        said = predictions.of_model(store, ledger_id, model_id, as_of, actor=actor)
    else:
        said = predictions.active(store, ledger_id, as_of, actor=actor)
    path = cash.beside(said)
    if not cash.is_readable(path):
        with files.lock(store.lock_file(f"cash-{ledger_id}-{said.parent.name}-{as_of}")):
            if not cash.is_readable(path):
                cash.write(path, _expected(store, ledger_id, pq.read_table(said), as_of))
    return path


def _expected(store: Store, ledger_id: str, said: pa.Table, as_of: date) -> pa.Table:
    from insights.prediction.payments_expected import payments_expected

    used = {model_id: models.load(store, model_id) for model_id in sorted(set(said["model"].to_pylist()))}
    table = payments_expected(used, ledgers.load(store, ledger_id), said, as_of)
    return table.replace_schema_metadata(said.schema.metadata)


def forecast(store: Store, ledger_id: str, as_of: date, *, actor: str, model_id: str = "") -> Forecast:
    """The cash of the weeks ahead, by currency: of the open book, and of what is not invoiced yet."""
    from insights.portfolio.cash import by_currency, not_invoiced, past_weeks

    rows = pq.read_table(expected(store, ledger_id, as_of, actor=actor, model_id=model_id))
    past = past_weeks(ledgers.load(store, ledger_id), as_of)
    later, _ = not_invoiced(past, len(past.at) - 1)
    found = by_currency(rows, dict(zip(past.groups.names, later, strict=True)), as_of)
    return Forecast(as_of, found, tuple(sorted(set(rows["model"].to_pylist()))))
