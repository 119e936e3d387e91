"""The workspace keeps what it was given, byte for byte, says who did what, and lets one of two publishers win."""

import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from insights.ledger.errors import Refused
from insights.services import contents, model_archive, predictions, publishing
from insights.services.ledgers import commit, delete
from insights.store import audit, files, housekeeping, ledgers, publications
from insights.store import models as model_store
from insights.store.archive import packed
from insights.store.database import HEAD, migrate, sqlite
from insights.store.records import ALL_COMPANIES, Scope
from insights.store.replays import MOST_KEPT, lock_of
from insights.store.store import Store
from insights.store.tables import Base, new_id
from tests.support.workspaces import ME, SMALL, ledger_of, rates_model, small_ledger


def refusal(call: object, *arguments: object, **named: object) -> str:
    """The code with which a call is refused."""
    with pytest.raises(Refused) as caught:
        call(*arguments, **named)  # type: ignore[operator]
    return caught.value.code


# Ledgers


def test_a_committed_ledger_comes_back_the_same(workspace: Store) -> None:
    given = small_ledger()
    committed = commit(workspace, given, actor=ME)
    back = ledgers.load(workspace, committed.id)
    assert back.fingerprint == committed.fingerprint == given.fingerprint
    assert back.invoices.equals(given.invoices)
    assert (back.problems, back.rows_read, back.rows_ignored, back.name) == (given.problems, 6, 1, "Example")


def test_a_ledgers_record_says_what_the_lists_show(workspace: Store) -> None:
    """Of the example's four invoices two are open: 25.00 EUR and 0.99 USD; one row was set aside, one ignored."""
    before = datetime.now(UTC)
    commit(workspace, small_ledger(), actor=ME)
    (record,) = ledgers.listed(workspace)
    assert (record.rows, record.rows_read, record.rows_set_aside, record.rows_ignored) == (4, 6, 1, 1)
    assert record.outstanding == {"EUR": 2500, "USD": 99}
    assert record.problems == {"no_number": 1}
    assert (record.companies, record.customers) == (("north", "south"), 2)
    assert (record.complete_through, record.last_as_of) == (date(2024, 3, 31), date(2024, 4, 1))
    assert before <= record.created_at <= datetime.now(UTC)
    assert record.actor == ME


def test_the_newest_ledger_is_the_default_and_an_empty_workspace_says_so(workspace: Store) -> None:
    assert refusal(ledgers.load, workspace) == "no_ledger"
    commit(workspace, small_ledger(), actor=ME)
    newest = commit(workspace, small_ledger(), actor=ME)
    assert ledgers.load(workspace).id == newest.id
    assert ledgers.listed(workspace)[0].id == newest.id
    assert refusal(ledgers.load, workspace, "nonsense") == "no_ledger"


def test_a_ledger_without_rows_is_refused(workspace: Store) -> None:
    assert refusal(commit, workspace, ledger_of(""), actor=ME) == "empty_ledger"


@pytest.mark.parametrize("name", ["invoices.parquet", "problems.parquet", "ledger.json"])
def test_a_changed_byte_in_a_ledger_is_refused(workspace: Store, name: str) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    path = workspace.home / "ledgers" / ledger.id / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert refusal(ledgers.load, workspace, ledger.id) == "damaged"


def test_the_home_can_be_moved(tmp_path: Path) -> None:
    ledger = commit(Store.open(tmp_path / "here"), small_ledger(), actor=ME)
    (tmp_path / "here").rename(tmp_path / "there")
    assert ledgers.load(Store.open(tmp_path / "there"), ledger.id).fingerprint == ledger.fingerprint


# Deleting


