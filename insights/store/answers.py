"""What was computed of a whole ledger and is asked by every screen: kept in files, made anew by other code."""

import io
import logging
import platform
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from insights.ledger.errors import Refused
from insights.store import digests, files, provenance
from insights.store.store import Store, no_such, present
from insights.store.tables import LedgerRow

LOG = logging.getLogger(__name__)
FOLDER = "answers"  # of the home; in it a folder for each ledger
FORMAT = 1  # of the file

Tables = Mapping[str, pa.Table]


def place(ledger_id: str) -> str:
    """The folder of a ledger's answers, relative to the home."""
    return f"{FOLDER}/{ledger_id}"


def of(store: Store, ledger_id: str, name: str, packages: tuple[str, ...], make: Callable[[], Tables]) -> Tables:
    """The tables of a name; made once over all processes, under a lock, and again where they are not as they were written.

    `packages`: our own packages and modules whose code decides what they hold (`provenance.code_digest`); made by other code or
    libraries, they are made anew, and what was there goes. What cannot be kept, on a full disk, is given as it was made. Refused
    where the ledger is deleted meanwhile.
    """
    path = store.path(place(ledger_id)) / f"{name}-{_made_with(packages)}.parquet"
    if (kept := _read(store, path)) is not None:
        return kept
    with store.lock(f"{FOLDER}-{ledger_id}-{name}"):
        if (kept := _read(store, path)) is not None:
            return kept
        tables = make()
        try:
            _keep(store, ledger_id, path, tables)
        except (OSError, OperationalError) as error:  # a full disk, by a file or by SQLite's
            LOG.warning("%s could not be kept and is computed each time: %s", path, error)
            return tables
    for other in path.parent.glob(f"{name}-*.parquet"):
        if other != path:
            files.discard(other)
    return tables


def _made_with(packages: tuple[str, ...]) -> str:
    code = (FORMAT, provenance.code_digest(packages=packages), platform.machine(), *sorted(provenance.libraries().items()))
    return sha256(repr(code).encode()).hexdigest()[:16]


def _read(store: Store, path: Path) -> dict[str, pa.Table] | None:
    with store.database.read() as session:
        if not digests.kept(session, store.home, path):
            return None
    table = pq.read_table(path)
    contents = zip(table["name"].to_pylist(), table["content"], strict=True)
    return {name: pa.ipc.open_stream(content.as_buffer()).read_all() for name, content in contents}


def _keep(store: Store, ledger_id: str, path: Path, tables: Tables) -> None:
    """Put an answer in place, unless its ledger is deleted: a deletion that came before that has removed the folder already."""
    try:
        with present(store, LedgerRow, "ledger", ledger_id):
            files.place(path, lambda begun: _write(store, ledger_id, path, begun, tables))
        with store.database.read() as session:
            _require_ledger(session, ledger_id)  # it may have gone between the record and the file
    except Refused:
        with suppress(OSError):  # somebody else removes it at the same time
            files.discard(path.parent)
        raise


def _require_ledger(session: Session, ledger_id: str) -> None:
    if session.get(LedgerRow, ledger_id) is None:
        raise no_such("ledger", ledger_id)


def _write(store: Store, ledger_id: str, path: Path, begun: Path, tables: Tables) -> None:
    contents = {
        "name": pa.array(list(tables), pa.string()),
        "content": pa.array([_bytes(table) for table in tables.values()], pa.large_binary()),
    }
    pq.write_table(pa.table(contents), begun, compression="zstd")
    with store.database.write() as session:
        _require_ledger(session, ledger_id)
        digests.keep(session, store.home, path, begun)


def _bytes(table: pa.Table) -> bytes:
    into = io.BytesIO()
    with pa.ipc.new_stream(into, table.schema) as stream:
        stream.write_table(table)
    return into.getvalue()


def of_array(values: npt.NDArray[np.int64]) -> pa.Table:
    """An array of any shape as a table."""
    return pa.table({"values": values.ravel()}).replace_schema_metadata({"shape": repr(values.shape)})


def as_array(table: pa.Table) -> npt.NDArray[np.int64]:
    """What `of_array` was given."""
    shape = (table.schema.metadata or {})[b"shape"].decode().strip("(),").split(",")
    out: npt.NDArray[np.int64] = table["values"].to_numpy().reshape([int(side) for side in shape])
    return out
