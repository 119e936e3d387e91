"""Does a model travel as one archive, every byte of it checked?"""

from hashlib import sha256
from pathlib import Path

import pytest

from insights.services import model_archive
from insights.services.ledgers import commit
from insights.store import audit
from insights.store import models as model_store
from insights.store.archive import packed, unpacked
from insights.store.store import Store
from insights.store.tables import new_id
from tests.support.processes import python, refusal
from tests.support.workspaces import ME, rates_model, small_ledger


def exported(tmp_path: Path) -> tuple[Store, str, Path]:
    """A workspace with one model, its id, and its archive."""
    workspace = Store.open(tmp_path / "from")
    model_id = model_store.save(workspace, rates_model(), commit(workspace, small_ledger(), actor=ME).id, name="Rates", actor=ME)
    model_archive.export(workspace, model_id, tmp_path / "model.zip", actor=ME)
    return workspace, model_id, tmp_path / "model.zip"


def test_a_model_travels_in_an_archive_and_keeps_its_id(tmp_path: Path) -> None:
    origin, model_id, archive = exported(tmp_path)
    other = Store.open(tmp_path / "to")
    assert model_archive.import_(other, archive, actor=ME) == model_id
    assert model_store.load(other, model_id) == rates_model()
    record = model_store.get(other, model_id)
    assert (record.name, record.ledger_id, record.sha256) == ("Rates", "", model_store.get(origin, model_id).sha256)
    assert model_archive.import_(other, archive, actor=ME) == model_id  # again: nothing to do
    model_archive.export(other, model_id, tmp_path / "again.zip", actor=ME)
    assert "numpy" in model_store.made_with(other, model_id)
    assert [record.action for record in audit.listed(other, model_id)] == ["model.export", "model.import"]


def test_every_changed_byte_of_an_archive_is_refused(tmp_path: Path) -> None:
    _, _, archive = exported(tmp_path)
    whole = archive.read_bytes()
    other = Store.open(tmp_path / "to")
    for position in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[position] ^= 1
        archive.write_bytes(changed)
        assert refusal(model_archive.import_, other, archive, actor=ME) == "archive_damaged", position
    for broken in (whole[:-1], whole + b"x", b"", b"PK"):
        archive.write_bytes(broken)
        assert refusal(model_archive.import_, other, archive, actor=ME) == "archive_damaged"
    assert model_store.listed(other) == []
    assert not list(other.home.glob("models/*"))


@pytest.mark.parametrize("name", ["../evil.json", "/evil.json", "folder/model.json", "..\\evil.json"])
def test_an_archive_that_reaches_out_of_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "evil.zip"
    contents = {name: b"{}"}
    manifest = {"format": 1, "id": new_id(), "name": "", "created_at": "", "actor": "", "ledger_id": ""}
    archive.write_bytes(packed(manifest | {"sha256": {name: sha256(b"{}").hexdigest()}}, contents))
    assert refusal(model_archive.import_, Store.open(tmp_path / "to"), archive, actor=ME) == "archive_damaged"
    assert [path.name for path in tmp_path.iterdir() if "evil" in path.name] == ["evil.zip"]


@pytest.mark.parametrize("name", ["id", "name", "created_at", "actor", "ledger_id"])
def test_an_archive_that_does_not_say_who_made_what_is_refused(tmp_path: Path, name: str) -> None:
    """Sealed anew by somebody who left something of the manifest out, or wrote a number there."""
    _, _, archive = exported(tmp_path)
    manifest, contents = unpacked(archive)
    without = {key: value for key, value in manifest.items() if key != name}
    other = Store.open(tmp_path / "to")
    for changed in (without, without | {name: 1}):
        archive.write_bytes(packed(changed, contents))
        assert refusal(model_archive.import_, other, archive, actor=ME) == "archive_damaged"
    assert not list(other.home.glob("models/*"))


@pytest.mark.slow
def test_of_several_who_import_one_archive_at_once_one_keeps_it(tmp_path: Path) -> None:
    _, model_id, archive = exported(tmp_path)
    code = f"""
from pathlib import Path
from insights.services import model_archive
from insights.store.store import Store
print(model_archive.import_(Store.open(), Path({str(archive)!r}), actor="me"))
"""
    other = Store.open(tmp_path / "to")
    assert [process.wait(timeout=60) for process in [python(other, code) for _ in range(3)]] == [0, 0, 0]
    assert [record.action for record in audit.listed(other, model_id)] == ["model.import"]


@pytest.mark.slow
def test_a_different_model_under_a_known_id_is_refused(tmp_path: Path) -> None:
    workspace, model_id, archive = exported(tmp_path)
    other = Store.open(tmp_path / "to")
    ledger = commit(other, small_ledger(), actor=ME)
    model_store.save(other, rates_model(late=0.9), ledger.id, model_id=model_id, actor=ME)
    assert refusal(model_archive.import_, other, archive, actor=ME) == "model_differs"
    assert model_archive.import_(workspace, archive, actor=ME) == model_id
