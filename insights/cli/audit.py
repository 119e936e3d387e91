"""The command of the record: audit (who did what, when, from where, and what was before)."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from insights.cli import arguments, console
from insights.cli.arguments import Json

MOST = 50


def add_to(app: typer.Typer) -> None:
    app.command()(audit)


def audit(
    subject: Annotated[str, typer.Argument(help="Only about this id or name (of a ledger, model, publication, job).")] = "",
    *,
    who: Annotated[str, typer.Option("--who", metavar="NAME", help="Only by this person.")] = "",
    action: Annotated[
        str, typer.Option(metavar="WHAT", help='Only this ("model.publish"), or all that is done to a kind ("model").')
    ] = "",
    source: Annotated[str, typer.Option(help="Only through this door: screen, command or server.")] = "",
    first: Annotated[
        date | None, typer.Option("--from", parser=arguments.day, metavar="DATE", help="The first day (UTC).")
    ] = None,
    last: Annotated[date | None, typer.Option("--to", parser=arguments.day, metavar="DATE", help="The last day (UTC).")] = None,
    out: Annotated[
        Path | None, typer.Option(parser=arguments.out_file, metavar="FILE", help="Write all: .csv, .parquet or .xlsx.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Records to show; --json and --out have all.")] = MOST,
    end: Annotated[
        bool, typer.Option("--end", help="Only where the record ends, as a line to be kept elsewhere (`verify --ends`).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Who did what, when and from where, and what was before; newest first. `verify` says whether all is as it was written."""
    from insights.ledger import table_files
    from insights.services import who_did_what
    from insights.store.audit import RecordFilter
    from insights.store.store import Store

    store, person = Store.open(), arguments.person()
    if end:
        line = who_did_what.end(store, actor=person)
        console.show({"end": line}, [line], as_json=as_json)
        return
    wanted = RecordFilter(subject, action, who, source, first, last)
    if out or as_json:
        rows = who_did_what.exported(store, wanted, actor=person)
        if out:
            table_files.write(who_did_what.table(rows), out, sheet="Record")
        if as_json:
            console.emit(rows)
        return
    shown = who_did_what.records(store, wanted, most=most, actor=person)
    lines = [(record.sequence, f"{record.at:%F %T}", record.actor, record.tag, record.subject) for record in shown]
    console.say(*console.table(("number", "at (UTC)", "who", "what", "id"), lines))
    if (many := who_did_what.count(store, wanted, actor=person)) > len(shown):
        console.note(f"The newest {len(shown)} of {many}; --most, --json and --out have more.")
