"""Do commands and screens say in a sentence that the disk is full or closed, leave all as it was, and go on afterwards?"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support import disk


@pytest.mark.slow
def test_a_full_and_then_closed_disk_is_said_in_sentences_and_a_ledger_can_be_deleted_on_it(tmp_path: Path) -> None:
    """A disk of 24 MB in a namespace of its own."""
    if not disk.possible(tmp_path):
        pytest.skip("only Linux that allows namespaces of users has a disk of a few megabytes for everybody")
    command = disk.inside(tmp_path, 24, [sys.executable, "-m", "tests.support.full_disk", str(tmp_path)])
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout == "15 commands, 16 screens\n"
