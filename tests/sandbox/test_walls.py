"""Does nothing succeed in the child but what it is there for?"""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from insights.sandbox import landlock, start, walls
from insights.sandbox.limits import Limits
from tests.conftest import ROOT

PRISONER = "tests.support.prisoner"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux" or not landlock.version(), reason="only Linux since 5.13 has walls of the kernel")
def test_no_file_socket_or_process_is_reached_from_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_DATABASE", "postgresql://insights:secret@db/insights")
    (folder := tmp_path / "folder").mkdir()
    outside = tmp_path / "outside.csv"
    outside.write_text("somebody else's")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = start.run(PRISONER, folder, Limits(), [str(outside), str(listening.getsockname()[1])])
    assert ended == 0, start.trace(folder)
    answer = json.loads((folder / "answer.json").read_text())
    assert answer["walls"] == ["audit", "landlock", "limits", "seccomp"]
    assert (answer["tried"], answer["succeeded"]) == (37, [])
    assert outside.read_text() == "somebody else's"
    assert set(answer["environment"]) <= {*start.QUIET, *start.HANDED_ON, "LC_CTYPE"}
    assert (folder / "by a thread").exists(), "threads are no processes"


@pytest.mark.slow
def test_where_there_is_no_wall_but_pythons_own_what_python_does_is_stopped(tmp_path: Path) -> None:
    """As on Windows."""
    (folder := tmp_path / "folder").mkdir()
    (tmp_path / "outside").write_text("x")
    code = (
        "import os, socket, subprocess, sys; from pathlib import Path; from insights.sandbox import walls\n"
        "folder = Path(sys.argv[1]); walls.audit(walls.of_python(), folder)\n"
        "(folder / 'inside').write_text('x')\n"
        "import calendar\n"
        "for attempt in (lambda: (folder.parent / 'outside').read_text(), lambda: (folder.parent / 'new').write_text('x'),\n"
        "    (folder.parent / 'outside').unlink, lambda: (folder / 'inside').rename(folder.parent / 'moved'), socket.socket,\n"
        "    lambda: socket.getaddrinfo('localhost', 1), lambda: subprocess.run(['true']), os.fork, lambda: os.system('true')):\n"
        "    try: attempt()\n"
        "    except PermissionError: continue\n"
        "    raise SystemExit(3)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == 0
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "inside", "outside"]


def test_a_workspace_beside_the_program_is_not_readable_because_the_program_is() -> None:
    readable = {path.resolve() for path in walls.of_python()}
    assert ROOT / "insights" in readable
    assert not [path for path in readable if (ROOT / "workspace").is_relative_to(path)]
