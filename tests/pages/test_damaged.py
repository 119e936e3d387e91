"""Does a damaged workspace say what is wrong, and show nothing of what it is not sure of?"""

from pathlib import Path

import pytest

from insights.services import backups
from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store.store import Store
from tests.support.damage import flip
from tests.support.screens import said, screen
from tests.support.workspaces import ME, small_ledger

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("page", ["start.py", "ledgers.py", "open_invoices.py"])
def test_files_without_a_database_are_no_empty_workspace(workspace: Store, page: str) -> None:
    commit(workspace, small_ledger(), actor=ME)
    for path in workspace.home.glob("workspace.sqlite*"):
        path.unlink()
    before = sorted(workspace.home.rglob("*"))
    assert "(workspace.sqlite) is missing" in said(screen(page))
    assert sorted(workspace.home.rglob("*")) == before


def test_a_damaged_ledger_is_named_and_can_be_deleted_on_the_list(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    flip(workspace.home / "ledgers" / ledger.id / "invoices.parquet", 500)
    assert f"“Example” ({ledger.id}) is damaged" in said(screen("open_invoices.py"))
    app = screen("ledgers.py")
    next(each for each in app.button if each.key == f"delete_{ledger.id}").click().run()
    next(each for each in app.button if each.label == "Delete for good").click().run()
    assert not app.exception
    assert ledgers.listed(workspace) == []


def test_the_sidebar_reminds_of_a_backup_in_one_line(small_workspace: Store, tmp_path: Path) -> None:
    assert any("No backup yet" in each.value for each in screen("ledgers.py").caption)
    backups.back_up(small_workspace, tmp_path / "backup", actor=ME)
    assert not any("backup" in each.value for each in screen("ledgers.py").caption)
