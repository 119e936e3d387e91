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
from insights.services.replays import MOST_KEPT, lock_of
from insights.services.workspace import Workspace
from insights.store import files
from insights.store.archive import packed
from insights.store.database import HEAD, migrate, sqlite
from insights.store.records import ALL_COMPANIES, Scope
from insights.store.store import os_user
from insights.store.tables import Base, new_id
from tests.support.workspaces import SMALL, ledger_of, rates_model, small_ledger


def refusal(call: object, *arguments: object, **named: object) -> str:
    """The code with which a call is refused."""
    with pytest.raises(Refused) as caught:
        call(*arguments, **named)  # type: ignore[operator]
    return caught.value.code


# Ledgers


def test_a_committed_ledger_comes_back_the_same(workspace: Workspace) -> None:
    given = small_ledger()
    committed = workspace.commit(given)
    back = workspace.ledger(committed.id)
    assert back.fingerprint == committed.fingerprint == given.fingerprint
    assert back.invoices.equals(given.invoices)
    assert (back.problems, back.rows_read, back.rows_ignored, back.name) == (given.problems, 6, 1, "Example")


def test_a_ledgers_record_says_what_the_lists_show(workspace: Workspace) -> None:
    """Of the example's four invoices two are open: 25.00 EUR and 0.99 USD; one row was set aside, one ignored."""
    before = datetime.now(UTC)
    workspace.commit(small_ledger())
    (record,) = workspace.ledgers()
    assert (record.rows, record.rows_read, record.rows_set_aside, record.rows_ignored) == (4, 6, 1, 1)
    assert record.outstanding == {"EUR": 2500, "USD": 99}
    assert record.problems == {"no_number": 1}
    assert (record.companies, record.customers) == (("north", "south"), 2)
    assert (record.complete_through, record.last_as_of) == (date(2024, 3, 31), date(2024, 4, 1))
    assert before <= record.created_at <= datetime.now(UTC)
    assert record.actor == os_user()


def test_the_newest_ledger_is_the_default_and_an_empty_workspace_says_so(workspace: Workspace) -> None:
    assert refusal(workspace.ledger) == "no_ledger"
    workspace.commit(small_ledger())
    newest = workspace.commit(small_ledger())
    assert workspace.ledger().id == newest.id
    assert workspace.ledgers()[0].id == newest.id
    assert refusal(workspace.ledger, "nonsense") == "no_ledger"


def test_a_ledger_without_rows_is_refused(workspace: Workspace) -> None:
    assert refusal(workspace.commit, ledger_of("")) == "empty_ledger"


@pytest.mark.parametrize("name", ["invoices.parquet", "problems.parquet", "ledger.json"])
def test_a_changed_byte_in_a_ledger_is_refused(workspace: Workspace, name: str) -> None:
    ledger = workspace.commit(small_ledger())
    path = workspace.home / "ledgers" / ledger.id / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert refusal(workspace.ledger, ledger.id) == "damaged"


def test_the_home_can_be_moved(tmp_path: Path) -> None:
    ledger = Workspace.open(tmp_path / "here").commit(small_ledger())
    (tmp_path / "here").rename(tmp_path / "there")
    assert Workspace.open(tmp_path / "there").ledger(ledger.id).fingerprint == ledger.fingerprint


# Deleting


def test_deleting_a_ledger_removes_everything_derived_and_is_recorded(workspace: Workspace) -> None:
    ledger = workspace.commit(small_ledger())
    other = workspace.commit(small_ledger())
    model_id = workspace.save_model(rates_model(), ledger.id)
    workspace.publish(model_id, replaces=None)
    mine, theirs = (workspace.predictions(kept.id, model_id, date(2024, 4, 1)) for kept in (ledger, other))
    workspace.delete_ledger(ledger.id)
    assert [record.id for record in workspace.ledgers()] == [other.id]
    assert workspace.models() == []
    assert workspace.published() is None
    assert not mine.exists()
    assert not theirs.exists()
    left = [path for path in workspace.home.rglob("*") if ledger.id in path.name or model_id in path.name]
    assert [path for path in left if path.parent.name != "locks"] == []
    (deleted,) = [record for record in workspace.records(ledger.id) if record.action == "ledger.delete"]
    assert (deleted.actor, deleted.details["models"]) == (os_user(), [model_id])


