"""May these fields be learned from? What looks like the outcome is refused, unless somebody says why; that is recorded.

Whatever fits a model of a workspace's ledger asks here first: `train` before a training, `check` before a replay.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from insights.access import Capability, Person, require
from insights.evaluation.leakage import Leak, leaks, sentence
from insights.features.catalog import usual
from insights.ledger.errors import Refused
from insights.ledger.ledger import FURTHER, Ledger
from insights.store import audit, ledgers
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.model.model import Model
    from insights.model.recipe import Recipe
    from insights.model.tuning import Progress

ALLOW = "field.allow"  # the action under which a reason is recorded, its subject the ledger
NOT_ALLOWED: Final[Mapping[str, str]] = MappingProxyType({})  # no reason was given for any column


def quiet(_: str) -> None:
    """A note that nobody reads."""


def suspicions(store: Store, ledger: Ledger, columns: Collection[str] | None = None) -> tuple[Leak, ...]:
    """What speaks against the ledger's columns (or some of them), compared with the version before it."""
    marked = tuple(name for name in ledger.known_at_issue if columns is None or name in columns)
    return leaks(ledger, marked, earlier=versions_before(store, ledger.id)) if marked else ()


def versions_before(store: Store, ledger_id: str) -> list[Ledger]:
    """The version before this one, if there is one."""
    this = ledgers.get(store, ledger_id)
    older = [
        version for version in ledgers.listed(store) if version.lineage_id == this.lineage_id and version.sequence < this.sequence
    ]
    return [ledgers.load(store, version.id) for version in older[:1]]


def train(  # noqa: PLR0913 - what to learn from, how, what is excused, by whom, and who listens
    store: Store,
    ledger: Ledger,
    as_of: date,
    recipe: "Recipe",
    *,
    allowed: Mapping[str, str] = NOT_ALLOWED,
    actor: Person,
    note: Callable[[str], None] = quiet,
    progress: "Progress | None" = None,
) -> "Model":
    """`training.train`, refused (code "leak") for a blocked column that nobody gave a reason for; `note` hears the doubts.

    `allowed`: column -> reason, of those that are to be used nevertheless; recorded.
    """
    from insights.model import training, tuning

    require(actor, Capability.TRAIN)
    fields = recipe.fields or usual(ledger, as_of)
    doubts = check(store, ledger, fields, allowed)
    for leak in doubts:
        if leak.column not in allowed:
            note(sentence(leak))
    keep_reasons(store, ledger.id, doubts, allowed, actor=actor)
    return training.train(ledger, as_of, recipe, progress or tuning.quiet)


def check(store: Store, ledger: Ledger, fields: Collection[str], allowed: Mapping[str, str]) -> tuple[Leak, ...]:
    """What speaks against these fields; Refused (code "leak") where one is blocked and has no reason.

    For what was agreed with customers or done to be paid there is no reason that would do.
    """
    against = suspicions(store, ledger, {name.removeprefix(FURTHER) for name in fields})
    if never := [leak for leak in against if leak.code == "agreed"]:
        sentences = " ".join(map(sentence, never))
        raise Refused(f"{sentences} It can be no field: leave it out.", "leak", columns=[leak.column for leak in never])
    blocked = [leak for leak in against if leak.blocked and not allowed.get(leak.column, "").strip()]
    if blocked:
        raise Refused(
            f"{' '.join(map(sentence, blocked))} Leave it out, or say why it may be used nevertheless (--allow COLUMN=REASON).",
            "leak",
            columns=[leak.column for leak in blocked],
        )
    return against


def check_replay(store: Store, ledger: Ledger, recipe: "Recipe") -> None:
    """As `check`, of a recipe that is to be replayed; reasons recorded for this ledger count."""
    check(store, ledger, recipe.fields or usual(ledger), reasons(store, ledger.id))


def reasons(store: Store, ledger_id: str) -> Mapping[str, str]:
    """Column -> why it may be used although it looks like the outcome, as recorded last."""
    entries = [entry for entry in audit.listed(store, ledger_id) if entry.action == ALLOW]
    return {entry.details["column"]: entry.details["reason"] for entry in reversed(entries)}


def allow(store: Store, ledger_id: str, allowed: Mapping[str, str], *, actor: Person) -> None:
    """Record why columns of a ledger may be used although they look like the outcome."""
    require(actor, Capability.TRAIN)
    if allowed:
        ledger = ledgers.load(store, ledger_id)
        keep_reasons(store, ledger.id, suspicions(store, ledger, allowed), allowed, actor=actor)


def keep_reasons(store: Store, ledger_id: str, doubts: Collection[Leak], allowed: Mapping[str, str], *, actor: Person) -> None:
    """Record the reasons that were given for doubtful columns."""
    require(actor, Capability.TRAIN)
    for leak in doubts:
        if reason := allowed.get(leak.column, "").strip():
            with store.database.write() as session:
                audit.record(session, actor, ALLOW, ledger_id, column=leak.column, code=leak.code, reason=reason)
