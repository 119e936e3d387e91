"""Does memory that is not needed any more get back to the system?"""

import sys
from pathlib import Path

import numpy as np
import pytest

from insights.server.memory import give_back


def held() -> int:
    """Kilobytes that this process holds for itself."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what a process holds for itself")
def test_what_many_small_arrays_took_is_given_back() -> None:
    give_back()
    before = held()
    arrays = [np.ones(10_000, np.int64) for _ in range(1_000)]  # 80 KB each: below what an allocator maps by itself
    lasting = [np.ones(1_000, np.int64) for _ in range(10)]
    most = held()
    del arrays
    give_back()
    assert most - before > 70_000
    assert held() - before < 20_000
    assert len(lasting) == 10
