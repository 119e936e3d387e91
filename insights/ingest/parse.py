"""How does a file become a draft? The steps in their order; this runs in the limited child process."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights.errors import Refused
from insights.ingest import (
    attributes,
    build,
    dates,
    decide,
    derive,
    files,
    further,
    match,
    numbers,
    payments,
    presets,
    rules,
    table,
)
from insights.ingest.draft import REQUIRED, Draft, Match, Options, Question
from insights.ingest.entries import Entries
from insights.ingest.grid import Grid, widened
from insights.ingest.mappings import Mapping as Saved
from insights.ingest.mappings import applied, recognised
from insights.ingest.presets import Preset
from insights.ingest.table import Table
from insights.ledger import Problem
from insights.money import NO_CURRENCY, exponent, is_currency

PREVIEW = 20  # rows
MONEY = ("amount", "outstanding", "paid_amount", "debit", "credit")
GROUP_ROW = "group row"
TECHNICAL_DATES = ("posting_date",)
TECHNICAL_NUMBERS = ("terms_1", "terms_2", "terms_3")


@dataclass(frozen=True)
class Source:
    """A table that was read, what its columns are, and what is decided about them."""

    path: Path
    table: Table
    sheet: str
    sheets: tuple[str, ...]
    preset: Preset
    matches: tuple[Match, ...]
    options: Options
    mapping: str = ""

    @property
    def columns(self) -> dict[str, int]:
        """Field -> position of its column."""
        position = {header: at for at, header in enumerate(self.table.headers)}
        return {found.field: position[found.column] for found in self.matches if found.accepted}


def parse(path: Path, options: Options, saved: Sequence[Saved] = (), own: Path | None = None) -> Draft:
    """A file as a draft. Raises Refused for what cannot become a ledger whatever the user answers."""
    found, questions, notes = _table(path, options, own)
    source = _matched(path, found, options, saved, own)
    decisions = decide.Decisions(questions=questions, notes=notes)
    entries = _entries(source, decisions)
    _ask_for_missing(source, decisions)
    headers = source.table.headers
    draft = Draft(
        ledger=None,
        matches=_uncertain_first(source),
        questions=tuple(decisions.questions),
        headers=headers,
        ignored={},
        notes=(),
        decided=decisions.decided,
        preview=_preview(source.table),
        preset=source.preset.code,
        mapping=source.mapping,
        sheet=source.sheet,
        sheets=source.sheets,
    )
    if decisions.questions:
        return replace(draft, notes=tuple(decisions.notes), ignored=dict(source.table.ignored))
    return _finished(draft, source, entries, decisions)


def _finished(draft: Draft, source: Source, entries: Entries, decisions: decide.Decisions) -> Draft:
    """The draft with its ledger: derivations, payments, attributes, rules, in this order."""
    options = source.options
    rows_read = len(source.table.body) + source.table.ignored.total()
    entries.notes += decisions.notes
    derive.derive(entries, source.preset, options)
    if (second := _payments(source)) is not None:
        payments.join(entries, second, options)
    if options.attributes:
        attributes.join(entries, options)
    rules.unreadable(entries)
    rules.contradictory(entries)
    build.number(entries)
    rules.repeated(entries)
    rules.alike(entries)
    for header, code in further.outcomes(entries).items():
        del entries.further[header]
        entries.note(code, header)
    ledger = build.ledger(entries, options, rows_read)
    return replace(draft, ledger=ledger, ignored=dict(entries.ignored), notes=tuple(entries.notes))


def _payments(source: Source) -> Grid | None:
    """The cells of a payments file, or of the payments sheet that the preset knows in the same workbook."""
    if source.options.payments:
        return next(files.grids(source.options.payments))
    second = source.preset.sheets[1] if len(source.preset.sheets) > 1 else ""
    return next(files.grids(source.path, second)) if second and second in source.sheets else None


def _table(
    path: Path, options: Options, own: Path | None
) -> tuple[tuple[Table, str, tuple[str, ...]], list[Question], list[Problem]]:
    """The table of the file (its best sheet, the chosen one, or all below each other) with those of `more` below."""
    sheets = tuple(files.sheets(path))
    chosen = "" if options.sheet == "*" else options.sheet
    known = match.known_names() | presets.known_names(own) | {match.compact(header) for header in options.maps.values() if header}
    tables: list[tuple[str, Table]] = []
    refusals: list[Refused] = []
    for grid in files.grids(path, chosen):
        try:
            tables.append((grid.sheet, table.table(grid, known)))
        except Refused as refusal:
            refusals.append(refusal)
    if not tables:
        raise refusals[0] if refusals else Refused("This file is empty.", "empty")
    questions: list[Question] = []
    notes: list[Problem] = []
    name, first = _best(tables, known, options, questions)
    if options.sheet == "*":
        first = _united([found for _, found in tables])
    elif len(sheets) > 1 and not options.sheet:
        notes.append(Problem(0, "", name, "sheet_chosen", set_aside=False))
    for other in options.more:
        first = _united([first, *(table.table(grid, known) for grid in files.grids(other))])
    return (first, name, sheets), questions, notes


def _best(
    tables: Sequence[tuple[str, Table]], known: frozenset[str], options: Options, questions: list[Question]
) -> tuple[str, Table]:
    """The sheet that holds most known headers; asks where several hold the same headers."""
    scores = [len({match.compact(header) for header in found.headers} & known) for _, found in tables]
    best = scores.index(max(scores))
    name, first = tables[best]
    same = [other for other, found in tables if found.headers == first.headers and len(found.body)]
    if len(same) > 1 and not options.sheet:
        choices = (*((sheet, f"only “{sheet}”") for sheet in same), ("*", "all sheets, one below the other"))
        sentence = f"{len(same)} sheets have the same columns: {', '.join(same)}."
        questions.append(Question("sheet", "", "", sentence, choices, f'--sheet "{name}" or --sheet "*"'))
    return name, first


def _united(tables: Sequence[Table]) -> Table:
    """Tables below each other, columns by name; lines of the later ones go on counting after those of the former."""
    headers: dict[str, str] = {}
    for found in tables:
        for header in found.headers:
            headers.setdefault(match.compact(header) or header, header)
    grids, offset, ignored = [], 0, Counter[str]()
    for found in tables:
        position = {match.compact(header) or header: at for at, header in enumerate(found.headers)}
        wide = widened(found.body, len(found.headers) + 1)
        empty = len(found.headers)
        order = [position.get(name, empty) for name in headers]
        grids.append(Grid(tuple(wide.columns[k] for k in order), tuple(wide.typed[k] for k in order), found.body.lines + offset))
        offset += int(found.body.lines.max(initial=0))
        ignored += found.ignored
    return Table(tuple(headers.values()), _stacked(grids), ignored, tables[0].titles)


def _stacked(grids: Sequence[Grid]) -> Grid:
    columns, marks = [], []
    for k in range(len(grids[0].columns)):
        columns.append(pa.chunked_array([chunk for grid in grids for chunk in grid.columns[k].chunks], pa.string()))
        parts = [grid.typed[k] for grid in grids]
        filled = [
            pa.chunked_array([pa.repeat(pa.scalar(value=False), len(g))]) if p is None else p
            for p, g in zip(parts, grids, strict=True)
        ]
        marks.append(pa.chunked_array([c for p in filled for c in p.chunks]) if any(p is not None for p in parts) else None)
    return Grid(tuple(columns), tuple(marks), np.concatenate([grid.lines for grid in grids]), grids[0].sheet)


def _matched(
    path: Path, found: tuple[Table, str, tuple[str, ...]], options: Options, saved: Sequence[Saved], own: Path | None
) -> Source:
    """Columns by the user's word, a saved mapping, a preset, name and content, in this order."""
    read, sheet, sheets = found
    mapping = recognised(saved, options.mapping, read.headers)
    options = applied(mapping, options)
    preset = presets.named(options.preset, own) if options.preset else presets.detected(read.headers, own)
    options = replace(options, maps=_chosen(options, read.headers, preset))
    matches = match.columns(read.body, read.headers, chosen=options.maps, preset=preset.columns)
    return Source(path, read, sheet, sheets, preset, matches, options, mapping.name if mapping else "")


