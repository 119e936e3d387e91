"""How can a file that nobody trusts be parsed without harm? In a child process with limits on memory and time."""

import logging
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from insights.ingest import protocol
from insights.ingest.draft import Draft, Options
from insights.ingest.recognise import best_sheet
from insights.ingest.recognise.table import Table
from insights.ledger.errors import Refused

MEGABYTE = 1 << 20
LOG = logging.getLogger(__name__)
UNEXPECTED = 1  # the exit code of an error that nobody foresaw; its trace is on stderr
OUT_OF_MEMORY = 137


@dataclass(frozen=True)
class Limits:
    """What the child may use: megabytes of memory, seconds of computing, seconds by the clock."""

    memory: int = 2048
    cpu_seconds: int = 150
    wall_seconds: int = 240


Runner = Callable[[Path, Limits], int]


def read(
    path: Path,
    options: Options | None = None,
    *,
    home: Path | None = None,
    limits: Limits | None = None,
    run: Runner | None = None,
) -> Draft:
    """A file as a draft, parsed in a limited child process.

    `home` holds the saved mappings; `run` starts the child (default: a fresh Python). Raises Refused with a sentence
    for the user, whatever the file is.
    """
    options, limits = options or Options(), limits or Limits()
    options = replace(options, name=options.name or path.stem)
    with tempfile.TemporaryDirectory(prefix="insights-") as name:
        folder = Path(name)
        protocol.write_request(folder, path.resolve(), _absolute(options), home.resolve() if home else None)
        _run(folder, limits, run or spawn)
        return protocol.read_answer(folder)


def table(path: Path, known: Collection[str], *, limits: Limits | None = None, run: Runner | None = None) -> Table:
    """The table of a file as text (a rate table, say), read in the limited child; `known` are its likely headers, compact."""
    with tempfile.TemporaryDirectory(prefix="insights-") as name:
        folder = Path(name)
        protocol.write_table_request(folder, path.resolve(), known)
        _run(folder, limits or Limits(), run or spawn)
        return protocol.read_table(folder)


def _run(folder: Path, limits: Limits, run: Runner) -> None:
    ended = run(folder, limits)
    if not (folder / "answer.json").exists():
        trace = folder / "stderr"
        if ended == UNEXPECTED and trace.exists():
            LOG.error("The parser failed in a way that nobody foresaw:\n%s", trace.read_text(encoding="utf-8", errors="replace"))
        raise _failed(ended, limits)


def _absolute(options: Options) -> Options:
    return replace(
        options,
        payments=options.payments and options.payments.resolve(),
        attributes=options.attributes and options.attributes.resolve(),
        more=tuple(path.resolve() for path in options.more),
    )


def spawn(folder: Path, limits: Limits) -> int:
    """Runs the child; its exit code, negative for the signal that ended it."""
    command = [sys.executable, "-m", "insights.ingest", str(folder), str(limits.memory), str(limits.cpu_seconds)]
    root = Path(__file__).resolve().parents[2]
    quiet = {"OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2", "PYTHONPATH": str(root)}
    try:
        done = subprocess.run(  # noqa: S603 - a list, no shell; the folder is ours
            command,
            cwd=folder,
            env={**os.environ, **quiet},
            timeout=limits.wall_seconds,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    except subprocess.TimeoutExpired:
        return -signal.SIGALRM
    (folder / "stderr").write_bytes(done.stderr[-20_000:])
    return done.returncode


def _failed(ended: int, limits: Limits) -> Refused:
    if ended in {-signal.SIGXCPU, -signal.SIGALRM}:
        return Refused(
            f"Reading this file took longer than {limits.cpu_seconds} seconds and was stopped: it is damaged, or far larger "
            "than it looks.",
            "takes_too_long",
        )
    if ended == UNEXPECTED:
        return Refused(
            "This file is built in a way that could not be understood. Save the table alone as CSV or XLSX and upload that.",
            "not_understood",
        )
    return Refused(
        f"This file could not be read within {limits.memory:,} MB of memory: it is damaged, or holds far more than it seems. "
        "Save the table alone as CSV and upload that.",
        "too_much_memory",
    )


def child(folder: Path, memory: int, cpu_seconds: int) -> None:
    """What runs in the child: limits first, then the parser; the answer is left in the folder."""
    confine(memory, cpu_seconds)
    tempfile.tempdir = str(folder)  # what archives are unpacked into goes when the folder goes
    try:
        if (asked := protocol.read_table_request(folder)) is not None:
            protocol.write_table(folder, best_sheet.best(*asked))
            return
        from insights.ingest.parse import parse

        protocol.write_draft(folder, parse(*protocol.read_request(folder)))
    except Refused as refusal:
        protocol.write_refusal(folder, refusal)
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)


def confine(memory: int, cpu_seconds: int) -> None:
    """Limits this process: address space (with room for the libraries), computing time, no core dumps, no further processes."""
    room = (memory + 512) * MEGABYTE
    for kind, limit in ((resource.RLIMIT_AS, room), (resource.RLIMIT_CPU, cpu_seconds), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (soft, hard))
