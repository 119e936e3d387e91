"""Are jobs done by a worker, whatever dies meanwhile?"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from insights import jobs
from insights.access import Person, Role
from insights.jobs import wakeup
from insights.jobs.worker import Worker
from insights.model.recipe import Recipe
from insights.services import background, predictions, publishing, quality_gate
from insights.services import comparison as comparison_service
from insights.services.ledgers import commit
from insights.store import audit, publications
from insights.store import models as model_store
from insights.store.records import Job
from insights.store.store import Store
from tests.support.jobs import AS_OF, LEASE, PATIENCE, no_worker, row_of, until_row
from tests.support.postgres import ON_SQLITE, POSTGRES_LATER, SQLITE
from tests.support.workspaces import ME, rates_model, small_ledger, year_of_invoices

pytestmark = pytest.mark.slow  # processes

ROOT = Path(__file__).parents[2]


SHORT = 3.0  # seconds, of the worker that is to die


def until(workspace: Store, job_id: str, reached: Callable[[Job], bool]) -> Job:
    """The job once it is as wanted."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        job = jobs.job(workspace, job_id)
        if reached(job):
            return job
        time.sleep(0.1)
    raise TimeoutError(jobs.job(workspace, job_id))


def ended(workspace: Store, job_id: str) -> Job:
    return until(workspace, job_id, lambda job: job.ended)


def test_a_training_is_done_by_a_worker_that_starts_by_itself(workspace: Store) -> None:
    """600 invoices; the very late begin after 20 days. A second training waits its turn."""
    ledger = commit(workspace, year_of_invoices(), actor=ME)
    recipe = Recipe(very_late_days=20, seed=7)
    ann = Person("Ann", Role.POWER_USER, user_id="3f0c", address="10.0.0.7")
    first = background.train(workspace, ledger.id, AS_OF, recipe, name="Twenty days", actor=ann)
    second = background.train(workspace, ledger.id, date(2024, 1, 5), recipe, actor=ME)
    done = ended(workspace, first)
    assert (done.state, done.share, done.error, done.attempts) == ("done", 1.0, "", 1)
    model = model_store.get(workspace, done.model_id)
    assert (model.name, model.trained_as_of, model.ledger_id) == ("Twenty days", AS_OF, ledger.id)
    assert (model.recipe["very_late_days"], model.recipe["seed"]) == (20, 7)
    assert "on_time" in done.log
    made = audit.listed(workspace, done.model_id)  # by whoever asked for it, though the worker did it
    assert {(record.actor, record.user_id, record.address, record.source) for record in made} == {
        ("Ann", "3f0c", "10.0.0.7", "server")
    }
    refused = ended(workspace, second)
    assert refused.state == "failed"
    assert refused.started_at is not None
    assert done.ended_at is not None
    assert refused.started_at >= done.ended_at
    assert refused.error.endswith(".")  # a sentence, not a traceback
    assert "Traceback" not in refused.error
    assert len(model_store.listed(workspace)) == 1


def test_a_new_ledger_is_scored_with_the_published_model_by_itself(workspace: Store) -> None:
    first = commit(workspace, small_ledger(), actor=ME)
    model_id = model_store.save(workspace, rates_model(), first.id, actor=ME)
    assert jobs.jobs(workspace) == []
    publishing.publish(workspace, model_id, replaces=None, actor=ME)
    second = commit(workspace, small_ledger(), actor=ME)
    (waiting,) = jobs.jobs(workspace)
    assert (waiting.kind, waiting.ledger_id) == ("score", second.id)
    assert ended(workspace, waiting.id).model_id == model_id
    assert predictions.kept(workspace, second.id, model_id, second.default_as_of)
    assert not predictions.kept(workspace, first.id, model_id, first.default_as_of)


@POSTGRES_LATER
def test_a_running_job_is_cancelled_within_seconds(workspace: Store) -> None:
    ledger = commit(workspace, year_of_invoices(), actor=ME)
    job_id = background.train(workspace, ledger.id, AS_OF, Recipe(), actor=ME)
    until(workspace, job_id, lambda job: job.state == "running")
    background.cancel(workspace, job_id, actor=ME)
    assert ended(workspace, job_id).state == "cancelled"
    assert model_store.listed(workspace) == []


@POSTGRES_LATER
def test_a_stopped_worker_gives_its_job_back_without_counting_it(workspace: Store) -> None:
    ledger = commit(workspace, year_of_invoices(), actor=ME)
    with no_worker(workspace):
        job_id = background.train(workspace, ledger.id, AS_OF, Recipe(), actor=ME)
    process = start_worker(workspace)
    until_row(workspace, job_id, lambda row: row.state == "running")
    time.sleep(0.5)  # its signal handlers come after its first look
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE) == 0
    row = row_of(workspace, job_id)
    assert (row.state, row.attempts) == ("waiting", 0)


def start_worker(workspace: Store, fault: str = "", lease: float = LEASE) -> "subprocess.Popen[bytes]":
    environment = {"INSIGHTS_FAULT": fault, "INSIGHTS_LEASE_SECONDS": str(lease)}
    return subprocess.Popen(
        [sys.executable, "-m", "insights", "worker"], cwd=ROOT, env=wakeup.environment(workspace.home) | environment
    )


IN_WORKER = ("job.claimed", "job.spawned", "job.heartbeat", "job.child_ended")


IN_TRAINING = ("train.begun", "model.placed", "train.saved")


IN_SERVER = ("job.queued", "publication.added", "publication.committed")