def _chosen(options: Options, headers: Sequence[str], preset: Preset) -> dict[str, str]:
    """The user's columns as the file spells them. Raises Refused for fields and columns that do not exist."""
    spelt = {match.compact(header): header for header in reversed(headers)}
    chosen = {}
    for name, header in options.maps.items():
        if name not in match.fields() and name not in preset.columns:
            raise Refused(f"There is no field “{name}”; there are {', '.join(match.fields())}.", "no_such_field")
        chosen[name] = header if header in headers else spelt.get(match.compact(header), "")
        if header and not chosen[name]:
            raise Refused(f"There is no column “{header}”; the file has {', '.join(headers)}.", "no_such_column")
    return chosen


def _entries(source: Source, decisions: decide.Decisions) -> Entries:
    """Typed cells of all matched columns; asks about orders and marks on the way."""
    at, headers = source.columns, source.table.headers
    found = _parts(source)
    body = source.table.body.take(np.flatnonzero(found.is_row))
    kinds = {name: match.fields()[name].kind if name in match.fields() else _technical_kind(name) for name in at}
    held = {name: headers[k] for name, k in at.items()}
    dated = {name: (held[name], dates.column(body.columns[k])) for name, k in at.items() if kinds[name] == "date"}
    figures = {
        name: (held[name], numbers.column(body.columns[k], body.typed[k])) for name, k in at.items() if kinds[name] == "number"
    }
    order = decide.orders(dated, body.lines, source.options.date_order, decisions)
    wanted = {
        name: cells for name, cells in figures.items() if name in MONEY or name in TECHNICAL_NUMBERS or name == "terms_days"
    }
    mark = decide.marks(wanted, body.lines, source.options.decimal, decisions)
    entries = Entries(
        lines=body.lines,
        text={name: body.columns[k] for name, k in at.items()},
        days={name: cells.days(order[name]) for name, (_, cells) in dated.items()},
        headers=held,
        ignored=source.table.ignored + Counter(found.ignored),
    )
    if found.group is not None and not {"customer_id", "customer_name"} & set(at):
        entries.text["customer_id"] = pa.chunked_array([found.group.filter(pa.array(found.is_row))])
        entries.headers["customer_id"] = GROUP_ROW
        entries.note("customer_from_group_rows")
    currency = derive.currencies(entries.texts("currency"), _default_currency(source.options))
    entries.text["currency"] = currency
    divided = _divided(source, currency, decisions)
    for name, (_, cells) in wanted.items():
        _add_number(entries, name, cells.values(mark[name]), divided)
    used = set(at.values())
    common = next((value for value in order.values() if value), ""), next((value for value in mark.values() if value), "")
    for k in sorted(set(range(len(headers))) - used):
        column = further.typed(body.columns[k], body.typed[k], *common)
        if column.null_count < len(column) or not table.is_unnamed(headers[k]):
            entries.further[headers[k]] = column
    _note_rounded(entries, body, at)
    told = {match.compact(header) for header in source.preset.outcomes}
    for header in [header for header in entries.further if match.compact(header) in told]:
        del entries.further[header]
        entries.note("outcome_column", header)
    for name in at:
        if name in match.fields() and match.fields()[name].outcome:
            entries.note("outcome_column", held[name])
    return entries


