"""The command that makes a ledger: import. With --preview it says first what would come of a file, and what changed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from insights.cli import arguments, console
from insights.cli import rates as sums
from insights.cli.arguments import File, Json, KnownAtIssue, Maps
from insights.cli.imported import changes_table, difference_lines, difference_report, draft_report, report_lines

if TYPE_CHECKING:
    from insights.ingest import Draft, Options
    from insights.ledger.ledger import Ledger
    from insights.store.store import Store

MOST_REMARKS = 20  # of single rows, on stderr

DateOrder = Annotated[
    Literal["dmy", "mdy", "ymd", "julian", "typed"] | None,
    typer.Option(help="The order of dates that do not prove it; typed: the days of a spreadsheet are right as they stand."),
]
Decimal = Annotated[Literal[".", ","] | None, typer.Option(help="The decimal mark of amounts that do not prove it.")]
Payments = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A file of dated payments.")]
Attributes = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A file with one row per customer.")]
More = Annotated[
    list[Path] | None, typer.Option(exists=True, dir_okay=False, help="A further file of the same shape. Repeatable.")
]
Preset = Annotated[str, typer.Option(help="The system it was exported from; by default recognised by the headers.")]
Mapping = Annotated[str, typer.Option(help="A saved mapping of columns.")]
Sheet = Annotated[str, typer.Option(help="The sheet of a workbook; * for all of them.")]
Encoding = Annotated[str, typer.Option(help="The encoding of text files that do not prove it, for example windows-1250.")]
Header = Annotated[str, typer.Option(metavar="LINE", help="The line that names the columns; none: no line does.")]
Table = Annotated[str, typer.Option(metavar="NUMBER", help="Of several tables below each other: the one; * for all of them.")]
FillDown = Annotated[
    Literal["yes", "no"] | None, typer.Option(help="Whether rows without a customer belong to the customer above.")
]
HiddenRows = Annotated[Literal["use", "leave"] | None, typer.Option(help="What becomes of the rows that a spreadsheet hides.")]
Snapshot = Annotated[str, typer.Option(metavar="DATE", help="Of invoices as of several days: the day that is meant.")]
TermsDays = Annotated[int | None, typer.Option(min=0, max=400, help="Missing due dates lie so many days after issue.")]
Hundredths = Annotated[
    Literal["divided", "implied", "whole"] | None,
    typer.Option(
        help="How a raw table stores amounts: yen and won divided by 100 (SAP), two implied decimals (JD Edwards), or whole."
    ),
]
Repeated = Annotated[
    Literal["lines", "totals"] | None,
    typer.Option(help="Rows with one document number: its lines, whose amounts add up, or its total on each."),
]
Merge = Annotated[
    list[str] | None,
    typer.Option(metavar="SPELLING=CUSTOMER", help="One customer under several ids or names: which it is. Repeatable."),
]
Types = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORD=MEANING", help="What a type of document is: invoice, credit, payment, write-off, ignore. * = all others."
    ),
]
Statuses = Annotated[
    list[str] | None,
    typer.Option(metavar="WORD=MEANING", help="What a status means: open, paid, partial, void, write-off. * = all others."),
]
Currencies = Annotated[
    list[str] | None, typer.Option(metavar="WORD=CODE", help="The currency that a name or sign stands for: '$=CAD'. Repeatable.")
]
Sign = Annotated[
    Literal["turned", "stated"] | None, typer.Option(help="Amounts below 0 are what is owed (turned), or credits (stated).")
]
AcceptContradiction = Annotated[
    bool, typer.Option("--accept-contradiction", help="Take the rows although figures of the file contradict each other.")
]
Tolerance = Annotated[str | None, typer.Option(metavar="AMOUNT", help="What may be left of a settled invoice [default: 1].")]
TolerancePercent = Annotated[
    float | None, typer.Option(min=0, max=50, help="And at most so much of its amount [default: 1 per cent].")
]
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
Currency = Annotated[str, typer.Option(help="The currency (ISO 4217) of rows that name none.")]


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


def import_(
    file: File,
    *,
    maps: Maps = None,
    complete_through: Annotated[
        date | None,
        typer.Option(parser=arguments.day, metavar="DATE", help="The last day the file knows all of [default: its latest date]."),
    ] = None,
    history_starts: Annotated[
        date | None, typer.Option(parser=arguments.day, metavar="DATE", help="From when on the file holds all invoices.")
    ] = None,
    known_at_issue: KnownAtIssue = "",
    name: Annotated[str, typer.Option(help="What to call the ledger [default: the file's name].")] = "",
    preset: Preset = "",
    mapping: Mapping = "",
    sheet: Sheet = "",
    encoding: Encoding = "",
    header: Header = "",
    table: Table = "",
    fill_down: FillDown = None,
    hidden_rows: HiddenRows = None,
    snapshot: Snapshot = "",
    date_order: DateOrder = None,
    decimal: Decimal = None,
    currency: Currency = "",
    terms_days: TermsDays = None,
    types: Types = None,
    statuses: Statuses = None,
    currencies: Currencies = None,
    merge: Merge = None,
    sign: Sign = None,
    hundredths: Hundredths = None,
    repeated: Repeated = None,
    accept_contradiction: AcceptContradiction = False,
    tolerance: Tolerance = None,
    tolerance_percent: TolerancePercent = None,
    more: More = None,
    payments: Payments = None,
    attributes: Attributes = None,
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
    from insights.ingest.recognise import meanings
    from insights.ledger import table_files
    from insights.services import mappings as remembered
    from insights.services.ledgers import commit
    from insights.store.store import Store

    options = options_of(
        maps,
        known_at_issue,
        complete_through=complete_through,
        history_starts=history_starts,
        name=name,
        preset=preset,
        mapping=mapping,
        sheet=sheet,
        encoding=encoding,
        header=header,
        table=table,
        fill_down=fill_down,
        hidden_rows=hidden_rows,
        snapshot=snapshot,
        date_order=date_order,
        decimal=decimal,
        currency=currency,
        terms_days=terms_days,
        types=words_of(types, "--types", meanings.TYPES),
        statuses=words_of(statuses, "--statuses", meanings.STATUSES),
        currencies=words_of(currencies, "--currencies"),
        merges=words_of(merge, "--merge"),
        sign=sign,
        hundredths=hundredths,
        repeated=repeated,
        accept_contradiction="yes" if accept_contradiction else None,
        tolerance=tolerance,
        tolerance_percent=tolerance_percent,
        more=tuple(more or ()),
        payments=payments,
        attributes=attributes,
    )
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
        table_files.write(pa.concat_tables([ingest.problems_table(found), ingest.remarks_table(found)]), problems)
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


def words_of(given: list[str] | None, option: str, meanings: Iterable[str] = ()) -> dict[str, str]:
    """What the user says of single words: word -> meaning."""
    found = {}
    for word, is_, meaning in (text.rpartition("=") for text in given or []):
        if not (word.strip() and is_):
            raise typer.BadParameter(f"{meaning!r} is not of the form WORD=MEANING.", param_hint=option)
        found[word.strip()] = meaning.strip()
        if meanings and meaning not in meanings:
            raise typer.BadParameter(f"{word}={meaning}: write one of {', '.join(meanings)}.", param_hint=option)
    return found


def options_of(maps: list[str] | None, known_at_issue: str, **given: object) -> "Options":
    """What the user decided about a file; what was not given stays to be found out."""
    from insights.ingest import Options

    decided: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return Options(maps=arguments.pairs(maps or []), known_at_issue=tuple(arguments.names(known_at_issue)), **decided)


def read(file: Path, options: "Options", home: Path) -> tuple["Draft", "Ledger"]:
    """What was made of a file, and its ledger; what was noted about the file goes to stderr."""
    from insights import ingest
    from insights.messages.problems import AGREEMENTS, problem

    unknown = sorted(set(options.maps) - set(ingest.FIELDS))
    if unknown:
        raise typer.BadParameter(
            f"{', '.join(unknown)} is no field; the fields are {', '.join(ingest.FIELDS)}.", param_hint="--map"
        )
    draft = ingest.read(file, options, home=home)
    for noted in draft.notes:
        if noted.reason not in AGREEMENTS:  # the report says those
            console.note(problem(noted))
    ledger = draft.require()
    for row in ingest.remarks_table(ledger)["sentence"].to_pylist()[:MOST_REMARKS]:
        console.note(row)
    return draft, ledger


def steady(ledger: "Ledger", unstable: tuple[str, ...]) -> "Ledger":
    """Without the columns that changed since an earlier ledger among those that are known at issue."""
    for name in sorted(set(ledger.known_at_issue) & set(unstable)):
        console.note(f"{name} changed for some invoice since the earlier ledger, so it was not known at issue.")
    return replace(ledger, known_at_issue=tuple(name for name in ledger.known_at_issue if name not in unstable))