def test_a_deletion_that_died_before_its_files_were_gone_is_completed_by_the_next(workspace: Workspace) -> None:
    ledger, other = workspace.commit(small_ledger()), workspace.commit(small_ledger())
    died(workspace, "ledger.deleted", f"Workspace.open().delete_ledger('{ledger.id}')")
    assert (workspace.home / "ledgers" / ledger.id).exists()
    assert [record.id for record in workspace.ledgers()] == [other.id]
    workspace.delete_ledger(other.id)
    assert not (workspace.home / "ledgers" / ledger.id).exists()


# Models


def test_a_model_comes_back_and_a_changed_byte_is_refused(workspace: Workspace) -> None:
    ledger = workspace.commit(small_ledger())
    model_id = workspace.save_model(rates_model(), ledger.id, name="Rates")
    assert workspace.model(model_id) == rates_model()
    record = workspace.model_record(model_id)
    assert (record.name, record.ledger_id, record.trained_as_of) == ("Rates", ledger.id, date(2024, 3, 1))
    assert (record.fields, record.metrics, record.recipe["very_late_days"]) == (("amount",), {"log_loss": 0.5}, 30)
    path = workspace.home / "models" / model_id / "model.json"
    path.write_text(path.read_text().replace("0.75", "0.76"))
    assert refusal(workspace.model, model_id) == "damaged"


def test_saving_under_an_id_that_is_there_changes_nothing(workspace: Workspace) -> None:
    ledger = workspace.commit(small_ledger())
    model_id = workspace.save_model(rates_model(), ledger.id)
    assert workspace.save_model(rates_model(late=0.9), ledger.id, model_id=model_id) == model_id
    assert workspace.model(model_id) == rates_model()
    assert len(workspace.models()) == 1


def test_the_model_that_speaks_was_trained_by_then_and_the_published_one_first(workspace: Workspace) -> None:
    """Models of 1 February, 1 March and 1 April; the one of March is published."""
    ledger = workspace.commit(small_ledger())
    february, march, april = (workspace.save_model(rates_model(date(2024, month, 1)), ledger.id) for month in (2, 3, 4))
    assert workspace.model_for(ledger, date(2024, 1, 31)) is None
    assert workspace.model_for(ledger, date(2024, 4, 1)) == april
    workspace.publish(march, replaces=None)
    assert workspace.model_for(ledger, date(2024, 4, 1)) == march
    assert workspace.model_for(ledger, date(2024, 3, 1)) == march
    assert workspace.model_for(ledger, date(2024, 2, 29)) == february


def test_a_model_of_other_companies_does_not_speak(workspace: Workspace) -> None:
    """The model of the sample (companies north and south) is published when a ledger without companies arrives."""
    sample = workspace.commit(small_ledger())
    own = workspace.commit(ledger_of(SMALL.replace("north", "east").replace("south", "east")))
    model_id = workspace.save_model(rates_model(), sample.id)
    workspace.publish(model_id, replaces=None)
    at = date(2024, 4, 1)
    assert workspace.model_for(sample, at) == model_id
    assert workspace.model_for(own, at) is None
    newer = workspace.commit(small_ledger())
    assert workspace.model_for(newer, at) == model_id
    workspace.publish(model_id, replaces=None, scope=Scope("east"), reason="they pay alike")
    assert workspace.model_for(own, at, "east") == model_id
    assert workspace.model_for(own, at) is None


# Publications


def test_publishing_expects_what_was_seen(workspace: Workspace) -> None:
    ledger = workspace.commit(small_ledger())
    one, two = (workspace.save_model(rates_model(late=late), ledger.id) for late in (0.1, 0.2))
    first = workspace.publish(one, replaces=None, threshold=0.4, reason="to begin with")
    assert refusal(workspace.publish, two, replaces=None) == "overtaken"
    second = workspace.publish(two, replaces=first.id)
    assert refusal(workspace.publish, one, replaces=first.id) == "overtaken"
    assert workspace.published() == second
    assert [entry.number for entry in workspace.publications()] == [2, 1]
    assert (first.reason, first.threshold, first.actor) == ("to begin with", 0.4, os_user())
    assert (workspace.threshold(one), workspace.threshold(two)) == (0.4, 0.5)


