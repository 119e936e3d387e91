"""Put a model in force, or bring back what was in force before."""

from dataclasses import asdict

from insights.access import Capability, Person, require
from insights.ledger.errors import Refused
from insights.services.quality_gate import check, held_out, objections, own_scope, published_recipe, to_be_compared
from insights.store import models, publications
from insights.store.publications import DEFAULT_THRESHOLD
from insights.store.records import ALL_COMPANIES, Publication, Scope, Verdict
from insights.store.store import Store

UNCHECKED = "This model was not yet held against the published one: check it on past months first, or give a reason."


def publish(  # noqa: PLR0913 - one record says what, where, instead of what, how, why and by whom
    store: Store,
    model_id: str,
    *,
    replaces: str | None,
    actor: Person,
    scope: Scope = ALL_COMPANIES,
    threshold: float = DEFAULT_THRESHOLD,
    reason: str = "",
    verdict: Verdict | None = None,
) -> Publication:
    """Put a model in force for all companies, or for one.

    Where the model learned from a ledger without names of companies, it is put in force for the versions of that ledger alone;
    for those of another one where the scope names its lineage.

    `replaces` is the id of the publication that the user saw in force (None: none). Refused with code "overtaken" where
    another has been published since. A new threshold for the same model is a publication like any other. `verdict` is that
    of `quality_gate.check`, by default that of the model's held-out fold. Unless a reason is given, refused with code "gate"
    where the verdict speaks against the model, and with "unchecked" where there is none although another recipe is in force.
    """
    require(actor, Capability.PUBLISH)
    models.load(store, model_id)  # what cannot be read is not put in force
    record = models.get(store, model_id)
    scope = own_scope(store, record, scope)
    if scope.company == "" and not scope.lineage:
        raise Refused("This model comes from elsewhere: say of which ledger the company without a name is.", "no_lineage")
    in_force = published_recipe(store, scope)
    if (
        not record.imported
        and verdict is None
        and not reason.strip()
        and in_force is not None
        and to_be_compared(record.recipe, in_force)
    ):
        raise Refused(UNCHECKED, "unchecked")
    if record.imported and (verdict is None or verdict.checked == "held_out"):
        verdict = check(store, model_id, scope=scope)
    verdict = verdict or held_out(record.metrics)
    if not verdict.passed and not reason.strip():
        raise Refused(
            f"{' '.join(objections(verdict))} To publish it nevertheless, give a reason.", "gate", findings=verdict.findings
        )
    judged = asdict(verdict) | {"findings": list(verdict.findings)}
    entry = publications.new("publish", scope, actor=actor, reason=reason, model_id=model_id, threshold=threshold, gate=judged)
    return publications.append(store, entry, replaces, actor=actor)


def publish_first(store: Store, model_id: str, *, actor: Person) -> bool:
    """Put the first model of a workspace in force, as there is nothing that it could replace: whether it was the first.

    Of a ledger without names of companies: the first of its versions.
    """
    require(actor, Capability.PUBLISH)
    record = models.get(store, model_id)
    is_first = not record.imported and publications.active(store, own_scope(store, record, ALL_COMPANIES)) is None
    if is_first:
        publish(store, model_id, replaces=None, reason="The first model", actor=actor)
    return is_first


def roll_back(store: Store, *, replaces: str, actor: Person, reason: str = "") -> Publication:
    """Bring back what was in force before the publication `replaces`, threshold included. Refused where nothing was.

    A company that had nothing of its own goes back to what is in force for all companies: its publication is withdrawn.
    """
    require(actor, Capability.PUBLISH)
    earlier = publications.before(store, replaces)
    scope = next(entry.scope for entry in publications.listed(store) if entry.id == replaces)
    models.load(store, earlier.model_id)  # what cannot be read is not put in force
    if earlier.scope != scope:
        back = publications.new("withdraw", scope, actor=actor, reason=reason, model_id="", threshold=earlier.threshold)
        return publications.append(store, back, replaces, actor=actor)
    values = {"model_id": earlier.model_id, "threshold": earlier.threshold, "restores": earlier.id}
    entry = publications.new("roll_back", scope, actor=actor, reason=reason, **values)
    return publications.append(store, entry, replaces, actor=actor)
