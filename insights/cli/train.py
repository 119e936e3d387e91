"""The command that makes a model: train."""

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli import arguments, console
from insights.cli.arguments import Allow, AsOf, Json, LedgerId, Seed, VeryLateDays, Watched

if TYPE_CHECKING:
    from insights.ledger.ledger import Ledger
    from insights.model.model_metrics import ModelMetrics
    from insights.model.recipe import Recipe
    from insights.store.records import ModelRecord


def add_to(app: typer.Typer) -> None:
    app.command()(train)


def train(
    *,
    ledger: LedgerId = "",
    as_of: AsOf = None,
    very_late_days: VeryLateDays = None,
    grace_days: Annotated[
        int | None, typer.Option(min=0, max=365, help="Days after the due date that are still on time.")
    ] = None,
    calendar: Annotated[str | None, typer.Option(help="A country code: due dates roll to its next business day.")] = None,
    leave_out_write_offs: Annotated[
        bool | None,
        typer.Option(
            "--leave-out-write-offs/--count-write-offs", help="Learn nothing from write-offs, or count them as very late."
        ),
    ] = None,
    training_start: Annotated[
        date | None, typer.Option(parser=arguments.day, metavar="DATE", help="Learn from nothing issued before.")
    ] = None,
    fields: Annotated[str, typer.Option(metavar="A,B", help="Learn from these fields only [default: all]; see `fields`.")] = "",
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", metavar="RULE", help="Learn only from invoices like company=North or amount>=100. Repeatable."),
    ] = None,
    seed: Seed = None,
    name: Annotated[str, typer.Option(help="What to call the model.")] = "",
    allow: Allow = None,
    recipe: Annotated[str, typer.Option(help="A whole recipe as JSON; the options above change it.")] = "",
    as_json: Json = False,
    model_id: Annotated[str, typer.Option("--id", hidden=True, help="The id to give the model.")] = "",
    watched: Watched = False,
) -> None:
    """Train a model on what was known before a day. It is not in force until you publish it."""
    from insights.services import predictions, training
    from insights.store import ledgers
    from insights.store.store import Store

    store = Store.open()
    record, day, _ = arguments.view_of(store, ledger, as_of)
    changes = {
        "very_late_days": very_late_days,
        "grace_days": grace_days,
        "calendar": calendar,
        "leave_out_write_offs": leave_out_write_offs,
        "training_start": training_start,
        "seed": seed,
        "fields": field_names(ledgers.load(store, record.id), fields) or None,
        "rows": tuple(filters or ()) or None,
    }
    wanted = changed(read_recipe(recipe), changes)
    tell, actor = console.progress(as_json=as_json), arguments.person()
    saved = training.train(
        store,
        record.id,
        day,
        wanted,
        name=name,
        model_id=model_id,
        allowed=arguments.reasons(allow),
        actor=actor,
        note=console.note,
        progress=tell,
    )
    if watched:  # a job: what the screens will ask for next is computed here, not in their process
        tell("score", 0.9)
        predictions.of_model(store, record.id, saved.id, day, actor=actor)
    console.show(model_report(saved), model_lines(saved), as_json=as_json)


def field_names(ledger: "Ledger", text: str) -> tuple[str, ...]:
    """The fields that are meant: the ledger's own columns may be called as the file calls them."""
    from insights.features.catalog import FIELDS
    from insights.ledger.ledger import FURTHER

    own = {name: FURTHER + name for name in ledger.further if name not in FIELDS}
    return tuple(own.get(name, name) for name in arguments.names(text))


def read_recipe(text: str) -> "Recipe":
    from insights.model.recipe import Recipe

    try:
        return Recipe.from_json(json.loads(text)) if text else Recipe()
    except (ValueError, TypeError, KeyError) as error:
        raise typer.BadParameter(f"not a recipe: {error}", param_hint="--recipe") from error


def changed(recipe: "Recipe", changes: dict[str, Any]) -> "Recipe":
    return replace(recipe, **{name: value for name, value in changes.items() if value is not None})


def model_report(record: "ModelRecord") -> dict[str, Any]:
    return {
        "model": record.id,
        "name": record.name,
        "created_at": record.created_at.isoformat(),
        "actor": record.actor,
        "ledger": record.ledger_id,
        "trained_as_of": record.trained_as_of,
        "recipe": record.recipe,
        "fields": record.fields,
        "metrics": record.metrics.to_json(),
        "sha256": record.sha256,
        "imported": record.imported,
    }


def model_lines(record: "ModelRecord") -> list[str]:
    claim = ["  imported: these figures stand in its archive, and nobody has checked them"] if record.imported else []
    return [f"Model {record.id} ({record.name}), {len(record.fields)} fields", *claim, *metric_lines(record.metrics)]


def metric_lines(metrics: "ModelMetrics") -> list[str]:
    """The figures that matter, each beside its baseline, where they could be measured."""
    if (quality := metrics.quality) is None:
        return []
    commonest, rates, past = (quality.baseline(name) for name in ("commonest", "base_rates", "customer_past"))
    figures = (
        ("accuracy", quality.accuracy, commonest.accuracy, "always the commonest outcome"),
        ("macro F1", quality.macro_f1, commonest.macro_f1, "always the commonest outcome"),
        ("log loss", quality.log_loss, rates.log_loss, "base rates"),
        ("log loss", quality.log_loss, past.log_loss, "the customer's past"),
    )
    return [
        f"  {label} {own:.3f}, {meaning}: {other:.3f}"
        for label, own, other, meaning in figures
        if own is not None and other is not None
    ]