def test_a_model_that_cannot_be_read_is_neither_published_nor_rolled_back_to(workspace: Workspace) -> None:
    ledger = workspace.commit(small_ledger())
    one, two = (workspace.save_model(rates_model(late=late), ledger.id) for late in (0.1, 0.2))
    first = workspace.publish(one, replaces=None)
    second = workspace.publish(two, replaces=first.id)
    (workspace.home / "models" / one / "model.json").write_text("{}")
    assert refusal(workspace.publish, one, replaces=second.id) == "damaged"
    assert refusal(workspace.roll_back, replaces=second.id) == "damaged"
    assert workspace.published() == second


def test_the_threshold_changes_without_training(workspace: Workspace) -> None:
    ledger = workspace.commit(small_ledger())
    model_id = workspace.save_model(rates_model(), ledger.id)
    first = workspace.publish(model_id, replaces=None)
    workspace.publish(model_id, replaces=first.id, threshold=0.7)
    assert workspace.threshold(model_id) == 0.7
    assert len(workspace.models()) == 1
    assert refusal(workspace.publish, model_id, replaces=None, threshold=1.0) == "threshold"


def test_rolling_back_twice_goes_two_back(workspace: Workspace) -> None:
    ledger = workspace.commit(small_ledger())
    models = [workspace.save_model(rates_model(late=late), ledger.id) for late in (0.1, 0.2, 0.3)]
    entry = None
    for number, model_id in enumerate(models):
        entry = workspace.publish(model_id, replaces=entry.id if entry else None, threshold=0.4 + number / 10)
    assert entry is not None
    back = workspace.roll_back(replaces=entry.id, reason="too many flags")
    assert (back.model_id, back.threshold, back.kind, back.reason) == (models[1], 0.5, "roll_back", "too many flags")
    again = workspace.roll_back(replaces=back.id)
    assert again.model_id == models[0]
    assert refusal(workspace.roll_back, replaces=again.id) == "nothing_before"
    assert len(workspace.publications()) == 5


def test_a_company_can_have_a_model_of_its_own(workspace: Workspace) -> None:
    ledger = workspace.commit(small_ledger())
    everybody, north = (workspace.save_model(rates_model(late=late), ledger.id) for late in (0.1, 0.2))
    workspace.publish(everybody, replaces=None)
    workspace.publish(north, replaces=None, scope=Scope("north"))
    at = date(2024, 4, 1)
    assert [workspace.model_for(ledger, at, company) for company in ("", "north", "south")] == [everybody, north, everybody]
    assert refusal(workspace.publish, north, replaces=None, scope=Scope("nowhere")) == "no_company"


def test_a_company_goes_back_to_the_model_of_all_companies(workspace: Workspace) -> None:
    """North gets a model of its own and is rolled back; gets another, twice, and is rolled back step by step."""
    ledger = workspace.commit(small_ledger())
    everybody, north = (workspace.save_model(rates_model(late=late), ledger.id) for late in (0.1, 0.2))
    at = date(2024, 4, 1)
    first = workspace.publish(north, replaces=None, scope=Scope("north"))
    assert refusal(workspace.roll_back, replaces=first.id, scope=Scope("north")) == "nothing_before"
    for_all = workspace.publish(everybody, replaces=None, threshold=0.3)
    assert workspace.before(first.id) == for_all
    back = workspace.roll_back(replaces=first.id, scope=Scope("north"), reason="too early")
    assert (back.kind, back.model_id, back.reason) == ("withdraw", "", "too early")
    assert workspace.published(Scope("north")) is None
    assert workspace.model_for(ledger, at, "north") == everybody
    assert workspace.threshold(everybody, "north") == 0.3
    assert refusal(workspace.roll_back, replaces=first.id, scope=Scope("north")) == "overtaken"
    second = workspace.publish(north, replaces=None, scope=Scope("north"), threshold=0.4)
    third = workspace.publish(north, replaces=second.id, scope=Scope("north"), threshold=0.6)
    again = workspace.roll_back(replaces=third.id, scope=Scope("north"))
    assert (again.kind, again.threshold) == ("roll_back", 0.4)
    assert workspace.roll_back(replaces=again.id, scope=Scope("north")).kind == "withdraw"
    assert workspace.published() == for_all


