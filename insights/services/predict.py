"""Train on a ledger that nobody keeps, and score it, in one go."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from insights.access import Capability, Person, require
from insights.ledger.ledger import Ledger
from insights.sandbox import folders
from insights.services import billing_plan, cash, predictions, training
from insights.services.cash import Forecast
from insights.services.leakage_guard import NOT_ALLOWED
from insights.services.ledgers import commit
from insights.services.predictions import ScoredFile
from insights.services.progress import Progress, quiet
from insights.services.training import unheard
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.model.recipe import Recipe


@dataclass(frozen=True)
class Predicted:
    """What came of a ledger: its scored file, and its cash forecast where that was asked for."""

    scored: ScoredFile
    forecast: Forecast | None = None


def predict(  # noqa: PLR0913 - of what, how, what is excused, by whom, and who listens
    ledger: Ledger,
    as_of: date,
    recipe: "Recipe",
    *,
    actor: Person,
    allowed: Mapping[str, str] = NOT_ALLOWED,
    with_forecast: bool = False,
    plan: Path | None = None,
    note: Callable[[str], None] = unheard,
    progress: Progress = quiet,
) -> Predicted:
    """The scored file of a ledger, and its cash forecast if asked for, by a model trained on what was known before a day.

    `plan`: the file of a billing plan, for that forecast; what of it cannot be used is a note.
    Every rule of a training that is kept holds here too; the workspace in which it happens is thrown away.
    """
    require(actor, Capability.TRAIN)
    folders.sweep()  # what an earlier one left that was killed
    with folders.temporary() as home:
        store = Store.open(home)
        kept = commit(store, ledger, actor=actor)
        planned = billing_plan.read(store, kept.id, plan) if plan else None
        for sentence in planned.set_aside if planned else ():
            note(sentence)
        model = training.train(store, kept.id, as_of, recipe, allowed=allowed, actor=actor, note=note, progress=progress)
        progress("score", 0.0)
        scored = predictions.scored_file(store, kept.id, as_of, model_id=model.id, actor=actor)
        if not with_forecast or not scored.table.num_rows:
            return Predicted(scored)
        cash.replay(store, kept.id, as_of, model_id=model.id, actor=actor, progress=progress)
        rows = planned.rows if planned else None
        return Predicted(scored, cash.forecast(store, kept.id, as_of, model_id=model.id, actor=actor, plan=rows))
