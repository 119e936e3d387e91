"""The command line does what its help says, with exit codes 0 (done), 1 (refused) and 2 (wrong usage)."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store.store import Store
from tests.support.commands import ROOT, Run, command_line, document
from tests.support.workspaces import ME, opened, small_ledger

WRONG_USAGE = [
    ("import",),
    ("import", "no-such-file.csv"),
    ("import", __file__, "--map", "amount"),
    ("import", __file__, "--map", "amonut=Amount"),
    ("import", __file__, "--complete-through", "31.12.2024"),
    ("import", __file__, "--date-order", "ydm"),
    ("train", "--as-of", "2024-02-30"),
    ("train", "--very-late-days", "0"),
    ("train", "--very-late-days", "soon"),
    ("train", "--recipe", "{"),
    ("train", "--recipe", '{"colour": "red"}'),
    ("score",),
    ("score", "--out", "scored.pdf"),
    ("score", "--out", "no-such-folder/scored.csv"),
    ("predict", __file__, "--out", "scored.csv"),
    ("publish",),
    ("delete",),
    ("no-such-command",),
    ("models", "--no-such-option"),
    (),
]


@pytest.mark.slow
@pytest.mark.parametrize("arguments", WRONG_USAGE, ids=" ".join)
def test_wrong_usage_ends_with_2(at: Callable[[Path], Run], tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with_ledger = opened(tmp_path)
    commit(with_ledger, small_ledger(), actor=ME)
    code, _, err = at(tmp_path)(*arguments)
    assert code == 2
    assert "Traceback" not in err


REFUSED = [
    ("train", "--ledger", "no-such-ledger"),
    ("train",),  # four invoices are too few
    ("score", "--out", "scored.csv"),  # no model
    ("score", "--ledger", "no-such-ledger", "--out", "scored.csv"),
    ("score", "--model", "no-such-model", "--out", "scored.csv"),
    ("publish", "no-such-model"),
    ("rollback",),
    ("delete", "no-such-ledger"),
    ("jobs", "--cancel", "no-such-job"),
]


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
@pytest.mark.slow
def test_what_is_refused_ends_with_1_and_a_sentence(
    at: Callable[[Path], Run], tmp_path: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    commit(opened(tmp_path), small_ledger(), actor=ME)
    code, out, err = at(tmp_path)(*arguments, "--json")
    assert code == 1
    assert document(out)["sentence"] in err
    assert "Traceback" not in err


def test_an_empty_workspace_says_what_to_do(at: Callable[[Path], Run], tmp_path: Path) -> None:
    assert at(tmp_path)("train")[0] == 1
    assert at(tmp_path)("ledgers", "--json")[:2] == (0, "[]\n")
    assert "import one first" in at(tmp_path)("train")[2]


@pytest.mark.slow
def test_delete_asks_first(at: Callable[[Path], Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = commit(opened(tmp_path), small_ledger(), actor=ME)
    with (tmp_path / "no").open("w+") as answers:
        answers.write("n\n")
        answers.seek(0)
        monkeypatch.setattr("sys.stdin", answers)
        assert at(tmp_path)("delete", ledger.id)[0] == 1
    assert len(ledgers.listed(Store.open(tmp_path))) == 1
    assert at(tmp_path)("delete", ledger.id, "--yes")[0] == 0
    assert ledgers.listed(Store.open(tmp_path)) == []


def test_help_is_instant_and_teaches(tmp_path: Path) -> None:
    begun = time.monotonic()
    done = command_line(tmp_path, "--help")
    assert time.monotonic() - begun < 3
    assert done.returncode == 0
    assert "predict LEDGER.csv --as-of" in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_training_commands_start_again_where_threads_would_spin(tmp_path: Path) -> None:
    """A sitecustomize in the path tells, at the end of the process, which policy it ran under."""
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, os\natexit.register(lambda: print('POLICY', os.environ.get('OMP_WAIT_POLICY')))\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    environment |= {"INSIGHTS_HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    for command, policy in (("train", "passive"), ("ledgers", None)):
        done = subprocess.run(
            [sys.executable, "-m", "insights", command, "--help"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"POLICY {policy}" in done.stdout