def test_deleting_a_ledger_removes_everything_derived_and_is_recorded(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    other = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    publishing.publish(workspace, model_id, replaces=None, actor=ME)
    mine, theirs = (predictions.of_model(workspace, kept.id, model_id, date(2024, 4, 1), actor=ME) for kept in (ledger, other))
    delete(workspace, ledger.id, actor=ME)
    assert [record.id for record in ledgers.listed(workspace)] == [other.id]
    assert model_store.listed(workspace) == []
    assert publications.in_force(workspace) is None
    assert not mine.exists()
    assert not theirs.exists()
    left = [path for path in workspace.home.rglob("*") if ledger.id in path.name or model_id in path.name]
    assert [path for path in left if path.parent.name != "locks"] == []
    (deleted,) = [record for record in audit.listed(workspace, ledger.id) if record.action == "ledger.delete"]
    assert (deleted.actor, deleted.details["models"]) == (ME, [model_id])


def test_a_deletion_that_died_before_its_files_were_gone_is_completed_by_the_next(workspace: Store) -> None:
    ledger, other = commit(workspace, small_ledger(), actor=ME), commit(workspace, small_ledger(), actor=ME)
    died(workspace, "ledger.deleted", f"ledgers.delete(Store.open(), '{ledger.id}', actor='me')")
    assert (workspace.home / "ledgers" / ledger.id).exists()
    assert [record.id for record in ledgers.listed(workspace)] == [other.id]
    delete(workspace, other.id, actor=ME)
    assert not (workspace.home / "ledgers" / ledger.id).exists()


# Models


def test_a_model_comes_back_and_a_changed_byte_is_refused(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, name="Rates", actor=ME)
    assert model_store.load(workspace, model_id) == rates_model()
    record = model_store.get(workspace, model_id)
    assert (record.name, record.ledger_id, record.trained_as_of) == ("Rates", ledger.id, date(2024, 3, 1))
    assert (record.fields, record.metrics, record.recipe["very_late_days"]) == (("amount",), {"log_loss": 0.5}, 30)
    path = workspace.home / "models" / model_id / "model.json"
    path.write_text(path.read_text().replace("0.75", "0.76"))
    assert refusal(model_store.load, workspace, model_id) == "damaged"


def test_saving_under_an_id_that_is_there_changes_nothing(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    assert model_store.save(workspace, rates_model(late=0.9), ledger.id, model_id=model_id, actor=ME) == model_id
    assert model_store.load(workspace, model_id) == rates_model()
    assert len(model_store.listed(workspace)) == 1


def test_the_model_that_speaks_was_trained_by_then_and_the_published_one_first(workspace: Store) -> None:
    """Models of 1 February, 1 March and 1 April; the one of March is published."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    february, march, april = (
        model_store.save(workspace, rates_model(date(2024, month, 1)), ledger.id, actor=ME) for month in (2, 3, 4)
    )
    assert contents.read(workspace).model_for(ledger, date(2024, 1, 31)) is None
    assert contents.read(workspace).model_for(ledger, date(2024, 4, 1)) == april
    publishing.publish(workspace, march, replaces=None, actor=ME)
    assert contents.read(workspace).model_for(ledger, date(2024, 4, 1)) == march
    assert contents.read(workspace).model_for(ledger, date(2024, 3, 1)) == march
    assert contents.read(workspace).model_for(ledger, date(2024, 2, 29)) == february


def test_a_model_of_other_companies_does_not_speak(workspace: Store) -> None:
    """The model of the sample (companies north and south) is published when a ledger without companies arrives."""
    sample = commit(workspace, small_ledger(), actor=ME)
    own = commit(workspace, ledger_of(SMALL.replace("north", "east").replace("south", "east")), actor=ME)
    model_id = model_store.save(workspace, rates_model(), sample.id, actor=ME)
    publishing.publish(workspace, model_id, replaces=None, actor=ME)
    at = date(2024, 4, 1)
    assert contents.read(workspace).model_for(sample, at) == model_id
    assert contents.read(workspace).model_for(own, at) is None
    newer = commit(workspace, small_ledger(), actor=ME)
    assert contents.read(workspace).model_for(newer, at) == model_id
    publishing.publish(workspace, model_id, replaces=None, scope=Scope("east"), reason="they pay alike", actor=ME)
    assert contents.read(workspace).model_for(own, at, "east") == model_id
    assert contents.read(workspace).model_for(own, at) is None


# Publications


def test_publishing_expects_what_was_seen(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    one, two = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    first = publishing.publish(workspace, one, replaces=None, threshold=0.4, reason="to begin with", actor=ME)
    assert refusal(publishing.publish, workspace, two, replaces=None, actor=ME) == "overtaken"
    second = publishing.publish(workspace, two, replaces=first.id, actor=ME)
    assert refusal(publishing.publish, workspace, one, replaces=first.id, actor=ME) == "overtaken"
    assert publications.in_force(workspace) == second
    assert [entry.number for entry in publications.listed(workspace)] == [2, 1]
    assert (first.reason, first.threshold, first.actor) == ("to begin with", 0.4, ME)
    assert (publications.threshold(workspace, one), publications.threshold(workspace, two)) == (0.4, 0.5)


def test_a_model_that_cannot_be_read_is_neither_published_nor_rolled_back_to(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    one, two = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    first = publishing.publish(workspace, one, replaces=None, actor=ME)
    second = publishing.publish(workspace, two, replaces=first.id, actor=ME)
    (workspace.home / "models" / one / "model.json").write_text("{}")
    assert refusal(publishing.publish, workspace, one, replaces=second.id, actor=ME) == "damaged"
    assert refusal(publishing.roll_back, workspace, replaces=second.id, actor=ME) == "damaged"
    assert publications.in_force(workspace) == second


def test_the_threshold_changes_without_training(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    first = publishing.publish(workspace, model_id, replaces=None, actor=ME)
    publishing.publish(workspace, model_id, replaces=first.id, threshold=0.7, actor=ME)
    assert publications.threshold(workspace, model_id) == 0.7
    assert len(model_store.listed(workspace)) == 1
    assert refusal(publishing.publish, workspace, model_id, replaces=None, threshold=1.0, actor=ME) == "threshold"


def test_rolling_back_twice_goes_two_back(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    models = [model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2, 0.3)]
    entry = None
    for number, model_id in enumerate(models):
        entry = publishing.publish(
            workspace, model_id, replaces=entry.id if entry else None, threshold=0.4 + number / 10, actor=ME
        )
    assert entry is not None
    back = publishing.roll_back(workspace, replaces=entry.id, reason="too many flags", actor=ME)
    assert (back.model_id, back.threshold, back.kind, back.reason) == (models[1], 0.5, "roll_back", "too many flags")
    again = publishing.roll_back(workspace, replaces=back.id, actor=ME)
    assert again.model_id == models[0]
    assert refusal(publishing.roll_back, workspace, replaces=again.id, actor=ME) == "nothing_before"
    assert len(publications.listed(workspace)) == 5


def test_a_company_can_have_a_model_of_its_own(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    everybody, north = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    publishing.publish(workspace, everybody, replaces=None, actor=ME)
    publishing.publish(workspace, north, replaces=None, scope=Scope("north"), actor=ME)
    at = date(2024, 4, 1)
    assert [contents.read(workspace).model_for(ledger, at, company) for company in ("", "north", "south")] == [
        everybody,
        north,
        everybody,
    ]
    assert refusal(publishing.publish, workspace, north, replaces=None, scope=Scope("nowhere"), actor=ME) == "no_company"


def test_a_company_goes_back_to_the_model_of_all_companies(workspace: Store) -> None:
    """North gets a model of its own and is rolled back; gets another, twice, and is rolled back step by step."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    everybody, north = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    at = date(2024, 4, 1)
    first = publishing.publish(workspace, north, replaces=None, scope=Scope("north"), actor=ME)
    assert refusal(publishing.roll_back, workspace, replaces=first.id, scope=Scope("north"), actor=ME) == "nothing_before"
    for_all = publishing.publish(workspace, everybody, replaces=None, threshold=0.3, actor=ME)
    assert publications.before(workspace, first.id) == for_all
    back = publishing.roll_back(workspace, replaces=first.id, scope=Scope("north"), reason="too early", actor=ME)
    assert (back.kind, back.model_id, back.reason) == ("withdraw", "", "too early")
    assert publications.in_force(workspace, Scope("north")) is None
    assert contents.read(workspace).model_for(ledger, at, "north") == everybody
    assert publications.threshold(workspace, everybody, "north") == 0.3
    assert refusal(publishing.roll_back, workspace, replaces=first.id, scope=Scope("north"), actor=ME) == "overtaken"
    second = publishing.publish(workspace, north, replaces=None, scope=Scope("north"), threshold=0.4, actor=ME)
    third = publishing.publish(workspace, north, replaces=second.id, scope=Scope("north"), threshold=0.6, actor=ME)
    again = publishing.roll_back(workspace, replaces=third.id, scope=Scope("north"), actor=ME)
    assert (again.kind, again.threshold) == ("roll_back", 0.4)
    assert publishing.roll_back(workspace, replaces=again.id, scope=Scope("north"), actor=ME).kind == "withdraw"
    assert publications.in_force(workspace) == for_all


def test_of_many_who_publish_at_once_exactly_one_wins_and_all_is_recorded(workspace: Store) -> None:
    """500 rounds; in each, four users want to replace the same publication at the same moment."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    models = [model_store.save(workspace, rates_model(late=(1 + number) / 10), ledger.id, actor=ME) for number in range(4)]
    rounds = 500
    seen: str | None = None
    barrier = threading.Barrier(len(models))
    others = [Store.open(workspace.home) for _ in models]

    def attempt(number: int, expected: str | None) -> str:
        barrier.wait()
        try:
            actor = f"user {number}"
            return publishing.publish(others[number], models[number], replaces=expected, actor=actor).id
        except Refused as error:
            return error.code

    with ThreadPoolExecutor(len(models)) as pool:
        for _ in range(rounds):
            seen, *others_got = sorted(pool.map(attempt, range(len(models)), [seen] * len(models)), key="overtaken".__eq__)
            assert others_got == ["overtaken"] * 3
    entries = publications.listed(workspace)
    assert [entry.number for entry in entries] == list(range(rounds, 0, -1))
    assert all(entry.replaces == before.id for entry, before in pairwise(entries))
    recorded = {record.subject: record.actor for record in audit.listed(workspace) if record.action == "model.publish"}
    assert recorded == {entry.id: entry.actor for entry in entries}


def test_processes_that_publish_at_once_never_overwrite_each_other(workspace: Store) -> None:
    """Three processes publish forty times each, looking again whenever they were overtaken."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    code = f"""
from insights.ledger.errors import Refused
from insights.services import publishing
from insights.store import publications
from insights.store.store import Store
store, done = Store.open(), 0
while done < 40:
    seen = publications.in_force(store)
    try:
        publishing.publish(store, "{model_id}", replaces=seen.id if seen else None, actor="me")
        done += 1
    except Refused as error:
        assert error.code == "overtaken", error
"""
    running = [python(workspace, code) for _ in range(3)]
    assert [process.wait(timeout=180) for process in running] == [0, 0, 0]
    entries = publications.listed(workspace)
    assert [entry.number for entry in entries] == list(range(120, 0, -1))
    assert len([record for record in audit.listed(workspace) if record.action == "model.publish"]) == 120


# Predictions


def test_predictions_are_computed_once_and_carry_their_model(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    at = date(2024, 4, 1)
    assert not predictions.kept(workspace, ledger.id, model_id, at)
    path = predictions.of_model(workspace, ledger.id, model_id, at, actor=ME)
    written = path.stat().st_mtime_ns
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: predictions.of_model(workspace, ledger.id, model_id, at, actor=ME), range(8))) == {path}
    assert path.stat().st_mtime_ns == written
    assert pq.read_table(path)["model"].to_pylist() == [model_id, model_id]
    assert [record.action for record in audit.listed(workspace)].count("predictions.make") == 1


def test_a_model_never_predicts_days_whose_answers_it_saw(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(date(2024, 3, 1)), ledger.id, actor=ME)
    assert refusal(predictions.of_model, workspace, ledger.id, model_id, date(2024, 2, 29), actor=ME) == "trained_too_late"


def test_each_company_is_predicted_by_the_model_in_force_for_it(workspace: Store) -> None:
    """North is predicted by its own model, south by the one for all; each at the threshold it was published with."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    everybody, north = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    at = date(2024, 4, 1)
    publishing.publish(workspace, everybody, replaces=None, threshold=0.3, actor=ME)
    assert predictions.in_force(workspace, ledger.id, at, actor=ME) == predictions.of_model(
        workspace, ledger.id, everybody, at, actor=ME
    )
    publishing.publish(workspace, north, replaces=None, scope=Scope("north"), threshold=0.6, actor=ME)
    assert predictions.models_in_force(workspace, ledger.id, at) == {"north": north, "south": everybody}
    path = predictions.in_force(workspace, ledger.id, at, actor=ME)
    rows = pq.read_table(path)
    assert dict(zip(rows["company"].to_pylist(), rows["model"].to_pylist(), strict=True)) == {"north": north, "south": everybody}
    assert rows["position"].to_pylist() == sorted(rows["position"].to_pylist())
    assert [publications.threshold(workspace, model, company) for model, company in ((north, "north"), (everybody, "south"))] == [
        0.6,
        0.3,
    ]
    assert [(each.scope, each.model_id) for each in publications.standing(workspace)] == [
        (ALL_COMPANIES, everybody),
        (Scope("north"), north),
    ]
    other = commit(workspace, small_ledger(), actor=ME)
    elsewhere = predictions.in_force(workspace, other.id, at, actor=ME)
    delete(workspace, ledger.id, actor=ME)
    assert not path.exists()
    assert not elsewhere.exists()
    assert refusal(predictions.in_force, workspace, other.id, at, actor=ME) == "no_model"


# The database


def test_migrations_make_exactly_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    engine = sqlite(tmp_path / "new.sqlite")
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    migrations = Path(__file__).parents[2] / "insights" / "store" / "migrations"
    assert ScriptDirectory(str(migrations)).get_current_head() == HEAD


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


# Sudden death


@pytest.mark.parametrize("where", ["ledger.written", "ledger.placed"])
def test_a_commit_that_dies_leaves_no_ledger(workspace: Store, where: str) -> None:
    died(
        workspace,
        where,
        "from tests.support.workspaces import small_ledger; ledgers.commit(Store.open(), small_ledger(), actor='me')",
    )
    assert ledgers.listed(workspace) == []
    assert commit(workspace, small_ledger(), actor=ME).id


@pytest.mark.parametrize("where", ["predictions.written", "predictions.listed"])
def test_predictions_that_die_are_made_again(workspace: Store, where: str) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), ledger.id, actor=ME)
    died(
        workspace,
        where,
        "from datetime import date; "
        f"predictions.of_model(Store.open(), '{ledger.id}', '{model_id}', date(2024, 4, 1), actor='me')",
    )
    assert not predictions.kept(workspace, ledger.id, model_id, date(2024, 4, 1))
    assert pq.read_metadata(predictions.of_model(workspace, ledger.id, model_id, date(2024, 4, 1), actor=ME)).num_rows == 2


