"""Is nothing left over that nobody needs, and nothing removed that somebody does?"""

from datetime import date

import pytest

from insights.model.recipe import Recipe
from insights.sandbox import folders
from insights.services import background, predictions
from insights.services.ledgers import commit, delete
from insights.store import files, housekeeping, integrity, ledgers, lineages
from insights.store import models as model_store
from insights.store.store import Store
from insights.store.tables import new_id
from tests.support.jobs import no_worker
from tests.support.postgres import ON_SQLITE
from tests.support.processes import aged, died
from tests.support.workspaces import ME, ledger_of, rates_model, small_ledger


def test_tidying_removes_old_locks_that_nobody_holds(workspace: Store) -> None:
    old, new, held, worker = (workspace.database.lock_file(name) for name in ("old", "new", "held", "worker"))
    for path in (old, new, held, worker):
        with files.lock(path):
            pass
    for path in (old, held, worker):
        aged(path)
    with files.lock(held):
        housekeeping.tidy(workspace)
    assert [path.exists() for path in (old, new, held, worker)] == [False, True, True, True]


@pytest.mark.slow
def test_tidying_finishes_a_deletion_and_leaves_everything_else_alone(workspace: Store) -> None:
    ledger, other = commit(workspace, small_ledger(), actor=ME), commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), other.id, actor=ME)
    path = predictions.of_model(workspace, other.id, model_id, date(2024, 4, 1), actor=ME)
    died(workspace, "ledger.deleted", f"ledgers.delete(Store.open(), '{ledger.id}', actor=laptop('me'))")
    housekeeping.tidy(workspace)
    assert not (workspace.home / "ledgers" / ledger.id).exists()
    assert path.exists()
    assert ledgers.load(workspace, other.id).fingerprint == other.fingerprint
    assert model_store.load(workspace, model_id) == rates_model()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("ledger.written", "ledgers.commit(Store.open(), small_ledger(), actor=laptop('me'))"),
        ("ledger.placed", "ledgers.commit(Store.open(), small_ledger(), actor=laptop('me'))"),
        ("model.written", "models.save(Store.open(), rates_model(), '', actor=laptop('me'))"),
        ("model.placed", "models.save(Store.open(), rates_model(), '', actor=laptop('me'))"),
    ],
)
def test_what_a_killed_process_left_between_files_and_row_is_swept(workspace: Store, where: str, code: str) -> None:
    died(workspace, where, f"from insights.store import models; from tests.support.workspaces import *; {code}")
    left = [path for kind in ("ledgers", "models") for path in (workspace.home / kind).glob("*")]
    assert left
    housekeeping.tidy(workspace)
    assert [path for path in left if path.exists()] == []


