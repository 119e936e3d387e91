"""How is a whole workspace copied at one consistent moment, and brought back from the copy?

First the database, at one moment: by SQLite's own online backup, or row by row from what one transaction of a PostgreSQL sees.
Then the files that this copy speaks of: they never change once they are listed. Last a manifest with the sha256 of everything,
under which the folder appears at once or not at all.

The copy is an SQLite file either way, so that a backup of one kind of database comes back as the other: how a workspace moves
to a server, and back.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from insights.ledger.errors import Refused
from insights.store import copies, digests, files, ledgers, models, postgres
from insights.store.database import BUSY, FILE, HEAD, Database, check_known, check_sound, migrate, revision, sqlite
from insights.store.store import Store
from insights.store.tables import FileRow, LedgerRow, ModelRow, PredictionRow, RecordRow

FORMAT = 1
MANIFEST, SEAL = "manifest.json", "manifest.json.sha256"
BESIDE = ("mappings", "presets")  # folders of a home that no row speaks of
TRIES = 3  # what was deleted while it was copied is no part of the next try


class Vanished(Exception):
    """A file went, or was computed anew, between the copy of the database and its own."""


def write(store: Store, folder: Path) -> dict[str, Any]:
    """Copy the workspace into a folder that is not there yet, or empty; the manifest.

    Refused for a folder that holds anything, for one inside the home, and where a file is not as it was written.
    """
    check_place(store, folder)
    manifest: dict[str, Any] = {}
    for attempt in range(TRIES):
        try:
            files.place(folder, lambda begun: manifest.update(_copied(store, begun)))
        except Vanished as gone:
            if attempt + 1 < TRIES:
                continue
            raise Refused(
                f"{gone} is missing or not as it was written, so there is no backup. `verify` says more.",
                "damaged",
                file=str(gone),
            ) from gone
        return manifest
    raise AssertionError("the last try returns or refuses")


def check_place(store: Store, folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is not empty: every backup goes into a folder of its own.", "not_empty")
    if folder.absolute().resolve().is_relative_to(store.home.resolve()):
        raise Refused(
            "A backup inside the workspace would be lost with it: choose another folder, best on another disk.", "inside_home"
        )


def _copied(store: Store, folder: Path) -> dict[str, Any]:
    folder.mkdir()
    at = copies.of_database(store.database, folder / FILE)
    with copies.up_to_date(folder / FILE, at, store.home) as database, database.read() as session:
        names = [*_immutable(store, session), *_beside(store.home)]
        covered = session.scalar(select(func.max(RecordRow.sequence))) or 0
        derived = {row.path: row.sha256 for row in _derived(session)}
    entries = {FILE: files.digest(folder / FILE)}
    for name in names:
        entries[name] = _copy(store.home / name, folder / name)
    for name, digest in derived.items():
        if digests.digest_of(store.home / name) == digest:  # else it is computed again where it is needed
            entries[name] = _copy(store.home / name, folder / name)
    made = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = {"format": FORMAT, "revision": at, "made_at": made, "records": covered, "files": entries}
    files.write_json(folder / MANIFEST, manifest)
    (folder / SEAL).write_text(files.digest(folder / MANIFEST), "ascii")
    return manifest


def _immutable(store: Store, session: Session) -> Iterator[str]:
    """The files of all ledgers and models that a database speaks of, relative to the home, each as it was written."""
    for ledger in session.scalars(select(LedgerRow)):
        if ledgers.changed(store, ledger):
            raise Vanished(f"The ledger “{ledger.name}” ({ledger.id})")
        yield from _below(store.home, ledger.path)
    for model in session.scalars(select(ModelRow)):
        if models.changed(store, model):
            raise Vanished(f"The model “{model.name}” ({model.id})")
        yield from _below(store.home, model.path)


def _derived(session: Session) -> Iterator[PredictionRow | FileRow]:
    yield from session.scalars(select(PredictionRow))
    yield from session.scalars(select(FileRow))


def _beside(home: Path) -> Iterator[str]:
    for folder in BESIDE:
        yield from _below(home, folder)


def _below(home: Path, folder: str) -> Iterator[str]:
    paths = sorted((home / folder).rglob("*"))
    return (path.relative_to(home).as_posix() for path in paths if path.is_file() and not path.name.startswith("."))


def _copy(source: Path, target: Path) -> str:
    """Copy a file; the sha256 of what was read."""
    target.parent.mkdir(parents=True, exist_ok=True)
    total = sha256()
    try:
        with source.open("rb") as reading, target.open("wb") as writing:
            while block := reading.read(1 << 20):
                total.update(block)
                writing.write(block)
    except FileNotFoundError as error:
        raise Vanished(source.name) from error
    return total.hexdigest()


def wrong(folder: Path) -> list[str]:
    """What in a backup is missing, not as it was written, or does not belong; [] where it is whole.

    Refused for a folder that is no backup, or one of a later version.
    """
    if not (folder / MANIFEST).is_file() or not (folder / SEAL).is_file():
        raise Refused(f"{folder} is no backup: it has no {MANIFEST}, or no {SEAL}. One that was cut short is none.", "no_backup")
    if (folder / SEAL).read_bytes().decode("ascii", "replace") != files.digest(folder / MANIFEST):
        return [MANIFEST]
    manifest = files.read_json(folder / MANIFEST)
    check_known(manifest["revision"])
    entries: dict[str, str] = manifest["files"]
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()} - {MANIFEST, SEAL}
    changed = [name for name, digest in entries.items() if name not in there or files.digest(folder / name) != digest]
    return sorted({*changed, *(there - entries.keys())})


def check_whole(folder: Path) -> None:
    """Refused, with the names, where a backup is not as it was written."""
    if names := wrong(folder):
        raise Refused(
            f"This backup is not as it was written, so nothing was restored: {', '.join(names)}.", "backup_damaged", names=names
        )


def restore(folder: Path, home: Path, url: str = "") -> None:
    """Bring a backup back as a home that is not there yet, or empty, and into the database at `url`; all of it or nothing.

    Refused where the backup is not whole, or the home or that database holds anything.
    """
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise Refused(
            f"{home} is not empty: a backup is restored into an empty home only (INSIGHTS_HOME says where).", "not_empty"
        )
    check_whole(folder)
    engine = sqlite(folder / FILE, log=False)
    check_sound(engine)
    check_known(revision(engine))
    if not url:
        files.place(home, lambda begun: _copied_back(folder, begun))
        return
    try:
        with copies.loading(Database(postgres.engine(url, BUSY), home, url)) as load:
            files.place(home, lambda begun: _loaded(folder, begun, load))
    except BaseException:
        if home.is_dir() and any(home.iterdir()):  # in place, and the database is not
            files.discard(home)
        raise


def _copied_back(folder: Path, begun: Path) -> None:
    """The files of a backup, each as its manifest says."""
    begun.mkdir(mode=files.OWN_FOLDER)
    for name, digest in json.loads((folder / MANIFEST).read_bytes())["files"].items():
        if _copy(folder / name, begun / name) != digest:
            raise Refused(f"This backup changed while it was read: {name}. Nothing was restored.", "backup_damaged", names=[name])


def _loaded(folder: Path, begun: Path, load: Callable[[Path], None]) -> None:
    """The same, with the rows in a server's database instead of the file."""
    _copied_back(folder, begun)
    path = begun / FILE
    if revision(sqlite(path, log=False)) != HEAD:
        migrate(sqlite(path, log=False), home=begun)
    load(path)
    path.unlink()
