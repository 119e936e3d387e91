"""Does a lock have one holder, and can nobody else on this computer read what is kept?"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from insights.services.ledgers import commit
from insights.store import files
from insights.store.store import Store
from tests.conftest import ROOT
from tests.support.processes import aged
from tests.support.workspaces import ME, small_ledger

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")


@pytest.mark.slow
def test_a_lock_has_one_holder_even_while_its_file_is_removed_again_and_again(tmp_path: Path) -> None:
    """Six threads count under the lock, 200 times each, while the file vanishes whenever nobody holds it."""
    path, inside, most, done = tmp_path / "a.lock", [0], [0], threading.Event()

    def remove() -> None:
        while not done.is_set():
            files.remove_lock(path)

    def count() -> None:
        for _ in range(200):
            with files.lock(path):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0)
                inside[0] -= 1

    with ThreadPoolExecutor(7) as pool:
        removing = pool.submit(remove)
        for each in [pool.submit(count) for _ in range(6)]:
            each.result()
        done.set()
        removing.result()
    assert most == [1]


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def open_to_others(home: Path) -> list[str]:
    """What others may read, write or enter; symbolic links have no permissions of their own."""
    return [str(path) for path in (home, *home.rglob("*")) if path.stat().st_mode & 0o077]


@pytest.mark.slow
@posix
def test_whatever_the_umask_a_workspace_is_its_users_own(umask: int, tmp_path: Path) -> None:
    """Kept by this process, and by one for a command and its worker; the write-ahead log is open meanwhile."""
    home = tmp_path / "home"
    store = Store.open(home)
    commit(store, small_ledger(), actor=ME)
    with store.database.read():
        assert open_to_others(home) == []
    os.umask(umask)  # what a command starts with
    command = [sys.executable, "-m", "insights", "import", "sample_data/ledger.csv"]
    environment = os.environ | {"INSIGHTS_HOME": str(home)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    assert open_to_others(home) == []
    assert len(list((home / "ledgers").iterdir())) == 2


@posix
def test_a_workspace_of_an_earlier_version_is_closed_and_what_is_not_ours_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    commit(Store.open(home), small_ledger(), actor=ME)
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (home / "notes.sh").touch()
    (home / "notes.sh").chmod(0o755)
    Store.open(home)
    assert open_to_others(home) == [str(home / "notes.sh")]


@posix
@pytest.mark.slow
def test_a_folder_for_everybody_stays_so(tmp_path: Path) -> None:
    """As /tmp is: its sticky bit says that it is everybody's."""
    home = tmp_path / "everybody"
    home.mkdir()
    home.chmod(0o1777)
    Store.open(home)
    assert home.stat().st_mode & 0o7777 == 0o1777
    assert [path.name for path in home.rglob("*") if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize(("host", "days", "left"), [(files.HOST, 0, 0), ("0123abcd", 0, 2), ("0123abcd", 2, 0)])
def test_what_another_host_has_begun_is_left_alone_for_a_day(tmp_path: Path, host: str, days: float, left: int) -> None:
    """Its lock may not be seen here; what a dead process of this host left goes at once."""
    for name in (".begun-1.parquet", f".begun-1.parquet.{host}.held"):
        (tmp_path / name).touch()
        aged(tmp_path / name, days)
    files.sweep(tmp_path)
    assert len(list(tmp_path.iterdir())) == left
