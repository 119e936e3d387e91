"""How does a file become a draft? The steps in their order; this runs in the limited child process."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from insights.ingest import report_date
from insights.ingest.draft import Asked, Draft, Options
from insights.ingest.entries import Entries
from insights.ingest.normalise import (
    attributes,
    carried,
    complete,
    derive,
    document_types,
    doubted_amounts,
    doubted_columns,
    extra_columns,
    gross,
    implied,
    parse_cells,
    payments,
    prefixes,
    rivals,
    rules,
    spellings,
    to_ledger,
    unused,
    unused_days,
    unused_figures,
    witness,
    words_asked,
)
from insights.ingest.recognise import blanks, questions, snapshots, source, unmapped
from insights.ingest.recognise.formats import Decisions
from insights.ingest.recognise.mappings import Mapping
from insights.ingest.recognise.source import Source
from insights.ingest.recognise.table import Table

PREVIEW = 20  # rows


def parse(path: Path, options: Options, saved: Sequence[Mapping] = (), own: Path | None = None) -> Draft:
    """A file as a draft. Raises Refused for what cannot become a ledger whatever the user answers."""
    decisions = Decisions()
    try:
        read = source.read(path, options, saved, own, decisions)
        read = blanks.filled_down(snapshots.chosen(read, decisions), decisions)
    except Asked as asked:
        return Draft(None, (), (asked.question,), (), {}, (), {}, pa.table({}))
    read = unmapped.found_by_content(rivals.settle(read, decisions))
    entries = parse_cells.entries_of(read, decisions)
    gross.by_proof(read, entries, decisions)
    carried.settle(read, entries, decisions)
    questions.for_missing(read, entries, decisions)
    questions.for_shortened_ids(read, entries, decisions)
    questions.for_formulas(read, decisions)
    questions.for_hidden_rows(read, decisions)
    rivals.ask(read, entries, decisions)
    unmapped.ask(read, decisions, signed=_bears_signs(entries), known=doubted_amounts.redundant(entries))
    doubted_columns.ask(read, entries, decisions)
    unused_figures.ask(read, entries, decisions)
    gross.ask(read, entries, decisions)
    unused_days.ask(read, entries, decisions)
    prefixes.ask(read, entries, decisions)
    unused.say_consequences(read, entries, decisions)
    words_asked.for_words(read, entries, decisions)
    carried.types(read, entries, decisions)
    draft = Draft(
        ledger=None,
        matches=questions.uncertain_first(read),
        questions=tuple(decisions.questions),
        headers=read.table.headers,
        ignored=dict(entries.ignored),
        notes=tuple(decisions.notes),
        decided=decisions.decided,
        preview=_preview(read.table),
        preset=read.preset.code,
        mapping=read.mapping,
        sheet=read.sheet,
        sheets=read.sheets,
    )
    return draft if decisions.questions else _finished(draft, read, entries, decisions)


def _bears_signs(entries: Entries) -> bool:
    return any(bool((entries.money[name] < 0).any()) for name in ("amount", "outstanding") if name in entries.money)


def _finished(draft: Draft, read: Source, entries: Entries, decisions: Decisions) -> Draft:
    """The draft with its ledger: derivations, payments, attributes, rules, in this order."""
    entries.notes += decisions.notes
    entries.masks["void"] = document_types.void(entries, read.preset, read.options)
    contradictions = implied.check(entries, read.options, decisions)
    derive.derive(entries, read.preset, read.options, decisions)
    contradictions += witness.totals(entries, decisions)
    witness.conclude(contradictions, entries, read.options, decisions)
    for paid in read.payments():
        payments.join(entries, paid, read.options)
    if read.options.attributes:
        attributes.join(entries, read.options)
    if decisions.questions:
        return replace(draft, questions=tuple(decisions.questions), ignored=dict(entries.ignored), notes=tuple(entries.notes))
    rules.unreadable(entries)
    rules.contradictory(entries, read.options)
    to_ledger.number(entries)
    rules.repeated(entries)
    rules.alike(entries)
    spellings.remark(entries)
    prefixes.remark(entries)
    if read.options.complete_through is None:
        complete.ask(entries, decisions, complete.today())
    if decisions.questions:
        return replace(draft, questions=tuple(decisions.questions), ignored=dict(entries.ignored), notes=tuple(entries.notes))
    for header in extra_columns.outcomes(entries):
        del entries.further[header]
        entries.note("outcome_column", header)
    ledger = to_ledger.ledger(entries, read.options, read.table.rows())
    draft = replace(draft, ledger=ledger, ignored=dict(entries.ignored), notes=tuple(entries.notes))
    own = report_date.named(read.table.above, ledger.complete_through, complete.today())
    return replace(draft, report_date=own) if own and own.day > ledger.complete_through else draft


def _preview(table: Table) -> pa.Table:
    columns = [column.slice(0, PREVIEW) for column in table.body.columns]
    return pa.table(dict(zip(table.headers, columns, strict=True)))
