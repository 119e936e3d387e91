"""Is a file still as it was written? Its sha256 is on record; the file is hashed once, and again whenever it was touched."""

import logging
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from insights.store import files
from insights.store.tables import FileRow

LOG = logging.getLogger(__name__)
MOST = 10_000  # files whose digest is remembered
DERIVED = (
    "replays/*/*/*.parquet",
    "backtests/*/*.parquet",
    "predictions/*/mix-*/*.parquet",
)  # that have no row of their own kind

Touched = tuple[int, int, int, int]

_known: dict[Path, tuple[Touched, str]] = {}  # shared by all threads; an entry is replaced as a whole


def digest_of(path: Path) -> str:
    """sha256 of a file, "" where there is none; hashed only where the file is another than when it was last asked for."""
    try:
        state = path.stat()
    except OSError:
        return ""
    touched = (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
    if (known := _known.get(path)) and known[0] == touched:
        return known[1]
    if len(_known) > MOST:
        _known.clear()
    digest = files.digest(path)
    _known[path] = (touched, digest)
    return digest


def intact(path: Path, sha256: str) -> bool:
    """Whether a file that can be made again is there and as it was written; the log says so where it is there and is not."""
    now = digest_of(path)
    if now and now != sha256:
        LOG.warning("%s is not as it was written: it is not used, and computed again where it is needed.", path)
    return now == sha256


def keep(session: Session, home: Path, target: Path, begun: Path) -> None:
    """Put the digest of a file that is about to be put in place on record."""
    session.merge(FileRow(path=name_of(home, target), sha256=files.digest(begun)))


def kept(session: Session, home: Path, path: Path) -> bool:
    """Whether a file on record is there and as it was written."""
    row = session.get(FileRow, name_of(home, path))
    return row is not None and intact(path, row.sha256)


def name_of(home: Path, path: Path) -> str:
    """A path as it is on record: relative to the home."""
    return path.relative_to(home).as_posix()


def forget(session: Session, home: Path) -> None:
    """Take files off the record that are gone."""
    for name in session.scalars(select(FileRow.path)):
        if not (home / name).exists():
            session.execute(delete(FileRow).where(FileRow.path == name))


def adopt(session: Session, home: Path) -> None:
    """Put the digests of files from before there was a record of them on it, as they are now."""
    known = set(session.scalars(select(FileRow.path)))
    unknown = [path for pattern in DERIVED for path in home.glob(pattern) if name_of(home, path) not in known]
    for path in unknown:
        keep(session, home, path, path)
    if unknown:
        LOG.warning("%s files that had no digest count from now on as they are.", len(unknown))
