"""May these fields be learned from? What looks like the outcome is refused, unless somebody says why; that is recorded."""

from collections.abc import Callable, Collection, Mapping

from insights.errors import Refused
from insights.leaks import Leak, leaks, sentence
from insights.ledger import FURTHER, Ledger
from insights.workspace import LedgerRecord, Workspace
from insights.workspace.database import record


def quiet(_: str) -> None:
    """A note that nobody reads."""


def found(workspace: Workspace, ledger: Ledger) -> tuple[Leak, ...]:
    """What speaks against the ledger's columns, compared with the version before it."""
    return leaks(ledger, earlier=[workspace.ledger(each.id) for each in version_before(workspace, ledger.id)])


def version_before(workspace: Workspace, ledger_id: str) -> list[LedgerRecord]:
    """The ledger of the same name that was committed last before this one, if there is one."""
    records = workspace.ledgers()
    this = workspace.ledger_record(ledger_id)
    return [each for each in records if each.name == this.name and each.created_at < this.created_at][:1]


def guard(
    workspace: Workspace,
    ledger: Ledger,
    fields: Collection[str],
    allowed: Mapping[str, str],
    note: Callable[[str], None] = quiet,
) -> None:
    """Refused (code "leak") for a blocked column among the fields that nobody gave a reason for; `note` hears the doubts.

    `allowed`: column -> reason, of those that are to be used nevertheless.
    """
    if not ledger.known_at_issue:
        return
    used = {name.removeprefix(FURTHER) for name in fields}
    against = [leak for leak in found(workspace, ledger) if leak.column in used]
    blocked = [leak for leak in against if leak.blocked and not allowed.get(leak.column, "").strip()]
    if blocked:
        raise Refused(
            f"{' '.join(map(sentence, blocked))} Leave it out, or say why it may be used nevertheless (--allow COLUMN=REASON).",
            "leak",
            columns=[leak.column for leak in blocked],
        )
    for leak in against:
        if leak.column not in allowed:
            note(sentence(leak))
        else:
            with workspace.database.write() as session:
                why = {"column": leak.column, "code": leak.code, "reason": allowed[leak.column]}
                record(session, workspace.actor, "field.allow", ledger.id, **why)
