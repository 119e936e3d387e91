"""Did what was really shown come true? Kept predictions against the outcomes that arrived since.

Only predictions of a ledger's newest day count: those of earlier days were made when the answers could be known. Of those,
each company's invoices count as the model in force for it showed them last before the next export came: what somebody only
tried is not judged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.ledger.keys import KEY
from insights.ledger.ledger import CREDIT, NEVER, WRITE_OFF, Floats, Ledger, day, days
from insights.ledger.outcomes import ON_TIME
from insights.model.metrics import log_loss
from insights.model.recipe import Recipe
from insights.portfolio.snapshot import flagged
from insights.services import contents
from insights.store import ledgers, models, predictions
from insights.store.records import LedgerRecord
from insights.store.store import Store
from insights.store.tables import PredictionRow, now

SAID = ["p_on_time", "p_late", "p_very_late"]


@dataclass(frozen=True)
class ShownPredictions:
    """Predictions shown on one day, as far as they are answered by now, however they ended.

    said and happened: of on time, mean probability and share, over the invoices that were not yet due (None where none was).
    """

    as_of: date
    models: tuple[str, ...]  # that said it
    shown: int
    answered: int
    said: float | None
    happened: float | None
    flagged: int  # not yet due, and flagged
    flagged_late: int
    log_loss: float


@dataclass(frozen=True)
class ModelPart:
    """What one model showed on a day, to some companies, flagged below a threshold each."""

    made: PredictionRow
    below: Mapping[str, float]  # company -> threshold


@dataclass(frozen=True)
class Judged:
    """Answered invoices of a part: probabilities float64[n, 3], outcomes int8[n], whether not yet due, and then flagged."""

    shown: int
    said: Floats
    outcome: npt.NDArray[np.int8]
    open_still: npt.NDArray[np.bool_]
    flagged: npt.NDArray[np.bool_]


def shown(store: Store, ledger_id: str, companies: Sequence[str] = ()) -> list[ShownPredictions]:
    """Every day on which predictions were shown as of the newest day of their ledger, oldest first, judged by this ledger.

    `companies`: only these, by default all. Days of which nothing is answered are left out.
    """
    ledger = ledgers.load(store, ledger_id)
    made = predictions.made_at_the_end(store, ledger.complete_through)
    last = {row.as_of: row.ledger_id for row in made}  # of several ledgers with that day, the one looked at last
    found = []
    for as_of, of_ledger in sorted(last.items()):
        mine = [row for row in made if (row.as_of, row.ledger_id) == (as_of, of_ledger)]
        parts = really_shown(store, ledgers.get(store, of_ledger), as_of, mine, companies)
        judged = [each for part in parts if (each := judge(store, ledger, part)) is not None]
        if sum(len(each.outcome) for each in judged):
            found.append(together(as_of, tuple(sorted({part.made.model_id for part in parts})), judged))
    return found


def really_shown(
    store: Store, record: LedgerRecord, as_of: date, made: Sequence[PredictionRow], companies: Sequence[str]
) -> list[ModelPart]:
    """Of the predictions made of a ledger for a day, those of the models in force, each with its companies."""
    by_model = {row.model_id: row for row in made}
    left = [company for company in record.companies if not companies or company in companies]
    everything = contents.read(store)
    below: dict[str, dict[str, float]] = {}
    # What was in force at the end; where that was never scored, what was when predictions were made, the last first.
    for moment in (replaced_at(store, record), *sorted((row.created_at for row in made), reverse=True)):
        held = everything.at(moment)
        for company in list(left):
            if (model_id := held.model_for(record, as_of, company)) in by_model:
                below.setdefault(str(model_id), {})[company] = held.published.threshold(str(model_id), company)
                left.remove(company)
    return [ModelPart(by_model[model_id], thresholds) for model_id, thresholds in below.items()]


def replaced_at(store: Store, record: LedgerRecord) -> datetime:
    """When the next export of a ledger's companies came, now if none has."""
    later = (
        each.created_at
        for each in ledgers.listed(store)
        if each.created_at > record.created_at
        and each.complete_through > record.complete_through
        and set(each.companies) & set(record.companies)
    )
    return min(later, default=now())


def judge(store: Store, ledger: Ledger, part: ModelPart) -> Judged | None:
    """A part against the ledger; None where its file is gone."""
    path = store.path(part.made.path)
    if not path.exists():
        return None
    said = pq.read_table(path, columns=[*KEY, *SAID])
    said = said.filter(pc.is_in(said["company"], pa.array(list(part.below), pa.string())))
    now_known = ledger.invoices.select([*KEY, "due_date", "paid_date", "settled_by"])
    both = said.join(now_known, list(KEY), join_type="inner").combine_chunks()
    lines = Recipe.from_json(dict(models.get(store, part.made.model_id).recipe)).due_rules
    due, settled_by = days(both["due_date"]), both["settled_by"]
    written_off = pc.equal(settled_by, WRITE_OFF).to_numpy()
    paid = np.where(written_off, NEVER, days(both["paid_date"]))
    answered = (lines.very_late_after(due) <= day(ledger.complete_through)) & pc.not_equal(settled_by, CREDIT).to_numpy()
    answered &= ~(written_off & lines.leave_out_write_offs)
    both, due, paid = both.filter(pa.array(answered)), due[answered], paid[answered]
    probability = np.column_stack([both[name].to_numpy() for name in SAID])
    open_still = lines.due_by(due) >= day(part.made.as_of)
    limit = np.array([part.below[company] for company in both["company"].to_pylist()], np.float64)
    return Judged(
        shown=len(said),
        said=probability,
        outcome=lines.bucket(due, paid).astype(np.int8),
        open_still=open_still,
        flagged=open_still & flagged(probability[:, ON_TIME], limit),
    )


def together(as_of: date, model_ids: tuple[str, ...], judged: Sequence[Judged]) -> ShownPredictions:
    """The figures of a day over what all its models showed."""
    said, outcome, open_still, flagged = (
        np.concatenate([getattr(each, name) for each in judged]) for name in ("said", "outcome", "open_still", "flagged")
    )
    on_time = outcome == ON_TIME
    return ShownPredictions(
        as_of=as_of,
        models=model_ids,
        shown=sum(each.shown for each in judged),
        answered=len(outcome),
        said=float(said[open_still, ON_TIME].mean()) if open_still.any() else None,
        happened=float(on_time[open_still].mean()) if open_still.any() else None,
        flagged=int(flagged.sum()),
        flagged_late=int((flagged & ~on_time).sum()),
        log_loss=log_loss(said, outcome),
    )
