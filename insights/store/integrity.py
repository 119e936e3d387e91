"""Is everything in a workspace as it was written? What is not is named, each with what may be done about it."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from insights.ingest import mappings
from insights.store import digests, ledgers, models
from insights.store.database import FILE
from insights.store.seals import breaks, is_sealed, unchecked
from insights.store.store import Store
from insights.store.tables import FileRow, LedgerRow, ModelRow, PredictionRow, RecordRow, entries

AGAIN = "computed again where it is needed"
RESTORE = "restore a backup"


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was written: where, what it is, and what to do."""

    path: str  # a file, relative to the home; of a row, that of the database, or "database" on a server
    part: str
    remedy: str

    @property
    def sentence(self) -> str:
        return f"{self.path}: {self.part} is missing or not as written; {self.remedy}."


@dataclass(frozen=True)
class Examination:
    """How many things were looked at, and which were not as written."""

    checked: int
    faults: tuple[Fault, ...]


def examine(store: Store) -> Examination:
    """Look at every row of the database and every file that it speaks of."""
    examined: list[Fault | None] = []
    with store.database.read() as session, unchecked(session):
        for part in (_rows, _records, _chain, _ledgers, _models, _predictions, _files):
            examined += part(store, session)
    examined += [
        Fault(path.relative_to(store.home).as_posix(), "a saved mapping", "save it again")
        for path in mappings.damaged(store.home)
    ]
    faults = tuple(fault for fault in examined if fault)
    return Examination(len(examined), faults)


def examine_records(store: Store) -> tuple[Fault, ...]:
    """The same of the record of who did what alone."""
    with store.database.read() as session, unchecked(session):
        named = [fault for part in (_records, _chain) for fault in part(store, session)]
    return tuple(fault for fault in named if fault)


def _in_database(store: Store, part: str) -> Fault:
    return Fault("database" if store.database.url else FILE, part, RESTORE)


def _rows(store: Store, session: Session) -> Iterator[Fault | None]:
    for table, kind in entries():
        for row in session.scalars(select(kind)) if kind is not RecordRow else ():
            yield None if is_sealed(row) else _in_database(store, f"an entry of the table “{table}” ({row.id})")


def _records(store: Store, session: Session) -> Iterator[Fault | None]:
    for row in session.scalars(select(RecordRow)):
        entry = f"the record of who did what: number {row.sequence} ({row.id})"
        yield None if is_sealed(row) else _in_database(store, entry)


def _chain(store: Store, session: Session) -> Iterator[Fault | None]:
    """Whether every record of who did what follows from the one before, up to where the chain ends."""
    yield None  # it was looked at
    for sentence in breaks(session):
        yield _in_database(store, f"the record of who did what: {sentence}")


def _ledgers(store: Store, session: Session) -> Iterator[Fault | None]:
    for row in session.scalars(select(LedgerRow)):
        yield None  # it was looked at
        for name in ledgers.changed(store, row):
            yield Fault(f"{row.path}/{name}", f"a file of the ledger “{row.name}”", RESTORE)


def _models(store: Store, session: Session) -> Iterator[Fault | None]:
    for row in session.scalars(select(ModelRow)):
        yield Fault(row.path, f"the model “{row.name}”", f"{RESTORE}, or delete it") if models.changed(store, row) else None


def _predictions(store: Store, session: Session) -> Iterator[Fault | None]:
    for row in session.scalars(select(PredictionRow)):
        yield (
            None
            if digests.digest_of(store.path(row.path)) == row.sha256
            else Fault(row.path, f"predictions as of {row.as_of}", AGAIN)
        )


def _files(store: Store, session: Session) -> Iterator[Fault | None]:
    for row in session.scalars(select(FileRow)):
        yield (
            None if digests.digest_of(store.path(row.path)) == row.sha256 else Fault(row.path, "a file that was computed", AGAIN)
        )
