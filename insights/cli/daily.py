"""The commands of every day: ledgers, delete, score, predict."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli import arguments, console
from insights.cli.arguments import Allow, AsOf, File, Json, KnownAtIssue, LedgerId, Maps, Out, Seed, VeryLateDays
from insights.cli.imported import draft_report, import_report, report_lines
from insights.cli.importing import (
    Attributes,
    Currencies,
    Currency,
    DateOrder,
    Decimal,
    Hundredths,
    Mapping,
    More,
    Payments,
    Preset,
    Repeated,
    Sheet,
    Sign,
    Statuses,
    TermsDays,
    Types,
    options_of,
    read,
    words_of,
)
from insights.ledger.errors import Refused

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from insights.ledger.ledger import Ledger
    from insights.model.recipe import Recipe
    from insights.services.workspace import Workspace

ONE_DAY = timedelta(days=1)


def add_to(app: typer.Typer) -> None:
    app.command()(ledgers)
    app.command()(delete)
    app.command()(score)
    app.command()(predict)


def ledgers(*, as_json: Json = False) -> None:
    """List the ledgers, newest first."""
    from insights.services.workspace import Workspace

    found = Workspace.open().ledgers()
    if as_json:
        console.emit([import_report(record) | {"created_at": record.created_at.isoformat()} for record in found])
        return
    rows = [(record.id, record.name, record.rows, record.complete_through, f"{record.created_at:%F %R}") for record in found]
    console.say(*console.table(("ledger", "name", "rows", "complete through", "imported (UTC)"), rows))


def delete(
    ledger: Annotated[str, typer.Argument(help="The ledger's id.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete a ledger with everything derived from it: its models, predictions and publications. It is recorded who did."""
    from insights.messages.problems import counted
    from insights.services.workspace import Workspace

    workspace = Workspace.open()
    record = arguments.pick("ledger", workspace.ledgers(), ledger)
    models = sum(model.ledger_id == record.id for model in workspace.models())
    if not yes:
        rows, trained = counted(record.rows, "row"), counted(models, "model")
        typer.confirm(f"Delete {record.name} ({rows}) and {trained} trained on it?", abort=True, err=True)
    workspace.delete_ledger(record.id)
    console.show({"deleted": record.id}, [f"Deleted {record.name} ({record.id})."], as_json=as_json)


