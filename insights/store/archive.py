"""How does a model travel from one workspace to another, so that a changed byte is noticed?

One zip file, stored without compression and without times, so that the same model always gives the same bytes: reading
it builds the archive again from what was found and compares every byte.
"""

import io
import json
import re
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from insights.ledger.errors import Refused
from insights.store import audit, files, models
from insights.store.store import Store
from insights.store.tables import LedgerRow, ModelRow, now

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST = 1 << 30  # bytes of an archive
MOST_FILES = 20
TEXTS = ("id", "name", "created_at", "actor", "ledger_id")  # of the manifest: who made which model, when, from what
NAME = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)+")  # of a file: no folders, no way out
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def of_model(store: Store, model_id: str) -> bytes:
    """A model with who made it from what, as one archive, after every byte of it was verified."""
    with store.database.read() as session:
        row = models.find(session, model_id)
    models.verified(store, row)
    contents = contents_of(store.path(row.path))
    manifest = {
        "format": FORMAT,
        "id": row.id,
        "name": row.name,
        "created_at": row.created_at.isoformat(),
        "actor": row.actor,
        "ledger_id": row.ledger_id,
        "sha256": {name: sha256(content).hexdigest() for name, content in contents.items()},
    }
    return packed(manifest, contents)


def contents_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def packed(manifest: dict[str, Any], contents: dict[str, bytes]) -> bytes:
    """The archive's bytes, which depend on nothing but what is in it."""
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, content in [(MANIFEST, text), *sorted(contents.items())]:
            entry = zipfile.ZipInfo(name)  # its time is 1980 unless it is given one
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content)
    return whole.getvalue()


def write(folder: Path, contents: dict[str, bytes]) -> None:
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def unpacked(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Manifest and files of an archive; Refused unless packing them again gives the same bytes."""
    if not path.is_file() or path.stat().st_size > LARGEST:
        raise Refused(f"{path.name} is no model archive.", "no_archive")
    whole = path.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            contents = members(archive)
        manifest = json.loads(contents.pop(MANIFEST))
        digests = {name: sha256(content).hexdigest() for name, content in contents.items()}
        intact = manifest["format"] == FORMAT and manifest["sha256"] == digests and packed(manifest, contents) == whole
        intact = intact and all(isinstance(manifest[name], str) for name in TEXTS) and bool(UUID.fullmatch(manifest["id"]))
    except Refused:
        raise
    except Exception as error:  # whatever a damaged zip file makes the library raise
        raise damaged() from error
    if not intact:
        raise damaged()
    return manifest, contents


def keep(store: Store, manifest: dict[str, Any], contents: dict[str, bytes], *, actor: str) -> str:
    """Keep an unpacked model under the id that it has, which is returned; nothing is done where this very model is here.

    Refused where the files are no model, or where another one has its id.
    """
    model_id = str(manifest["id"])
    with files.lock(store.lock_file(f"model-{model_id}")):
        with store.database.read() as session:
            here = session.get(ModelRow, model_id)
        if here is not None:
            check_same(store, here, contents)
            return model_id
        row = placed(store, model_id, contents)
        row.name, row.actor, row.created_at = manifest["name"] or row.name, actor, now()
        origin = {"made_by": manifest["actor"], "made_at": manifest["created_at"], "from_ledger": manifest["ledger_id"]}
        with store.database.write() as session:
            row.ledger_id = manifest["ledger_id"] if session.get(LedgerRow, manifest["ledger_id"]) else ""
            session.add(row)
            audit.record(session, actor, "model.import", model_id, **origin)
    return model_id


def placed(store: Store, model_id: str, contents: dict[str, bytes]) -> ModelRow:
    """The row of a model whose files were put in place from an archive; Refused where they are no model."""
    row = ModelRow(id=model_id, path=f"models/{model_id}", imported=True, tried=True)
    files.discard(store.path(row.path))  # of an attempt that died before its row
    files.place(store.path(row.path), lambda folder: write(folder, contents))
    try:
        return models.described(store, row)
    except (Refused, ValueError, KeyError, TypeError, OSError) as error:
        files.discard(store.path(row.path))
        raise damaged() from error


def check_same(store: Store, here: ModelRow, contents: dict[str, bytes]) -> None:
    """Refused unless the model that is here has the contents of the archive."""
    if contents_of(store.path(here.path)) != contents:
        raise Refused("A model with this id is here already, and it is a different one.", "model_differs", id=here.id)


def members(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """The files of an archive, as long as they are few, small and plainly named."""
    entries = archive.infolist()
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > LARGEST:
        raise damaged()
    if len({entry.filename for entry in entries}) < len(entries) or not all(NAME.fullmatch(e.filename) for e in entries):
        raise damaged()
    return {entry.filename: archive.read(entry) for entry in entries}


def damaged() -> Refused:
    return Refused("This model archive was changed or damaged since it was written, so it is not used.", "archive_damaged")
