"""Which of two to four recipes is better?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from insights.ledger.errors import Refused
from insights.model.model_metrics import FieldShare, ReliabilityBin
from insights.services import quality_gate, replays
from insights.services.progress import Progress, quiet, within
from insights.services.replays import MONTHS
from insights.store import ledgers, models
from insights.store.records import ModelRecord
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.evaluation import LossDifference, QualityFigures

FEWEST, MOST = 2, 4


@dataclass(frozen=True)
class Comparison:
    """Recipes refitted on the same replayed days and scored on the same invoices; the first is what others are held against.

    `rows` are those of `backtest.Replay` with a series per model id, besides base_rates and customer_past.
    """

    models: tuple[ModelRecord, ...]
    ledger_id: str
    dates: tuple[date, ...]
    rows: pa.Table

    def figures(self, series: str) -> "QualityFigures":
        """Of a model id, base_rates or customer_past."""
        from insights.evaluation import figures

        quality = figures(self.rows, series)
        if quality is None:
            raise Refused("No invoice of these months can be judged.", "too_short_to_replay")
        return quality

    def difference(self, series: str, other: str = "") -> "LossDifference":
        """Log loss of a series less that of another (the first model's), with its 95 per cent interval over customers."""
        from insights.evaluation import difference

        return difference(self.rows, series, other or self.models[0].id)

    def differences(self, series: str, other: str = "") -> dict[str, "LossDifference"]:
        """Each metric of a series less that of another (the first model's), with its interval; undefined ones are left out."""
        from insights.evaluation.differences import differences

        return differences(self.rows, series, other or self.models[0].id)

    def reliability(self, series: str) -> tuple[ReliabilityBin, ...]:
        """What was said of on time and how often it came true, for the invoices not yet due."""
        from insights.model.metrics import reliability

        not_due = self.rows["past"].to_numpy() <= 0
        on_time = np.asarray(self.rows["outcome"].to_numpy() == 0)
        return reliability(self.rows[f"{series}_on_time"].to_numpy()[not_due], on_time[not_due])

    def influence(self, model_id: str) -> tuple[FieldShare, ...]:
        """The most influential fields of a model."""
        record = next(record for record in self.models if record.id == model_id)
        return record.metrics.importance


def compare(
    store: Store, model_ids: Sequence[str], *, ledger_id: str = "", months: int = MONTHS, progress: Progress = quiet
) -> Comparison:
    """Replay the recipes of two to four models on the last months of a ledger (by default the first model's)."""
    from insights.model.recipe import Recipe

    if not FEWEST <= len(set(model_ids)) <= MOST or len(set(model_ids)) < len(model_ids):
        raise Refused("Compare two to four different models.", "number_of_models")
    records = tuple(models.get(store, model_id) for model_id in model_ids)
    first, *others = [Recipe.from_json(dict(record.recipe)) for record in records]
    recipes = [first, *(quality_gate.same_lines(first, other) for other in others)]
    ledger_id = ledgers.get(store, ledger_id or records[0].ledger_id).id
    dates = replays.recent_months(store, ledger_id, first, months)
    by_model = {}
    for number, (record, recipe) in enumerate(zip(records, recipes, strict=True)):
        by_model[record.id] = replays.replay(store, ledger_id, recipe, dates, within(progress, number, len(records)))
    return Comparison(records, ledger_id, dates, quality_gate.joined(by_model))
