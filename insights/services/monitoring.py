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

from insights.access import laptop
from insights.ledger.keys import KEY, positions
from insights.ledger.ledger import CREDIT, NEVER, WRITE_OFF, Floats, Ledger, day, days
from insights.ledger.outcomes import ON_TIME
from insights.model.metrics import log_loss
from insights.model.recipe import Recipe
from insights.portfolio.snapshot import flagged
from insights.services import contents
from insights.services import predictions as scored_ledgers
from insights.services.contents import Contents
from insights.services.reach import ALL, Visible
from insights.store import digests, ledgers, predictions
from insights.store.records import LedgerRecord, PredictionRecord
from insights.store.store import Store

PROBABILITIES = ("p_on_time", "p_late", "p_very_late")


@dataclass(frozen=True)
class ShownPredictions:
    """Predictions shown on one day, as far as they are answered by now, however they ended.

    predicted and happened: of on time, mean probability and share, over the invoices that were not yet due (None where none was).
    """

    as_of: date
    models: tuple[str, ...]  # that said it
    shown: int
    answered: int
    open_still: int  # of the answered: not yet due when they were shown
    predicted: float | None
    happened: float | None
    flagged: int  # not yet due, and flagged
    flagged_late: int
    log_loss: float


@dataclass(frozen=True)
class ModelPart:
    """What one model showed on a day, to some companies, flagged below a threshold each."""

    made: PredictionRecord
    below: Mapping[str, float]  # company -> threshold


@dataclass(frozen=True)
class Judged:
    """Answered invoices of a part: probabilities float64[n, 3], outcomes int8[n], whether not yet due, and then flagged."""

    shown: int
    predicted: Floats
    outcome: npt.NDArray[np.int8]
    open_still: npt.NDArray[np.bool_]
    flagged: npt.NDArray[np.bool_]


def shown(
    store: Store, ledger_id: str, companies: Sequence[str] = (), *, held: Contents | None = None, visible: Visible = ALL
) -> list[ShownPredictions]:
    """Every day on which predictions were shown as of the newest day of their ledger, oldest first, judged by this ledger.

    `companies`: only these, by default all; `held`: what the workspace holds, where one has looked already; `visible`: whose
    invoices count. Days of which nothing is answered are left out.
    """
    held = held or contents.read(store)
    record = held.ledger(ledger_id)
    mine_too = {ledger.id for ledger in held.ledgers if contents.related(ledger, record)}
    made = [
        prediction
        for prediction in predictions.made_at_the_end(store, record.complete_through)
        if prediction.ledger_id in mine_too
    ]
    if not made:
        return []
    ledger = ledgers.load(store, ledger_id)
    # of several ledgers with that day, the one looked at last
    last = {prediction.as_of: prediction.ledger_id for prediction in made}
    days_shown = []
    for as_of, of_ledger in sorted(last.items()):
        mine = [prediction for prediction in made if (prediction.as_of, prediction.ledger_id) == (as_of, of_ledger)]
        parts = really_shown(held, held.ledger(of_ledger), as_of, mine, companies)
        answers = {part.made.model_id: judged for part in parts if (judged := judge(store, held, ledger, part, visible))}
        if sum(len(answer.outcome) for answer in answers.values()):
            days_shown.append(together(as_of, tuple(sorted(answers)), list(answers.values())))
    return days_shown


def really_shown(
    held: Contents, record: LedgerRecord, as_of: date, made: Sequence[PredictionRecord], companies: Sequence[str]
) -> list[ModelPart]:
    """Of the predictions made of a ledger for a day, those of the models in force, each with its companies."""
    by_model = {prediction.model_id: prediction for prediction in made}
    left = [company for company in record.companies if not companies or company in companies]
    below: dict[str, dict[str, float]] = {}
    # What was in force at the end; where that was never scored, what was when predictions were made, the last first.
    for moment in (replaced_at(held, record), *sorted((prediction.created_at for prediction in made), reverse=True)):
        then = held.at(moment) if moment else held
        for company in list(left):
            if (model_id := then.model_for(record, as_of, company)) in by_model:
                below.setdefault(str(model_id), {})[company] = then.published.threshold(str(model_id), company, record.lineage_id)
                left.remove(company)
    return [ModelPart(by_model[model_id], thresholds) for model_id, thresholds in below.items()]


def replaced_at(held: Contents, record: LedgerRecord) -> datetime | None:
    """When the next export of a ledger or its companies came, None if none has."""
    later = (
        ledger.created_at
        for ledger in held.ledgers
        if ledger.sequence > record.sequence
        and ledger.complete_through > record.complete_through
        and contents.related(ledger, record)
    )
    return min(later, default=None)


def judge(store: Store, held: Contents, ledger: Ledger, part: ModelPart, visible: Visible = ALL) -> Judged | None:
    """A part against the ledger; None where its file is gone, or nothing of it may be seen.

    One that is not as it was written is computed again.
    """
    made = part.made
    path = store.path(made.path)
    if not path.exists():
        return None
    if not digests.intact(path, made.sha256):
        path = scored_ledgers.of_model(store, made.ledger_id, made.model_id, made.as_of, actor=laptop(source="server"))
    rows = pq.read_table(path, columns=[*KEY, *PROBABILITIES])
    rows = visible.rows(rows.filter(pc.is_in(rows["company"], pa.array(list(part.below), pa.string()))))
    if not (len(rows) or visible.everything):
        return None
    position = positions(rows, ledger.invoices)
    invoices = ledger.invoices.select(["due_date", "paid_date", "settled_by"]).take(pa.array(np.maximum(position, 0)))
    rules = Recipe.from_json(dict(held.model(part.made.model_id).recipe)).due_rules
    due, settled_by = days(invoices["due_date"]), invoices["settled_by"]
    written_off = pc.equal(settled_by, WRITE_OFF).to_numpy()
    answered = (position >= 0) & (rules.very_late_after(due) <= day(ledger.complete_through))
    answered &= pc.not_equal(settled_by, CREDIT).to_numpy() & ~(written_off & rules.leave_out_write_offs)
    paid = np.where(written_off, NEVER, days(invoices["paid_date"]))[answered]
    due, known = due[answered], rows.filter(pa.array(answered))
    probability = np.column_stack([known[name].to_numpy() for name in PROBABILITIES])
    open_still = rules.due_by(due) >= day(part.made.as_of)
    limit = np.array([part.below[company] for company in known["company"].to_pylist()], np.float64)
    return Judged(
        shown=len(rows),
        predicted=probability,
        outcome=rules.bucket(due, paid).astype(np.int8),
        open_still=open_still,
        flagged=open_still & flagged(probability[:, ON_TIME], limit),
    )


def together(as_of: date, model_ids: tuple[str, ...], answers: Sequence[Judged]) -> ShownPredictions:
    """The figures of a day over what all its models showed."""
    predicted, outcome, open_still, red = (
        np.concatenate([getattr(answer, name) for answer in answers])
        for name in ("predicted", "outcome", "open_still", "flagged")
    )
    on_time = outcome == ON_TIME
    return ShownPredictions(
        as_of=as_of,
        models=model_ids,
        shown=sum(answer.shown for answer in answers),
        answered=len(outcome),
        open_still=int(open_still.sum()),
        predicted=float(predicted[open_still, ON_TIME].mean()) if open_still.any() else None,
        happened=float(on_time[open_still].mean()) if open_still.any() else None,
        flagged=int(red.sum()),
        flagged_late=int((red & ~on_time).sum()),
        log_loss=log_loss(predicted, outcome),
    )
