"""Does a damaged workspace say what is wrong, and show nothing of what it is not sure of?"""

import shutil
from pathlib import Path

import pytest

from insights.cli import run
from insights.services import backups, publishing
from insights.services.ledgers import commit
from insights.store import ledgers, models
from insights.store.store import Store
from tests.support.damage import flip
from tests.support.screens import MAIN, said, screen
from tests.support.workspaces import ME, rates_model, small_ledger

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


PAGES = sorted(path.name for path in MAIN.parent.glob("*.py") if path.name != "main.py")


@pytest.mark.parametrize("damage", ["a bit", "the folder"])
def test_a_published_model_that_is_damaged_before_it_predicted_is_named_on_every_screen_that_needs_it(
    workspace: Store, damage: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """No predictions are kept: whatever is shown would have to be predicted now."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = models.save(workspace, rates_model(), ledger.id, name="Rates", actor=ME)
    publishing.publish(workspace, model_id, replaces=None, actor=ME)
    path = workspace.home / "models" / model_id / "model.json"
    if damage == "a bit":
        flip(path, 999)
    else:
        shutil.rmtree(path.parent)
    named = []
    for page in PAGES:
        app = screen(page)
        words = "\n".join([said(app), *(each.value for each in (*app.error, *app.warning, *app.info))])
        named += [page] if f"“Rates” ({model_id}) is damaged" in words.replace("\\", "").replace("\u2060", "") else []
    assert {"open_invoices.py", "worklist.py", "customers.py", "cash.py"} <= set(named), named
    capfd.readouterr()
    for command in ("score", "worklist", "forecast", "ageing", "figures"):
        code = run([command, *(["--out", str(workspace.home / "out.csv")] if command == "score" else [])])
        told = capfd.readouterr()
        assert "Traceback" not in told.out + told.err, command
        assert "error " not in told.err, (command, told.err)
        assert code == 0 or "is damaged" in told.err, (command, told.err)
