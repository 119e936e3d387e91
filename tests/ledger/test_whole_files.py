"""Is a file replaced by a whole one, or left as it was?"""

import os
from pathlib import Path

import pyarrow as pa
import pytest

from insights.ledger import table_files, whole_files


class Broken(Exception):
    """Something in the middle."""


def half(begun: Path) -> None:
    begun.write_text("half of it")
    raise Broken


def test_what_breaks_off_in_the_middle_leaves_what_was_there(tmp_path: Path) -> None:
    (target := tmp_path / "out.csv").write_text("as it was")
    for path in (target, tmp_path / "new.csv"):
        with pytest.raises(Broken):
            whole_files.write(path, half)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"out.csv": "as it was"}


def test_a_file_keeps_its_rights_and_a_link_its_target(tmp_path: Path) -> None:
    (target := tmp_path / "out.csv").write_text("as it was")
    target.chmod(0o640)
    (link := tmp_path / "link.csv").symlink_to(target)
    table_files.write(pa.table({"a": [1]}), link)
    assert (target.read_text(), target.stat().st_mode & 0o777, link.is_symlink()) == ('"a"\n1\n', 0o640, True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only POSIX has pipes with names")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe.csv")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        table_files.write(pa.table({"a": [1]}), pipe)
        assert os.read(reader, 100) == b'"a"\n1\n'
    finally:
        os.close(reader)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path: Path) -> None:
    (target := tmp_path / "out.csv").write_text("as it was")
    target.chmod(0o400)
    with pytest.raises(PermissionError, match=r"out\.csv"):
        whole_files.write(target, half)
