"""How do hundreds of files pass the limited child process in a minute? Each in a fork of a server that has the parser loaded."""

import multiprocessing
import os
import signal
from pathlib import Path

from insights.ingest import sandbox
from insights.ingest.sandbox import Limits

QUIET = {"OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.ingest.warmed"])


def run(folder: Path, limits: Limits) -> int:
    """As `sandbox.spawn`, forked instead of started: the same limits, the same child."""
    os.environ.update(QUIET)
    process = CONTEXT.Process(target=sandbox.child, args=(folder, limits.memory, limits.cpu_seconds))
    process.start()
    process.join(limits.wall_seconds)
    if process.is_alive():
        process.kill()
        process.join()
        return -signal.SIGALRM
    return process.exitcode or 0
