"""Did what was really shown come true? Kept predictions against the outcomes that arrived since.

Only predictions of a ledger's newest day count: those of earlier days were made when the answers could be known.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import select

from insights.evaluation import log_loss
from insights.ledger import CREDIT, Ledger, day, days
from insights.model import Recipe
from insights.outcomes import ON_TIME
from insights.workspace import ledgers, models, publications
from insights.workspace.store import Store
from insights.workspace.tables import LedgerRow, PredictionRow

KEY = ["company", "customer_id", "invoice_id", "line"]
SAID = ["p_on_time", "p_late", "p_very_late"]


@dataclass(frozen=True)
class Shown:
    """Predictions shown on one day, as far as they are answered by now, however they ended.

    said and happened: of on time, mean probability and share, over the invoices that were not yet due (None where none was).
    """

    as_of: date
    model_id: str
    shown: int
    answered: int
    said: float | None
    happened: float | None
    flagged: int  # not yet due, and flagged
    flagged_late: int
    log_loss: float


def shown(store: Store, ledger_id: str) -> list[Shown]:
    """Every day on which predictions were made as of the newest day of their ledger, oldest first, judged by this ledger.

    Of several predictions for a day the last made counts; days of which nothing is answered are left out.
    """
    ledger = ledgers.load(store, ledger_id)
    with store.database.read() as session:
        made = session.scalars(
            select(PredictionRow)
            .join(LedgerRow, LedgerRow.id == PredictionRow.ledger_id)
            .where(PredictionRow.as_of >= LedgerRow.default_as_of, PredictionRow.as_of <= ledger.complete_through)
            .order_by(PredictionRow.created_at)
        ).all()
    newest = {row.as_of: row for row in made}
    found = (judged(store, ledger, row) for _, row in sorted(newest.items()))
    return [each for each in found if each is not None]


def judged(store: Store, ledger: Ledger, made: PredictionRow) -> Shown | None:
    """One file of predictions against the ledger; None where it is gone, or nothing of it is answered."""
    path = store.path(made.path)
    if not path.exists():
        return None
    said = pq.read_table(path, columns=[*KEY, *SAID])
    now = ledger.invoices.select([*KEY, "due_date", "paid_date", "settled_by"])
    both = said.join(now, KEY, join_type="inner").combine_chunks()
    lines = Recipe.from_json(dict(models.get(store, made.model_id).recipe)).lines
    due, paid = days(both["due_date"]), days(both["paid_date"])
    answered = (lines.very_late(due) <= day(ledger.complete_through)) & pc.not_equal(both["settled_by"], CREDIT).to_numpy()
    if not answered.any():
        return None
    both, due, paid = both.filter(pa.array(answered)), due[answered], paid[answered]
    probability = np.column_stack([both[name].to_numpy() for name in SAID])
    outcome = lines.bucket(due, paid).astype(np.int8)
    open_still = lines.on_time(due) >= day(made.as_of)
    flagged = open_still & (probability[:, ON_TIME] < publications.threshold(store, made.model_id, ""))
    on_time = outcome == ON_TIME
    return Shown(
        as_of=made.as_of,
        model_id=made.model_id,
        shown=len(said),
        answered=len(both),
        said=float(probability[open_still, ON_TIME].mean()) if open_still.any() else None,
        happened=float(on_time[open_still].mean()) if open_still.any() else None,
        flagged=int(flagged.sum()),
        flagged_late=int((flagged & ~on_time).sum()),
        log_loss=log_loss(probability, outcome),
    )
