"""What may be removed because nobody needs it any more?"""

from sqlalchemy import delete, select

from insights.sandbox import folders
from insights.store import answers, digests, files, mapped_ledgers, replays
from insights.store.store import Store
from insights.store.tables import FileRow, LedgerRow, ModelRow, PredictionRow, RecordRow

UUID = 36  # characters of an id, with which the name of a folder begins
DERIVED = (
    "predictions",
    "backtests",
    "replays",
    "cash",
    answers.FOLDER,
    mapped_ledgers.FOLDER,
)  # folders of what was computed, by ledger
LASTING = ("worker*.lock", "migrate.lock")  # lock files that are always there
OUTLIVED = ("queue.sqlite*",)  # what older versions of the product kept in the home


def tidy(store: Store) -> None:
    """Remove what dead processes left, old lock files, all but the replays used last. Safe at any time."""
    finish_deletions(store)
    remove_orphans(store)
    forget_unmade(store)
    folders.sweep(store.home / "uploads")
    folders.sweep()
    replays.sweep(store)
    with store.database.write() as session:
        digests.forget(session, store.home)
    files.sweep_locks(store.home / "locks", LASTING)
    for pattern in OUTLIVED:
        for path in store.home.glob(pattern):
            files.discard(path)
    store.database.forget()


def remove_orphans(store: Store) -> None:
    """Remove the files of ledgers and models whose process died before they had a row, and what was computed of none.

    What is just being written is locked, and spared.
    """
    for kind, table in (("ledgers", LedgerRow), ("models", ModelRow)):
        there = list(store.home.glob(f"{kind}/[!.]*"))
        with store.database.read() as session:
            listed = set(session.scalars(select(table.id)))
        for folder in (path for path in there if path.name[:UUID] not in listed):
            lock = f"{kind[:-1]}-{folder.name[:UUID]}"
            with store.try_lock(lock) as free, store.database.read() as session:
                if free and session.get(table, folder.name[:UUID]) is None:
                    files.discard(folder)
            store.forget_lock(lock)
    derived = [path for kind in DERIVED for path in store.home.glob(f"{kind}/**/[!.]*.parquet")]
    with store.database.read() as session:  # looked at after the files: a file in place is on record before
        on_record = {*session.scalars(select(PredictionRow.path)), *session.scalars(select(FileRow.path))}
        ledgers = set(session.scalars(select(LedgerRow.id)))
    for path in derived:
        if path.relative_to(store.home).as_posix() not in on_record:
            files.discard(path)
    for folder in [path for kind in DERIVED for path in store.home.glob(f"{kind}/[!.]*")]:
        if folder.name not in ledgers:
            files.discard(folder)


def forget_unmade(store: Store) -> None:
    """Take predictions off the record whose process died between their row and their file; those just being made are locked."""
    with store.database.read() as session:
        rows = list(session.scalars(select(PredictionRow)))
    for row in (row for row in rows if not store.path(row.path).exists()):
        lock = f"predictions-{row.ledger_id}-{row.model_id}-{row.as_of}"
        with store.try_lock(lock) as free:
            if free and not store.path(row.path).exists():
                with store.database.write() as session:
                    session.execute(delete(PredictionRow).where(PredictionRow.id == row.id))
        store.forget_lock(lock)


def finish_deletions(store: Store) -> None:
    """Remove files that no row speaks of any more: a deletion that was cut short, a file begun and never finished."""
    with store.database.read() as session:
        known = {"ledgers": set(session.scalars(select(LedgerRow.id))), "models": set(session.scalars(select(ModelRow.id)))}
    for deleted in deleted_ids(store):
        for folder in [store.path(f"{kind}/{deleted}") for kind in ("ledgers", *DERIVED)]:
            if deleted not in known["ledgers"]:
                files.discard(folder)
        for folder in [*store.home.glob(f"models/{deleted}*"), *store.home.glob(f"predictions/*/{deleted}")]:
            if deleted not in known["models"]:
                files.discard(folder)
    files.sweep(store.home)


def deleted_ids(store: Store) -> list[str]:
    """Ledgers and models that were deleted on purpose; what was never listed may be just being written."""
    with store.database.read() as session:
        rows = session.scalars(select(RecordRow).where(RecordRow.action.in_(("ledger.delete", "model.delete"))))
        return [gone for row in rows for gone in (row.subject, *row.details.get("models", ()))]
