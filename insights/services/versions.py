"""Of which ledger is a newer export the next version, what changed since, and how do the two become one?

Recognised by invoices: one that has the same key and the same issue date in both. A ledger is proposed where these are at least
half of the smaller of the two, so that an export of what is open only is known again beside a whole ledger. Two firms whose
customers and invoices are numbered alike do not agree in days as well. What is proposed decides nothing: the user does.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pyarrow.compute as pc

from insights import ingest
from insights.ingest import LedgerDiff
from insights.ledger.keys import KEY
from insights.ledger.ledger import Ledger
from insights.store import ledgers
from insights.store.records import LedgerRecord
from insights.store.store import Store

ENOUGH = 0.5  # of the invoices of the smaller one of two ledgers
MOST = 30  # ledgers that a file is held against, the newest first


@dataclass(frozen=True)
class Proposal:
    """The ledger whose next version a file seems to be: in its newest version, with how many invoices they share."""

    ledger: LedgerRecord
    shared: int


@dataclass(frozen=True)
class Update:
    """A newer export beside the version before it, and what it says otherwise.

    `newer` has lost what changed since from among its columns known at issue.
    """

    older: Ledger
    newer: Ledger
    difference: LedgerDiff


def proposed(store: Store, ledger: Ledger) -> Proposal | None:
    """The ledger whose next version this one seems to be; of several, the one with which it shares most invoices.

    Not one that ends later: then the file is the older of the two; nor, for a ledger that is kept, one of its own versions.
    """
    companies, records = set(pc.unique(ledger.invoices["company"]).to_pylist()), ledgers.listed(store)
    own = {record.lineage_id for record in records if record.id == ledger.id}
    candidates = [
        record
        for record in newest_versions(records)
        if companies & set(record.companies)
        and record.complete_through <= ledger.complete_through
        and record.lineage_id not in own
    ]
    best = None
    for candidate in candidates[:MOST]:
        before = ledgers.columns(store, candidate.id, (*KEY, "issue_date"))
        shared = ingest.shared(before, ledger.invoices)
        if shared and shared >= ENOUGH * min(len(before), len(ledger.invoices)) and (best is None or shared > best.shared):
            best = Proposal(candidate, shared)
    return best


def newest_versions(records: Iterable[LedgerRecord]) -> list[LedgerRecord]:
    """Of every lineage the version that was committed last, the newest first."""
    newest: dict[str, LedgerRecord] = {}
    for record in sorted(records, key=lambda record: -record.sequence):
        newest.setdefault(record.lineage_id, record)
    return list(newest.values())


def update(older: Ledger, newer: Ledger) -> Update:
    """What a newer export changes; a column that changed for some invoice was not known at issue."""
    difference = ingest.difference(older, newer)
    known = tuple(name for name in newer.known_at_issue if name not in difference.unstable)
    return Update(older, replace(newer, known_at_issue=known), difference)


def whole(update: Update, *, append: bool) -> Ledger:
    """What is kept of an update: the newer export, followed by the rows that only the older one has where they are appended."""
    return ingest.updated(update.older, update.newer) if append else update.newer
