"""Does a model travel as one archive, and is one from elsewhere kept only by somebody who says why?"""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from insights.ledger.errors import Refused
from insights.services import backups, model_archive, models
from insights.services.ledgers import commit
from insights.store import audit, signing
from insights.store import models as model_store
from insights.store.store import Store
from tests.support.processes import python, refusal
from tests.support.versions import as_before
from tests.support.workspaces import ME, opened, rates_model, small_ledger

pytestmark = pytest.mark.slow  # each model is tried in a process of its own


def exported(tmp_path: Path) -> tuple[Store, str, Path]:
    """A workspace with one model, its id, and its archive."""
    workspace = opened(tmp_path / "from")
    model_id = model_store.save(workspace, rates_model(), commit(workspace, small_ledger(), actor=ME).id, name="Rates", actor=ME)
    model_archive.export(workspace, model_id, tmp_path / "model.zip", actor=ME)
    return workspace, model_id, tmp_path / "model.zip"


def test_a_model_travels_in_an_archive_and_keeps_its_id(tmp_path: Path) -> None:
    origin, model_id, archive = exported(tmp_path)
    other = opened(tmp_path / "to")
    assert model_archive.import_(other, archive, trust="Ada made it", actor=ME) == model_id
    assert model_store.load(other, model_id) == rates_model()
    record = model_store.get(other, model_id)
    assert (record.name, record.ledger_id, record.sha256) == ("Rates", "", model_store.get(origin, model_id).sha256)
    assert record.imported
    assert not model_store.get(origin, model_id).imported
    assert model_archive.import_(other, archive, trust="", actor=ME) == model_id  # again: nothing to do
    assert "numpy" in model_store.made_with(other, model_id)
    (taken,) = audit.listed(other, model_id)
    assert (taken.action, taken.details["trust"], taken.details["made_by"]) == ("model.import", "Ada made it", ME.name)


@pytest.mark.parametrize("trust", ["", "   "])
def test_a_model_that_nobody_vouches_for_is_not_kept(tmp_path: Path, trust: str) -> None:
    _, _, archive = exported(tmp_path)
    other = opened(tmp_path / "to")
    with pytest.raises(Refused, match=r"comes from elsewhere.*--trust REASON") as refused:
        model_archive.import_(other, archive, trust=trust, actor=ME)
    assert refused.value.code == "not_trusted"
    assert (model_store.listed(other), list(other.home.glob("models/*"))) == ([], [])


def test_of_several_who_import_one_archive_at_once_one_keeps_it(tmp_path: Path) -> None:
    _, model_id, archive = exported(tmp_path)
    code = f"""
from pathlib import Path
from insights.access import laptop
from insights.services import backups, model_archive, models
from insights.store.store import Store
print(model_archive.import_(Store.open(), Path({str(archive)!r}), trust="mine", actor=laptop("me")))
"""
    other = opened(tmp_path / "to")
    assert [process.wait(timeout=120) for process in [python(other, code) for _ in range(2)]] == [0, 0]
    assert [record.action for record in audit.listed(other, model_id)] == ["model.import"]


def test_a_different_model_under_a_known_id_is_refused(tmp_path: Path) -> None:
    workspace, model_id, archive = exported(tmp_path)
    other = opened(tmp_path / "to")
    ledger = commit(other, small_ledger(), actor=ME)
    model_store.save(other, rates_model(late=0.9), ledger.id, model_id=model_id, actor=ME)
    assert refusal(model_archive.import_, other, archive, trust="mine", actor=ME) == "model_differs"
    assert model_archive.import_(workspace, archive, trust="", actor=ME) == model_id


def imported_before(tmp_path: Path) -> tuple[Store, str]:
    """A workspace whose model was taken in by a version that tried none; it has the model's id too."""
    _, model_id, archive = exported(tmp_path)
    other = opened(tmp_path / "to")
    model_archive.import_(other, archive, trust="mine", actor=ME)
    as_before(other, "0003")
    return Store.open(tmp_path / "to"), model_id


