"""The commands that score: score, predict."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli import arguments, console
from insights.cli import forecast as cash
from insights.cli.arguments import Allow, AsOf, File, Json, LedgerId, ModelId, Out, Seed, VeryLateDays
from insights.cli.imported import draft_report, report_lines
from insights.cli.reading import Reading, read, reads_a_file
from insights.ledger.errors import Refused
from insights.sandbox import folders

if TYPE_CHECKING:
    from insights.services.predictions import ScoredFile

ONE_DAY = timedelta(days=1)


def add_to(app: typer.Typer) -> None:
    app.command()(score)
    app.command()(predict)


def score(
    *,
    out: Out,
    ledger: LedgerId = "",
    model: ModelId = "",
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Write one row per open invoice: three probabilities, whether it is flagged, and five reasons."""
    from insights.services import exports, predictions
    from insights.store.store import Store

    store = Store.open()
    record, day, model_id = arguments.view_of(store, ledger, as_of, model)
    scored = predictions.scored_file(store, record.id, day, model_id=model_id, actor=arguments.person())
    exports.write(store, "predictions", scored.table, out, subject=record.id, actor=arguments.person())
    report = {"out": str(out), "ledger": record.id, **scored_report(scored, day)}
    console.show(report, scored_lines(report), as_json=as_json)


def scored_report(scored: "ScoredFile", as_of: date) -> dict[str, Any]:
    """What is in a scored file."""
    import pyarrow.compute as pc

    flagged = pc.sum(scored.table["flagged"]).as_py() or 0
    return {"model": ", ".join(scored.models), "as_of": as_of, "rows": scored.table.num_rows, "flagged": flagged}


def scored_lines(report: dict[str, Any]) -> list[str]:
    return [f"{report['rows']} open invoices as of {report['as_of']}, {report['flagged']} flagged: {report['out']}"]


@reads_a_file
def predict(
    file: File,
    *,
    as_of: Annotated[date, typer.Option("--as-of", parser=arguments.day, metavar="DATE", help="What was known strictly before.")],
    out: Out,
    reading: Reading,
    forecast: Annotated[
        Path | None,
        typer.Option(
            "--forecast",
            dir_okay=False,
            writable=True,
            metavar="FILE",
            help="Write the cash of the weeks ahead to this JSON file.",
        ),
    ] = None,
    plan: cash.Plan = None,
    very_late_days: VeryLateDays = None,
    seed: Seed = None,
    allow: Allow = None,
    as_json: Json = False,
) -> None:
    """Import a file, train on what was known before a day, and score the invoices open then, in one go.

    The file is taken as complete through the day before. Nothing is kept but the scored file.
    """
    from insights.ledger import table_files
    from insights.model.recipe import Recipe
    from insights.services import predict as use_case

    if plan and not forecast:
        raise typer.BadParameter("it is for the forecast: say --forecast FILE", param_hint="--billing-plan")
    options = reading.options(complete_through=as_of - ONE_DAY)
    with folders.temporary() as home:  # no mapping or preset of a workspace is asked
        draft, ledger = read(file, options, home)
    read_report = draft_report(draft, ledger)
    recipe = replace(Recipe(), **recipe_changes(very_late_days, seed))
    tell, reasons = console.progress(as_json=as_json), arguments.reasons(allow)
    actor = arguments.person()
    done = use_case.predict(
        ledger,
        as_of,
        recipe,
        allowed=reasons,
        actor=actor,
        with_forecast=forecast is not None,
        plan=plan,
        note=console.note,
        progress=tell,
    )
    table_files.write(done.scored.table, out)
    report = {"out": str(out), **scored_report(done.scored, as_of)}
    if not report["rows"]:
        raise Refused(nothing_to_score(as_of, read_report), "nothing_to_score")
    if forecast and done.forecast:
        for sentence in cash.planned_sentences(done.forecast):
            console.note(sentence)
        forecast.write_text(console.json_text(cash.report(done.forecast)) + "\n", "utf-8")
        report["forecast"] = str(forecast)
    console.show(read_report | report, [*report_lines(read_report)[1:], *scored_lines(report)], as_json=as_json)


def nothing_to_score(as_of: date, read_report: dict[str, Any]) -> str:
    """Why a file had no invoice to score, with what was set aside of it."""
    from insights.messages.problems import counted, reason

    most = "; ".join(f"{number:,} x {reason(code)}" for code, number in read_report["problems"].items())
    left_out = f" {counted(read_report['rows_set_aside'], 'row was', 'rows were')} set aside: {most}." if most else ""
    return f"No invoice of this file was open on {as_of}, so there is nothing to score.{left_out}"


def recipe_changes(very_late_days: int | None, seed: int | None) -> dict[str, Any]:
    given = {"very_late_days": very_late_days, "seed": seed}
    return {name: value for name, value in given.items() if value is not None}
