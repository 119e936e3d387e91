"""Train on a ledger that nobody keeps, and score it, in one go."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from insights.ledger.ledger import Ledger
from insights.services import predictions, training
from insights.services.leakage_guard import NOT_ALLOWED
from insights.services.ledgers import commit
from insights.services.predictions import ScoredFile
from insights.services.progress import Progress, quiet
from insights.services.training import unheard
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.model.recipe import Recipe


def predict(  # noqa: PLR0913 - of what, how, what is excused, by whom, and who listens
    ledger: Ledger,
    as_of: date,
    recipe: "Recipe",
    *,
    actor: str,
    allowed: Mapping[str, str] = NOT_ALLOWED,
    note: Callable[[str], None] = unheard,
    progress: Progress = quiet,
) -> ScoredFile:
    """The scored file of a ledger, by a model trained on what was known before a day.

    Every rule of a training that is kept holds here too; the workspace in which it happens is thrown away.
    """
    with TemporaryDirectory(prefix="insights-") as home:
        store = Store.open(Path(home))
        kept = commit(store, ledger, actor=actor)
        model = training.train(store, kept.id, as_of, recipe, allowed=allowed, actor=actor, note=note, progress=progress)
        progress("score", 0.0)
        return predictions.scored_file(store, kept.id, as_of, model_id=model.id, actor=actor)
