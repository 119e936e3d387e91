"""Is a workspace of an earlier version backed up and tried before it is changed?"""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from insights.services import backups, publishing, upgrade
from insights.services.ledgers import commit
from insights.store import audit, ledgers, models, publications
from insights.store.database import HEAD, revision
from insights.store.store import Store
from tests.support.damage import flip
from tests.support.postgres import POSTGRES, SQLITE
from tests.support.processes import refusal
from tests.support.versions import as_before
from tests.support.workspaces import ME, rates_model, small_ledger

BEFORE = "0009"


@pytest.fixture(params=[SQLITE, pytest.param(POSTGRES, marks=pytest.mark.slow)])
def earlier(
    request: pytest.FixtureRequest, tmp_path: Path, use_database: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> Store:
    """A workspace with a published model as an earlier version left it, on either kind of database."""
    use_database(request.param)
    monkeypatch.setenv("INSIGHTS_HOME", str(tmp_path / "home"))
    store = Store.open()
    ledger = commit(store, small_ledger(), actor=ME)
    publishing.publish(store, models.save(store, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    as_before(store, BEFORE)
    return store


@pytest.mark.slow
def test_a_check_backs_up_tries_it_on_a_copy_and_changes_nothing(earlier: Store, tmp_path: Path) -> None:
    trial = upgrade.try_out(tmp_path / "backup", actor=ME)
    assert (trial.before, trial.after, trial.passed) == (BEFORE, HEAD, True)
    assert revision(earlier.database.engine) == BEFORE
    assert backups.wrong(tmp_path / "backup") == []
    assert trial.manifest["revision"] == BEFORE  # so that the version that wrote it takes it back


@pytest.mark.slow
def test_an_upgrade_is_on_record_and_its_backup_comes_back(
    earlier: Store, tmp_path: Path, use_database: Callable[[str], None]
) -> None:
    assert upgrade.upgrade(tmp_path / "backup", actor=ME).passed
    store = Store.open()
    (published,) = publications.listed(store)
    assert [each.action for each in audit.listed(store)][:2] == ["workspace.upgrade", "workspace.backup"]
    assert backups.examine(store).faults == ()
    use_database(SQLITE)
    restored = backups.restore(tmp_path / "backup", tmp_path / "again", actor=ME)
    assert publications.listed(restored) == [published]
    assert ledgers.listed(restored) == ledgers.listed(store)


@pytest.mark.slow
def test_what_is_damaged_is_not_upgraded(earlier: Store, tmp_path: Path) -> None:
    (path,) = earlier.home.glob("ledgers/*/invoices.parquet")
    flip(path, 400)
    assert refusal(upgrade.upgrade, tmp_path / "backup", actor=ME) == "damaged"
    assert revision(earlier.database.engine) == BEFORE
    assert not (tmp_path / "backup").exists()


@pytest.mark.slow
def test_what_was_changed_past_the_program_is_named_after_a_migration_too(earlier: Store, tmp_path: Path) -> None:
    """A record and a model of before: the migrations seal neither anew."""
    with earlier.database.engine.begin() as connection:
        connection.execute(text("UPDATE records SET actor = 'somebody else' WHERE sequence = 1"))
    trial = upgrade.try_out(tmp_path / "backup", actor=ME)
    assert [fault.part.partition(" (")[0] for fault in trial.faults] == ["the record of who did what: number 1"]
    assert refusal(upgrade.upgrade, tmp_path / "again", actor=ME) == "upgrade_failed"
    with earlier.database.engine.begin() as connection:
        connection.execute(text("UPDATE models SET name = 'otherwise'"))
    assert refusal(upgrade.try_out, tmp_path / "third", actor=ME) == "damaged_database"
    assert revision(earlier.database.engine) == BEFORE


@pytest.mark.slow
def test_what_a_later_version_wrote_is_refused(earlier: Store, tmp_path: Path) -> None:
    with earlier.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert refusal(upgrade.try_out, tmp_path / "backup", actor=ME) == "newer_database"
    assert not (tmp_path / "backup").exists()


def test_where_there_is_no_workspace_there_is_nothing_to_upgrade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_HOME", str(tmp_path / "home"))
    assert refusal(upgrade.try_out, tmp_path / "backup", actor=ME) == "no_workspace"
    assert not (tmp_path / "home").exists()
