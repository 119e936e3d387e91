"""What do several tests here build?"""

from collections.abc import Callable
from pathlib import Path

import pytest

from insights.cli import run
from tests.support.commands import AS_OF, Run, command_line
from tests.support.workspaces import write_csv


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one ledger of 600 invoices, imported and trained on by the commands themselves; never changed."""
    home = tmp_path_factory.mktemp("trained")
    file = write_csv(home / "ledger.csv")
    for command in (["import", str(file), "--complete-through", "2024-12-31"], ["train", "--as-of", AS_OF, "--seed", "3"]):
        done = command_line(home, *command, "--json")
        assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[[Path], Run]:
    """Runs commands on a home within this process: exit code, stdout, stderr."""

    def on(home: Path) -> Run:
        monkeypatch.setenv("INSIGHTS_HOME", str(home))

        def call(*arguments: object) -> tuple[int, str, str]:
            capfd.readouterr()
            code = run([str(argument) for argument in arguments])
            return (code, *capfd.readouterr())

        return call

    return on
