"""On PostgreSQL, with a worker of its own: is nothing lost or left of what was agreed to, whichever part is killed?"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Self

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import audit, housekeeping, ledgers
from insights.store import models as model_store
from insights.store.integrity import examine
from insights.store.store import Store
from insights.store.tables import JobRow
from tests.security.test_kills import ROOT, left
from tests.support.postgres import Server, running
from tests.support.workspaces import ME, rates_model, small_ledger

AT_WORK = """
import itertools, sys, time
from datetime import date
from sqlalchemy.exc import DBAPIError
from insights.access import laptop
from insights.sandbox import folders
from insights.services import background, predictions
from insights.services.ledgers import commit, delete
from insights.store import models
from insights.store.store import Store
from tests.support.workspaces import rates_model, small_ledger
me, held = laptop("me"), []
journal = open(sys.argv[1], "a", buffering=1)
for number in itertools.count():
    try:
        store = Store.open()
        ledger = commit(store, small_ledger(), actor=me)
        journal.write(f"kept {ledger.id}\\n")
        model_id = models.save(store, rates_model(late=0.3), ledger.id, actor=me)
        journal.write(f"saved {model_id}\\n")
        predictions.of_model(store, ledger.id, model_id, date(2024, 4, 1), actor=me)
        held.append(folders.hold(store.home / "uploads"))
        (held[-1].path / "ledger.csv").write_text("secret")
        if number % 2:
            journal.write(f"going {ledger.id} {model_id}\\n")
            delete(store, ledger.id, actor=me)
            journal.write(f"gone {ledger.id} {model_id}\\n")
        elif number % 8 == 0:
            journal.write(f"queued {background.rescore(store, ledger.id, actor=me)}\\n")
    except DBAPIError:
        time.sleep(0.1)  # a screen says a sentence, and somebody presses again
"""
SETTLED = 60.0  # seconds within which every job has ended, whatever died
LOOK = 0.1  # seconds
LEASE = "5"  # seconds


@dataclass
class Parts:
    """A server at work, a worker, and the database that both use."""

    home: Path
    temporary: Path
    journal: Path
    database: Server
    processes: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)

    def start(self, name: str) -> None:
        if name == "database":
            return self.database.start()
        command = ["-c", AT_WORK, str(self.journal)] if name == "server" else ["-m", "insights", "worker"]
        fixed = {"TMPDIR": str(self.temporary), "OMP_NUM_THREADS": "1", "INSIGHTS_START_WORKERS": "false"}
        self.processes[name] = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=os.environ | fixed, stderr=subprocess.DEVNULL
        )
        return None

    def look_after(self, name: str) -> None:
        """Start what ended by itself again, as whatever starts a server's parts does: a worker that begins while the database is
        away says so, and ends."""
        if self.processes[name].poll() is not None:
            self.start(name)

    def kill(self, name: str) -> None:
        if name == "database":
            return self.database.stop(signal.SIGKILL)
        process = self.processes.pop(name)
        process.kill()
        process.wait()
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Whatever went wrong: nothing of it runs on."""
        for name in list(self.processes):
            self.kill(name)

    def wrote(self) -> list[list[str]]:
        """What the server has written down as done, in order; a last line may be cut."""
        return [line.split() for line in self.journal.read_text().splitlines() if line.count(" ") in {1, 2}]


def until(reached: Callable[[], bool]) -> None:
    """Counts its own looks: where the machine stands still for a while with all parts, nobody is late."""
    for _ in range(round(SETTLED / LOOK)):
        if reached():
            return
        time.sleep(LOOK)
    pytest.fail(f"not so within {SETTLED:.0f} s")


def open_jobs(store: Store) -> int:
    with store.database.read() as session:
        return len(session.scalars(select(JobRow.id).where(JobRow.state.in_(("waiting", "running")))).all())


def jobs_end(store: Store, parts: Parts) -> None:
    """Returns once none is open. However many wait on a busy machine: within the time in which they have to settle, one ends."""
    left = open_jobs(store)
    while left:
        until(partial(fewer_are_open, store, parts, left))
        left = open_jobs(store)


def fewer_are_open(store: Store, parts: Parts, than: int) -> bool:
    parts.look_after("worker")
    return open_jobs(store) < than


def goes_on(parts: Parts, before: int) -> bool:
    """Whether the server has done more than it had."""
    return len(parts.wrote()) > before


