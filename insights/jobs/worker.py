"""Who does the jobs? `python -m insights worker`, which looks at the job rows twice a second.

One such process per workspace; where the database is a server's, one per host. More than one there, where several jobs may run at
the same time (`jobs_at_once`), have a place each.
"""

import json
import logging
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from insights.access import JOB_ACTOR
from insights.jobs import leases
from insights.jobs.leases import Claim
from insights.jobs.schedule import settle_night
from insights.jobs.wakeup import ROOT, begun_file, environment, worker_lock
from insights.store import files, housekeeping
from insights.store.crash_points import point
from insights.store.store import Store

LOG = logging.getLogger(__name__)
PAUSE = 0.5  # seconds between two looks for jobs
SWEEP = 600.0  # seconds between two sweeps
MINUTE = 60.0  # seconds between two looks whether the night's rescoring is due
HEARTBEAT = 1.0  # seconds
TRIES = 10  # to become the worker, over a second


def run(store: Store, *, idle_exit: float | None = None, place: int = 1) -> bool:
    """Do jobs until told to stop (or idle for `idle_exit` seconds): False where another worker has this place."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    for _ in range(TRIES):  # whoever only looks whether there is a worker holds the lock for a moment, too
        with files.try_lock(worker_lock(store, place)) as alone:
            if alone:
                begun_file(store).unlink(missing_ok=True)
                worker = Worker(store, idle_exit)
                stop_on_signals(worker.told_to_stop)
                worker.run()
                return True
        time.sleep(0.1)
    return False


def stop_on_signals(told_to_stop: threading.Event) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_stop.set())


class Worker:
    """Claims jobs one after the other and runs each in a child process."""

    def __init__(self, store: Store, idle_exit: float | None) -> None:
        self.store, self.idle_exit = store, idle_exit
        self.id = leases.name_of(os.getpid(), str(uuid4()))
        self.told_to_stop = threading.Event()
        self.last_busy = time.monotonic()
        self.last_night = self.last_sweep = -math.inf

    def run(self) -> None:
        """Until told to stop, or idle; the job in hand is given back before the process ends."""
        while not self.stopped() and not self.idle():
            try:
                self.look()
            except (SQLAlchemyError, OSError):  # a full disk, a restarted database: the next look may see it mended
                LOG.exception("The jobs could not be looked at; the worker tries again.")
            self.told_to_stop.wait(PAUSE)

    def stopped(self) -> bool:
        """Whether somebody said so, or the workspace is gone."""
        return self.told_to_stop.is_set() or not self.store.home.exists()

    def idle(self) -> bool:
        """Whether there was nothing to do for too long."""
        return self.idle_exit is not None and time.monotonic() - self.last_busy > self.idle_exit

    def look(self) -> None:
        """Do all jobs there are; the night's among them, looked for once a minute."""
        if time.monotonic() - self.last_sweep > SWEEP:
            with suppress(OSError):  # somebody else removes the same
                housekeeping.tidy(self.store)
            self.last_sweep = time.monotonic()
        if time.monotonic() - self.last_night > MINUTE:
            settle_night(self.store)
            self.last_night = time.monotonic()
        while not self.stopped() and leases.pending(self.store) and (claimed := leases.claim(self.store, self.id)):
            point("job.claimed")
            perform(self.store, claimed, self.stopped)
            self.last_busy = time.monotonic()


def command(claimed: Claim) -> list[str]:
    """What the child process is asked to do."""
    start = [sys.executable, "-m", "insights"]
    end = ["--json", "--watched"]
    if claimed.kind == "train":
        request = claimed.request
        return [
            *(*start, "train", "--ledger", claimed.ledger_id, "--as-of", str(claimed.as_of), "--recipe", request["recipe"]),
            *("--name", request["name"], "--id", claimed.model_id, *end),
            *(part for column, reason in request.get("allow", {}).items() for part in ("--allow", pair(column, reason))),
        ]
    if claimed.kind == "check":
        company = claimed.request.get(
            "company", claimed.request.get("scope") or None
        )  # "scope": of a job that waits since before
        scope = () if company is None else (f"--scope={company}",)
        return [*start, "check", *claimed.request["models"], *scope, *end]
    if claimed.kind == "compare":
        return [*start, "compare", *claimed.request["models"], "--ledger", claimed.ledger_id, *end]
    if claimed.kind == "cash":
        return [*start, "forecast", "--ledger", claimed.ledger_id, "--as-of", str(claimed.as_of), *end]
    if claimed.kind == "backtest":
        return [*start, "backtest", "--ledger", claimed.ledger_id, "--last", "12", "--recipe", claimed.request["recipe"], *end]
    return [*start, "rescore", *(("--ledger", claimed.ledger_id) if claimed.ledger_id else ()), *end]


