"""What may be removed because nobody needs it any more?"""

from sqlalchemy import select

from insights.store import files, replays
from insights.store.store import Store
from insights.store.tables import LedgerRow, ModelRow, RecordRow

LASTING = ("worker.lock", "migrate.lock")  # lock files that are always there
OUTLIVED = ("queue.sqlite*",)  # what older versions of the product kept in the home


def tidy(store: Store) -> None:
    """Remove what was left over, old lock files, all but the replays used last. Safe at any time."""
    finish_deletions(store)
    replays.sweep(store)
    files.sweep_locks(store.home / "locks", LASTING)
    for pattern in OUTLIVED:
        for path in store.home.glob(pattern):
            files.discard(path)


def finish_deletions(store: Store) -> None:
    """Remove files that no row speaks of any more: a deletion that was cut short, a file begun and never finished."""
    with store.database.read() as session:
        known = {"ledgers": set(session.scalars(select(LedgerRow.id))), "models": set(session.scalars(select(ModelRow.id)))}
    for deleted in deleted_ids(store):
        for folder in [store.path(f"{kind}/{deleted}") for kind in ("ledgers", "predictions", "backtests", "replays", "cash")]:
            if deleted not in known["ledgers"]:
                files.discard(folder)
        for folder in [store.path(f"models/{deleted}"), *store.home.glob(f"predictions/*/{deleted}")]:
            if deleted not in known["models"]:
                files.discard(folder)
    files.sweep(store.home)


def deleted_ids(store: Store) -> list[str]:
    """Ledgers and models that were deleted on purpose; what was never listed may be just being written."""
    with store.database.read() as session:
        rows = session.scalars(select(RecordRow).where(RecordRow.action == "ledger.delete"))
        return [gone for row in rows for gone in (row.subject, *row.details["models"])]
