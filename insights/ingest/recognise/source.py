"""Which table of a file is the ledger, what are its columns, and what was decided about them?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from insights.ingest import source_rows
from insights.ingest.draft import Match, Options, Question
from insights.ingest.extract import files
from insights.ingest.grid import Hints
from insights.ingest.recognise import below, best_sheet, datev, groups, match, payment_names, presets, proofs, statement, table
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.groups import Parts, Roles
from insights.ingest.recognise.mappings import Mapping as Saved
from insights.ingest.recognise.mappings import applied, recognised
from insights.ingest.recognise.presets import Preset
from insights.ingest.recognise.table import Table
from insights.ledger.errors import Refused
from insights.ledger.ledger import Problem
from insights.messages.problems import PAYMENTS_FILE

DATED = ("issue_date", "due_date", "paid_date", "baseline_date", "posting_date")
CUSTOMER = ("customer_id", "customer_name")
MONEY = ("amount", "outstanding", "paid_amount", "debit", "credit", "base_amount", "base_outstanding")
LEAVE = "leave"
IDENTIFIED = ("invoice_id", "customer_id")
DOCUMENT = ("amount", "outstanding", "debit")
ALIKE = 0.5  # of the columns of the narrower file; less is another kind of file


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
        return {entry.field: position[entry.column] for entry in self.matches if entry.accepted}

    def parts(self) -> Parts:
        """Which rows are ledger rows, by the columns that were matched."""
        return self._parts

    @cached_property
    def _parts(self) -> Parts:
        at = self.columns
        dated, customer, money = (tuple(at[name] for name in names if name in at) for names in (DATED, CUSTOMER, MONEY))
        return groups.parts(self.table.body, Roles(dated, at.get("invoice_id"), customer, money), self.table.above)

    def payments(self) -> list[Table]:
        """The table of a payments file, or of the payments sheets that the preset knows in the same workbooks."""
        known = payment_names.known_names()
        with source_rows.speaking_of(PAYMENTS_FILE.capitalize()):
            if self.options.payments:
                return [best_sheet.best(self.options.payments, known, hints=self.hints)]
            sheet = self.preset.sheets[1] if len(self.preset.sheets) > 1 else ""
            holding = [path for path in (self.path, *self.options.more) if sheet and sheet in files.sheets(path, self.hints)]
            return [table.table(next(files.grids(path, sheet, self.hints)), known) for path in holding]

    @property
    def hints(self) -> Hints:
        return hints_of(self.options)


def hints_of(options: Options) -> Hints:
    """What is known of the files before they are read."""
    return Hints(options.encoding, match.foreign_words())


def used_columns(source: Source) -> dict[str, int]:
    """Field -> position of its column, where the amounts of the company's books stand for those of the documents if need be."""
    at = dict(source.columns)
    if {"base_amount", "base_outstanding"} & set(at) and not set(DOCUMENT) & set(at):
        for name, base in match.IN_BOOKS.items():
            at.pop(name, None)
            if base in at:
                at[base if name == "currency" else name] = at.pop(base)
    elif "debit" in at and "amount" not in at and "base_outstanding" in at:
        at.setdefault("outstanding", at.pop("base_outstanding"))
    elif "base_outstanding" not in at or "outstanding" in at:
        at = {name: k for name, k in at.items() if name not in {"base_amount", "base_outstanding"}}
    return at


def read(path: Path, options: Options, saved: Sequence[Saved], own: Path | None, decisions: Decisions) -> Source:
    """Columns by the user's word, a saved mapping, a preset, name and content, in this order.

    The user's own presets are in the folder `own`. Raises Refused where there is no table, or no such sheet, field or column.
    """
    sheet_table, sheet, sheets = _table(path, options, own, decisions)
    mapping = recognised(saved, options.mapping, sheet_table.headers)
    given, options = options.maps, applied(mapping, options)
    preset = presets.named(options.preset, own) if options.preset else presets.detected(sheet_table.headers, own)
    options = replace(options, maps=_chosen(options, sheet_table.headers, preset))
    likely = groups.likely(sheet_table.body)
    matches = match.columns(likely, sheet_table.headers, chosen=options.maps, preset=preset.columns, outcomes=preset.outcomes)
    matches = statement.sides(likely, sheet_table.headers, matches)
    if not preset.verified:
        decisions.note("preset_unverified", "", preset.title)
    matches = match.in_books(matches, preset.columns)
    matches = proofs.proven(matches, chosen=given, mapped=options.maps, preset=preset.columns)
    return Source(path, sheet_table, sheet, sheets, preset, matches, options, mapping.name if mapping else "")


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