def test_a_model_taken_in_by_an_earlier_version_is_tried_when_it_is_first_used(tmp_path: Path) -> None:
    other, model_id = imported_before(tmp_path)
    with other.database.read() as session:
        assert session.execute(text("SELECT imported, tried FROM models")).all() == [(1, 0)]
    assert model_store.load(other, model_id) == rates_model()
    with other.database.read() as session:
        assert session.execute(text("SELECT imported, tried FROM models")).all() == [(1, 1)]
    assert [path.name for path in (other.home / "models").iterdir()] == [f"{model_id}-tried"]
    assert model_store.load(other, model_id) == rates_model()


def test_one_that_holds_what_no_model_does_is_named_and_not_used(tmp_path: Path) -> None:
    """Its stage points to a device that never ends; an earlier version had taken that in."""
    other, model_id = imported_before(tmp_path)
    folder = other.home / "models" / model_id
    content = (folder / "model.json").read_text().replace('"voices": []', '"voices": [{"file": "/dev/zero", "sha256": ""}]', 1)
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "model.json").write_text(content)
    with other.database.write() as session:
        from insights.store import files

        model_store.find(session, model_id).sha256 = files.digest(folder)
    with pytest.raises(Refused, match=r"“Rates”.*holds what no model does"):
        model_store.load(other, model_id)


def returned(tmp_path: Path) -> tuple[Store, str, Path]:
    """A workspace whose model was written out, then deleted here, with the archive."""
    workspace, model_id, archive = exported(tmp_path)
    models.delete(workspace, model_id, actor=ME)
    return workspace, model_id, archive


def test_a_model_that_this_workspace_wrote_itself_comes_back_without_anybody_who_vouches_for_it(tmp_path: Path) -> None:
    workspace, model_id, archive = returned(tmp_path)
    assert model_archive.import_(workspace, archive, trust="", actor=ME) == model_id
    record = model_store.get(workspace, model_id)
    assert (record.imported, record.name) == (False, "Rates")
    assert audit.listed(workspace, model_id)[0].details["signed_here"] is True
    key = workspace.home / signing.KEY
    assert (key.stat().st_mode & 0o777, key.stat().st_size) == (0o600, 32)


def test_one_whose_values_name_or_signature_were_changed_is_from_elsewhere(tmp_path: Path) -> None:
    workspace, _, archive = returned(tmp_path)
    sound = model_archive.examined(archive)
    assert model_archive.is_ours(workspace, sound)
    for changed in (
        replace(sound, model=rates_model(late=0.9)),
        replace(sound, origin=sound.origin | {"name": "Better"}),
        replace(sound, origin=sound.origin | {"signature": "0" * 64}),
        replace(sound, origin=sound.origin | {"signature": "é"}),
        replace(sound, made_with={"numpy": "1"}),
    ):
        assert not model_archive.is_ours(workspace, changed)
        assert refusal(model_archive.take_in, workspace, changed, trust=" ", actor=ME) == "not_trusted"


def test_no_key_is_in_a_backup_so_what_was_signed_before_is_from_elsewhere_after_a_restore(tmp_path: Path) -> None:
    workspace, _, archive = returned(tmp_path)
    backups.back_up(workspace, tmp_path / "backup", actor=ME)
    assert not list((tmp_path / "backup").rglob(signing.KEY))
    restored = backups.restore(tmp_path / "backup", tmp_path / "again", actor=ME)
    assert refusal(model_archive.import_, restored, archive, trust="", actor=ME) == "not_trusted"


def test_a_model_from_elsewhere_is_not_ours_because_it_was_written_out_here(tmp_path: Path) -> None:
    _, model_id, archive = exported(tmp_path)
    other = opened(tmp_path / "to")
    model_archive.import_(other, archive, trust="mine", actor=ME)
    model_archive.export(other, model_id, tmp_path / "again.zip", actor=ME)
    models.delete(other, model_id, actor=ME)
    assert refusal(model_archive.import_, other, tmp_path / "again.zip", trust="", actor=ME) == "not_trusted"
