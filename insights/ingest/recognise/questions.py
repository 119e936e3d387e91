"""What has to be asked before a file becomes a ledger, and what is shown first?"""

import numpy as np

from insights.ingest import repeats
from insights.ingest.draft import REQUIRED, Match, Question
from insights.ingest.entries import Entries
from insights.ingest.recognise import ageing, calendars, match
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.source import Source, used_columns
from insights.ledger.errors import Refused
from insights.messages.problems import counted

SHORTENED = r"^\d(?:[.,]\d+)?[eE]\+\d{1,2}$"  # a long number as a spreadsheet shows it: its last figures are gone
OF_SHORTENED = {  # whose numbers they are, and what follows from going on with them
    "customer_id": ("customers", "rows with the same shortened number are one customer"),
    "invoice_id": (
        "invoices",
        "rows with the same shortened number are one invoice, and where date and amount are the same, one row",
    ),
}
BESIDE = 4  # columns in a row whose headers stand there a second time, from which two tables stand beside each other


def for_missing(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Required fields without an accepted column, unless something else gives them. Raises Refused for a summary."""
    at = used_columns(source)
    _refuse_beside(source)
    ageing.refuse_summary(source.table.headers, at)
    given = {
        "customer_id": "customer_name" in at or "customer_id" in source.parts().group,
        "amount": "outstanding" in entries.money or {"debit", "credit"} <= set(at),
        "due_date": source.options.terms_days is not None or bool({"baseline_date", "terms_days", "terms"} & set(at)),
    }
    suggested = {entry.field: entry for entry in source.matches if not entry.accepted}
    for name in REQUIRED:
        if name not in at and not given.get(name, False):
            decisions.questions.append(_column(name, source, suggested.get(name)))


def _refuse_beside(source: Source) -> None:
    """Raises Refused where a second table with the same headers stands beside the first: whichever is read, the other is lost."""
    headers = source.table.headers
    again = [at for at, header in enumerate(headers) if header.endswith(" (2)") and header.removesuffix(" (2)") in headers]
    if source.options.maps or len(again) < BESIDE or again[-1] - again[0] != len(again) - 1:
        return
    first = [headers.index(headers[at].removesuffix(" (2)")) for at in again]
    fields = {name for name, at in source.columns.items() if at in {*first, *again}}
    dated, whose = fields & {"issue_date", "due_date"}, fields & {"customer_id", "customer_name", "invoice_id"}
    if first == list(range(first[0], first[0] + len(first))) and dated and whose and fields & {"amount", "outstanding"}:
        raise Refused(
            f"Two tables stand beside each other: columns {again[0] + 1} to {again[-1] + 1} have the headers of columns "
            f"{first[0] + 1} to {first[-1] + 1} again. Move one below the other, or into a file of its own.",
            "tables_beside",
        )


def for_shortened_ids(source: Source, entries: Entries, decisions: Decisions) -> None:
    """Customers and invoices whose numbers a spreadsheet has shortened to "1.2E+09": many of them may have become one."""
    for field, (plural, consequence) in OF_SHORTENED.items():
        if field not in entries.text or source.options.maps.get(field):
            continue
        cells = entries.text[field]
        short = repeats.says(cells, SHORTENED)
        rows = int(short.sum())
        if not rows:
            continue
        header, example = entries.headers[field], cells[int(short.argmax())].as_py()
        choices: tuple[tuple[str, str], ...] = ((header, f"go on: {consequence}"),)
        if field == "customer_id" and (name := entries.headers.get("customer_name", "")):
            choices = ((name, f"each name in “{name}” is a customer"), *choices)
        sentence = (
            f"A spreadsheet has shortened the numbers of {counted(rows, 'row')} in “{header}” (“{example}”): their last figures "
            f"are gone, and different {plural} may look like one. Export them as text."
        )
        argument = " or ".join(f'--map {field}="{value}"' for value, _ in choices)
        decisions.questions.append(Question("maps", field, header, sentence, choices, argument))


def for_formulas(source: Source, decisions: Decisions) -> None:
    """Columns of formulas that no spreadsheet has calculated: what they hold is no value."""
    formulas = source.table.formulas
    for entry in source.matches:
        known = formulas.get(entry.column)
        if not entry.accepted or known is None or known.were_calculated:
            continue
        if source.options.maps.get(entry.field) == entry.column and not known.empty:
            continue  # the user says that the zeros are right
        fault = "formulas without values" if known.empty else "formulas whose value is 0 in every row"
        without = ("", "go on without this column")
        decisions.questions.append(
            Question(
                "maps",
                entry.field,
                entry.column,
                f"Column “{entry.column}” holds {fault}: it seems that no spreadsheet program has calculated them. Open the "
                "workbook in one, save it and use that file.",
                (without,) if known.empty else (without, (entry.column, "the zeros are right")),
                f"--map {entry.field}=" + ("" if known.empty else f" or --map {entry.field}={entry.column!r}"),
            )
        )


def for_hidden_rows(source: Source, decisions: Decisions) -> None:
    """Ledger rows that a spreadsheet hides, by a filter or by hand: whoever sends the file may not know of them."""
    lines = source.table.body.lines[source.parts().is_row]
    hidden = int(np.isin(lines, np.array(sorted(source.table.body.unseen), np.int64)).sum())
    if not hidden or source.options.hidden_rows:
        return
    decisions.questions.append(
        Question(
            "hidden_rows",
            "hidden_rows",
            "",
            f"{hidden:,} of {len(lines):,} rows of this sheet are hidden.",
            (("use", "they belong to the ledger"), ("leave", "only what is shown belongs to it")),
            "--hidden-rows use|leave",
        )
    )


def _column(name: str, source: Source, suggested: Match | None) -> Question:
    label = match.fields()[name].label.lower()
    taken = {entry.column for entry in source.matches if entry.accepted and (entry.field, name) != ("company", "customer_id")}
    free = [header for header in source.table.headers if header not in taken]
    fitting = sorted(free, key=lambda header: not match.fits(source.table.body, source.table.headers.index(header), name))
    hint = f" It may be “{suggested.column}” ({suggested.confidence}% alike)." if suggested else ""
    if unread := _unread_days(name, source):
        hint = f" “{unread[0]}” is called so, but its cells ({unread[1]}) are {unread[2]}: write them as 2026-01-15."
    sentence = f"No column of this file is clearly the {label}.{hint}"
    choices = tuple((header, header) for header in fitting)
    argument = f'--map {name}="COLUMN"' + (" or --terms-days 30" if name == "due_date" else "")
    return Question("maps", name, suggested.column if suggested else "", sentence, choices, argument)


def _unread_days(name: str, source: Source) -> tuple[str, str, str] | None:
    """A column that is called like a date, whose cells are none that can be read: header, a cell, and what they seem to be."""
    for at, header in enumerate(source.table.headers):
        if (
            match.fields()[name].kind != "date"
            or not match.likeness_of(name, header).proof
            or match.fits(source.table.body, at, name)
        ):
            continue
        cells = match.samples(source.table.body, at)
        other = calendars.are_of_other(cells)
        return header, cells[0] if cells else "", "days of another calendar" if other else "no days that can be read"
    return None


def uncertain_first(source: Source) -> tuple[Match, ...]:
    """Matches as the screen shows them: required fields without a column, then the least sure, then by field."""
    by_field = {entry.field: entry for entry in source.matches}
    for name in match.fields():
        if name not in by_field and not match.fields()[name].outcome:
            by_field[name] = Match(name, "", 0, accepted=False)
    order = [*match.fields(), *(name for name in by_field if name not in match.fields())]

    def doubt(entry: Match) -> tuple[int, int, int]:
        unsure = not entry.accepted and (bool(entry.column) or entry.field in REQUIRED)
        return (0 if unsure else 1, entry.confidence if entry.column else 101, order.index(entry.field))

    return tuple(sorted(by_field.values(), key=doubt))
