"""The command that makes a ledger: import. With --preview it says first what would come of a file, and what changed."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli import arguments, console
from insights.cli import rates as sums
from insights.cli.arguments import File, Json
from insights.cli.imported import changes_table, difference_lines, difference_report, draft_report, report_lines
from insights.cli.reading import Reading, read, reads_a_file

if TYPE_CHECKING:
    from insights.ledger.ledger import Ledger
    from insights.store.store import Store

Control = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CURRENCY=AMOUNT",
        help="What the net balance must be, else nothing is committed; of one company: COMPANY/CURRENCY=AMOUNT. Repeatable.",
    ),
]
ExchangeRates = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="A table of rates (date, from, to, rate) for --reporting.")
]
Reporting = Annotated[str, typer.Option(help="Say what is owed in this currency too, by --rates or the rates kept.")]


Preview = Annotated[bool, typer.Option("--preview", help="Say what would be kept, and how it differs; keep nothing.")]
Against = Annotated[
    str,
    typer.Option(
        metavar="ID", help="Say what changed since this ledger; newest = the newest one [default with --preview: the newest]."
    ),
]
Append = Annotated[bool, typer.Option("--append", help="Keep the rows that only the ledger of --against has, as last seen.")]
Changes = Annotated[
    Path | None, typer.Option(parser=arguments.out_file, metavar="FILE", help="Write every invoice that differs, and how.")
]
SaveMapping = Annotated[
    str, typer.Option(metavar="NAME", help="Remember the columns and answers: later files with these headers are read so too.")
]


def add_to(app: typer.Typer) -> None:
    app.command("import")(import_)
    app.command()(mappings)


@reads_a_file
def import_(
    file: File,
    *,
    reading: Reading,
    complete_through: Annotated[
        date | None,
        typer.Option(parser=arguments.day, metavar="DATE", help="The last day the file knows all of [default: its latest date]."),
    ] = None,
    history_starts: Annotated[
        date | None, typer.Option(parser=arguments.day, metavar="DATE", help="From when on the file holds all invoices.")
    ] = None,
    name: Annotated[str, typer.Option(help="What to call the ledger [default: the file's name].")] = "",
    problems: Annotated[
        Path | None,
        typer.Option(
            parser=arguments.out_file,
            metavar="FILE",
            help="Write the rows set aside and the payments without an invoice, each with its line and reason.",
        ),
    ] = None,
    control: Control = None,
    rates: ExchangeRates = None,
    reporting: Reporting = "",
    save_mapping: SaveMapping = "",
    preview: Preview = False,
    against: Against = "",
    append: Append = False,
    changes: Changes = None,
    as_json: Json = False,
) -> None:
    """Read a ledger, check every row, and keep it.

    Required columns: customer, issue date, due date, amount. Rows that break a rule are set aside with the reason and
    counted below; the rest goes on. Several files of one kind (open and cleared items, one per year) become one ledger
    by --more. A newer export of a ledger that is here: --preview shows what changed, --against ID --append keeps what is
    no longer in it.
    """
    import pyarrow as pa

    from insights import ingest
    from insights.ledger import table_files
    from insights.services import mappings as remembered
    from insights.services.ledgers import commit
    from insights.store.store import Store

    options = reading.options(complete_through=complete_through, history_starts=history_starts, name=name)
    store = Store.open()
    older = earlier(store, against, wanted=preview or changes is not None, append=append)
    draft, found = read(file, options, store.home)
    found = replace(found, name=name or older.name) if older and against else found
    sums.check(found, arguments.pairs(control or [], "--control"))
    whole = sums.in_one_currency(found, store, rates, reporting.upper())
    if save_mapping:
        remembered.save(store, save_mapping, draft, options, actor=arguments.actor())
    differs = ingest.difference(older, found) if older else None
    found = steady(found, differs.unstable) if differs else found
    if problems:
        table_files.write(pa.concat_tables(ingest.every_problem(found)), problems)
    if changes and differs:
        table_files.write(changes_table(differs), changes)
    if older and append:
        found = ingest.updated(older, found)
    kept = found if preview else commit(store, found, actor=arguments.actor())
    report = draft_report(draft, kept) | whole
    lines = report_lines(report) + sums.lines(whole)
    if older and differs:
        report["difference"] = difference_report(older, differs)
        lines += difference_lines(older, differs)
    console.show(report, lines, as_json=as_json)


def mappings(
    *,
    forget: Annotated[str, typer.Option(metavar="NAME", help="Remember this mapping no longer.")] = "",
    as_json: Json = False,
) -> None:
    """List the saved mappings of columns: each is recognised by the headers of a file."""
    from insights import ingest
    from insights.services import mappings as remembered
    from insights.store.store import Store

    store = Store.open()
    if forget:
        remembered.forget(store, forget, actor=arguments.actor())
    found = ingest.mappings.saved(store.home)
    if as_json:
        console.emit([{"name": each.name, "maps": each.maps, "answers": each.answers} for each in found])
        return
    rows = [(each.name, ", ".join(f"{field}={column}" for field, column in each.maps.items() if column)) for each in found]
    console.say(*console.table(("mapping", "columns"), rows))


def earlier(store: "Store", against: str, *, wanted: bool, append: bool) -> "Ledger | None":
    """The ledger to compare with: the one that is named, the newest where a comparison is wanted, else none."""
    from insights.store import ledgers

    if append and not against:
        raise typer.BadParameter("--append needs the ledger whose rows are kept.", param_hint="--against")
    if against and against != "newest":
        return ledgers.load(store, arguments.pick("ledger", ledgers.listed(store), against).id)
    if against:
        return ledgers.load(store)
    return ledgers.load(store) if wanted and ledgers.listed(store) else None


def steady(ledger: "Ledger", unstable: tuple[str, ...]) -> "Ledger":
    """Without the columns that changed since an earlier ledger among those that are known at issue."""
    for name in sorted(set(ledger.known_at_issue) & set(unstable)):
        console.note(f"{name} changed for some invoice since the earlier ledger, so it was not known at issue.")
    return replace(ledger, known_at_issue=tuple(name for name in ledger.known_at_issue if name not in unstable))