@pytest.mark.slow
def test_predictions_whose_process_was_killed_before_their_file_are_taken_off_the_record(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    making = f"predictions.of_model(Store.open(), '{ledger.id}', '{model_id}', date(2024, 4, 1), actor=laptop('me'))"
    died(workspace, "predictions.listed", f"from datetime import date; {making}")
    assert integrity.examine(workspace).faults
    with workspace.lock(f"predictions-{ledger.id}-{model_id}-2024-04-01"):
        housekeeping.tidy(workspace)
        assert integrity.examine(workspace).faults, "somebody is just making them"
    housekeeping.tidy(workspace)
    assert integrity.examine(workspace).faults == ()
    assert predictions.of_model(workspace, ledger.id, model_id, date(2024, 4, 1), actor=ME).exists()


def test_what_is_just_being_committed_is_spared(workspace: Store) -> None:
    """A sweep between the files of a ledger and its row."""
    with ledgers.being_written(workspace) as ledger_id:
        kept = ledgers.save(workspace, small_ledger(), ledger_id)
        housekeeping.tidy(workspace)
        with workspace.database.write() as session:
            ledgers.add(session, workspace, kept, lineage_id=lineages.add(session, actor=ME), actor=ME)
    assert ledgers.load(workspace, ledger_id).fingerprint == small_ledger().fingerprint
    housekeeping.tidy(workspace)
    assert ledgers.load(workspace, ledger_id).fingerprint == small_ledger().fingerprint


def test_what_is_begun_is_removed_as_soon_as_its_writer_is_dead(workspace: Store) -> None:
    """One whose writer lives, one whose writer died, one half removed, one of a version that locked nothing."""
    folder = workspace.home / "ledgers"
    folder.mkdir()
    living, dead, gone, old = (folder / name for name in (".begun-1", ".begun-2", ".gone-3", ".begun-4"))
    for path in (living, dead, gone, old):
        path.mkdir()
    (folder / ".begun-2.held").touch()
    with files.lock(folder / ".begun-1.held"):
        housekeeping.tidy(workspace)
        assert sorted(path.name for path in folder.iterdir()) == [".begun-1", ".begun-1.held", ".begun-4"]
    aged(old)
    housekeeping.tidy(workspace)
    assert list(folder.iterdir()) == []


def test_uploads_that_no_tab_holds_are_swept(workspace: Store) -> None:
    held = folders.hold(workspace.home / "uploads")
    left = workspace.home / "uploads" / "left"
    left.mkdir()
    aged(left)
    housekeeping.tidy(workspace)
    assert (held.path.exists(), left.exists()) == (True, False)


@pytest.mark.slow
def test_computed_files_that_nothing_speaks_of_are_swept(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    path = predictions.of_model(workspace, ledger.id, model_id, date(2024, 4, 1), actor=ME)
    stray = path.with_name("2024-04-02.parquet")
    stray.write_bytes(path.read_bytes())
    elsewhere = workspace.home / "replays" / new_id() / "recipe" / "2024-01-01.parquet"
    elsewhere.parent.mkdir(parents=True)
    elsewhere.write_bytes(b"")
    housekeeping.tidy(workspace)
    assert (path.exists(), stray.exists(), elsewhere.parents[1].exists()) == (True, False, False)


@ON_SQLITE
def test_after_a_deletion_what_the_ledger_said_is_nowhere_but_on_record(workspace: Store) -> None:
    """A customer called Planted, an invoice P-4711; the ledger's own name is on record."""
    ledger = ledger_of("Plantedco Planted P-4711 2024-02-05 2024-03-06 - 2500 EUR", name="Plantedname")
    kept = commit(workspace, ledger, actor=ME)
    model_id = model_store.save(workspace, rates_model(), kept.id, actor=ME)
    predictions.of_model(workspace, kept.id, model_id, date(2024, 4, 1), actor=ME)
    with no_worker(workspace):
        background.train(workspace, kept.id, date(2024, 4, 1), Recipe(rows=("company=Plantedco",)), actor=ME)
        delete(workspace, kept.id, actor=ME)
    housekeeping.tidy(workspace)
    found = {path.name for path in workspace.home.rglob("*") if path.is_file() and b"Planted" in path.read_bytes()}
    assert found <= {"workspace.sqlite", "workspace.sqlite-wal"}
    with workspace.database.engine.connect() as connection:
        dump = [line for line in connection.connection.dbapi_connection.iterdump() if "Planted" in line]  # type: ignore[union-attr]
    assert {line.split('"')[1] for line in dump} == {"records"}
    whole = (workspace.home / "workspace.sqlite").read_bytes()
    assert whole.count(b"Plantedname") == len(dump)  # nor in what is left of deleted rows
    assert b"Plantedco" not in whole


@ON_SQLITE
def test_tidying_removes_what_older_versions_kept_in_the_home(workspace: Store) -> None:
    """Jobs were once woken by a queue in a file of its own."""
    left = [workspace.home / name for name in ("queue.sqlite", "queue.sqlite-wal")]
    for path in left:
        path.write_bytes(b"")
    housekeeping.tidy(workspace)
    assert [path for path in left if path.exists()] == []
    assert (workspace.home / "workspace.sqlite").exists()
