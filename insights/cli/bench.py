"""The commands of the power user: train, models, publish, rollback, history."""

import json
import os
import sys
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli import arguments, console
from insights.cli.arguments import AsOf, Json, LedgerId, Seed, VeryLateDays, Watched
from insights.errors import Refused

if TYPE_CHECKING:
    from insights.model import Recipe
    from insights.workspace import Job, ModelRecord, Publication, Workspace

Scope = Annotated[str, typer.Option(metavar="COMPANY", help="Only for this company [default: all].")]
Replay = Annotated[
    bool | None,
    typer.Option("--replay/--no-replay", help="Replay past months for the check [default: where another recipe is published]."),
]
Reason = Annotated[str, typer.Option(help="Why; it is recorded.")]


def add_to(app: typer.Typer) -> None:
    app.command()(train)
    app.command()(models)
    app.command()(publish)
    app.command()(rollback)
    app.command()(history)
    app.command()(rescore)
    app.command("export-model")(export_model)
    app.command("import-model")(import_model)
    app.command()(jobs)
    app.command()(worker)


def train(
    *,
    ledger: LedgerId = "",
    as_of: AsOf = None,
    very_late_days: VeryLateDays = None,
    grace_days: Annotated[
        int | None, typer.Option(min=0, max=365, help="Days after the due date that are still on time.")
    ] = None,
    calendar: Annotated[str | None, typer.Option(help="A country code: due dates roll to its next business day.")] = None,
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
    recipe: Annotated[str, typer.Option(help="A whole recipe as JSON; the options above change it.")] = "",
    as_json: Json = False,
    model_id: Annotated[str, typer.Option("--id", hidden=True, help="The id to give the model.")] = "",
    watched: Watched = False,
) -> None:
    """Train a model on what was known before a day. It is not in force until you publish it."""
    from insights import training
    from insights.workspace import Workspace
    from insights.workspace.faults import point

    if watched:
        stop_with_parent()
    workspace = Workspace.open()
    record = arguments.pick("ledger", workspace.ledgers(), ledger) if ledger else workspace.ledger_record()
    day = as_of or record.default_as_of
    changes = {
        "very_late_days": very_late_days,
        "grace_days": grace_days,
        "calendar": calendar,
        "training_start": training_start,
        "seed": seed,
        "fields": tuple(arguments.names(fields)) or None,
        "rows": tuple(filters or ()) or None,
    }
    wanted = changed(read_recipe(recipe), changes)
    if not any(saved.id == model_id for saved in workspace.models()):  # else an attempt died after its work was done
        point("train.begun")
        trained = training.train(workspace.ledger(record.id), day, wanted, console.progress(as_json=as_json))
        model_id = workspace.save_model(trained, record.id, name=name, model_id=model_id)
        point("train.saved")
    saved = workspace.model_record(model_id)
    console.show(model_report(saved), model_lines(saved), as_json=as_json)


def read_recipe(text: str) -> "Recipe":
    from insights.model import Recipe

    try:
        return Recipe.from_json(json.loads(text)) if text else Recipe()
    except (ValueError, TypeError, KeyError) as error:
        raise typer.BadParameter(f"not a recipe: {error}", param_hint="--recipe") from error


def changed(recipe: "Recipe", changes: dict[str, Any]) -> "Recipe":
    return replace(recipe, **{name: value for name, value in changes.items() if value is not None})


def stop_with_parent() -> None:
    """End this process as soon as the one that started it is gone: its end of our stdin closes with it."""

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


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
        "metrics": record.metrics,
        "sha256": record.sha256,
    }


def model_lines(record: "ModelRecord") -> list[str]:
    return [f"Model {record.id} ({record.name}), {len(record.fields)} fields", *metric_lines(record.metrics)]


def metric_lines(metrics: Any) -> list[str]:  # noqa: ANN401 - as `model.metrics`
    """The figures that matter, each beside its baseline, where they could be measured."""
    baselines = metrics.get("baselines") or {}
    lines = [
        ("accuracy", "accuracy", ("commonest", "accuracy"), "always the commonest outcome"),
        ("macro F1", "macro_f1", ("commonest", "macro_f1"), "always the commonest outcome"),
        ("log loss", "log_loss", ("base_rates", "log_loss"), "base rates"),
        ("log loss", "log_loss", ("customer_past", "log_loss"), "the customer's past"),
    ]
    found = ((label, metrics.get(key), (baselines.get(of) or {}).get(figure), what) for label, key, (of, figure), what in lines)
    return [
        f"  {label} {own:.3f}, {what}: {other:.3f}" for label, own, other, what in found if own is not None and other is not None
    ]