def killed(tmp_path: Path, database: Server, kills: int, seed: int) -> Counter[str]:
    """Kills a part at so many random moments; what was kept, deleted and queued, and how the jobs ended."""
    with Parts(tmp_path / "home", tmp_path / "tmp", tmp_path / "journal", database) as parts:
        return agreed_to(parts, kills, seed)


def agreed_to(parts: Parts, kills: int, seed: int) -> Counter[str]:
    parts.temporary.mkdir()
    parts.journal.touch()
    sound = commit(store := Store.open(parts.home), small_ledger(), actor=ME)
    model_id = model_store.save(store, rates_model(), sound.id, actor=ME)
    publishing.publish(store, model_id, replaces=None, actor=ME)
    draw = random.Random(seed)  # noqa: S311 - examples
    for name in ("server", "worker"):
        parts.start(name)
    until(lambda: bool(parts.wrote()))
    for number in range(kills):
        name = ("server", "worker", "database")[(seed + number) % 3]
        time.sleep(draw.uniform(0.05, 2.0))
        parts.kill(name)
        before = len(parts.wrote())
        time.sleep(draw.uniform(0.0, 0.5))
        parts.start(name)
        until(partial(goes_on, parts, before))
    parts.kill("server")
    begun, waiting = time.monotonic(), open_jobs(store)
    jobs_end(store, parts)
    took = time.monotonic() - begun
    with suppress(subprocess.TimeoutExpired):
        parts.processes["worker"].terminate()
        parts.processes["worker"].wait(timeout=30)
    housekeeping.tidy(store)
    return checked(store, parts) + Counter({"jobs open at the end": waiting, "seconds until they had ended": round(took)})


def checked(store: Store, parts: Parts) -> Counter[str]:
    """What the server wrote down is so; nothing is damaged, and nothing is left that nobody knows of."""
    wrote = parts.wrote()
    of = {word: [line[1] for line in wrote if line[0] == word] for word in ("kept", "saved", "going", "gone", "queued")}
    going = {known for line in wrote if line[0] == "going" for known in line[1:]}  # being deleted when it died: either way
    there = {each.id for each in ledgers.listed(store)}
    assert set(of["kept"]) - going <= there, "a ledger that was kept is lost"
    assert not set(of["gone"]) & there, "a ledger that was deleted is back"
    assert set(of["saved"]) - going <= {each.id for each in model_store.listed(store)}, "a model that was saved is lost"
    assert len({ledgers.load(store, each).fingerprint for each in there}) == 1
    with store.database.read() as session:
        ended = {row.id: row.state for row in session.scalars(select(JobRow))}
    assert set(of["queued"]) <= set(ended), "a job that was queued is lost"
    assert examine(store).faults == (), "and each record bears the seal of the one before"
    assert left(parts.home, parts.temporary) == []
    for action, known in (("ledger.commit", of["kept"]), ("ledger.delete", of["gone"])):
        subjects = Counter(record.subject for record in audit.listed(store, action=action))
        assert set(known) <= set(subjects)
        assert set(subjects.values()) <= {1}, "something was done twice"
    return Counter({word: len(known) for word, known in of.items()}) + Counter(f"job {state}" for state in ended.values())


def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: int, seed: int = 0) -> Counter[str]:
    with running() as server:
        (tmp_path / "url").write_text(server.url(server.new()))
        monkeypatch.setenv("INSIGHTS_DATABASE_FILE", str(tmp_path / "url"))
        monkeypatch.setenv("INSIGHTS_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("INSIGHTS_LEASE_SECONDS", LEASE)
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
        try:
            return killed(tmp_path, server, kills, seed)
        finally:
            with suppress(OperationalError):
                Store.open(tmp_path / "home").database.engine.dispose()


@pytest.mark.slow
def test_after_each_part_was_killed_once_nothing_is_lost_or_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Server, worker, database; `make slow` kills fifty times."""
    counted = tried(tmp_path, monkeypatch, 3)
    assert counted["kept"] > 0


@pytest.mark.long
@pytest.mark.parametrize("part", range(5))
def test_after_fifty_kills_of_all_parts_nothing_is_lost_or_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    """Five times ten, each begun with another part."""
    counted = tried(tmp_path, monkeypatch, 10, seed=part)
    print(dict(counted))  # noqa: T201 - the counts
    assert counted["kept"] > 0
