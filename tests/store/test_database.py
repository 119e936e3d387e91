"""Is the database what the code expects, whoever opens it first?"""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from insights.services.ledgers import commit
from insights.store import audit, ledgers
from insights.store.database import HEAD
from insights.store.integrity import examine
from insights.store.store import Store
from insights.store.tables import Base, now
from tests.support.postgres import ON_SQLITE, SQLITE
from tests.support.processes import refusal, start
from tests.support.versions import as_before
from tests.support.workspaces import ME, small_ledger


def test_the_home_can_be_moved(tmp_path: Path) -> None:
    ledger = commit(Store.open(tmp_path / "here"), small_ledger(), actor=ME)
    (tmp_path / "here").rename(tmp_path / "there")
    assert ledgers.load(Store.open(tmp_path / "there"), ledger.id).fingerprint == ledger.fingerprint


@pytest.mark.slow
def test_migrations_make_exactly_the_tables_that_the_code_uses(workspace: Store) -> None:
    with workspace.database.engine.connect() as connection:
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


@ON_SQLITE
def test_ids_are_uuids_and_paths_are_relative(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    assert len(ledger.id) == 36
    meta = json.loads((workspace.home / "ledgers" / ledger.id / "ledger.json").read_text())
    assert str(workspace.home) not in json.dumps(meta)
    assert str(workspace.home).encode() not in (workspace.home / "workspace.sqlite").read_bytes()


def a_workspace(home: Path) -> Store:
    workspace = Store.open(home)
    commit(workspace, small_ledger(), actor=ME)
    return workspace


@pytest.mark.parametrize("left", [None, b""], ids=["missing", "empty"])
def test_files_without_a_database_are_no_empty_workspace(tmp_path: Path, left: bytes | None) -> None:
    a_workspace(tmp_path)
    for path in tmp_path.glob("workspace.sqlite*"):
        path.unlink()
    if left is not None:
        (tmp_path / "workspace.sqlite").write_bytes(left)
    before = sorted(tmp_path.rglob("*"))
    assert refusal(Store.open, tmp_path) == "no_database"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.slow
def test_a_database_of_a_later_version_is_not_touched(tmp_path: Path) -> None:
    with a_workspace(tmp_path).database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert refusal(Store.open, tmp_path) == "newer_database"


@pytest.mark.parametrize("damage", ["no database at all", "a page of zeros", "words that are no text"])
@pytest.mark.slow
def test_a_damaged_database_is_named(tmp_path: Path, damage: str) -> None:
    a_workspace(tmp_path).database.engine.dispose()
    path = tmp_path / "workspace.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    whole = bytearray(path.read_bytes())
    if damage == "no database at all":
        whole[:16] = b"something else !"
    elif damage == "words that are no text":
        whole = whole.replace(b"CREATE TABLE", b"CREATE T\xf1BLE")
    else:
        whole[4096 : 2 * 4096] = bytes(4096)
    path.write_bytes(whole)
    assert refusal(Store.open, tmp_path) == "damaged_database"


def test_a_row_that_is_not_as_it_was_written_is_not_shown(workspace: Store) -> None:
    """What the customers owe, 25.00 EUR, becomes 26.00: the database itself finds nothing wrong with that."""
    commit(workspace, small_ledger(), actor=ME)
    with workspace.database.write() as session:
        other = "replace(CAST(outstanding AS TEXT), '2500', '2600')"
        other = other if workspace.database.engine.dialect.name == SQLITE else f"CAST({other} AS JSON)"
        changed = session.execute(text(f"UPDATE ledgers SET outstanding = {other}"))  # noqa: S608 - ours
        assert changed.rowcount == 1  # type: ignore[attr-defined]
    assert refusal(ledgers.listed, workspace) == "damaged_database"


@pytest.mark.slow
@ON_SQLITE
@pytest.mark.parametrize(
    "damage", ["companies = '[\"north'", "complete_through = 'Tuesday'", "created_at = 7", "outstanding = x'00'", "name = x'c3'"]
)
def test_what_stands_in_a_row_and_is_none_of_its_values_is_not_shown(workspace: Store, damage: str) -> None:
    commit(workspace, small_ledger(), actor=ME)
    with workspace.database.write() as session:
        session.execute(text(f"UPDATE ledgers SET {damage}"))  # noqa: S608 - ours
    assert refusal(ledgers.listed, workspace) == "damaged_database"


@pytest.mark.slow
def test_rows_have_their_order_whatever_the_clock_says(workspace: Store) -> None:
    """The clock goes back by an hour between two records."""
    with workspace.database.write() as session:
        audit.record(session, ME, "first", "1")
        audit.record(session, ME, "second", "1")
    with workspace.database.write() as session:
        audit.record(session, ME, "third", "1")
        (third,) = session.new
        third.created_at = now() - timedelta(hours=1)
    assert [each.action for each in audit.listed(workspace)] == ["third", "second", "first"]


@pytest.mark.slow
def test_a_workspace_of_before_has_its_rows_numbered_and_sealed(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path)
    with workspace.database.write() as session:
        audit.record(session, ME, "later", "1")
    before = audit.listed(workspace)
    as_before(workspace, "0003")
    reopened = Store.open(tmp_path)
    assert [(each.sequence, each.actor, each.at, each.details) for each in audit.listed(reopened)] == [
        (each.sequence, each.actor, each.at, each.details) for each in before
    ]
    assert examine(reopened).faults == (), "they are chained as they stand"
    assert [each.action for each in before] == ["later", "ledger.commit"]
    assert ledgers.load(reopened, ledgers.get(reopened).id).fingerprint == small_ledger().fingerprint