def models(*, as_json: Json = False) -> None:
    """List the models, newest first, and where each is in force."""
    from insights.workspace import Workspace

    workspace = Workspace.open()
    scopes = in_force(workspace)
    if as_json:
        console.emit([model_report(record) | {"published": scopes.get(record.id, [])} for record in workspace.models()])
        return
    rows = [
        (record.id, record.name, record.trained_as_of, len(record.fields), published_text(scopes.get(record.id, [])))
        for record in workspace.models()
    ]
    console.say(*console.table(("model", "name", "trained as of", "fields", "published for"), rows))


def in_force(workspace: "Workspace") -> dict[str, list[str]]:
    """Model id -> the scopes it is published for."""
    scopes: dict[str, list[str]] = {}
    for scope in sorted({entry.scope for entry in workspace.publications()}):
        if entry := workspace.published(scope):
            scopes.setdefault(entry.model_id, []).append(scope)
    return scopes


def published_text(scopes: list[str]) -> str:
    return ", ".join(scope or "all companies" for scope in scopes)


def publish(
    model: Annotated[str, typer.Argument(help="The model's id.")],
    *,
    scope: Scope = "",
    threshold: Annotated[
        float | None, typer.Option(help="Flag where the probability of on time is below this [default: as in force, else 0.5].")
    ] = None,
    reason: Reason = "",
    replaces: Annotated[
        str | None, typer.Option(metavar="ID", help="Only if this publication is still in force; `none` for none.")
    ] = None,
    replay: Replay = None,
    as_json: Json = False,
) -> None:
    """Put a model in force: scores and screens use it from now on, and flag below the threshold.

    A model that is worse than the baselines, or than what is published, is refused unless you give a reason.
    """
    from insights.workspace import DEFAULT_THRESHOLD, Workspace

    workspace = Workspace.open()
    record = arguments.pick("model", workspace.models(), model)
    now = workspace.published(scope)
    chosen = threshold if threshold is not None else now.threshold if now else DEFAULT_THRESHOLD
    verdict = workspace.check(record.id, scope=scope, replay=replay, progress=console.progress(as_json=as_json))
    seen = expected(now, replaces)
    entry = workspace.publish(record.id, replaces=seen, scope=scope, threshold=chosen, reason=reason, verdict=verdict)
    show_publication(entry, as_json=as_json)


def expected(now: "Publication | None", given: str | None) -> str | None:
    """The publication that has to be in force still: the one given, by default the one there is."""
    if given is None:
        return now.id if now else None
    return None if given == "none" else given


def show_publication(entry: "Publication", *, as_json: bool) -> None:
    line = f"Published {entry.model_id} for {entry.scope or 'all companies'}, flagging below {entry.threshold:g}."
    console.show(publication_report(entry), [line], as_json=as_json)


def publication_report(entry: "Publication") -> dict[str, Any]:
    return {
        "publication": entry.id,
        "number": entry.number,
        "kind": entry.kind,
        "model": entry.model_id,
        "scope": entry.scope,
        "threshold": entry.threshold,
        "reason": entry.reason,
        "at": entry.created_at.isoformat(),
        "actor": entry.actor,
        "replaces": entry.replaces,
        "restores": entry.restores,
        "gate": entry.gate,
    }


def rollback(*, scope: Scope = "", reason: Reason = "", as_json: Json = False) -> None:
    """Bring back the model (and threshold) that was in force before."""
    from insights.workspace import Workspace

    workspace = Workspace.open()
    now = workspace.published(scope)
    if now is None:
        raise Refused(
            f"Nothing is published for {scope or 'all companies'}, so there is nothing to roll back.", "nothing_published"
        )
    show_publication(workspace.roll_back(replaces=now.id, scope=scope, reason=reason), as_json=as_json)