def test_of_many_who_publish_at_once_exactly_one_wins_and_all_is_recorded(workspace: Workspace) -> None:
    """500 rounds; in each, four users want to replace the same publication at the same moment."""
    ledger = workspace.commit(small_ledger())
    models = [workspace.save_model(rates_model(late=(1 + number) / 10), ledger.id) for number in range(4)]
    rounds = 500
    seen: str | None = None
    barrier = threading.Barrier(len(models))
    others = [Workspace.open(workspace.home, actor=f"user {number}") for number in range(len(models))]

    def attempt(number: int, expected: str | None) -> str:
        barrier.wait()
        try:
            return others[number].publish(models[number], replaces=expected).id
        except Refused as error:
            return error.code

    with ThreadPoolExecutor(len(models)) as pool:
        for _ in range(rounds):
            seen, *others_got = sorted(pool.map(attempt, range(len(models)), [seen] * len(models)), key="overtaken".__eq__)
            assert others_got == ["overtaken"] * 3
    entries = workspace.publications()
    assert [entry.number for entry in entries] == list(range(rounds, 0, -1))
    assert all(entry.replaces == before.id for entry, before in pairwise(entries))
    recorded = {record.subject: record.actor for record in workspace.records() if record.action == "model.publish"}
    assert recorded == {entry.id: entry.actor for entry in entries}


def test_processes_that_publish_at_once_never_overwrite_each_other(workspace: Workspace) -> None:
    """Three processes publish forty times each, looking again whenever they were overtaken."""
    ledger = workspace.commit(small_ledger())
    model_id = workspace.save_model(rates_model(), ledger.id)
    code = f"""
from insights.ledger.errors import Refused
from insights.services.workspace import Workspace
workspace, done = Workspace.open(), 0
while done < 40:
    seen = workspace.published()
    try:
        workspace.publish("{model_id}", replaces=seen.id if seen else None)
        done += 1
    except Refused as error:
        assert error.code == "overtaken", error
"""
    running = [python(workspace, code) for _ in range(3)]
    assert [process.wait(timeout=180) for process in running] == [0, 0, 0]
    entries = workspace.publications()
    assert [entry.number for entry in entries] == list(range(120, 0, -1))
    assert len([record for record in workspace.records() if record.action == "model.publish"]) == 120


# Predictions


def test_predictions_are_computed_once_and_carry_their_model(workspace: Workspace) -> None:
    ledger = workspace.commit(small_ledger())
    model_id = workspace.save_model(rates_model(), ledger.id)
    at = date(2024, 4, 1)
    assert not workspace.has_predictions(ledger.id, model_id, at)
    path = workspace.predictions(ledger.id, model_id, at)
    written = path.stat().st_mtime_ns
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: workspace.predictions(ledger.id, model_id, at), range(8))) == {path}
    assert path.stat().st_mtime_ns == written
    assert pq.read_table(path)["model"].to_pylist() == [model_id, model_id]
    assert [record.action for record in workspace.records()].count("predictions.make") == 1


def test_a_model_never_predicts_days_whose_answers_it_saw(workspace: Workspace) -> None:
    ledger = workspace.commit(small_ledger())
    model_id = workspace.save_model(rates_model(date(2024, 3, 1)), ledger.id)
    assert refusal(workspace.predictions, ledger.id, model_id, date(2024, 2, 29)) == "trained_too_late"