def _table(path: Path, options: Options, own: Path | None, decisions: Decisions) -> tuple[Table, str, tuple[str, ...]]:
    """The table of the file (its best sheet, the chosen one, or all) with those of `more` below it; its sheet; all sheets."""
    sheets = tuple(files.sheets(path, hints_of(options)))
    known = match.known_names() | presets.known_names(own) | {match.compact(header) for header in options.maps.values() if header}
    name, pieces = _pieces(path, sheets, known, options, decisions)
    tables = [(sheet if len(pieces) > 1 and not options.more else _label(path, sheet, pieces), piece) for sheet, piece in pieces]
    for other in options.more:
        further = _further(other, known, options, decisions)
        _compare(other, tables[0][1], further[0][1], decisions)
        tables += [(_label(other, sheet, further), piece) for sheet, piece in further]
    if len(tables) == 1:
        return tables[0][1], name, sheets
    united, decisions.origins = below.united(tables)
    decisions.notes += source_rows.notes(decisions.origins)
    return united, name, sheets


def _label(path: Path, sheet: str, pieces: Sequence[tuple[str, Table]]) -> str:
    return f"{path.name}, {sheet}" if len(pieces) > 1 else path.name


def _pieces(
    path: Path, sheets: Sequence[str], known: frozenset[str], options: Options, decisions: Decisions
) -> tuple[str, list[tuple[str, Table]]]:
    """The best sheet, and what is read of the file: it, or all sheets where that is wanted."""
    tables = _tables(path, "" if options.sheet == "*" else options.sheet, known, options)
    name, best = _best(path, tables, known, options, decisions)
    best = below.of_sheet(best, options, decisions)
    if best.body.mended:
        decisions.note("text_mended", path.name if options.more else "")
    if options.sheet == "*":
        return name, [(sheet, below.of_sheet(piece, options, decisions)) for sheet, piece in tables]
    if len(sheets) > 1 and not options.sheet:
        decisions.notes.append(Problem(0, path.name if options.more else "", name, "sheet_chosen", set_aside=False))
    return name, [(name, best)]


def _further(path: Path, known: frozenset[str], options: Options, decisions: Decisions) -> list[tuple[str, Table]]:
    """As `_pieces`, of a further file, which may lack the sheet that was chosen. A refusal says of which file it speaks."""
    with source_rows.speaking_of(path.name):
        sheets = files.sheets(path, hints_of(options))
        chosen = options if options.sheet in (*sheets, "*") else replace(options, sheet="")
        return _pieces(path, sheets, known, chosen, decisions)[1]


def _compare(path: Path, first: Table, further: Table, decisions: Decisions) -> None:
    """Notes a further file that hardly looks like the first one: it may be of another kind."""
    names = [{match.compact(header) for header in compared.headers} for compared in (first, further)]
    shared = len(names[0] & names[1])
    if shared < ALIKE * min(map(len, names)):
        decisions.notes.append(Problem(0, path.name, f"of {len(names[1])}", "united_unlike", set_aside=False, number=shared))


def _tables(path: Path, sheet: str, known: frozenset[str], options: Options) -> list[tuple[str, Table]]:
    """Sheet and table of every sheet that holds one. Raises the first Refused where none does."""
    tables: list[tuple[str, Table]] = []
    refusals: list[Refused] = []
    for grid in files.grids(path, sheet, hints_of(options)):
        try:
            tables.append((grid.sheet, _shown(datev.with_years(table.table(grid, known, options.header)), options)))
        except Refused as refusal:
            refusals.append(refusal)
    if not tables:
        raise refusals[0] if refusals else Refused("This file is empty.", "empty")
    return tables


def _shown(whole: Table, options: Options) -> Table:
    """Without the rows that the spreadsheet hides, where the user wants to leave them out."""
    if options.hidden_rows != LEAVE or not whole.body.unseen:
        return whole
    seen = ~np.isin(whole.body.lines, np.array(sorted(whole.body.unseen), np.int64))
    return replace(whole, body=whole.body.take(np.flatnonzero(seen)), ignored=whole.ignored + Counter(hidden=int((~seen).sum())))


def _best(
    path: Path, tables: Sequence[tuple[str, Table]], known: frozenset[str], options: Options, decisions: Decisions
) -> tuple[str, Table]:
    """The shown sheet that holds most known headers; asks where several hold the same headers."""
    hidden = files.hidden(path) if len(tables) > 1 else frozenset()
    if shown := [(sheet, piece) for sheet, piece in tables if sheet not in hidden]:
        tables = shown
    scores = [len({match.compact(header) for header in piece.headers} & known) for _, piece in tables]
    best = scores.index(max(scores))
    name, first = tables[best]
    same = [other for other, piece in tables if piece.headers == first.headers and len(piece.body)]
    if len(same) > 1 and not options.sheet:
        choices = (*((sheet, f"only “{sheet}”") for sheet in same), ("*", "all sheets, one below the other"))
        sentence = f"{len(same)} sheets have the same columns: {', '.join(same)}."
        decisions.questions.append(Question("sheet", "", "", sentence, choices, f'--sheet "{name}" or --sheet "*"'))
    return name, first
