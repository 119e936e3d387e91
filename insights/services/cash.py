"""How much cash comes in which week, and how sure is that? Made from the predictions of a day, kept beside them, then read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.services import leakage_guard, predictions
from insights.services.progress import Progress, quiet
from insights.store import cash, files, ledgers, models
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.model.recipe import Recipe
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
        scored = predictions.of_model(store, ledger_id, model_id, as_of, actor=actor)
    else:
        scored = predictions.active(store, ledger_id, as_of, actor=actor)
    path = cash.beside(scored)
    if not cash.is_readable(store, path):
        with files.lock(store.lock_file(f"cash-{ledger_id}-{scored.parent.name}-{as_of}")):
            if not cash.is_readable(store, path):
                cash.write(store, path, _expected(store, ledger_id, pq.read_table(scored), as_of))
    return path


def _expected(store: Store, ledger_id: str, scored: pa.Table, as_of: date) -> pa.Table:
    from insights.prediction.payments_expected import payments_expected

    used = {model_id: models.load(store, model_id) for model_id in sorted(set(scored["model"].to_pylist()))}
    table = payments_expected(used, ledgers.load(store, ledger_id), scored, as_of)
    return table.replace_schema_metadata(scored.schema.metadata)


def forecast(store: Store, ledger_id: str, as_of: date, *, actor: str, model_id: str = "") -> Forecast:
    """The cash of the weeks ahead, by currency: of the open book, and of what is not invoiced yet.

    Its ranges rest on the past Mondays that are kept (`replay`); there is none where too few are.
    """
    from insights.portfolio.cash import by_currency, not_invoiced, past_weeks, with_ranges

    rows = pq.read_table(expected(store, ledger_id, as_of, actor=actor, model_id=model_id))
    past = past_weeks(ledgers.load(store, ledger_id), as_of)
    later, _ = not_invoiced(past, len(past.at) - 1)
    middle = by_currency(rows, dict(zip(past.groups.names, later, strict=True)), as_of)
    replays = replayed(store, ledger_id, recipes(store, rows))
    return Forecast(
        as_of, tuple(with_ranges(each, replays, as_of) for each in middle), tuple(sorted(set(rows["model"].to_pylist())))
    )


# ---------------------------------------------------------------- past Mondays


def recipes(store: Store, rows: pa.Table) -> dict[str, "Recipe"]:
    """Company -> the recipe of the model that speaks of it, of rows of `cash.EXPECTED`."""
    from insights.model.recipe import Recipe

    pairs = rows.group_by(["company", "model"]).aggregate([]).to_pylist()
    used = {
        model_id: Recipe.from_json(dict(models.get(store, model_id).recipe)) for model_id in {pair["model"] for pair in pairs}
    }
    return {pair["company"]: used[pair["model"]] for pair in pairs}


def replayed(store: Store, ledger_id: str, by_company: Mapping[str, "Recipe"]) -> pa.Table:
    """The past Mondays that are kept of each company's recipe, in the columns of `cash.REPLAYED`."""
    from insights.portfolio.cash import REPLAYED

    parts = [REPLAYED.empty_table()]
    for recipe in dict.fromkeys(by_company.values()):
        companies = [company for company, own in by_company.items() if own == recipe]
        rows = cash.load(store, cash.folder_of(store, ledger_id, recipe))
        parts.append(rows.filter(pc.is_in(rows["company"], pa.array(companies, pa.string()))))
    return pa.concat_tables(parts).combine_chunks()


def replay(store: Store, ledger_id: str, as_of: date, *, actor: str, model_id: str = "", progress: Progress = quiet) -> int:
    """Replay the Mondays before a day that are not kept yet, by the recipes that speak of the ledger then; how many they were.

    Refused with code "leak" where a recipe would learn from what looks like the outcome.
    """
    rows = pq.read_table(expected(store, ledger_id, as_of, actor=actor, model_id=model_id), columns=["company", "model"])
    return sum(_replay(store, ledger_id, recipe, as_of, progress) for recipe in dict.fromkeys(recipes(store, rows).values()))


def _replay(store: Store, ledger_id: str, recipe: "Recipe", as_of: date, progress: Progress) -> int:
    from insights.evaluation.cash import mondays, replay_cash

    folder = cash.folder_of(store, ledger_id, recipe)
    with files.lock(cash.lock_of(store, folder)):
        ledger = ledgers.load(store, ledger_id)
        if not (left := cash.missing(store, folder, mondays(ledger, recipe, as_of))):
            return 0
        leakage_guard.check_replay(store, ledger, recipe)
        for monday, rows in replay_cash(ledger, left, recipe, progress):
            cash.save(store, folder, monday, rows)
    return len(left)