@POSTGRES_LATER
def test_whatever_dies_during_a_job_the_job_is_settled_and_the_published_model_stays(
    workspace: Store, database: str, use_database: Callable[[str], None]
) -> None:
    """Worker or training process are killed at seven points, each in a workspace of its own; then another worker comes."""
    settled = {}
    if database == SQLITE:
        with ThreadPoolExecutor(3) as pool:
            homes = [workspace.home / point for point in (*IN_WORKER, *IN_TRAINING)]
            settled = dict(zip((*IN_WORKER, *IN_TRAINING), pool.map(killed_at, homes), strict=True))
    else:
        for point in (*IN_WORKER, *IN_TRAINING):
            use_database(database)
            settled[point] = killed_at(workspace.home / point)
    for point in IN_WORKER:
        assert (settled[point].state, settled[point].attempts) == ("done", 2), point
    for point in IN_TRAINING:
        assert (settled[point].state, settled[point].attempts) == ("failed", 1), point


def killed_at(home: Path) -> Job:
    """What became of a job whose worker or child was killed at the point that the home is named after."""
    point, workspace = home.name, Store.open(home)
    ledger = commit(workspace, year_of_invoices() if point in IN_TRAINING else small_ledger(), actor=ME)
    published = publishing.publish(
        workspace, model_store.save(workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME
    )
    with no_worker(workspace):
        trains = point in IN_TRAINING
        job_id = (
            background.train(workspace, ledger.id, AS_OF, Recipe(), actor=ME)
            if trains
            else background.rescore(workspace, ledger.id, actor=ME)
        )
    dying = start_worker(workspace, point, SHORT if point in IN_WORKER else LEASE)
    if trains:
        until_row(workspace, job_id, lambda row: row.ended_at is not None)
        dying.terminate()
    dying.wait(timeout=PATIENCE)
    settled = ended(workspace, job_id)  # whoever looks starts the next worker
    assert publications.active(workspace) == published
    assert {model.id for model in model_store.listed(workspace)} <= {
        published.model_id,
        row_of(workspace, job_id).request["model_id"],
    }
    for model in model_store.listed(workspace):
        model_store.load(workspace, model.id)  # whole, or not there
    return settled


@POSTGRES_LATER
@pytest.mark.parametrize("point", IN_SERVER)
def test_a_server_that_dies_while_publishing_or_queueing_leaves_all_or_nothing(workspace: Store, point: str) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    one, two = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    first = publishing.publish(workspace, one, replaces=None, actor=ME)
    code = f"""
from insights.access import laptop
from insights.services import background, publishing
from insights.store.store import Store
store = Store.open()
if "{point}" == "job.queued":
    background.rescore(store, "{ledger.id}", actor=laptop("me"))
publishing.publish(store, "{two}", replaces="{first.id}", actor=laptop("me"))
"""
    with no_worker(workspace):
        environment = wakeup.environment(workspace.home) | {"INSIGHTS_FAULT": point}
        assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=False).returncode == -signal.SIGKILL
        published = publications.active(workspace)
    assert published is not None
    assert published.model_id == (two if point == "publication.committed" else one)
    recorded = [record.subject for record in audit.listed(workspace) if record.action == "model.publish"]
    assert recorded == [entry.id for entry in publications.listed(workspace)]
    if point == "job.queued":
        (job,) = jobs.jobs(workspace)
        assert ended(workspace, job.id).state == "done"


@ON_SQLITE
def test_a_training_ends_with_the_worker_that_started_it(workspace: Store) -> None:
    """The child's stdin closes when its parent dies, however that happens."""
    reading, writing = os.pipe()
    code = "import time; from insights.cli.arguments import stop_with_parent; stop_with_parent(); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=reading, cwd=ROOT)
    os.close(reading)
    timer = threading.Timer(0.5, os.close, [writing])
    timer.start()
    assert child.wait(timeout=PATIENCE) == 1
    timer.join()


@POSTGRES_LATER
def test_a_comparison_is_replayed_in_the_background_and_then_answers_at_once(workspace: Store) -> None:
    ledger = commit(workspace, year_of_invoices(invoices=400), actor=ME)
    recipes = (Recipe(very_late_days=10), Recipe(very_late_days=10, fields=("due_weekday",)))
    models = [model_store.save(workspace, replace(rates_model(AS_OF), recipe=recipe), ledger.id, actor=ME) for recipe in recipes]
    done = ended(workspace, background.compare(workspace, models, actor=ME))
    assert (done.state, done.error) == ("done", "")
    asked: list[str] = []
    comparison = comparison_service.compare(workspace, models, progress=lambda stage, _: asked.append(stage))
    assert asked == []
    assert comparison.difference(models[1]).worse
    publishing.publish(workspace, models[0], replaces=None, actor=ME)
    assert ended(workspace, background.check(workspace, models[1], actor=ME)).state == "done"
    assert quality_gate.check(workspace, models[1]).checked == "replayed"


@POSTGRES_LATER
def test_a_worker_outlives_a_database_that_fails_for_a_moment(workspace: Store) -> None:
    """The table of jobs is away while the worker looks, and comes back with a job in it."""
    with no_worker(workspace):
        job_id = background.rescore(workspace, actor=ME)
        rename_jobs(workspace, "jobs", "jobs_away")
        working = Worker(workspace, idle_exit=None)
        thread = threading.Thread(target=working.run, daemon=True)
        thread.start()
        time.sleep(1.5)
        assert thread.is_alive()
        rename_jobs(workspace, "jobs_away", "jobs")
        until_row(workspace, job_id, lambda row: row.ended_at is not None)
        working.told_to_stop.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()
    assert row_of(workspace, job_id).state == "done"


def rename_jobs(workspace: Store, old: str, new: str) -> None:
    with workspace.database.write() as session:
        session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
