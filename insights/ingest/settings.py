"""What of a draft can be decided anew without reading its file again: its last day, its first, and what was known at issue."""

from collections.abc import Collection, Iterable
from dataclasses import fields, replace

from insights.ingest.draft import Draft, Options
from insights.ingest.recognise.match import compact
from insights.ledger.errors import Refused
from insights.ledger.ledger import Problem

SETTINGS = ("complete_through", "history_starts", "known_at_issue")
DISPUTED = "disputed"


def only_settings(before: Options, after: Options) -> bool:
    """Whether two options differ in nothing that makes the file read differently."""
    return all(
        getattr(before, field.name) == getattr(after, field.name) for field in fields(Options) if field.name not in SETTINGS
    )


def with_settings(draft: Draft, options: Options) -> Draft:
    """The draft of a file that was read, with the days and columns as the options say; a day that they leave open stays.

    Raises Refused for columns that tell the outcome or that the file does not have.
    """
    ledger = draft.require()
    disputed = next((entry.column for entry in draft.matches if entry.field == DISPUTED and entry.accepted), "")
    known = known_at_issue(options.known_at_issue, ledger.further, disputed, draft.notes)
    changed = replace(
        ledger,
        complete_through=options.complete_through or ledger.complete_through,
        history_starts=options.history_starts or ledger.history_starts,
        known_at_issue=known,
    )
    return replace(draft, ledger=changed)


def known_at_issue(wanted: Iterable[str], further: Collection[str], disputed: str, notes: Iterable[Problem]) -> tuple[str, ...]:
    """The columns that the user vouches for; raises Refused for outcomes and for names that the file does not have."""
    outcomes = {note.column for note in notes if note.reason == "outcome_column"}
    known = {**{name: name for name in further}, DISPUTED: DISPUTED, disputed or DISPUTED: DISPUTED}
    spelt = {compact(name): name for name in (*known, *outcomes)}
    names = [name if name in known or name in outcomes else spelt.get(compact(name), name) for name in wanted]
    for name in names:
        if name in outcomes:
            raise Refused(f"Column “{name}” tells the outcome: it cannot have been known at issue.", "outcome_not_known")
        if name not in known:
            raise Refused(f"There is no further column “{name}”; there are {', '.join(known)}.", "no_such_column")
    return tuple(dict.fromkeys(known[name] for name in names))
