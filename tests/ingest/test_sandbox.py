"""Is a file that needs too much stopped, in a process of its own?"""

from pathlib import Path

import pytest

from insights import ingest
from insights.ingest.sandbox import MODULE
from insights.ledger.errors import Refused
from insights.sandbox import start
from insights.sandbox.limits import Limits
from tests.ingest import forked
from tests.support.hostile import HEADER, ROW


@pytest.mark.slow
def test_a_file_that_needs_too_much_memory_or_time_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text(HEADER + "".join(f"A{k},C{k},2024-01-05,2024-02-05,10.00\n" for k in range(60_000)), encoding="utf-8")
    with pytest.raises(Refused, match="could not be read within 100 MB of memory"):
        ingest.read(
            path, run=lambda folder, limits: forked.run(folder, Limits(-300, limits.cpu_seconds)), limits=Limits(memory=100)
        )
    with pytest.raises(Refused, match="took longer than"):
        ingest.read(path, limits=Limits(wall_seconds=0))


@pytest.mark.slow
def test_the_child_is_a_process_of_its_own_with_limits(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text(HEADER + ROW, encoding="utf-8")
    assert len(ingest.read(path).require().invoices) == 1
    folder = tmp_path / "none"
    folder.mkdir()
    assert start.run(MODULE, folder, Limits()) != 0