def pair(column: str, reason: str) -> str:
    """COLUMN=REASON as the command reads it; a column that has an equals sign itself stands in double quotes."""
    quoted = column.replace('"', '""')
    return f'"{quoted}"={reason}'


def perform(store: Store, claimed: Claim, stopped: Callable[[], bool]) -> None:
    """Run the child, passing on what it says, until it ends, is cancelled, or we are told to stop."""
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command(claimed),
        cwd=ROOT,
        env=environment(store.home) | {JOB_ACTOR: claimed.actor.to_text()},  # arguments are for everybody to see
        stdin=subprocess.PIPE,  # closes when we die, which ends the child
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with child:
        point("job.spawned")
        answer, lines = Reader(child.stdout), Reader(child.stderr)
        stage, share = "", 0.0
        going = True
        while going and not stopped() and child.poll() is None:
            stage, share, notes = progress_of(lines.take(HEARTBEAT), stage, share)
            going = leases.heartbeat(store, claimed, stage, share, notes)
            point("job.heartbeat")
        if child.poll() is None:
            child.kill()
        child.wait()
    point("job.child_ended")
    notes = progress_of(lines.rest(), stage, share)[2]
    finish(store, claimed, (child.returncode, answer.rest(), notes), stopped=stopped() and going)


def finish(store: Store, claimed: Claim, ended: tuple[int, list[str], list[str]], *, stopped: bool) -> None:
    """Write down how the child ended."""
    code, answer, notes = ended
    result = last_document(answer)
    if code == 0:
        leases.succeed(store, claimed, str(result.get("model", "")))
    elif "sentence" in result:
        leases.fail(store, claimed, str(result["sentence"]))
    elif stopped:
        leases.release(store, claimed)
    else:
        leases.heartbeat(store, claimed, "", 0.0, notes)
        leases.fail(store, claimed, f"The work stopped unexpectedly (code {code}). The log says more.")


class Reader:
    """Collects the lines of a pipe in a thread, so that a full pipe never blocks the child."""

    def __init__(self, pipe: Any) -> None:  # noqa: ANN401 - IO[str] | None
        self.lines: SimpleQueue[str] = SimpleQueue()
        self.thread = threading.Thread(target=self.read, args=(pipe,), daemon=True)
        self.thread.start()

    def read(self, pipe: Any) -> None:  # noqa: ANN401
        for line in pipe:
            self.lines.put(line.rstrip("\n"))

    def take(self, timeout: float) -> list[str]:
        """The lines that came within so many seconds."""
        until = time.monotonic() + timeout
        lines = []
        while (left := until - time.monotonic()) > 0 and self.thread.is_alive():
            try:
                lines.append(self.lines.get(timeout=min(left, 0.1)))
            except Empty:
                continue
        return lines

    def rest(self) -> list[str]:
        """The lines not taken yet, once the pipe is closed."""
        self.thread.join(timeout=5)
        lines = []
        while not self.lines.empty():
            lines.append(self.lines.get())
        return lines


def progress_of(lines: list[str], stage: str, share: float) -> tuple[str, float, list[str]]:
    """(stage, share, what to log) after some lines of the child's stderr."""
    notes = []
    for line in lines:
        report = document(line)
        if "stage" in report and "share" in report:
            if report["stage"] != stage:
                notes.append(str(report["stage"]))
            stage, share = str(report["stage"]), float(report["share"])
        elif line.strip():
            notes.append(line)
    return stage, share, notes


def document(line: str) -> dict[str, Any]:
    """A JSON object on one line, else {}."""
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def last_document(lines: list[str]) -> dict[str, Any]:
    return next((answer for line in reversed(lines) if (answer := document(line))), {})