def test_each_company_is_predicted_by_the_model_in_force_for_it(workspace: Workspace) -> None:
    """North is predicted by its own model, south by the one for all; each at the threshold it was published with."""
    ledger = workspace.commit(small_ledger())
    everybody, north = (workspace.save_model(rates_model(late=late), ledger.id) for late in (0.1, 0.2))
    at = date(2024, 4, 1)
    workspace.publish(everybody, replaces=None, threshold=0.3)
    assert workspace.predictions_in_force(ledger.id, at) == workspace.predictions(ledger.id, everybody, at)
    workspace.publish(north, replaces=None, scope=Scope("north"), threshold=0.6)
    assert workspace.in_force(ledger.id, at) == {"north": north, "south": everybody}
    path = workspace.predictions_in_force(ledger.id, at)
    rows = pq.read_table(path)
    assert dict(zip(rows["company"].to_pylist(), rows["model"].to_pylist(), strict=True)) == {"north": north, "south": everybody}
    assert rows["position"].to_pylist() == sorted(rows["position"].to_pylist())
    assert [workspace.threshold(model, company) for model, company in ((north, "north"), (everybody, "south"))] == [0.6, 0.3]
    assert [(each.scope, each.model_id) for each in workspace.standing()] == [(ALL_COMPANIES, everybody), (Scope("north"), north)]
    other = workspace.commit(small_ledger())
    elsewhere = workspace.predictions_in_force(other.id, at)
    workspace.delete_ledger(ledger.id)
    assert not path.exists()
    assert not elsewhere.exists()
    assert refusal(workspace.predictions_in_force, other.id, at) == "no_model"


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
    code = "from insights.services.workspace import Workspace; print(len(Workspace.open().ledgers()))"
    running = [start(home, code) for _ in range(3)]
    assert [process.wait(timeout=180) for process in running] == [0, 0, 0]


def test_ids_are_uuids_and_paths_are_relative(workspace: Workspace) -> None:
    ledger = workspace.commit(small_ledger())
    assert len(ledger.id) == 36
    meta = json.loads((workspace.home / "ledgers" / ledger.id / "ledger.json").read_text())
    assert str(workspace.home) not in json.dumps(meta)
    assert str(workspace.home).encode() not in (workspace.home / "workspace.sqlite").read_bytes()


# Sudden death


@pytest.mark.parametrize("where", ["ledger.written", "ledger.placed"])
def test_a_commit_that_dies_leaves_no_ledger(workspace: Workspace, where: str) -> None:
    died(workspace, where, "from tests.support.workspaces import small_ledger; Workspace.open().commit(small_ledger())")
    assert workspace.ledgers() == []
    assert workspace.commit(small_ledger()).id


@pytest.mark.parametrize("where", ["predictions.written", "predictions.listed"])
def test_predictions_that_die_are_made_again(workspace: Workspace, where: str) -> None:
    ledger = workspace.commit(small_ledger())
    model_id = workspace.save_model(rates_model(), ledger.id)
    died(
        workspace,
        where,
        f"from datetime import date; Workspace.open().predictions('{ledger.id}', '{model_id}', date(2024, 4, 1))",
    )
    assert not workspace.has_predictions(ledger.id, model_id, date(2024, 4, 1))
    assert pq.read_metadata(workspace.predictions(ledger.id, model_id, date(2024, 4, 1))).num_rows == 2


def died(workspace: Workspace, where: str, code: str) -> None:
    """Run code in a process that dies at a fault point."""
    process = python(workspace, f"from insights.services.workspace import Workspace; {code}", INSIGHTS_FAULT=where)
    assert process.wait(timeout=180) == -9


def python(workspace: Workspace, code: str, **environment: str) -> "subprocess.Popen[bytes]":
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


def test_tidying_removes_old_locks_that_nobody_holds(workspace: Workspace) -> None:
    old, new, held, worker = (workspace.lock_file(name) for name in ("old", "new", "held", "worker"))
    for path in (old, new, held, worker):
        with files.lock(path):
            pass
    for path in (old, held, worker):
        aged(path)
    with files.lock(held):
        workspace.tidy()
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


