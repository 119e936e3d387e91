"""Is a workspace copied at one moment, and brought back as it was, or not at all?"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from insights.services import backups, predictions, publishing
from insights.services.ledgers import commit, delete
from insights.store import audit, ledgers, publications
from insights.store import models as model_store
from insights.store.store import Store
from insights.store.tables import LedgerRow
from tests.support.damage import flip
from tests.support.postgres import POSTGRES, SQLITE
from tests.support.processes import refusal
from tests.support.workspaces import ME, opened, rates_model, small_ledger

AS_OF = date(2024, 4, 1)


def kept(home: Path) -> Store:
    """A workspace with a ledger, a published model, and what it says."""
    workspace = opened(home)
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    publishing.publish(workspace, model_id, replaces=None, actor=ME)
    predictions.active(workspace, ledger.id, AS_OF, actor=ME)
    return workspace


def files_of(home: Path) -> dict[str, bytes]:
    """What lies in the folders of a home, by path."""
    paths = (path for kind in ("ledgers", "models", "predictions") for path in (home / kind).rglob("*") if path.is_file())
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in paths}


def test_what_is_restored_is_what_was_backed_up(tmp_path: Path) -> None:
    workspace = kept(tmp_path / "home")
    manifest = backups.back_up(workspace, tmp_path / "backup", actor=ME)
    assert backups.wrong(tmp_path / "backup") == []
    assert "workspace.sqlite" in manifest["files"]
    restored = backups.restore(tmp_path / "backup", tmp_path / "again", actor=ME)
    assert files_of(restored.home) == files_of(workspace.home)
    assert ledgers.listed(restored) == ledgers.listed(workspace)
    assert [each.action for each in audit.listed(restored)][1:] == [each.action for each in audit.listed(workspace)][1:]
    assert backups.examine(restored).faults == ()
    assert (restored.home.stat().st_mode & 0o077, (restored.home / "workspace.sqlite").stat().st_mode & 0o077) == (0, 0)


@pytest.mark.slow
def test_what_is_done_while_a_backup_is_made_is_in_it_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    """A ledger is deleted, with its files, after the database was copied: the next try is of the workspace without it."""
    workspace = kept(tmp_path / "home")
    gone = commit(workspace, small_ledger(), actor=ME)
    changed, once = ledgers.changed, [gone.id]

    def deleted_meanwhile(store: Store, row: LedgerRow) -> list[str]:
        if once:
            delete(store, once.pop(), actor=ME)
        return changed(store, row)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledgers, "changed", deleted_meanwhile)
        backups.back_up(workspace, tmp_path / "backup", actor=ME)
    restored = backups.restore(tmp_path / "backup", tmp_path / "again", actor=ME)
    assert [each.id for each in ledgers.listed(restored)] == [each.id for each in ledgers.listed(workspace)]
    assert backups.examine(restored).faults == ()


@pytest.mark.parametrize(("source", "target"), [(POSTGRES, SQLITE), (SQLITE, POSTGRES), (POSTGRES, POSTGRES)])
@pytest.mark.slow
def test_a_backup_of_either_kind_of_database_comes_back_as_either(
    tmp_path: Path, use_database: Callable[[str], None], source: str, target: str
) -> None:
    use_database(source)
    workspace = kept(tmp_path / "home")
    before = (ledgers.listed(workspace), publications.listed(workspace), audit.listed(workspace))
    backups.back_up(workspace, tmp_path / "backup", actor=ME)
    assert backups.wrong(tmp_path / "backup") == []
    use_database(target)
    restored = backups.restore(tmp_path / "backup", tmp_path / "again", actor=ME)
    assert (restored.home / "workspace.sqlite").exists() == (target == SQLITE)
    assert files_of(restored.home) == files_of(workspace.home)
    assert (ledgers.listed(restored), publications.listed(restored), audit.listed(restored)[1:]) == before
    assert backups.examine(restored).faults == ()
    (ledger,) = ledgers.listed(restored)
    assert predictions.active(restored, ledger.id, AS_OF, actor=ME).exists()


@pytest.mark.slow
def test_a_backup_is_restored_into_an_empty_database_only(tmp_path: Path, use_database: Callable[[str], None]) -> None:
    use_database(POSTGRES)
    workspace = kept(tmp_path / "home")
    backups.back_up(workspace, tmp_path / "backup", actor=ME)
    before = audit.listed(workspace)
    assert refusal(backups.restore, tmp_path / "backup", tmp_path / "again", actor=ME) == "not_empty"
    assert not (tmp_path / "again").exists()
    assert audit.listed(workspace) == before


@pytest.mark.parametrize("cut", range(20))
@pytest.mark.slow
def test_a_backup_that_was_cut_short_or_changed_is_refused(tmp_path: Path, cut: int) -> None:
    """Twenty cuts: a file less, half a file, a bit of a file, or one too many, all through the backup."""
    backups.back_up(kept(tmp_path / "home"), tmp_path / "backup", actor=ME)
    paths = sorted(path for path in (tmp_path / "backup").rglob("*") if path.is_file())
    path = paths[cut * len(paths) // 20]
    if cut % 4 == 0:
        path.unlink()
    elif cut % 4 == 1:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif cut % 4 == 2:
        flip(path, 131 * cut)
    else:
        path.with_name("more.parquet").write_bytes(b"more")
    assert refusal(backups.restore, tmp_path / "backup", tmp_path / "again", actor=ME) in ("backup_damaged", "no_backup")
    assert not (tmp_path / "again").exists()
    assert not list(tmp_path.glob(".begun-*"))


@pytest.mark.slow
def test_a_backup_is_restored_into_an_empty_home_only(tmp_path: Path) -> None:
    workspace = kept(tmp_path / "home")
    backups.back_up(workspace, tmp_path / "backup", actor=ME)
    before = files_of(workspace.home)
    assert refusal(backups.restore, tmp_path / "backup", workspace.home, actor=ME) == "not_empty"
    assert files_of(workspace.home) == before
    (tmp_path / "empty").mkdir()
    assert len(ledgers.listed(backups.restore(tmp_path / "backup", tmp_path / "empty", actor=ME))) == 1


def test_a_backup_has_a_folder_of_its_own_outside_the_workspace(tmp_path: Path) -> None:
    workspace = kept(tmp_path / "home")
    assert refusal(backups.back_up, workspace, workspace.home / "backup", actor=ME) == "inside_home"
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("Dear")
    assert refusal(backups.back_up, workspace, tmp_path / "full", actor=ME) == "not_empty"
    assert refusal(backups.wrong, tmp_path / "full") == "no_backup"


def test_a_damaged_ledger_is_not_backed_up_as_if_it_were_sound(tmp_path: Path) -> None:
    workspace = kept(tmp_path / "home")
    (path,) = workspace.home.glob("ledgers/*/invoices.parquet")
    flip(path, 400)
    assert refusal(backups.back_up, workspace, tmp_path / "backup", actor=ME) == "damaged"
    assert not (tmp_path / "backup").exists()


def test_damaged_predictions_are_left_out_for_they_are_computed_again(tmp_path: Path) -> None:
    workspace = kept(tmp_path / "home")
    (path,) = workspace.home.glob("predictions/*/*/*.parquet")
    sound = path.read_bytes()
    flip(path, 400)
    backups.back_up(workspace, tmp_path / "backup", actor=ME)
    restored = backups.restore(tmp_path / "backup", tmp_path / "again", actor=ME)
    (ledger,) = ledgers.listed(restored)
    assert predictions.active(restored, ledger.id, AS_OF, actor=ME).read_bytes() == sound


@pytest.mark.slow
def test_who_has_no_backup_of_the_newest_ledger_is_reminded(tmp_path: Path) -> None:
    workspace = opened(tmp_path / "home")
    assert backups.reminder(workspace) == ""
    commit(workspace, small_ledger(), actor=ME)
    assert backups.reminder(workspace) == backups.NEVER
    backups.back_up(workspace, tmp_path / "backup", actor=ME)
    assert backups.reminder(workspace) == ""
    assert backups.reminder(backups.restore(tmp_path / "backup", tmp_path / "again", actor=ME)) == ""
    commit(workspace, small_ledger(), actor=ME)
    assert backups.reminder(workspace) == backups.OLDER
