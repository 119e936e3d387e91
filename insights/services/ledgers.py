"""Keep a ledger for good, and delete one with everything that came of it."""

from insights.jobs import queue
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.store import agreements, audit, files, housekeeping, ledgers, predictions, publications
from insights.store.crash_points import point
from insights.store.ledgers import Removed
from insights.store.store import Store


def commit(store: Store, ledger: Ledger, *, actor: str) -> Ledger:
    """Keep a ledger, immutable from now on; the same ledger with its id. Where a model is in force, its scoring is queued.

    Refused with code "empty_ledger" where no row can be used.
    """
    if not ledger.invoices.num_rows:
        raise Refused("No row of this ledger can be used, so there is nothing to keep.", "empty_ledger")
    kept = ledgers.save(store, ledger)
    with store.database.write() as session:
        ledgers.add(session, store, kept, actor=actor)
        if publications.active_rows(session):
            queue.add(session, "score", kept.id, actor=actor)
    return kept


def delete(store: Store, ledger_id: str, *, with_agreements: bool = False, actor: str) -> int:
    """Delete a ledger with its models and predictions, withdraw what was published of them, and stop its jobs. Recorded.

    What was agreed with its customers belongs to them and stays, unless it is to go, too; how many events went.
    First the rows, in one transaction, then the files: what is no longer listed is never read again.
    """
    customers = ledgers.customers(store, ledger_id) if with_agreements else ()
    with store.database.write() as session:
        gone = ledgers.remove(session, ledger_id)
        forgotten = agreements.remove_of(session, customers, ledger_id, actor=actor) if with_agreements else 0
        publications.withdraw(session, gone.models, f"its ledger {ledger_id} was deleted", actor=actor)
        queue.stop(session, ledger_id)
        details = {"name": gone.name, "models": list(gone.models), "predictions": list(gone.predictions)}
        audit.record(session, actor, "ledger.delete", ledger_id, **details)
    point("ledger.deleted")
    discard(store, gone)
    return forgotten


def discard(store: Store, gone: Removed) -> None:
    """Remove the files of what was deleted."""
    for path in gone.paths:
        files.discard(store.path(path))
    predictions.discard_mixes(store, gone.models)
    housekeeping.finish_deletions(store)