def died(workspace: Store, where: str, code: str) -> None:
    """Run code in a process that dies at a fault point."""
    process = python(
        workspace,
        f"from insights.store.store import Store; from insights.services import ledgers, predictions, publishing; {code}",
        INSIGHTS_FAULT=where,
    )
    assert process.wait(timeout=180) == -9


def python(workspace: Store, code: str, **environment: str) -> "subprocess.Popen[bytes]":
    return start(workspace.home, code, **environment)


def start(home: Path, code: str, **environment: str) -> "subprocess.Popen[bytes]":
    """A Python process in this project, working on a home."""
    values = os.environ | {"INSIGHTS_HOME": str(home), "OMP_NUM_THREADS": "1"} | environment
    return subprocess.Popen([sys.executable, "-c", code], env=values, cwd=Path(__file__).parents[2])


# Order


def aged(path: Path, days: float = 2) -> Path:
    """The same file or folder, as if it had been made so many days ago."""
    then = time.time() - days * 24 * 3600
    os.utime(path, (then, then))
    return path


def test_tidying_removes_old_locks_that_nobody_holds(workspace: Store) -> None:
    old, new, held, worker = (workspace.lock_file(name) for name in ("old", "new", "held", "worker"))
    for path in (old, new, held, worker):
        with files.lock(path):
            pass
    for path in (old, held, worker):
        aged(path)
    with files.lock(held):
        housekeeping.tidy(workspace)
    assert [path.exists() for path in (old, new, held, worker)] == [False, True, True, True]


