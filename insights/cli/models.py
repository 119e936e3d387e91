"""The commands of models: models (list, import, export, rename, delete), publish, rollback."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli import arguments, console
from insights.cli.arguments import Allow, ForCompany, ForLedger, Json, Reason, Replay, Threshold
from insights.cli.train import model_lines, model_report
from insights.ledger.errors import Refused

if TYPE_CHECKING:
    from insights.store.records import ModelRecord, Publication, Scope
    from insights.store.store import Store


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help=models.__doc__, rich_markup_mode=None)
    group.callback(invoke_without_command=True)(models)
    group.command("import")(import_)
    group.command("export")(export)
    group.command("rename")(rename)
    group.command("delete")(delete)
    app.add_typer(group, name="models")
    for command in (publish, rollback):
        app.command()(command)


def models(context: typer.Context, *, as_json: Json = False) -> None:
    """List the models, newest first, and where each is in force; or import, export, rename or delete one."""
    from insights.store import models
    from insights.store.store import Store

    if context.invoked_subcommand:
        return
    store = Store.open()
    scopes = in_force(store)
    if as_json:
        console.emit([model_report(record) | {"published": scopes.get(record.id, [])} for record in models.listed(store)])
        return
    rows = [
        (record.id, origin(record), record.trained_as_of, len(record.fields), published_text(scopes.get(record.id, [])))
        for record in models.listed(store)
    ]
    console.say(*console.table(("model", "name", "trained as of", "fields", "published for"), rows))


def origin(record: "ModelRecord") -> str:
    """A model's name, and that it came from elsewhere."""
    return f"{record.name} (imported)" if record.imported else record.name


def in_force(store: "Store") -> dict[str, list[str]]:
    """Model id -> the scopes it is published for."""
    from insights.store import publications

    scopes: dict[str, list[str]] = {}
    for entry in publications.active_publications(store):
        scopes.setdefault(entry.model_id, []).append(scope_text(entry.scope))
    return scopes


def scope_text(scope: "Scope") -> str:
    """A scope for a machine: the company's name, "" for all companies."""
    return "" if scope.everybody else str(scope)


def published_text(scopes: list[str]) -> str:
    return ", ".join(scope or "all companies" for scope in scopes)


def publish(
    model: Annotated[str, typer.Argument(help="The model's id.")],
    *,
    company: ForCompany = None,
    ledger: ForLedger = "",
    threshold: Threshold = None,
    reason: Reason = "",
    replaces: Annotated[
        str | None, typer.Option(metavar="ID", help="Only if this publication is still in force; `none` for none.")
    ] = None,
    replay: Replay = None,
    allow: Allow = None,
    as_json: Json = False,
) -> None:
    """Put a model in force: scores and screens use it from now on, and flag below the threshold.

    A model that is worse than the baselines, or than what is published, is refused unless you give a reason.
    """
    from insights.services import leakage_guard, publishing, quality_gate
    from insights.store import models, publications
    from insights.store.store import Store

    store = Store.open()
    record = arguments.pick("model", models.listed(store), model)
    scope = arguments.scope_of(store, company, record.ledger_id, of=ledger)
    leakage_guard.allow(store, record.ledger_id, arguments.reasons(allow), actor=arguments.person())
    now = publications.active(store, scope)
    chosen = arguments.flag_below(store, scope, threshold)
    verdict = quality_gate.check(store, record.id, scope=scope, replay=replay, progress=console.progress(as_json=as_json))
    seen = expected(now, replaces)
    entry = publishing.publish(
        store, record.id, replaces=seen, scope=scope, threshold=chosen, reason=reason, verdict=verdict, actor=arguments.person()
    )
    show_publication(entry, as_json=as_json)


def expected(now: "Publication | None", given: str | None) -> str | None:
    """The publication that has to be in force still: the one given, by default the one there is."""
    if given is None:
        return now.id if now else None
    return None if given == "none" else given


def show_publication(entry: "Publication", *, as_json: bool) -> None:
    line = f"Published {entry.model_id} for {entry.scope}, flagging below {entry.threshold:g}."
    if entry.kind == "withdraw":
        line = f"Nothing of its own is in force for {entry.scope} any more: the model for all companies speaks for it."
    console.show(publication_report(entry), [line], as_json=as_json)


