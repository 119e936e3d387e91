"""The command of how customers pay: habits."""

from pathlib import Path
from typing import Annotated

import typer

from insights.cli import arguments, console
from insights.cli.arguments import AsOf, Json, LedgerId


def add_to(app: typer.Typer) -> None:
    app.command()(habits)


def habits(
    *,
    as_of: AsOf = None,
    ledger: LedgerId = "",
    company: Annotated[str | None, typer.Option(help="Only of this company [default: all].")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", parser=arguments.out_file, metavar="FILE", help="Write it: .csv, .parquet or .xlsx.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say which customers now pay later, or sooner, than in the year before: the last 90 days against the 365 before them.

    With the evidence. All customers are judged together: of all called changed, on average a tenth at most are so by chance.
    """
    import pyarrow.compute as pc

    from insights.messages import habits as sentences
    from insights.portfolio.changed_habits import FALSE_SHARE, days_late_trends
    from insights.services import exports
    from insights.services.changed_habits import exported
    from insights.store import ledgers
    from insights.store.store import Store

    store = Store.open()
    record, day, _ = arguments.view_of(store, ledger, as_of)
    book = ledgers.load(store, record.id)
    book.check_as_of(day)
    trends = days_late_trends(book, day)
    if company is not None:
        trends = trends.filter(pc.equal(trends["company"], company))
    changed = exported(trends.filter(trends["changed"]))
    if out:
        exports.write(store, "changed_habits", changed, out, subject=record.id, actor=arguments.person(), sheet="Changed habits")
    rows = changed.to_pylist()
    report = {"as_of": day, "looked_at": len(trends), "false_share": FALSE_SHARE, "customers": rows}
    cells = [[row["customer_id"], row["customer_name"], row["sentence"]] for row in rows]
    lines = console.table(["customer", "name", "how it pays"], cells) if rows else []
    console.show(report, [*lines, sentences.rule(len(trends), len(rows), FALSE_SHARE)], as_json=as_json)
