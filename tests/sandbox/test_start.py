"""Does a child end when it has to: out of time, out of memory, or nobody waits for it any more?"""

import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from insights.sandbox import start
from insights.sandbox.limits import Limits

pytestmark = pytest.mark.slow  # children
IDLE = "tests.support.idle"


class Gone(Exception):
    """Nobody waits."""


def child_of_ours(folder: Path) -> psutil.Process:
    running = (each for each in psutil.Process().children() if each.status() != psutil.STATUS_ZOMBIE)
    return next(each for each in running if str(folder) in each.cmdline())


def test_a_child_that_nobody_waits_for_has_ended_within_five_seconds(tmp_path: Path) -> None:
    """Whoever listens goes, as a script of a closed tab does at its next word."""
    seen: list[psutil.Process] = []

    def heard(ahead: int) -> None:
        assert ahead == 0
        seen.append(child_of_ours(tmp_path))
        raise Gone

    begun = time.monotonic()
    with pytest.raises(Gone):
        start.run(IDLE, tmp_path, Limits(), heard=heard)
    assert time.monotonic() - begun < 5
    assert not seen[0].is_running()


def test_a_child_without_end_is_out_of_time(tmp_path: Path) -> None:
    assert start.run(IDLE, tmp_path, Limits(wall_seconds=1)) == start.OUT_OF_TIME


def test_a_child_that_takes_too_much_is_stopped_where_no_limit_of_the_system_does_it(tmp_path: Path) -> None:
    """300 MB are taken, 200 are allowed; as on macOS and Windows, no address space is limited."""
    assert start.run(IDLE, tmp_path, Limits(memory=200), ["300"]) == start.OUT_OF_MEMORY


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent is gone")
def test_a_child_ends_with_its_parent(tmp_path: Path) -> None:
    parent = os.fork()
    if parent == 0:
        start.run("tests.support.idle", tmp_path, Limits(), ["0", "confined"])
        os._exit(0)
    end = time.monotonic() + 20
    while not (tmp_path / "confined").exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    child = next(iter(psutil.Process(parent).children()))
    os.kill(parent, 9)
    os.waitpid(parent, 0)
    child.wait(5)