def publication_report(entry: "Publication") -> dict[str, Any]:
    return {
        "publication": entry.id,
        "number": entry.number,
        "kind": entry.kind,
        "model": entry.model_id,
        "scope": scope_text(entry.scope),
        "company": entry.scope.company,
        "lineage": entry.scope.lineage,
        "threshold": entry.threshold,
        "reason": entry.reason,
        "at": entry.created_at.isoformat(),
        "actor": entry.actor,
        "replaces": entry.replaces,
        "restores": entry.restores,
        "gate": entry.gate,
    }


def rollback(*, company: ForCompany = None, ledger: ForLedger = "", reason: Reason = "", as_json: Json = False) -> None:
    """Bring back the model (and threshold) that was in force before.

    What is published of a ledger without names of companies is kept to its versions: those of --ledger, or of the newest one.
    """
    from insights.services import publishing
    from insights.store import publications
    from insights.store.store import Store

    store = Store.open()
    scope = arguments.scope_of(store, company, "", of=ledger)
    now = publications.active(store, scope)
    if now is None:
        raise Refused(f"Nothing is published for {scope}, so there is nothing to roll back.", "nothing_published")
    show_publication(publishing.roll_back(store, replaces=now.id, reason=reason, actor=arguments.person()), as_json=as_json)


def export(
    model: Annotated[str, typer.Argument(help="The model's id.")],
    *,
    out: Annotated[Path, typer.Option(metavar="FILE.zip", help="Where to write the archive.")],
    as_json: Json = False,
) -> None:
    """Write a model as one archive, to be imported into another workspace."""
    from insights.services import model_archive
    from insights.store import models
    from insights.store.store import Store

    if not out.absolute().parent.is_dir():
        raise typer.BadParameter(f"the folder of {out} does not exist.", param_hint="--out")
    store = Store.open()
    record = arguments.pick("model", models.listed(store), model)
    model_archive.export(store, record.id, out, actor=arguments.person())
    console.show({"model": record.id, "out": str(out)}, [f"Wrote {out}."], as_json=as_json)


def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An archive written by `models export`.")],
    *,
    trust: Annotated[str, typer.Option(metavar="REASON", help="Why a model from elsewhere is trusted; it is recorded.")] = "",
    as_json: Json = False,
) -> None:
    """Take in the model of an archive, after it was checked and tried in a process of its own.

    It says nothing of any invoice until you publish it, and is judged by what it predicts here, not by what it says of itself.
    """
    from insights.services import model_archive
    from insights.store import models
    from insights.store.store import Store

    store = Store.open()
    record = models.get(store, model_archive.import_(store, file, trust=trust, actor=arguments.person()))
    console.show(model_report(record), model_lines(record), as_json=as_json)


def rename(
    model: Annotated[str, typer.Argument(help="The model's id.")],
    name: Annotated[str, typer.Argument(help="What to call it from now on.")],
    *,
    as_json: Json = False,
) -> None:
    """Call a model otherwise, on every screen and in every list; recorded."""
    from insights.services import models as use_cases
    from insights.store import models
    from insights.store.store import Store

    store = Store.open()
    record = arguments.pick("model", models.listed(store), model)
    use_cases.rename(store, record.id, name, actor=arguments.person())
    called = models.get(store, record.id).name
    console.show({"model": record.id, "name": called}, [f"Model {record.id} is called {called}."], as_json=as_json)


def delete(
    model: Annotated[str, typer.Argument(help="The model's id.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete a model with its predictions; one that is in force only after a roll back. It is recorded who did."""
    from insights.services import models as use_cases
    from insights.store import models
    from insights.store.store import Store

    store = Store.open()
    record = arguments.pick("model", models.listed(store), model)
    if not yes:
        typer.confirm(f"Delete the model {record.name} ({record.id}) and what it predicted?", abort=True, err=True)
    use_cases.delete(store, record.id, actor=arguments.person())
    console.show({"deleted": record.id}, [f"Deleted {record.name} ({record.id})."], as_json=as_json)
