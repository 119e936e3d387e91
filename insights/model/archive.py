"""How does a model travel from one workspace to another, so that a changed byte is noticed?

One zip file, stored without compression and without times, so that the same model always gives the same bytes: reading
it builds the archive again from what was in it and compares every byte. Its files have fixed names. It is read in the limited
child only (`imported`).
"""

import io
import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from insights.ledger.errors import Refused

FORMAT = 1
MANIFEST, MODEL, DIGEST, MADE_WITH = "manifest.json", "model.json", "model.json.sha256", "made_with.json"
BOOSTERS = tuple(f"{stage}{number}.ubj" for stage in ("on_time", "very_late") for number in ("", "_2", "_3"))
NAMES = (MANIFEST, MODEL, DIGEST, MADE_WITH, *BOOSTERS)
LARGEST = 64 << 20  # bytes of an archive, and of what is in it


def packed(origin: dict[str, Any], contents: dict[str, bytes]) -> bytes:
    """The archive's bytes, which depend on nothing but what is in it; `origin`: as `imported.Tried` has it."""
    digests = {name: sha256(content).hexdigest() for name, content in contents.items()}
    text = json.dumps(origin | {"format": FORMAT, "sha256": digests}, ensure_ascii=False, indent=1, sort_keys=True).encode()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, content in [(MANIFEST, text), *sorted(contents.items())]:
            entry = zipfile.ZipInfo(name)  # its time is 1980 unless it is given one
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content)
    return whole.getvalue()


def unpacked(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Manifest and files of an archive; Refused unless packing them again gives the same bytes."""
    whole = path.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            contents = members(archive)
        manifest = json.loads(contents.pop(MANIFEST))
        intact = packed(manifest, contents) == whole
    except Refused:
        raise
    except Exception as error:  # whatever a damaged zip file makes the library raise
        raise damaged() from error
    if not intact:
        raise damaged()
    return manifest, contents


def members(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """The files of an archive, as long as they are few, small, not compressed, and called as ours are."""
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > len(NAMES) or len(set(names)) < len(names) or not set(names) <= set(NAMES):
        raise damaged()
    if sum(entry.file_size for entry in entries) > LARGEST or any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise damaged()
    return {entry.filename: archive.read(entry) for entry in entries}


def check_size(path: Path) -> None:
    """Refused for what is no file, or larger than an archive may be."""
    if not path.is_file() or path.stat().st_size > LARGEST:
        raise Refused(f"{path.name} is no model archive: those are files of at most {LARGEST >> 20} MB.", "no_archive")


def damaged() -> Refused:
    return Refused(
        "This model archive was changed or damaged since it was written, or holds what no model does, so it is not used.",
        "archive_damaged",
    )
