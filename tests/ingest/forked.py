"""How do hundreds of files pass the limited child process in a minute? Each in a fork of a server that has the parser loaded."""

import multiprocessing
import os
from pathlib import Path

from insights.ingest import sandbox
from insights.sandbox import start
from insights.sandbox.limits import Limits

QUIET = {"OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.ingest.warmed"])


def run(folder: Path, limits: Limits) -> int:
    """As `sandbox.start.run`, forked instead of started: the same limits, the same child."""
    os.environ.update(QUIET)
    process = CONTEXT.Process(target=sandbox.child, args=(folder, limits))
    process.start()
    process.join(limits.wall_seconds)
    if process.is_alive():
        process.kill()
        process.join()
        return start.OUT_OF_TIME
    return process.exitcode or 0
