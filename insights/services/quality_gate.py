"""Is a model good enough to be published? Its recipe is replayed against the baselines and against what is published.

The quick answer is that of the model's own held-out fold. Where another recipe is published, both are refitted on the same
past months and scored on the same invoices.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from insights.ledger.errors import Refused
from insights.model.model_metrics import ModelMetrics
from insights.services import replays
from insights.services.progress import Progress, quiet
from insights.store import ledgers, models, publications
from insights.store.records import ALL_COMPANIES, ModelRecord, Scope, Verdict
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.evaluation import Replay
    from insights.model.recipe import Recipe

LEDGERS_TRIED = 3  # the newest, to judge a model from elsewhere by
CANNOT_BE_JUDGED = (
    "This model comes from elsewhere, and no month after its training can be judged by now: "
    "what it says of itself counts for nothing."
)
BASELINES = ("base_rates", "customer_past")
OTHERS = {"base_rates": "the base rates", "customer_past": "the customers' own past", "published": "the published recipe"}


def check(
    store: Store, model_id: str, *, scope: Scope = ALL_COMPANIES, replay: bool | None = None, progress: Progress = quiet
) -> Verdict:
    """The verdict on publishing a model for a scope.

    `replay`: whether to replay past months; by default where another recipe is published, to compare with.
    """
    record = models.get(store, model_id)
    champion = published_recipe(store, own_scope(store, record, scope))
    if record.imported:
        return of_imported(store, record, champion, scope, progress)
    differs = champion is not None and champion != record.recipe
    if not (differs if replay is None else replay):
        return held_out(record.metrics)
    try:
        return replayed(store, record, champion if differs else None, scope, progress)
    except Refused as refusal:
        if refusal.code not in ("too_short_to_replay", "other_lines", "no_ledger"):
            raise
        return held_out(record.metrics)


def of_imported(
    store: Store, record: ModelRecord, champion: Mapping[str, Any] | None, scope: Scope, progress: Progress
) -> Verdict:
    """The verdict on a model from elsewhere: its very boosters predict past days, on or after the day it was trained as of.

    What it says of itself counts for nothing. Not passed, and said so, where there is no such day that can be judged by now.
    """
    try:
        ledger_id, dates = judgeable(store, record, scope)
        mine = replays.replay_model(store, ledger_id, models.load(store, record.id), dates)
        rows = mine.rows
        if champion is not None and (published := on_same_days(store, ledger_id, record, champion, dates, progress)):
            rows = joined({"model": mine, "published": published})
        return verdict_of(of_scope(store, ledger_id, rows, scope), dates)
    except Refused as refusal:
        if refusal.code not in ("too_short_to_replay", "no_ledger"):
            raise
        return Verdict(passed=False, checked="nothing", findings=({"code": "cannot_be_judged"},))


def judgeable(store: Store, record: ModelRecord, scope: Scope) -> tuple[str, tuple[date, ...]]:
    """A ledger of the scope, and its last months that a model from elsewhere has not seen; Refused where there is none."""
    from insights.evaluation import month_starts
    from insights.model.recipe import Recipe

    listed = [ledger for ledger in ledgers.listed(store) if scope.everybody or scope.company in ledger.companies]
    if scope.lineage:
        listed = [ledger for ledger in listed if ledger.lineage_id == scope.lineage]
    for ledger in listed[:LEDGERS_TRIED]:
        starts = month_starts(ledgers.load(store, ledger.id), Recipe.from_json(dict(record.recipe)))
        if dates := tuple(start for start in starts if start >= record.trained_as_of)[-replays.MONTHS :]:
            return ledger.id, dates
    raise Refused("No month after this model's training can be judged by now.", "too_short_to_replay")


def on_same_days(
    store: Store, ledger_id: str, record: ModelRecord, champion: Mapping[str, Any], dates: tuple[date, ...], progress: Progress
) -> "Replay | None":
    """The published recipe on the same days; None where it draws other lines."""
    from insights.model.recipe import Recipe

    mine, published = Recipe.from_json(dict(record.recipe)), Recipe.from_json(dict(champion))
    return replays.replay(store, ledger_id, published, dates, progress) if mine.due_rules == published.due_rules else None


def to_be_compared(recipe: Mapping[str, Any], published: Mapping[str, Any]) -> bool:
    """Whether two recipes differ and draw the same lines, so that the two can be held against each other."""
    from insights.model.recipe import Recipe

    own, other = (Recipe.from_json(dict(values)) for values in (recipe, published))
    return own != other and own.due_rules == other.due_rules


def own_scope(store: Store, record: ModelRecord, scope: Scope) -> Scope:
    """A scope as it stands for what a model learned from: kept to its versions where no company has a name."""
    return scope.kept_to(next((ledger for ledger in ledgers.listed(store) if ledger.id == record.ledger_id), None))


def published_recipe(store: Store, scope: Scope) -> Mapping[str, Any] | None:
    """The recipe in force for a scope, or for all companies where the scope has none of its own."""
    for place in publications.scopes_of(scope.company, scope.lineage):
        if entry := publications.active(store, place):
            return models.get(store, entry.model_id).recipe
    return None


def replayed(store: Store, record: ModelRecord, champion: Mapping[str, Any] | None, scope: Scope, progress: Progress) -> Verdict:
    """The verdict of the last months: certainly worse than a baseline, or than the published recipe, is not good enough.

    For one company, on its invoices alone.
    """
    rows, dates = side_by_side(store, record, champion, progress)
    return verdict_of(of_scope(store, record.ledger_id, rows, scope), dates)


def verdict_of(rows: pa.Table, dates: tuple[date, ...]) -> Verdict:
    """The verdict on the series "model" of replayed rows, beside the baselines and, where it is there, "published"."""
    from insights.evaluation import difference, figures

    published = ("published",) if "published_on_time" in rows.column_names else ()
    findings = []
    for other in (*BASELINES, *published):
        lead = difference(rows, "model", other)
        code = "worse_than_published" if other == "published" else "worse_than_baseline"
        if lead.worse:
            findings.append({"code": code, "than": other, "mean": lead.mean, "low": lead.low, "high": lead.high})
    series = ("model", *BASELINES, *published)
    by_series = {name: asdict(quality) for name in series if (quality := figures(rows, name))}
    return Verdict(not findings, "replayed", tuple(findings), {"dates": [str(day) for day in dates], "figures": by_series})


def of_scope(store: Store, ledger_id: str, rows: pa.Table, scope: Scope) -> pa.Table:
    """The replayed rows of a scope's invoices; Refused where it has none."""
    if not scope.everybody:
        company = ledgers.load(store, ledger_id).invoices["company"].take(rows["position"])
        rows = rows.filter(pc.equal(company, scope.company)).combine_chunks()
    if not len(rows):
        raise Refused("None of these invoices can be judged by now.", "too_short_to_replay")
    return rows


