"""How do hundreds of files pass the limited child process in a minute? Each in a fork of a server that has the parser loaded."""

import multiprocessing
import os
from pathlib import Path

from insights.ingest import sandbox
from insights.sandbox.limits import Limits
from tests.support import forks

QUIET = {"OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.ingest.warmed"])


def run(folder: Path, limits: Limits) -> int:
    """As `sandbox.start.run`, forked instead of started: the same limits, the same child."""
    os.environ.update(QUIET)
    return forks.run(CONTEXT, sandbox.child, (folder, limits), limits.wall_seconds)