def test_tidying_keeps_the_replays_used_last_and_those_in_use(workspace: Workspace) -> None:
    """Of 23 recipes the two used longest ago go; the third from the end is being read."""
    ledger = workspace.commit(small_ledger())
    folders = [workspace.home / "replays" / ledger.id / f"{number:02}" for number in range(MOST_KEPT + 3)]
    for number, folder in enumerate(folders):
        folder.mkdir(parents=True)
        (folder / "2024-01-01.parquet").write_bytes(b"")
        aged(folder, days=number)
    with files.lock(lock_of(workspace, folders[-1])):
        workspace.tidy()
    assert [folder.exists() for folder in folders[-4:]] == [True, False, False, True]
    assert all(folder.exists() for folder in folders[:-3])


def test_tidying_finishes_a_deletion_and_leaves_everything_else_alone(workspace: Workspace) -> None:
    ledger, other = workspace.commit(small_ledger()), workspace.commit(small_ledger())
    model_id = workspace.save_model(rates_model(), other.id)
    path = workspace.predictions(other.id, model_id, date(2024, 4, 1))
    died(workspace, "ledger.deleted", f"Workspace.open().delete_ledger('{ledger.id}')")
    workspace.tidy()
    assert not (workspace.home / "ledgers" / ledger.id).exists()
    assert path.exists()
    assert workspace.ledger(other.id).fingerprint == other.fingerprint
    assert workspace.model(model_id) == rates_model()


# Archives


def exported(tmp_path: Path) -> tuple[Workspace, str, Path]:
    """A workspace with one model, its id, and its archive."""
    workspace = Workspace.open(tmp_path / "from")
    model_id = workspace.save_model(rates_model(), workspace.commit(small_ledger()).id, name="Rates")
    workspace.export_model(model_id, tmp_path / "model.zip")
    return workspace, model_id, tmp_path / "model.zip"


def test_a_model_travels_in_an_archive_and_keeps_its_id(tmp_path: Path) -> None:
    origin, model_id, archive = exported(tmp_path)
    other = Workspace.open(tmp_path / "to")
    assert other.import_model(archive) == model_id
    assert other.model(model_id) == rates_model()
    record = other.model_record(model_id)
    assert (record.name, record.ledger_id, record.sha256) == ("Rates", "", origin.model_record(model_id).sha256)
    assert other.import_model(archive) == model_id  # again: nothing to do
    other.export_model(model_id, tmp_path / "again.zip")
    assert "numpy" in other.made_with(model_id)
    assert [record.action for record in other.records(model_id)] == ["model.export", "model.import"]


def test_every_changed_byte_of_an_archive_is_refused(tmp_path: Path) -> None:
    _, _, archive = exported(tmp_path)
    whole = archive.read_bytes()
    other = Workspace.open(tmp_path / "to")
    for position in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[position] ^= 1
        archive.write_bytes(changed)
        assert refusal(other.import_model, archive) == "archive_damaged", position
    for broken in (whole[:-1], whole + b"x", b"", b"PK"):
        archive.write_bytes(broken)
        assert refusal(other.import_model, archive) == "archive_damaged"
    assert other.models() == []
    assert not list(other.home.glob("models/*"))


@pytest.mark.parametrize("name", ["../evil.json", "/evil.json", "folder/model.json", "..\\evil.json"])
def test_an_archive_that_reaches_out_of_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "evil.zip"
    contents = {name: b"{}"}
    manifest = {"format": 1, "id": new_id(), "name": "", "created_at": "", "actor": "", "ledger_id": ""}
    archive.write_bytes(packed(manifest | {"sha256": {name: sha256(b"{}").hexdigest()}}, contents))
    assert refusal(Workspace.open(tmp_path / "to").import_model, archive) == "archive_damaged"
    assert [path.name for path in tmp_path.iterdir() if "evil" in path.name] == ["evil.zip"]


def test_a_different_model_under_a_known_id_is_refused(tmp_path: Path) -> None:
    workspace, model_id, archive = exported(tmp_path)
    other = Workspace.open(tmp_path / "to")
    ledger = other.commit(small_ledger())
    other.save_model(rates_model(late=0.9), ledger.id, model_id=model_id)
    assert refusal(other.import_model, archive) == "model_differs"
    assert workspace.import_model(archive) == model_id
