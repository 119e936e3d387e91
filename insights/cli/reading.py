"""How is a file to be read? The options of every command that reads one, declared once, and the reading."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from insights.cli import arguments, console
from insights.cli.arguments import KnownAtIssue, Maps

if TYPE_CHECKING:
    from insights.ingest import Draft, Options
    from insights.ledger.ledger import Ledger

MOST_REMARKS = 20  # of single rows, on stderr


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the user decided about a file, as the command line has it. Its fields are the options of `reads_a_file`."""

    maps: Maps = None
    known_at_issue: KnownAtIssue = ""
    preset: Annotated[str, typer.Option(help="The system it was exported from; by default recognised by the headers.")] = ""
    mapping: Annotated[str, typer.Option(help="A saved mapping of columns.")] = ""
    sheet: Annotated[str, typer.Option(help="The sheet of a workbook; * for all of them.")] = ""
    encoding: Annotated[str, typer.Option(help="The encoding of text files that do not prove it, for example windows-1250.")] = ""
    header: Annotated[str, typer.Option(metavar="LINE", help="The line that names the columns; none: no line does.")] = ""
    table: Annotated[
        str, typer.Option(metavar="NUMBER", help="Of several tables below each other: the one; * for all of them.")
    ] = ""
    fill_down: Annotated[
        Literal["yes", "no"] | None, typer.Option(help="Whether rows without a customer belong to the customer above.")
    ] = None
    hidden_rows: Annotated[
        Literal["use", "leave"] | None, typer.Option(help="What becomes of the rows that a spreadsheet hides.")
    ] = None
    snapshot: Annotated[str, typer.Option(metavar="DATE", help="Of invoices as of several days: the day that is meant.")] = ""
    date_order: Annotated[
        Literal["dmy", "mdy", "ymd", "julian", "typed"] | None,
        typer.Option(help="The order of dates that do not prove it; typed: the days of a spreadsheet are right as they stand."),
    ] = None
    decimal: Annotated[Literal[".", ","] | None, typer.Option(help="The decimal mark of amounts that do not prove it.")] = None
    currency: Annotated[str, typer.Option(help="The currency (ISO 4217) of rows that name none.")] = ""
    terms_days: Annotated[int | None, typer.Option(min=0, max=400, help="Missing due dates lie so many days after issue.")] = None
    types: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORD=MEANING",
            help="What a type of document is: invoice, credit, payment, write-off, ignore. * = all others.",
        ),
    ] = None
    statuses: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD=MEANING", help="What a status means: open, paid, partial, void, write-off. * = all others."),
    ] = None
    currencies: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD=CODE", help="The currency that a name or sign stands for: '$=CAD'. Repeatable."),
    ] = None
    merge: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SPELLING=CUSTOMER",
            help="One customer under several ids: which it is. Kept with the ledger. Repeatable.",
        ),
    ] = None
    sign: Annotated[
        Literal["turned", "stated"] | None, typer.Option(help="Amounts below 0 are what is owed (turned), or credits (stated).")
    ] = None
    hundredths: Annotated[
        Literal["divided", "implied", "whole"] | None,
        typer.Option(
            help="How a raw table stores amounts: yen and won divided by 100 (SAP), two implied decimals (JD Edwards), or whole."
        ),
    ] = None
    repeated: Annotated[
        Literal["lines", "totals"] | None,
        typer.Option(help="Rows with one document number: its lines, whose amounts add up, or its total on each."),
    ] = None
    accept_contradiction: Annotated[
        bool, typer.Option("--accept-contradiction", help="Take the rows although figures of the file contradict each other.")
    ] = False
    tolerance: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="What may be left of a settled invoice [default: 1].")
    ] = None
    tolerance_percent: Annotated[
        float | None, typer.Option(min=0, max=50, help="And at most so much of its amount [default: 1 per cent].")
    ] = None
    more: Annotated[
        list[Path] | None, typer.Option(exists=True, dir_okay=False, help="A further file of the same shape. Repeatable.")
    ] = None
    payments: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A file of dated payments.")] = None
    attributes: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A file with one row per customer.")] = None

    def options(self, **further: object) -> "Options":
        """The same for the import, with what the command decides; what was not given stays to be found out."""
        from insights.ingest import Options
        from insights.ingest.recognise import meanings

        decided = {
            **vars(self),
            "maps": arguments.pairs(self.maps or []),
            "known_at_issue": tuple(arguments.names(self.known_at_issue)),
            "types": words_of(self.types, "--types", meanings.TYPES),
            "statuses": words_of(self.statuses, "--statuses", meanings.STATUSES),
            "currencies": words_of(self.currencies, "--currencies"),
            "merges": words_of(self.merge, "--merge"),
            "accept_contradiction": "yes" if self.accept_contradiction else None,
            "more": tuple(self.more or ()),
            **further,
        }
        del decided["merge"]
        given: dict[str, Any] = {name: value for name, value in decided.items() if value is not None}
        return Options(**given)


reads_a_file = arguments.taking(Reading, "reading")


def words_of(given: list[str] | None, option: str, meanings: Iterable[str] = ()) -> dict[str, str]:
    """What the user says of single words: word -> meaning."""
    meaning_of = {}
    for word, is_, meaning in (text.rpartition("=") for text in given or []):
        if not (word.strip() and is_):
            raise typer.BadParameter(f"{meaning!r} is not of the form WORD=MEANING.", param_hint=option)
        meaning_of[word.strip()] = meaning.strip()
        if meanings and meaning not in meanings:
            raise typer.BadParameter(f"{word}={meaning}: write one of {', '.join(meanings)}.", param_hint=option)
    return meaning_of


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
    for row in ingest.remarks_table(ledger, MOST_REMARKS)["sentence"].to_pylist():
        console.note(row)
    return draft, ledger