def history(
    subject: Annotated[str, typer.Argument(help="Only about this id (of a ledger, model, publication or job).")] = "",
    *,
    as_json: Json = False,
) -> None:
    """Who did what, when; newest first."""
    from insights.workspace import Workspace

    found = Workspace.open().records(subject)
    if as_json:
        console.emit(
            [
                {"at": entry.at.isoformat(), "actor": entry.actor, "action": entry.action, "subject": entry.subject}
                | {"details": entry.details}
                for entry in found
            ]
        )
        return
    rows = [(f"{entry.at:%F %T}", entry.actor, entry.action, entry.subject) for entry in found]
    console.say(*console.table(("at (UTC)", "who", "what", "id"), rows))


def rescore(
    *,
    ledger: LedgerId = "",
    as_json: Json = False,
    watched: Watched = False,
) -> None:
    """Score the ledgers (or one) as of their newest day with the model in force, so that screens show it at once."""
    from insights.workspace import Workspace

    if watched:
        stop_with_parent()
    workspace = Workspace.open()
    records = [arguments.pick("ledger", workspace.ledgers(), ledger)] if ledger else workspace.ledgers()
    tell = console.progress(as_json=as_json)
    done = []
    for number, record in enumerate(records):
        tell("score", number / len(records))
        speaking = set(workspace.in_force(record.id, record.default_as_of).values())
        if speaking:
            workspace.predictions_in_force(record.id, record.default_as_of)
        done += [{"ledger": record.id, "model": model_id, "as_of": record.default_as_of} for model_id in sorted(speaking)]
    report = {"scored": done, "model": done[-1]["model"] if done else ""}
    console.show(report, [f"Scored {entry['ledger']} as of {entry['as_of']}" for entry in done], as_json=as_json)


def jobs(
    *,
    cancel: Annotated[str, typer.Option(metavar="ID", help="Ask this job to stop.")] = "",
    as_json: Json = False,
) -> None:
    """List what runs, waits, or ran in the background, newest first."""
    from insights import jobs
    from insights.workspace import Workspace

    workspace = Workspace.open()
    if cancel:
        jobs.cancel(workspace, arguments.pick("job", jobs.jobs(workspace), cancel).id)
    found = jobs.jobs(workspace)
    if as_json:
        console.emit([job_report(job) for job in found])
        return
    rows = [(job.id, job.kind, job.state, job.stage, f"{job.share:.0%}", f"{job.created_at:%F %T}", job.error) for job in found]
    console.say(*console.table(("job", "kind", "state", "stage", "done", "asked (UTC)", "error"), rows))


def job_report(job: "Job") -> dict[str, Any]:
    return {
        "job": job.id,
        "kind": job.kind,
        "state": job.state,
        "stage": job.stage,
        "share": job.share,
        "remaining": job.remaining,
        "error": job.error,
        "ledger": job.ledger_id,
        "model": job.model_id,
        "attempts": job.attempts,
        "created_at": job.created_at.isoformat(),
        "actor": job.actor,
    }


def worker(
    *,
    idle_exit: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="End when there was nothing to do for so long.")
    ] = None,
) -> None:
    """Do the background jobs of this workspace, one at a time, until stopped. The app starts one by itself."""
    from insights import worker
    from insights.workspace import Workspace

    workspace = Workspace.open()
    if not worker.run(workspace, idle_exit=idle_exit):
        raise Refused(f"Another worker already works in {workspace.home}.", "worker_running")


def export_model(
    model: Annotated[str, typer.Argument(help="The model's id.")],
    *,
    out: Annotated[Path, typer.Option(metavar="FILE.zip", help="Where to write the archive.")],
    as_json: Json = False,
) -> None:
    """Write a model as one archive, to be imported into another workspace."""
    from insights.workspace import Workspace

    if not out.absolute().parent.is_dir():
        raise typer.BadParameter(f"the folder of {out} does not exist.", param_hint="--out")
    workspace = Workspace.open()
    record = arguments.pick("model", workspace.models(), model)
    workspace.export_model(record.id, out)
    console.show({"model": record.id, "out": str(out)}, [f"Wrote {out}."], as_json=as_json)


def import_model(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An archive written by export-model.")],
    *,
    as_json: Json = False,
) -> None:
    """Keep the model in an archive, after every byte of it was verified. It is not in force until you publish it."""
    from insights.workspace import Workspace

    workspace = Workspace.open()
    record = workspace.model_record(workspace.import_model(file))
    console.show(model_report(record), model_lines(record), as_json=as_json)
