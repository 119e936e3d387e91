"""Is what was once computed read again, and made anew where other code made it, or a byte of it is another?"""

import errno
import os
import sqlite3
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy.exc import OperationalError

from insights.ledger.errors import Refused
from insights.services import ledgers as use_cases
from insights.services.ledgers import commit
from insights.store import answers, digests, housekeeping, ledgers
from insights.store.store import Store
from tests.support.workspaces import ME, small_ledger

pytestmark = pytest.mark.slow
CODE = ("ledger",)


class Counted:
    """Makes a table that says how often it was made."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> answers.Tables:
        self.times += 1
        return {"times": pa.table({"made": [self.times]}), "none": pa.table({"amount": pa.array([], pa.int64())})}


def asked(store: Store, ledger_id: str, make: Counted, packages: tuple[str, ...] = CODE) -> int:
    return int(answers.of(store, ledger_id, "times", packages, make)["times"]["made"][0].as_py())


def test_what_was_computed_once_is_read(workspace: Store) -> None:
    kept, make = commit(workspace, small_ledger(), actor=ME), Counted()
    assert [asked(workspace, kept.id, make) for _ in range(3)] == [1, 1, 1]
    assert make.times == 1


def test_tables_come_back_as_they_were(workspace: Store) -> None:
    kept = commit(workspace, small_ledger(), actor=ME)
    cube = np.arange(24).reshape(2, 3, 4)
    given = {"ledger": kept.invoices, "cube": answers.of_array(cube)}
    answers.of(workspace, kept.id, "mine", CODE, lambda: given)
    back = answers.of(workspace, kept.id, "mine", CODE, Counted())
    assert back["ledger"].equals(kept.invoices)
    assert np.array_equal(answers.as_array(back["cube"]), cube)


def test_what_other_code_made_is_made_anew_and_goes(workspace: Store) -> None:
    kept, make = commit(workspace, small_ledger(), actor=ME), Counted()
    asked(workspace, kept.id, make)
    assert asked(workspace, kept.id, make, (*CODE, "portfolio")) == 2
    assert len(list(workspace.path(answers.place(kept.id)).glob("*.parquet"))) == 1


def test_an_answer_with_a_changed_byte_is_made_anew(workspace: Store) -> None:
    kept, make = commit(workspace, small_ledger(), actor=ME), Counted()
    asked(workspace, kept.id, make)
    (path,) = workspace.path(answers.place(kept.id)).glob("*.parquet")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert asked(workspace, kept.id, make) == 2


def test_answers_outlive_a_sweep_but_not_their_ledger(workspace: Store) -> None:
    kept, make = commit(workspace, small_ledger(), actor=ME), Counted()
    asked(workspace, kept.id, make)
    housekeeping.tidy(workspace)
    assert asked(workspace, kept.id, make) == 1
    use_cases.delete(workspace, kept.id, actor=ME)
    assert not workspace.path(answers.place(kept.id)).exists()


def test_of_a_ledger_that_is_deleted_while_its_answer_is_made_nothing_is_kept(workspace: Store) -> None:
    kept, make = commit(workspace, small_ledger(), actor=ME), Counted()

    def deleting() -> answers.Tables:
        use_cases.delete(workspace, kept.id, actor=ME)
        return make()

    with pytest.raises(Refused, match="There is no ledger"):
        answers.of(workspace, kept.id, "times", CODE, deleting)
    assert not workspace.path(answers.place(kept.id)).exists()


def test_nor_of_one_that_is_deleted_between_the_record_and_the_file(workspace: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, write = commit(workspace, small_ledger(), actor=ME), answers._write

    def deleted_after(*given: Any) -> None:  # noqa: ANN401 - passed on
        write(*given)
        with workspace.database.write() as session:
            ledgers.remove(session, kept.id)

    monkeypatch.setattr(answers, "_write", deleted_after)
    with pytest.raises(Refused, match="There is no ledger"):
        asked(workspace, kept.id, Counted())
    assert not workspace.path(answers.place(kept.id)).exists()


def test_on_a_full_disk_an_answer_is_given_as_it_was_made(
    workspace: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is full for the file, or for the database that the file is put on record in."""
    kept, make = commit(workspace, small_ledger(), actor=ME), Counted()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(pq, "write_table", full)
        assert [asked(workspace, kept.id, make) for _ in range(2)] == [1, 2]
    assert "No space left" in caplog.text

    def database_full(*_: object) -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    with monkeypatch.context() as disk:
        disk.setattr(digests, "keep", database_full)
        assert asked(workspace, kept.id, make) == 3
    assert not list(workspace.path(answers.place(kept.id)).iterdir())
    assert [asked(workspace, kept.id, make) for _ in range(2)] == [4, 4], "kept once there is room"