def score(
    *,
    out: Out,
    ledger: LedgerId = "",
    model: Annotated[str, typer.Option(metavar="ID", help="Default: the published one, else the newest trained by then.")] = "",
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Write one row per open invoice: three probabilities, whether it is flagged, and five reasons."""
    from insights.services.workspace import Workspace

    workspace = Workspace.open()
    record = arguments.ledger_of(workspace, ledger)
    day = as_of or record.default_as_of
    if model:
        path = workspace.predictions(record.id, arguments.pick("model", workspace.models(), model).id, day)
    else:
        path = workspace.predictions_in_force(record.id, day)
    report = write_scored(workspace, record.id, path, day, out)
    console.show(report, scored_lines(report), as_json=as_json)


def write_scored(workspace: "Workspace", ledger_id: str, path: Path, as_of: date, out: Path) -> dict[str, Any]:
    """Write the scored file of some predictions, each company flagged at its own threshold; what is in it."""
    import pyarrow.parquet as pq

    from insights.ledger import table_files
    from insights.prediction import export

    predictions = pq.read_table(path).sort_by("position")
    table = export.scored_file(predictions, thresholds(workspace, predictions), predictions["model"], as_of)
    table_files.write(table, out)
    models = sorted(set(table["model"].to_pylist())) or [(predictions.schema.metadata or {}).get(b"model", b"").decode()]
    return {"out": str(out), "ledger": ledger_id, "model": ", ".join(models), "as_of": as_of, **counts(table)}


def thresholds(workspace: "Workspace", predictions: "pa.Table") -> "npt.NDArray[np.float64]":
    """The flag threshold of each row: that of its model for its company."""
    import numpy as np

    places = list(zip(predictions["model"].to_pylist(), predictions["company"].to_pylist(), strict=True))
    own = {place: workspace.threshold(*place) for place in set(places)}
    return np.array([own[place] for place in places], np.float64)


def counts(table: "pa.Table") -> dict[str, int]:
    import pyarrow.compute as pc

    return {"rows": table.num_rows, "flagged": pc.sum(table["flagged"]).as_py() or 0}


def scored_lines(report: dict[str, Any]) -> list[str]:
    return [f"{report['rows']} open invoices as of {report['as_of']}, {report['flagged']} flagged: {report['out']}"]


def predict(
    file: File,
    *,
    as_of: Annotated[date, typer.Option("--as-of", parser=arguments.day, metavar="DATE", help="What was known strictly before.")],
    out: Out,
    very_late_days: VeryLateDays = None,
    known_at_issue: KnownAtIssue = "",
    maps: Maps = None,
    preset: Preset = "",
    mapping: Mapping = "",
    sheet: Sheet = "",
    date_order: DateOrder = None,
    decimal: Decimal = None,
    currency: Currency = "",
    terms_days: TermsDays = None,
    repeated: Repeated = None,
    types: Types = None,
    statuses: Statuses = None,
    currencies: Currencies = None,
    sign: Sign = None,
    hundredths: Hundredths = None,
    more: More = None,
    payments: Payments = None,
    attributes: Attributes = None,
    seed: Seed = None,
    allow: Allow = None,
    as_json: Json = False,
) -> None:
    """Import a file, train on what was known before a day, and score the invoices open then, in one go.

    The file is taken as complete through the day before. Nothing is kept but the scored file.
    """
    from insights.ingest.recognise import meanings
    from insights.model.recipe import Recipe
    from insights.services.workspace import Workspace

    options = options_of(
        maps,
        known_at_issue,
        complete_through=as_of - ONE_DAY,
        preset=preset,
        mapping=mapping,
        sheet=sheet,
        date_order=date_order,
        decimal=decimal,
        currency=currency,
        terms_days=terms_days,
        repeated=repeated,
        types=words_of(types, "--types", meanings.TYPES),
        statuses=words_of(statuses, "--statuses", meanings.STATUSES),
        currencies=words_of(currencies, "--currencies"),
        sign=sign,
        hundredths=hundredths,
        more=tuple(more or ()),
        payments=payments,
        attributes=attributes,
    )
    with TemporaryDirectory(prefix="insights-") as home:
        workspace = Workspace.open(Path(home))
        draft, found = read(file, options, workspace.home)
        told = draft_report(draft, found)
        recipe = replace(Recipe(), **recipe_changes(very_late_days, seed))
        scored = predict_in(workspace, found, as_of, recipe, out, arguments.reasons(allow), as_json=as_json)
    if not scored["rows"]:
        raise Refused(nothing_to_score(as_of, told), "nothing_to_score")
    console.show(told | scored, [*report_lines(told)[1:], *scored_lines(scored)], as_json=as_json)


def nothing_to_score(as_of: date, told: dict[str, Any]) -> str:
    """Why a file had no invoice to score, with what was set aside of it."""
    from insights.messages.problems import counted, reason

    most = "; ".join(f"{number:,} x {reason(code)}" for code, number in told["problems"].items())
    left_out = f" {counted(told['rows_set_aside'], 'row was', 'rows were')} set aside: {most}." if most else ""
    return f"No invoice of this file was open on {as_of}, so there is nothing to score.{left_out}"


def recipe_changes(very_late_days: int | None, seed: int | None) -> dict[str, Any]:
    given = {"very_late_days": very_late_days, "seed": seed}
    return {name: value for name, value in given.items() if value is not None}


def predict_in(
    workspace: "Workspace",
    read: "Ledger",
    as_of: date,
    recipe: "Recipe",
    out: Path,
    allowed: dict[str, str],
    *,
    as_json: bool,
) -> dict[str, Any]:
    """Trains on a ledger and scores it, within a workspace that is thrown away; what was scored."""
    from insights.services import leakage_guard

    tell = console.progress(as_json=as_json)
    ledger = workspace.commit(read)
    trained = leakage_guard.train(workspace, ledger, as_of, recipe, allowed=allowed, note=console.note, progress=tell)
    model_id = workspace.save_model(trained, ledger.id)
    tell("score", 0.0)
    return write_scored(workspace, ledger.id, workspace.predictions(ledger.id, model_id, as_of), as_of, out)
