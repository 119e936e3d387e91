"""Do what takes long outside the web process: queue it, and stop it.

job_id = background.train(store, ledger.id, as_of, recipe, actor=actor)
while not (job := jobs.job(store, job_id)).ended: ...show job.stage, job.share, job.remaining, job.log...
job.model_id, or job.error
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from insights.access import Capability, Person, require
from insights.jobs import queue
from insights.services.leakage_guard import NOT_ALLOWED
from insights.store import audit, ledgers, models
from insights.store.records import ALL_COMPANIES, Scope
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.model.recipe import Recipe


def train(  # noqa: PLR0913 - of what, how, what it is called, what is excused, and by whom
    store: Store,
    ledger_id: str,
    as_of: date,
    recipe: "Recipe",
    *,
    actor: Person,
    name: str = "",
    allow: Mapping[str, str] = NOT_ALLOWED,
) -> str:
    """Queue a training, and start the worker where there is none; the job's id at once.

    `allow`: column -> reason, of columns that look like the outcome (`leakage_guard.suspicions`) and are to be used nevertheless.
    """
    require(actor, Capability.TRAIN)
    request = {"recipe": json.dumps(recipe.to_json()), "name": name, "allow": dict(allow)}
    return queue.start(store, "train", ledger_id, as_of=as_of, actor=actor, **request)


def backtest(store: Store, ledger_id: str, recipe: "Recipe", *, actor: Person) -> str:
    """Queue the replay of a recipe on the last months of a ledger; `store.backtests` then has it."""
    require(actor, Capability.TRAIN)
    return queue.start(store, "backtest", ledger_id, actor=actor, recipe=json.dumps(recipe.to_json()))


def replay_cash(store: Store, ledger_id: str, as_of: date, *, actor: Person) -> str:
    """Queue the replay of the Mondays before a day; the ranges of `cash.forecast` then rest on them."""
    require(actor, Capability.PLAN)
    return queue.start(store, "cash", ledger_id, as_of=as_of, actor=actor)


def rescore(store: Store, ledger_id: str = "", *, actor: Person) -> str:
    """Queue the scoring of one ledger, or of all, with the models in force."""
    require(actor, Capability.TRAIN)
    return queue.start(store, "score" if ledger_id else "rescore", ledger_id, actor=actor)


def check(store: Store, model_id: str, scope: Scope = ALL_COMPANIES, *, actor: Person) -> str:
    """Queue the replays behind `quality_gate.check`, which then answers at once."""
    require(actor, Capability.TRAIN)
    ledger_id = models.get(store, model_id).ledger_id
    return queue.start(store, "check", ledger_id, actor=actor, models=[model_id], company=scope.company)


def compare(store: Store, model_ids: Sequence[str], ledger_id: str = "", *, actor: Person) -> str:
    """Queue the replays behind `comparison.compare`, which then answers at once."""
    require(actor, Capability.TRAIN)
    ledger_id = ledgers.get(store, ledger_id or models.get(store, model_ids[0]).ledger_id).id
    return queue.start(store, "compare", ledger_id, actor=actor, models=list(model_ids))


def cancel(store: Store, job_id: str, *, actor: Person) -> None:
    """Ask a job to stop; a waiting one is cancelled at once, a running one within seconds. Ended ones stay as they are."""
    require(actor, Capability.TRAIN)
    with store.database.write() as session:
        if queue.cancel(session, job_id):
            audit.record(session, actor, "job.cancel", job_id)
