"""Train a model of a ledger, as of a day, and keep it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from insights.access import Capability, Person, require
from insights.services import leakage_guard
from insights.services.leakage_guard import NOT_ALLOWED
from insights.services.progress import Progress, quiet
from insights.store import ledgers, models
from insights.store.crash_points import point
from insights.store.records import ModelRecord
from insights.store.settings import Settings
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.model.recipe import Recipe


def unheard(_: str) -> None:
    """A note that nobody reads."""


def train(  # noqa: PLR0913 - of what, how, what it is called, what is excused, by whom, and who listens
    store: Store,
    ledger_id: str,
    as_of: date,
    recipe: "Recipe",
    *,
    actor: Person,
    name: str = "",
    model_id: str = "",
    allowed: Mapping[str, str] = NOT_ALLOWED,
    note: Callable[[str], None] = unheard,
    progress: Progress = quiet,
) -> ModelRecord:
    """Train on what was known before a day, and keep the model; it is not in force until it is published.

    `allowed`: column -> reason, of those that look like the outcome and are to be used nevertheless; `note` hears the doubts
    about others. With the id of a model that is there already nothing is trained: an attempt died after its work was done.
    """
    from insights.model import boosting

    require(actor, Capability.TRAIN)
    if model_id and any(record.id == model_id for record in models.listed(store)):
        return models.get(store, model_id)
    point("train.begun")
    ledger = ledgers.load(store, ledger_id)
    with boosting.on(device := boosting.usable(Settings().device, note)):
        trained = leakage_guard.train(store, ledger, as_of, recipe, allowed=allowed, actor=actor, note=note, progress=progress)
    saved = models.save(store, trained, ledger.id, name=name, model_id=model_id, actor=actor, device=device)
    point("train.saved")
    return models.get(store, saved)
