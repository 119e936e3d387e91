"""Are workspaces backed up, looked at and restored by command?"""

from collections.abc import Callable
from pathlib import Path

import pytest

from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import models
from tests.support.commands import Run, document
from tests.support.damage import flip
from tests.support.workspaces import ME, opened, rates_model, small_ledger


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace with a published model."""
    workspace = opened(tmp_path / "home")
    model_id = models.save(workspace, rates_model(), commit(workspace, small_ledger(), actor=ME).id, actor=ME)
    publishing.publish(workspace, model_id, replaces=None, actor=ME)
    return tmp_path / "home"


@pytest.mark.slow
def test_a_restored_workspace_scores_the_same_bytes(at: Callable[[Path], Run], home: Path, tmp_path: Path) -> None:
    call, scored = at(home), tmp_path / "scored.csv"
    assert call("score", "--out", str(scored))[0] == 0
    before = scored.read_bytes()
    assert document(call("backup", str(tmp_path / "backup"), "--json")[1])["files"] == 12
    assert call("verify", str(tmp_path / "backup"))[0] == 0
    again = at(tmp_path / "again")
    assert again("restore", str(tmp_path / "backup"))[0] == 0
    assert again("score", "--out", str(scored))[0] == 0
    assert scored.read_bytes() == before
    code, out, _ = again("verify")
    assert (code, out) == (0, "All of this workspace is as it was written.\n")


@pytest.mark.slow
def test_verify_names_what_is_not_as_written(at: Callable[[Path], Run], home: Path, tmp_path: Path) -> None:
    call = at(home)
    assert call("backup", str(tmp_path / "backup"))[0] == 0
    for folder, arguments in ((home, ()), (tmp_path / "backup", (str(tmp_path / "backup"),))):
        (path,) = folder.glob("ledgers/*/payments.parquet")
        flip(path, 99)
        code, out, _ = call("verify", *arguments)
        assert code == 1
        assert path.relative_to(folder).as_posix() in out
        code, out, _ = call("verify", *arguments, "--json")
        assert (code, document(out)["not_as_written"]) == (1, [path.relative_to(folder).as_posix()])
    code, _, told = at(tmp_path / "again")("restore", str(tmp_path / "backup"))
    assert code == 1
    assert "payments.parquet" in told
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("left", [None, b""], ids=["missing", "empty"])
def test_files_without_a_database_are_said_to_be_so(at: Callable[[Path], Run], home: Path, left: bytes | None) -> None:
    for path in home.glob("workspace.sqlite*"):
        path.unlink()
    if left is not None:
        (home / "workspace.sqlite").write_bytes(left)
    before = sorted(home.rglob("*"))
    for command in ("ledgers", "models", "verify"):
        code, out, told = at(home)(command)
        assert (code, out) == (1, "")
        assert "workspace.sqlite" in told
    assert [path for path in sorted(home.rglob("*")) if path.name != "errors.log"] == before
