"""The commands that score a ledger in parts, on as many machines as there are: part, parts (prepare, run, collect)."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from insights.cli import arguments, console
from insights.cli.arguments import AsOf, Json, LedgerId, ModelId

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that all machines see.")]


class Made(StrEnum):
    """What is made of the parts: `services.parts.MADE`."""

    PREDICTIONS = "predictions"
    FIELDS = "fields"
    FIELDS_AT_ISSUE = "fields-at-issue"
    REPLAY = "replay"


def add_to(app: typer.Typer) -> None:
    app.command()(part)
    group = typer.Typer(help=parts.__doc__, rich_markup_mode=None)
    group.callback()(parts)
    group.command()(prepare)
    group.command()(run)
    group.command()(collect)
    app.add_typer(group, name="parts")


def parts() -> None:
    """Compute a large ledger in parts: prepare a folder, run `part K/N FOLDER` for each part anywhere, collect."""


def prepare(
    folder: Folder,
    *,
    many: Annotated[
        int | None, typer.Option("--parts", min=1, metavar="N", help="In how many parts; else by the memory.")
    ] = None,
    memory: Annotated[float, typer.Option("--memory", min=1.0, metavar="GB", help="What one part may take.")] = 2.0,
    make: Annotated[Made, typer.Option("--what", help="What to make of the parts.")] = Made.PREDICTIONS,
    ledger: LedgerId = "",
    model: ModelId = "",
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Write the parts of a ledger, the model and the counts of the whole into FOLDER, which must be new or empty."""
    from insights.ledger.errors import Refused
    from insights.services import parts, predictions
    from insights.store.store import Store

    store = Store.open()
    record, day, model_id = arguments.view_of(store, ledger, as_of, model)
    if not model_id:
        speaking = sorted(set(predictions.models_by_company(store, record.id, day).values()))
        if len(speaking) != 1:
            speakers = f"{len(speaking)} models speak" if speaking else "No model speaks"
            raise Refused(f"{speakers} for this ledger on {day}: name one with --model.", "no_model")
        model_id = speaking[0]
    plan = parts.prepare(
        store,
        folder,
        many,
        ledger_id=record.id,
        model_id=model_id,
        as_of=day,
        actor=arguments.person(),
        made=make.value,
        gigabytes=memory,
    )
    many = plan.parts
    report = {
        "folder": str(folder),
        "parts": plan.parts,
        "made": plan.made,
        "ledger": plan.ledger,
        "model": plan.model,
        "as_of": plan.as_of,
    }
    lines = [f"{folder} is ready: `part 1/{many} {folder}` to `part {many}/{many} {folder}`, then `parts collect {folder}`."]
    console.show(report, lines, as_json=as_json)


def part(
    number: Annotated[str, typer.Argument(metavar="K/N", help="The part, 1/N to N/N; or several: 1,5,9/N.")],
    folder: Folder,
    *,
    as_json: Json = False,
) -> None:
    """Compute a part of a prepared folder, unless it has been; needs no workspace. A killed part is simply run again."""
    from insights.services import parts

    which, _, of = number.partition("/")
    if not all(digits.isascii() and digits.isdigit() for digits in (*which.split(","), of)):
        raise typer.BadParameter("a part is K/N, like 3/64", param_hint="K/N")
    lines, reports = [], []
    for asked in which.split(","):
        receipt, now = parts.score(folder, int(asked), of=int(of))
        reports.append({"part": receipt.part, "rows": receipt.rows, "sha256": receipt.sha256, "made_now": now})
        lines.append(f"Part {asked}/{of} {'is done' if now else 'was done before'}: {receipt.rows} invoices.")
    console.show(reports[0] if len(reports) == 1 else {"parts": reports}, lines, as_json=as_json)


def run(
    folder: Folder,
    *,
    workers: Annotated[int, typer.Option("--workers", min=1, metavar="N", help="Processes of this machine at a time.")] = 1,
    spark: Annotated[str, typer.Option("--spark", metavar="URL", help="By a cluster instead: sc://host:15002.")] = "",
    as_json: Json = False,
) -> None:
    """Compute all parts of FOLDER that have no receipt yet, by processes of this machine or by a cluster."""
    from insights.services import part_engines, parts

    def done(made: int, of: int) -> None:
        console.note(f"{made} of {of} parts")

    if spark:
        part_engines.on_spark(folder, spark, done)
    else:
        part_engines.on_this_machine(folder, workers, done)
    many, left = parts.read_plan(folder).parts, parts.missing(folder)
    report = {"folder": str(folder), "parts": many, "missing": left}
    console.show(report, [f"{many - len(left)} of {many} parts are done."], as_json=as_json)


def collect(
    folder: Folder,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="A Parquet file, where the parts hold no predictions.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take the parts into the workspace, or into one file; refused, with their numbers, while some are missing."""
    from insights.services import parts
    from insights.store.store import Store

    report = parts.collect(Store.open(), folder, actor=arguments.person(), out=out)
    where = f"written to {out}" if out else "kept as this model's predictions"
    line = f"{report['rows']} invoices as of {report['as_of']}, from {report['parts']} parts: {where}."
    console.show(report, [line], as_json=as_json)