def _note_rounded(entries: Entries, body: Grid, at: Mapping[str, int]) -> None:
    """Numbers of 16 figures and more in a cell that the file types as number: a spreadsheet has rounded them."""
    if "customer_id" not in at or (marks := body.typed[at["customer_id"]]) is None:
        return
    cells = body.columns[at["customer_id"]]
    rounded = pc.and_(pc.match_substring_regex(cells, r"^\d{16,}$"), marks)
    if pc.any(rounded).as_py():
        entries.note("ids_rounded", entries.headers["customer_id"], str(pc.count_distinct(cells.filter(rounded)).as_py()))


def _technical_kind(name: str) -> str:
    return "date" if name in TECHNICAL_DATES else "number" if name in (*TECHNICAL_NUMBERS, *MONEY) else "text"


def _default_currency(options: Options) -> str:
    code = options.currency.strip().upper()
    if code and not is_currency(code):
        raise Refused(f"“{options.currency}” is no currency code of ISO 4217.", "no_such_currency")
    return code or NO_CURRENCY


def _divided(source: Source, currency: pa.ChunkedArray, decisions: decide.Decisions) -> frozenset[str]:
    """The currencies whose amounts this file stores divided by 100; asks where the file is a raw table that may."""
    present = set(pc.unique(currency).to_pylist()) & set(source.preset.divided)
    if not present or source.options.hundredths == "whole":
        return frozenset()
    if source.options.hundredths == "divided":
        decisions.notes.append(Problem(0, "", ", ".join(sorted(present)), "was_divided", set_aside=False))
        return frozenset(present)
    names = ", ".join(sorted(present))
    choices = (("divided", "stored divided by 100, as raw tables do: 10.00 is 1,000"), ("whole", "stored whole: 10.00 is 10"))
    sentence = f"Raw SAP tables store {names} divided by 100, lists on the screen do not."
    decisions.questions.append(
        Question(
            "hundredths",
            "amount",
            source.table.headers[source.columns["currency"]],
            sentence,
            choices,
            "--hundredths divided|whole",
        )
    )
    return frozenset()


