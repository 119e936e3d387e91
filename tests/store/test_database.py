"""Is the database what the code expects, whoever opens it first?"""

import json
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store.database import HEAD, migrate, sqlite
from insights.store.store import Store
from insights.store.tables import Base
from tests.support.processes import start
from tests.support.workspaces import ME, small_ledger


def test_the_home_can_be_moved(tmp_path: Path) -> None:
    ledger = commit(Store.open(tmp_path / "here"), small_ledger(), actor=ME)
    (tmp_path / "here").rename(tmp_path / "there")
    assert ledgers.load(Store.open(tmp_path / "there"), ledger.id).fingerprint == ledger.fingerprint


def test_migrations_make_exactly_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    engine = sqlite(tmp_path / "new.sqlite")
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    migrations = Path(__file__).parents[2] / "insights" / "store" / "migrations"
    assert ScriptDirectory(str(migrations)).get_current_head() == HEAD


@pytest.mark.slow
def test_many_processes_may_open_a_new_workspace_at_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    code = "from insights.store import ledgers; from insights.store.store import Store; print(len(ledgers.listed(Store.open())))"
    running = [start(home, code) for _ in range(3)]
    assert [process.wait(timeout=180) for process in running] == [0, 0, 0]


def test_ids_are_uuids_and_paths_are_relative(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    assert len(ledger.id) == 36
    meta = json.loads((workspace.home / "ledgers" / ledger.id / "ledger.json").read_text())
    assert str(workspace.home) not in json.dumps(meta)
    assert str(workspace.home).encode() not in (workspace.home / "workspace.sqlite").read_bytes()
