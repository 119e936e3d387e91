"""Which table of a file is the ledger, what are its columns, and what was decided about them?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from insights.ingest import source_rows
from insights.ingest.draft import Match, Options, Question
from insights.ingest.extract import files
from insights.ingest.grid import Grid, Hints, widened
from insights.ingest.normalise import payments
from insights.ingest.recognise import best_sheet, match, presets, proofs, table
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.mappings import Mapping as Saved
from insights.ingest.recognise.mappings import applied, recognised
from insights.ingest.recognise.presets import Preset
from insights.ingest.recognise.table import Parts, Table
from insights.ingest.recognise.table import parts as parts_of
from insights.ingest.source_rows import Origin
from insights.ledger.errors import Refused
from insights.ledger.ledger import Problem
from insights.messages.problems import PAYMENTS_FILE

DATED = ("issue_date", "due_date", "paid_date", "baseline_date", "posting_date")
IDENTIFIED = ("invoice_id", "customer_id")
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
        return {found.field: position[found.column] for found in self.matches if found.accepted}

    def parts(self) -> Parts:
        """Which rows are ledger rows, by the columns that were matched."""
        at = self.columns
        dated = [at[name] for name in DATED if name in at]
        identified = [at[name] for name in IDENTIFIED if name in at]
        return parts_of(self.table.body, dated, at.get("invoice_id"), identified)

    def payments(self) -> list[Table]:
        """The table of a payments file, or of the payments sheets that the preset knows in the same workbooks."""
        known = payments.known_names()
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


def read(path: Path, options: Options, saved: Sequence[Saved], own: Path | None, decisions: Decisions) -> Source:
    """Columns by the user's word, a saved mapping, a preset, name and content, in this order.

    The user's own presets are in the folder `own`. Raises Refused where there is no table, or no such sheet, field or column.
    """
    found, sheet, sheets = _table(path, options, own, decisions)
    mapping = recognised(saved, options.mapping, found.headers)
    given, options = options.maps, applied(mapping, options)
    preset = presets.named(options.preset, own) if options.preset else presets.detected(found.headers, own)
    options = replace(options, maps=_chosen(options, found.headers, preset))
    matches = match.columns(found.body, found.headers, chosen=options.maps, preset=preset.columns, outcomes=preset.outcomes)
    matches = proofs.proven(matches, chosen=given, mapped=options.maps, preset=preset.columns)
    return Source(path, found, sheet, sheets, preset, matches, options, mapping.name if mapping else "")


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
    tables = [(sheet if len(pieces) > 1 and not options.more else _label(path, sheet, pieces), found) for sheet, found in pieces]
    for other in options.more:
        further = _further(other, known, options, decisions)
        _compare(other, tables[0][1], further[0][1], decisions)
        tables += [(_label(other, sheet, further), found) for sheet, found in further]
    if len(tables) == 1:
        return tables[0][1], name, sheets
    united, decisions.origins = _united(tables)
    decisions.notes += source_rows.notes(decisions.origins)
    return united, name, sheets


def _label(path: Path, sheet: str, pieces: Sequence[tuple[str, Table]]) -> str:
    return f"{path.name}, {sheet}" if len(pieces) > 1 else path.name


def _pieces(
    path: Path, sheets: Sequence[str], known: frozenset[str], options: Options, decisions: Decisions
) -> tuple[str, list[tuple[str, Table]]]:
    """The best sheet, and what is read of the file: it, or all sheets where that is wanted."""
    tables = _tables(path, "" if options.sheet == "*" else options.sheet, known, hints_of(options))
    name, best = _best(tables, known, options, decisions)
    if options.sheet == "*":
        return name, tables
    if len(sheets) > 1 and not options.sheet:
        decisions.notes.append(Problem(0, path.name if options.more else "", name, "sheet_chosen", set_aside=False))
    return name, [(name, best)]


def _further(path: Path, known: frozenset[str], options: Options, decisions: Decisions) -> list[tuple[str, Table]]:
    """As `_pieces`, of a further file, which may lack the sheet that was chosen. A refusal says of which file it speaks."""
    with source_rows.speaking_of(path.name):
        sheets = files.sheets(path, hints_of(options))
        chosen = options if options.sheet in (*sheets, "*") else replace(options, sheet="")
        return _pieces(path, sheets, known, chosen, decisions)[1]


def _compare(path: Path, first: Table, found: Table, decisions: Decisions) -> None:
    """Notes a further file that hardly looks like the first one: it may be of another kind."""
    names = [{match.compact(header) for header in each.headers} for each in (first, found)]
    shared = len(names[0] & names[1])
    if shared < ALIKE * min(map(len, names)):
        decisions.notes.append(Problem(0, path.name, f"{shared} of {len(names[1])}", "united_unlike", set_aside=False))


def _tables(path: Path, sheet: str, known: frozenset[str], hints: Hints) -> list[tuple[str, Table]]:
    """Sheet and table of every sheet that holds one. Raises the first Refused where none does."""
    tables: list[tuple[str, Table]] = []
    refusals: list[Refused] = []
    for grid in files.grids(path, sheet, hints):
        try:
            tables.append((grid.sheet, table.table(grid, known)))
        except Refused as refusal:
            refusals.append(refusal)
    if not tables:
        raise refusals[0] if refusals else Refused("This file is empty.", "empty")
    return tables


def _best(
    tables: Sequence[tuple[str, Table]], known: frozenset[str], options: Options, decisions: Decisions
) -> tuple[str, Table]:
    """The sheet that holds most known headers; asks where several hold the same headers."""
    scores = [len({match.compact(header) for header in found.headers} & known) for _, found in tables]
    best = scores.index(max(scores))
    name, first = tables[best]
    same = [other for other, found in tables if found.headers == first.headers and len(found.body)]
    if len(same) > 1 and not options.sheet:
        choices = (*((sheet, f"only “{sheet}”") for sheet in same), ("*", "all sheets, one below the other"))
        sentence = f"{len(same)} sheets have the same columns: {', '.join(same)}."
        decisions.questions.append(Question("sheet", "", "", sentence, choices, f'--sheet "{name}" or --sheet "*"'))
    return name, first


def _united(tables: Sequence[tuple[str, Table]]) -> tuple[Table, tuple[Origin, ...]]:
    """Named tables below each other, columns by name; lines of the later ones go on counting after those of the former."""
    headers: dict[str, str] = {}
    for _, found in tables:
        for header in found.headers:
            headers.setdefault(match.compact(header) or header, header)
    grids, offset, ignored, origins = [], 0, Counter[str](), []
    for name, (_, found) in zip(source_rows.distinct([name for name, _ in tables]), tables, strict=True):
        position = {match.compact(header) or header: at for at, header in enumerate(found.headers)}
        wide = widened(found.body, len(found.headers) + 1)
        empty = len(found.headers)
        order = [position.get(header, empty) for header in headers]
        grids.append(Grid(tuple(wide.columns[k] for k in order), tuple(wide.typed[k] for k in order), found.body.lines + offset))
        origins.append(Origin(name, offset))
        offset += int(found.body.lines.max(initial=0))
        ignored += found.ignored
    return Table(tuple(headers.values()), _stacked(grids), ignored, tables[0][1].titles), tuple(origins)


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
