"""Does a folder go with whoever needs it, even where that process is killed?"""

import gc
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from insights.sandbox import folders
from tests.support.processes import aged

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_held_folder_goes_when_it_is_released_or_let_go_of(tmp_path: Path) -> None:
    one, other = folders.hold(tmp_path / "uploads"), folders.hold(tmp_path / "uploads")
    (other.path / "file").write_text("x")
    one.release()
    assert [one.path.exists(), other.path.exists()] == [False, True]
    del other
    gc.collect()
    assert list((tmp_path / "uploads").iterdir()) == []


def test_what_is_held_survives_a_sweep(tmp_path: Path) -> None:
    held = folders.hold(tmp_path)
    assert folders.sweep(tmp_path) == 0
    assert held.path.exists()
    held.release()


@pytest.mark.slow
def test_a_sweep_removes_what_a_killed_process_held(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from insights.sandbox import folders
held = folders.hold(Path({str(tmp_path)!r}))
(held.path / "ledger.csv").write_text("secret")
print("ready", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert folders.sweep(tmp_path) == 0
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert list(tmp_path.glob("*/ledger.csv"))
    assert folders.sweep(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_a_lock_is_swept_once_it_is_no_more_young(tmp_path: Path) -> None:
    """One of an earlier version, which locked none; or one whose process died before it locked it."""
    for name in ("young", "old"):
        (tmp_path / name).mkdir()
    aged(tmp_path / "old")
    assert folders.sweep(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["young"]


def test_temporary_folders_are_swept_and_nothing_else_in_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "letters").mkdir()
    (tmp_path / "insights-old").mkdir()
    for path in tmp_path.iterdir():
        aged(path)
    with folders.temporary() as mine:
        assert folders.sweep() == 1
        assert mine.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["letters"]
