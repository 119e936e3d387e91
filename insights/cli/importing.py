"""The command that makes a ledger: import. With --preview it says first what would come of a file, and what changed."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli import arguments, console
from insights.cli import rates as sums
from insights.cli.arguments import File, Json
from insights.cli.imported import (
    changes_table,
    difference_lines,
    difference_report,
    draft_report,
    report_lines,
    version_lines,
    version_report,
)
from insights.cli.reading import Reading, read, reads_a_file

if TYPE_CHECKING:
    from insights.ingest import Draft, Options
    from insights.ledger.ledger import Ledger
    from insights.services.versions import Proposal, Update
    from insights.store.records import LedgerRecord
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
        metavar="ID",
        help="It is the next version of that ledger; newest = of the newest one [default: what its invoices show].",
    ),
]
Own = Annotated[bool, typer.Option("--own", help="This is a ledger by itself, whatever its invoices show.")]
Append = Annotated[bool, typer.Option("--append", help="Keep the rows that only the ledger of --against has, as last seen.")]
Changes = Annotated[
    Path | None, typer.Option(parser=arguments.out_file, metavar="FILE", help="Write every invoice that differs, and how.")
]
CompleteThrough = Annotated[
    date | None,
    typer.Option(parser=arguments.day, metavar="DATE", help="The last day the file knows all of [default: its latest date]."),
]
HistoryStarts = Annotated[
    date | None, typer.Option(parser=arguments.day, metavar="DATE", help="From when on the file holds all invoices.")
]
Problems = Annotated[
    Path | None,
    typer.Option(
        parser=arguments.out_file,
        metavar="FILE",
        help="Write the rows set aside and the payments without an invoice, each with its line and reason.",
    ),
]
SaveMapping = Annotated[
    str, typer.Option(metavar="NAME", help="Remember the columns and answers under this name, even of a preview or without any.")
]
Remember = Annotated[
    bool,
    typer.Option(
        "--remember/--no-remember",
        help="Read later files with these columns by the answers given here, once the ledger is kept.",
    ),
]


def add_to(app: typer.Typer) -> None:
    app.command("import")(import_)
    app.command()(mappings)


@reads_a_file
def import_(
    file: File,
    *,
    reading: Reading,
    complete_through: CompleteThrough = None,
    history_starts: HistoryStarts = None,
    name: Annotated[str, typer.Option(help="What to call the ledger [default: the file's name].")] = "",
    problems: Problems = None,
    control: Control = None,
    rates: ExchangeRates = None,
    reporting: Reporting = "",
    save_mapping: SaveMapping = "",
    remember: Remember = True,
    preview: Preview = False,
    against: Against = "",
    own: Own = False,
    append: Append = False,
    changes: Changes = None,
    as_json: Json = False,
) -> None:
    """Read a ledger, check every row, and keep it.

    Required columns: customer, issue date, due date, amount. Rows that break a rule are set aside with the reason and
    counted below; the rest goes on. Several files of one kind (open and cleared items, one per year) become one ledger
    by --more. A newer export that shares its invoices with a ledger here becomes the next version of that ledger, and what
    changed is said first; --against ID and --own decide otherwise, --append keeps what is no longer in it.

    What was answered by options is remembered with the ledger's columns, so that the next file of this kind asks nothing:
    mappings lists it, mappings --forget NAME forgets it, --no-remember keeps it for this file.
    """
    from insights.services import versions
    from insights.services.ledgers import commit
    from insights.store import ledgers
    from insights.store.store import Store

    options = reading.options(complete_through=complete_through, history_starts=history_starts, name=name)
    store = Store.open()
    older = named(store, against, own=own, append=append)
    options, draft, ledger, proposal = read_version(file, options, store, older, own=own)
    older = proposal.ledger if proposal else older
    if append and not older:
        raise typer.BadParameter("--append needs the ledger whose rows are kept.", param_hint="--against")
    ledger = replace(ledger, name=name or older.name) if older else ledger
    sums.check(ledger, arguments.pairs(control or [], "--control"))
    whole = sums.in_one_currency(ledger, store, rates, reporting.upper())
    update = versions.update(ledgers.load(store, older.id), ledger) if older else None
    write_lists(store, ledger, update, problems=problems, changes=changes, of=older.id if older else "")
    kept = versions.whole(update, append=append) if update else ledger
    if not preview:
        after = older.id if older else ""
        kept = commit(store, kept, after=after, merges=options.merges, actor=arguments.person())
    mapping = remembered_as(store, draft, options, given=save_mapping, own=kept.name if remember and not preview else "")
    merges = {spelling: customer for spelling, customer in options.merges.items() if spelling != customer}
    report = draft_report(draft, kept) | whole | version_report(store, kept, proposal) | {"merges": merges, "remembered": mapping}
    console.show(*imported(report, sums.lines(whole), update), as_json=as_json)


def write_lists(
    store: "Store", ledger: "Ledger", update: "Update | None", *, problems: Path | None, changes: Path | None, of: str
) -> None:
    """Write the rows set aside, and what differs from the version before (`of`: its id), each where a file is named for it."""
    import pyarrow as pa

    from insights import ingest
    from insights.ledger import table_files
    from insights.services import exports

    if problems:
        table_files.write(pa.concat_tables(ingest.every_problem(ledger)), problems)
    if changes:
        table = changes_table(update.difference if update else None)
        exports.write(store, "changes", table, changes, subject=of, actor=arguments.person())


def remembered_as(store: "Store", draft: "Draft", options: "Options", *, given: str, own: str) -> str:
    """Remember the columns and answers of a file: under the name that the user has `given`, else for the ledger's `own`.

    Gives the name under which they are remembered; "" where they are not.
    """
    from insights.services import mappings

    if given:
        mappings.save(store, given, draft, options, actor=arguments.person())
        return given
    return mappings.remember(store, own, draft, options, actor=arguments.person()) if own else ""


def imported(report: dict[str, Any], of_sums: list[str], update: "Update | None") -> tuple[dict[str, Any], list[str]]:
    """What was imported, for machines and for people; of a next version, what changed comes first."""
    title, *rest = report_lines(report) + of_sums
    if update is None:
        return report, [title, *rest]
    report["difference"] = difference_report(update)
    return report, [title, *version_lines(report), *difference_lines(update), *rest]


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
        remembered.forget(store, forget, actor=arguments.person())
    saved = ingest.mappings.saved(store.home)
    if as_json:
        console.emit([{"name": mapping.name, "maps": mapping.maps, "answers": mapping.answers} for mapping in saved])
        return
    rows = [
        (mapping.name, ", ".join(f"{field}={column}" for field, column in mapping.maps.items() if column)) for mapping in saved
    ]
    console.say(*console.table(("mapping", "columns"), rows))


def named(store: "Store", against: str, *, own: bool, append: bool) -> "LedgerRecord | None":
    """The ledger whose next version a file is said to be; None where none is named."""
    from insights.store import ledgers

    if own and (against or append):
        raise typer.BadParameter("a ledger by itself follows no other one.", param_hint="--own")
    if against == "newest":
        return ledgers.get(store)
    return arguments.pick("ledger", ledgers.listed(store), against) if against else None


def read_version(
    file: Path, options: "Options", store: "Store", older: "LedgerRecord | None", *, own: bool
) -> tuple["Options", "Draft", "Ledger", "Proposal | None"]:
    """A file with the spellings merged as in the versions before, and where none is named, the ledger that it seems to follow."""
    from insights.services import versions

    options = with_merges(store, options, older)
    draft, ledger = read(file, options, store.home)
    proposal = None if own or older else versions.proposed(store, ledger)
    if proposal and (merged := with_merges(store, options, proposal.ledger)) != options:
        options, (draft, ledger) = merged, read(file, merged, store.home)
    return options, draft, ledger, proposal


def with_merges(store: "Store", options: "Options", older: "LedgerRecord | None") -> "Options":
    """The options with the spellings that were merged in the versions before; what is given now counts before that."""
    from insights.store import lineages

    return replace(options, merges={**lineages.merges(store, older.lineage_id), **options.merges}) if older else options
