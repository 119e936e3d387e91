"""The command that makes a ledger: import. With --preview it says first what would come of a file, and what changed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as Exact
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from insights.cli import arguments, console, sums
from insights.cli.arguments import File, Json, KnownAtIssue, Maps

if TYPE_CHECKING:
    import pyarrow as pa

    from insights.ingest import Difference, Draft, Options
    from insights.ledger import Ledger
    from insights.workspace import LedgerRecord, Workspace

MOST_REMARKS = 20  # of single rows, on stderr
SHOWN = 5  # invoices of each kind of difference; --changes FILE has all
KINDS = ("new", "settled", "changed", "disappeared")

DateOrder = Annotated[Literal["dmy", "mdy", "ymd"] | None, typer.Option(help="The order of dates that do not prove it.")]
Decimal = Annotated[Literal[".", ","] | None, typer.Option(help="The decimal mark of amounts that do not prove it.")]
Payments = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A file of dated payments.")]
Attributes = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A file with one row per customer.")]
More = Annotated[
    list[Path] | None, typer.Option(exists=True, dir_okay=False, help="A further file of the same shape. Repeatable.")
]
Preset = Annotated[str, typer.Option(help="The system it was exported from; by default recognised by the headers.")]
Mapping = Annotated[str, typer.Option(help="A saved mapping of columns.")]
Sheet = Annotated[str, typer.Option(help="The sheet of a workbook; * for all of them.")]
TermsDays = Annotated[int | None, typer.Option(min=0, max=400, help="Missing due dates lie so many days after issue.")]
Hundredths = Annotated[
    Literal["divided", "whole"] | None, typer.Option(help="How a raw SAP table stores yen and won: divided by 100, or whole.")
]
Tolerance = Annotated[str | None, typer.Option(metavar="AMOUNT", help="What may be left of a settled invoice [default: 1].")]
TolerancePercent = Annotated[
    float | None, typer.Option(min=0, max=50, help="And at most so much of its amount [default: 1 per cent].")
]
Control = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CURRENCY=AMOUNT",
        help="What must be outstanding, else nothing is committed; of one company: COMPANY/CURRENCY=AMOUNT. Repeatable.",
    ),
]
Rates = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="A table of rates (date, from, to, rate) for --reporting.")
]
Reporting = Annotated[str, typer.Option(help="Say what is outstanding in this currency too, by --rates or the rates kept.")]
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
    date_order: DateOrder = None,
    decimal: Decimal = None,
    currency: Currency = "",
    terms_days: TermsDays = None,
    hundredths: Hundredths = None,
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
    rates: Rates = None,
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

    from insights import ingest, scoring
    from insights.workspace import Workspace

    options = options_of(
        maps,
        known_at_issue,
        complete_through=complete_through,
        history_starts=history_starts,
        name=name,
        preset=preset,
        mapping=mapping,
        sheet=sheet,
        date_order=date_order,
        decimal=decimal,
        currency=currency,
        terms_days=terms_days,
        hundredths=hundredths,
        tolerance=tolerance,
        tolerance_percent=tolerance_percent,
        more=tuple(more or ()),
        payments=payments,
        attributes=attributes,
    )
    workspace = Workspace.open()
    older = earlier(workspace, against, wanted=preview or changes is not None, append=append)
    draft, found = read(file, options, workspace.home)
    found = replace(found, name=name or older.name) if older and against else found
    sums.check(found, arguments.pairs(control or [], "--control"))
    whole = sums.in_one_currency(found, workspace, rates, reporting.upper())
    if save_mapping:
        ingest.mappings.save(workspace.home, save_mapping, draft, options)
    differs = ingest.difference(older, found) if older else None
    found = steady(found, differs.unstable) if differs else found
    if problems:
        scoring.write(pa.concat_tables([ingest.problems_table(found), ingest.remarks_table(found)]), problems)
    if changes and differs:
        scoring.write(changes_table(differs), changes)
    if older and append:
        found = ingest.updated(older, found)
    kept = found if preview else workspace.commit(found)
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
    from insights.errors import Refused
    from insights.workspace import Workspace

    home = Workspace.open().home
    if forget and forget not in ingest.mappings.names(home):
        raise Refused(f"There is no saved mapping “{forget}”.", "no_such_mapping")
    if forget:
        ingest.mappings.delete(home, forget)
    found = ingest.mappings.saved(home)
    if as_json:
        console.emit([{"name": each.name, "maps": each.maps, "answers": each.answers} for each in found])
        return
    rows = [(each.name, ", ".join(f"{field}={column}" for field, column in each.maps.items() if column)) for each in found]
    console.say(*console.table(("mapping", "columns"), rows))


def earlier(workspace: "Workspace", against: str, *, wanted: bool, append: bool) -> "Ledger | None":
    """The ledger to compare with: the one that is named, the newest where a comparison is wanted, else none."""
    if append and not against:
        raise typer.BadParameter("--append needs the ledger whose rows are kept.", param_hint="--against")
    if against and against != "newest":
        return workspace.ledger(arguments.pick("ledger", workspace.ledgers(), against).id)
    if against:
        return workspace.ledger()
    return workspace.ledger() if wanted and workspace.ledgers() else None


def options_of(maps: list[str] | None, known_at_issue: str, **given: object) -> "Options":
    """What the user decided about a file; what was not given stays to be found out."""
    from insights.ingest import Options

    decided: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return Options(maps=arguments.pairs(maps or []), known_at_issue=tuple(arguments.names(known_at_issue)), **decided)


def read(file: Path, options: "Options", home: Path) -> tuple["Draft", "Ledger"]:
    """What was made of a file, and its ledger; what was noted about the file goes to stderr."""
    from insights import ingest
    from insights.words.problems import problem

    unknown = sorted(set(options.maps) - set(ingest.FIELDS))
    if unknown:
        raise typer.BadParameter(
            f"{', '.join(unknown)} is no field; the fields are {', '.join(ingest.FIELDS)}.", param_hint="--map"
        )
    draft = ingest.read(file, options, home=home)
    for noted in draft.notes:
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


# What is told of a ledger


def import_report(record: "LedgerRecord") -> dict[str, Any]:
    """Of a ledger that is kept."""
    from insights.money import decimal_text

    return {
        "ledger": record.id,
        "name": record.name,
        "rows_read": record.rows_read,
        "rows_used": record.rows,
        "rows_set_aside": record.rows_set_aside,
        "rows_ignored": record.rows_ignored,
        "problems": dict(record.problems),
        "complete_through": record.complete_through,
        "history_starts": record.history_starts,
        "outstanding": {currency: decimal_text(minor, currency) for currency, minor in record.outstanding.items()},
    }


def draft_report(draft: "Draft", ledger: "Ledger") -> dict[str, Any]:
    """Of a ledger that may not be kept yet: as `import_report`, and how it was read."""
    from insights import ingest
    from insights.money import decimal_text
    from insights.workspace.ledgers import outstanding, problem_counts

    seen = ingest.reconciliation(ledger)
    money = ("amount", "outstanding", "credit", "on_account")
    return {
        "ledger": ledger.id,
        "name": ledger.name,
        "rows_read": seen.rows_read,
        "rows_used": seen.rows_used,
        "rows_set_aside": seen.rows_set_aside,
        "rows_ignored": seen.rows_ignored,
        "problems": problem_counts(ledger),
        "ignored": dict(draft.ignored),
        "complete_through": seen.complete_through,
        "history_starts": seen.history_starts,
        "outstanding": {code: decimal_text(sum_, code) for code, sum_ in outstanding(ledger, ledger.last_as_of).items()},
        "balance": {code: decimal_text(sum_, code) for code, sum_ in seen.outstanding.items()},
        "issued": [seen.first_issue, seen.last_issue],
        "paid": [seen.first_paid, seen.last_paid] if seen.first_paid else [],
        "settled": seen.settled,
        "settled_dated": seen.settled_dated,
        "preset": draft.preset,
        "mapping": draft.mapping,
        **columns_report(draft),
        "parts": [
            {
                "company": part.company,
                "currency": part.currency,
                "invoices": part.invoices,
                "credits": part.credits,
                **{name: decimal_text(getattr(part, name), part.currency) for name in money},
            }
            for part in seen.parts
        ],
        "aside": [
            {
                "reason": part.reason,
                "company": part.company,
                "currency": part.currency,
                "rows": part.rows,
                "amount": decimal_text(part.amount, part.currency),
            }
            for part in draft.aside
        ],
    }


def columns_report(draft: "Draft") -> dict[str, Any]:
    """Which column became what and by what proof, and which columns were not used."""
    used = {found.field: found for found in draft.matches if found.accepted and found.column}
    taken = {found.column for found in used.values()}
    return {
        "columns": {name: {"column": found.column, "proof": found.proof} for name, found in used.items()},
        "unused": [header for header in draft.headers if header not in taken],
    }


def columns_lines(report: dict[str, Any]) -> list[str]:
    """The same for people."""
    from insights.words.problems import proof

    lines = [
        f"  {name.replace('_', ' ')}: column “{found['column']}” ({proof(found['proof'])})"
        for name, found in report["columns"].items()
    ]
    unused = ", ".join(f"“{header}”" for header in report["unused"])
    return ["Columns:", *lines, *([f"  in no field of the ledger: {unused}"] if unused else [])]


def report_lines(report: dict[str, Any]) -> list[str]:
    """The same for people: rows read = used + set aside + ignored, sums, dates."""
    from insights.words.problems import counted, ignored, reason

    left_out = ", ".join(ignored(code, number) for code, number in sorted(report["ignored"].items()) if number)
    title = (
        f"Ledger {report['ledger']} ({report['name']})" if report["ledger"] else f"Preview of {report['name']}: nothing is kept"
    )
    return [
        title,
        f"{counted(report['rows_read'], 'row')} read: {report['rows_used']:,} used, "
        f"{report['rows_set_aside']:,} set aside, {report['rows_ignored']:,} ignored" + (f" ({left_out})" if left_out else ""),
        *(f"  set aside: {number:,} x {reason(code)}" for code, number in report["problems"].items()),
        *columns_lines(report),
        f"History from {report['history_starts']}, complete through {report['complete_through']}",
        f"Issued {_span(report['issued'])}" + (f", paid {_span(report['paid'])}" if report["paid"] else ""),
        f"{report['settled']:,} settled, {report['settled_dated']:,} with a payment date",
        *part_lines(report["parts"]),
        *(
            f"Set aside: {_of(part)}{part['amount']} {part['currency']} in {counted(part['rows'], 'row')}: "
            + reason(part["reason"])
            for part in report["aside"]
        ),
    ]


def _span(days: list[date]) -> str:
    return f"{days[0]} to {days[1]}"


def _of(part: dict[str, Any]) -> str:
    return f"{part['company']}: " if part["company"] else ""


def part_lines(parts: list[dict[str, Any]]) -> list[str]:
    """What is outstanding per company and currency."""
    lines = []
    for part in parts:
        less = [
            f"{name} {part[key]}" for key, name in (("credit", "credit notes"), ("on_account", "on account")) if Exact(part[key])
        ]
        lines.append(
            f"Outstanding: {_of(part)}{part['outstanding']} {part['currency']}"
            + (f" (of which {', '.join(less)})" if less else "")
        )
    return lines


# What changed since an earlier ledger


def difference_report(older: "Ledger", found: "Difference") -> dict[str, Any]:
    counts = {kind: len(getattr(found, kind)) for kind in KINDS}
    return {"against": older.id, "name": older.name, **counts, "unchanged": found.unchanged, "unstable": found.unstable}


def difference_lines(older: "Ledger", found: "Difference") -> list[str]:
    """How many invoices differ, the first of each kind, and the columns that are not known at issue."""
    counts = ", ".join(f"{len(getattr(found, kind)):,} {kind}" for kind in KINDS)
    lines = [f"Since {older.name} ({older.id}): {counts}, {found.unchanged:,} unchanged"]
    for kind in KINDS:
        table = getattr(found, kind)
        lines += [f"  {kind}: {_invoice(row)}" for row in table.slice(0, SHOWN).to_pylist()]
        if len(table) > SHOWN:
            lines.append(f"  {kind}: {len(table) - SHOWN:,} more")
    if found.unstable:
        lines.append(f"Changed for some invoice, and so not known at issue: {', '.join(found.unstable)}")
    return lines


def _invoice(row: dict[str, Any]) -> str:
    from insights.money import decimal_text

    paid = f", paid {row['paid_date']}" if row["paid_date"] else ""
    was = f" ({', '.join(row['was'])})" if "was" in row else ""
    amount = decimal_text(row["amount"], row["currency"])
    return f"{row['invoice_id']} of {row['customer_name']}, {amount} {row['currency']}, due {row['due_date']}{paid}{was}"


def changes_table(found: "Difference") -> "pa.Table":
    """One row per invoice that differs: how, which it is, and what it is now (of one that disappeared: what it was)."""
    import pyarrow as pa

    from insights.money import decimal_text

    rows = [{**row, "difference": kind} for kind in KINDS for row in getattr(found, kind).to_pylist()]
    plain = ("company", "customer_id", "customer_name", "invoice_id", "line", "kind", "currency")
    dates = ("issue_date", "due_date", "paid_date")
    return pa.table(
        {
            "difference": pa.array([row["difference"] for row in rows], pa.string()),
            **{name: pa.array([row[name] for row in rows], pa.string()) for name in plain},
            **{
                name: pa.array([decimal_text(row[name], row["currency"]) for row in rows], pa.string())
                for name in ("amount", "outstanding")
            },
            **{name: pa.array([row[name] for row in rows], pa.date32()) for name in dates},
            "changed": pa.array([", ".join(row.get("was", ())) for row in rows], pa.string()),
        }
    )