def _add_number(entries: Entries, name: str, values: tuple[pa.ChunkedArray, np.ndarray], divided: frozenset[str]) -> None:
    """A column of numbers; money as minor units of the row's currency."""
    decimals, unreadable = values
    if name not in MONEY:
        entries.decimals[name] = decimals
        return
    encoded = entries.texts("currency").combine_chunks().dictionary_encode()
    codes = encoded.dictionary.to_pylist()
    places = np.array([exponent(code) + (2 if code in divided else 0) for code in codes] or [2], np.int8)
    units, empty = numbers.minor_units(decimals, places[encoded.indices.to_numpy(zero_copy_only=False)])
    entries.set_money(name, units, empty)
    entries.unreadable[name] = unreadable


def _parts(source: Source) -> table.Parts:
    """Which rows are ledger rows, by the columns that were matched."""
    at = source.columns
    dated = [at[name] for name in ("issue_date", "due_date", "paid_date", "baseline_date", "posting_date") if name in at]
    identified = [at[name] for name in ("invoice_id", "customer_id") if name in at]
    return table.parts(source.table.body, dated, at.get("invoice_id"), identified)


def _ask_for_missing(source: Source, decisions: decide.Decisions) -> None:
    """Required fields without an accepted column, unless something else gives them."""
    at = source.columns
    given = {
        "customer_id": "customer_name" in at or _parts(source).group is not None,
        "amount": "outstanding" in at,
        "due_date": source.options.terms_days is not None or bool({"baseline_date", "terms_days", "terms"} & set(at)),
    }
    suggested = {found.field: found for found in source.matches if not found.accepted}
    for name in REQUIRED:
        if name not in at and not given.get(name, False):
            decisions.questions.append(_ask_column(name, source, suggested.get(name)))


def _ask_column(name: str, source: Source, suggested: Match | None) -> Question:
    label = match.fields()[name].label.lower()
    taken = {found.column for found in source.matches if found.accepted}
    free = [header for header in source.table.headers if header not in taken]
    fitting = sorted(free, key=lambda header: not match.fits(source.table.body, source.table.headers.index(header), name))
    hint = f" It may be “{suggested.column}” ({suggested.confidence} % alike)." if suggested else ""
    sentence = f"No column of this file is clearly the {label}.{hint}"
    choices = tuple((header, header) for header in fitting)
    argument = f'--map {name}="COLUMN"' + (" or --terms-days 30" if name == "due_date" else "")
    return Question("maps", name, suggested.column if suggested else "", sentence, choices, argument)


def _uncertain_first(source: Source) -> tuple[Match, ...]:
    """Matches as the screen shows them: required fields without a column, then the least sure, then in the order of the fields."""
    found = {entry.field: entry for entry in source.matches}
    for name in match.fields():
        if name not in found and not match.fields()[name].outcome:
            found[name] = Match(name, "", 0, accepted=False)
    order = [*match.fields(), *(name for name in found if name not in match.fields())]

    def doubt(entry: Match) -> tuple[int, int, int]:
        unsure = not entry.accepted and (bool(entry.column) or entry.field in REQUIRED)
        return (0 if unsure else 1, entry.confidence if entry.column else 101, order.index(entry.field))

    return tuple(sorted(found.values(), key=doubt))


def _preview(found: Table) -> pa.Table:
    columns = [column.slice(0, PREVIEW) for column in found.body.columns]
    return pa.table({header: column for header, column in zip(found.headers, columns, strict=True)})
