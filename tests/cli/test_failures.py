"""Does a person get a sentence with an id, never a traceback, whatever is broken?"""

import errno
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from insights.cli import failures
from insights.services.failures import why
from insights.store import database, ledgers
from insights.store.store import Store
from tests.conftest import ROOT
from tests.support.commands import Run

LEDGER = "sample_data/ledger.csv"


def test_a_damaged_database_is_a_sentence(at: Callable[[Path], Run], tmp_path: Path) -> None:
    """Written over with something else."""
    (tmp_path / "workspace.sqlite").write_bytes(b"not a database" * 1000)
    code, out, err = at(tmp_path)("models")
    assert code == 1
    assert err == "The database of the workspace is damaged. Nothing of it is shown: restore a backup into an empty home.\n"
    assert not out


def test_a_home_that_is_a_file_is_a_sentence(at: Callable[[Path], Run], tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    code, out, err = at(tmp_path / "home")("models", "--json")
    assert code == 1
    assert "Traceback" not in err
    assert json.loads(out)["sentence"] == err.strip()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    """The result goes to a file on it."""
    command = [sys.executable, "-m", "insights", "import", LEDGER, "--json"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ | {"INSIGHTS_HOME": str(tmp_path)}, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode != 0
    assert b"Traceback" not in done.stderr
    assert b"There is no space left on the disk." in done.stderr


def test_a_mistake_of_ours_is_a_sentence_and_the_log_says_where_without_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INSIGHTS_HOME", str(tmp_path))
    try:
        {"Ben": 1}["Ada Ltd"]
    except KeyError as error:
        failures.tell(error, as_json=False)
    said = capfd.readouterr().err
    (known_id,) = re.findall(r"\(error ([0-9a-f]{8})\)", said)
    log = (tmp_path / "errors.log").read_text()
    assert known_id in log
    assert "test_failures.py" in log
    assert "Ada" not in said
    assert "KeyError: 'Ada Ltd'" not in log


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "no space left"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "no space left"),
        (PermissionError(errno.EACCES, "Permission denied", "/home/x.csv"), "/home/x.csv cannot be written or read"),
        (OSError(errno.EROFS, "Read-only file system", "out.csv"), "out.csv cannot be written or read"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "n" * 300), "cannot be used: File name too long"),
        (MemoryError(), "not enough memory"),
        (ZeroDivisionError("division by zero"), "not foreseen (ZeroDivisionError)"),
    ],
)
def test_each_failure_says_what_to_mend(error: Exception, said: str) -> None:
    assert said in why(error)


@pytest.mark.slow
@pytest.mark.parametrize("wait", [1, pytest.param(60, marks=pytest.mark.long)])
def test_a_database_that_somebody_else_holds_is_a_sentence_and_then_it_goes_on(
    small_workspace: Store, at: Callable[[Path], Run], monkeypatch: pytest.MonkeyPatch, wait: int
) -> None:
    """Another process writes for longer than anybody waits; people wait for 60 seconds."""
    monkeypatch.setattr(database, "BUSY", wait)
    home, known = small_workspace.home, ledgers.listed(small_workspace)
    holding = sqlite3.connect(home / "workspace.sqlite", isolation_level=None)
    holding.execute("BEGIN IMMEDIATE")
    code, _, err = at(home)("delete", known[0].id, "--yes")
    assert (code, bool(re.fullmatch(r"Another process has been writing .* \(error [0-9a-f]{8}\)\n", err))) == (1, True), err
    assert ledgers.listed(small_workspace) == known
    holding.rollback()
    holding.close()
    assert at(home)("delete", known[0].id, "--yes")[0] == 0
    assert not ledgers.listed(small_workspace)