def side_by_side(
    store: Store, record: ModelRecord, champion: Mapping[str, Any] | None, progress: Progress
) -> tuple[pa.Table, tuple[date, ...]]:
    """Replayed rows with the series "model" and, where a recipe is published, "published"; and their as-of dates."""
    from insights.model.recipe import Recipe

    recipe = Recipe.from_json(dict(record.recipe))
    ledger_id = ledgers.get(store, record.ledger_id).id
    dates = replays.recent_months(store, ledger_id, recipe)
    mine = replays.replay(store, ledger_id, recipe, dates, progress)
    if champion is None:
        return mine.rows, dates
    published = replays.replay(store, ledger_id, same_lines(recipe, Recipe.from_json(dict(champion))), dates, progress)
    return joined({"model": mine, "published": published}), dates


def same_lines(recipe: "Recipe", other: "Recipe") -> "Recipe":
    """The other recipe, if it answers the same question."""
    if recipe.due_rules != other.due_rules:
        raise Refused(
            "These recipes draw the lines between on time, late and very late differently, so their figures cannot be compared.",
            "other_lines",
        )
    return other


def joined(all_replays: Mapping[str, "Replay"]) -> pa.Table:
    """The rows of several replays of the same days, each replay's "model" under its own name."""
    from insights.ledger.outcomes import BUCKETS

    first, *others = all_replays.items()
    table = renamed(first[1].rows, first[0])
    for name, replay in others:
        if not replay.rows["position"].equals(table["position"]):
            raise Refused("These replays judge different invoices, so they cannot be compared.", "other_rows")
        for bucket in BUCKETS:
            table = table.append_column(f"{name}_{bucket}", replay.rows[f"model_{bucket}"])
    return table


def renamed(rows: pa.Table, name: str) -> pa.Table:
    from insights.ledger.outcomes import BUCKETS

    names = {f"model_{bucket}": f"{name}_{bucket}" for bucket in BUCKETS}
    return rows.rename_columns([names.get(column, column) for column in rows.column_names])


def held_out(metrics: ModelMetrics) -> Verdict:
    """The verdict of a model's own held-out fold: no better than base rates is not good enough."""
    if metrics.quality is None or (base := metrics.quality.baseline("base_rates").log_loss) is None:
        return Verdict(passed=True, checked="nothing")
    own = metrics.quality.log_loss
    losses = {"model": own} | {name: baseline.log_loss for name, baseline in metrics.quality.baselines.items()}
    finding = {"code": "worse_than_baseline", "than": "base_rates", "mean": own - base}
    figures = {name: {"log_loss": loss} for name, loss in losses.items() if loss is not None}
    return Verdict(own < base, "held_out", () if own < base else (finding,), {"figures": figures})


def objections(verdict: Verdict) -> list[str]:
    """A sentence for each thing that speaks against publishing."""
    if any(finding["code"] == "cannot_be_judged" for finding in verdict.findings):
        return [CANNOT_BE_JUDGED]
    where = "On the replayed months" if verdict.checked == "replayed" else "On its held-out invoices"
    return [
        f"{where} its log loss is {finding['mean']:.4f} above that of {OTHERS[finding['than']]}." for finding in verdict.findings
    ]
