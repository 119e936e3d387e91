"""Keep a ledger for good, say which ledgers are versions of one, and delete one with everything that came of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from insights.access import Capability, Person, require
from insights.jobs import queue
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger
from insights.store import agreements, audit, files, housekeeping, ledgers, lineages, predictions, publications, reserve
from insights.store.crash_points import point
from insights.store.ledgers import Removed
from insights.store.store import Store

NO_MERGES: Final[Mapping[str, str]] = MappingProxyType({})


def commit(store: Store, ledger: Ledger, *, after: str = "", merges: Mapping[str, str] = NO_MERGES, actor: Person) -> Ledger:
    """Keep a ledger, immutable from now on; the same ledger with its id. Where a model is in force, its scoring is queued.

    `after`: the id of a ledger whose next version it is; without one it has a lineage of its own. `merges`: spelling -> customer,
    remembered for the versions to come. Refused with code "empty_ledger" where no row can be used.
    """
    require(actor, Capability.IMPORT)
    if not ledger.invoices.num_rows:
        raise Refused("No row of this ledger can be used, so there is nothing to keep.", "empty_ledger")
    with ledgers.being_written(store) as ledger_id:
        kept = ledgers.save(store, ledger, ledger_id)
        try:
            with store.database.write() as session:
                lineage_id = ledgers.find(session, after).lineage_id if after else lineages.add(session, actor=actor)
                ledgers.add(session, store, kept, lineage_id=lineage_id, actor=actor)
                lineages.merge(session, lineage_id, merges)
                if not after:
                    agreements.adopt(session, kept, lineage_id)
                if publications.active_rows(session):
                    queue.add(session, "score", kept.id, actor=actor)
        except Exception:
            files.discard(store.path(ledgers.place(kept.id)))  # nobody would ever see it
            raise
    return kept


def join(store: Store, ledger_id: str, after: str, *, actor: Person) -> None:
    """Make a ledger, which was kept by itself, a version of the lineage of another. Recorded.

    Refused with code "same_ledger" where it is one already.
    """
    require(actor, Capability.IMPORT)
    with store.database.write() as session:
        ledger, other = ledgers.find(session, ledger_id), ledgers.find(session, after)
        if ledger.lineage_id == other.lineage_id:
            raise Refused(f"{ledger.name} is a version of this ledger already.", "same_ledger")
        before = {"lineage": ledger.lineage_id, "version": ledger.version}
        lineages.move(session, ledger, other.lineage_id)
        audit.record(session, actor, "ledger.join", ledger_id, before, lineage=other.lineage_id, version=ledger.version)


def separate(store: Store, ledger_id: str, *, actor: Person) -> None:
    """Make a version a ledger by itself. Recorded; Refused with code "one_version" where it is one already."""
    require(actor, Capability.IMPORT)
    with store.database.write() as session:
        ledger = ledgers.find(session, ledger_id)
        if not lineages.has_others(session, ledger):
            raise Refused(f"{ledger.name} is a ledger by itself already.", "one_version")
        before = {"lineage": ledger.lineage_id, "version": ledger.version}
        lineages.move(session, ledger, lineages.add(session, actor=actor))
        audit.record(session, actor, "ledger.separate", ledger_id, before, lineage=ledger.lineage_id)


def delete(store: Store, ledger_id: str, *, with_agreements: bool = False, actor: Person) -> int:
    """Delete a ledger with its models and predictions, withdraw what was published of them, and stop its jobs. Recorded.

    What was agreed with its customers belongs to them and stays, unless it is to go, too; how many events went.
    First the rows, in one transaction, then the files: what is no longer listed is never read again. It works where no byte
    is free.
    """
    require(actor, Capability.DELETE)
    return reserve.with_room(store.home, lambda: delete_now(store, ledger_id, with_agreements=with_agreements, actor=actor))


def delete_now(store: Store, ledger_id: str, *, with_agreements: bool, actor: Person) -> int:
    require(actor, Capability.DELETE)
    customers = ledgers.customers(store, ledger_id) if with_agreements else ()
    whose = ledgers.get(store, ledger_id).lineage_id
    with store.database.write() as session:
        gone = ledgers.remove(session, ledger_id)
        forgotten = agreements.remove_of(session, customers, ledger_id, lineage_id=whose, actor=actor) if with_agreements else 0
        publications.withdraw(session, gone.models, f"its ledger {ledger_id} was deleted", actor=actor)
        publications.forget(session, gone.models)
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
    store.database.forget()