def test_a_lock_has_one_holder_even_while_its_file_is_removed_again_and_again(tmp_path: Path) -> None:
    """Six threads count under the lock, 200 times each, while the file vanishes whenever nobody holds it."""
    path, inside, most, done = tmp_path / "a.lock", [0], [0], threading.Event()

    def remove() -> None:
        while not done.is_set():
            files.remove_lock(path)

    def count() -> None:
        for _ in range(200):
            with files.lock(path):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0)
                inside[0] -= 1

    with ThreadPoolExecutor(7) as pool:
        removing = pool.submit(remove)
        for each in [pool.submit(count) for _ in range(6)]:
            each.result()
        done.set()
        removing.result()
    assert most == [1]


def test_tidying_keeps_the_replays_used_last_and_those_in_use(workspace: Store) -> None:
    """Of 23 recipes the two used longest ago go; the third from the end is being read."""
    ledger = commit(workspace, small_ledger(), actor=ME)
    folders = [workspace.home / "replays" / ledger.id / f"{number:02}" for number in range(MOST_KEPT + 3)]
    for number, folder in enumerate(folders):
        folder.mkdir(parents=True)
        (folder / "2024-01-01.parquet").write_bytes(b"")
        aged(folder, days=number)
    with files.lock(lock_of(workspace, folders[-1])):
        housekeeping.tidy(workspace)
    assert [folder.exists() for folder in folders[-4:]] == [True, False, False, True]
    assert all(folder.exists() for folder in folders[:-3])


def test_tidying_finishes_a_deletion_and_leaves_everything_else_alone(workspace: Store) -> None:
    ledger, other = commit(workspace, small_ledger(), actor=ME), commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), other.id, actor=ME)
    path = predictions.of_model(workspace, other.id, model_id, date(2024, 4, 1), actor=ME)
    died(workspace, "ledger.deleted", f"ledgers.delete(Store.open(), '{ledger.id}', actor='me')")
    housekeeping.tidy(workspace)
    assert not (workspace.home / "ledgers" / ledger.id).exists()
    assert path.exists()
    assert ledgers.load(workspace, other.id).fingerprint == other.fingerprint
    assert model_store.load(workspace, model_id) == rates_model()


# Archives


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


def test_a_different_model_under_a_known_id_is_refused(tmp_path: Path) -> None:
    workspace, model_id, archive = exported(tmp_path)
    other = Store.open(tmp_path / "to")
    ledger = commit(other, small_ledger(), actor=ME)
    model_store.save(other, rates_model(late=0.9), ledger.id, model_id=model_id, actor=ME)
    assert refusal(model_archive.import_, other, archive, actor=ME) == "model_differs"
    assert model_archive.import_(workspace, archive, actor=ME) == model_id
