"""Does the command say who did what?"""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.csv
import pytest
from sqlalchemy import text

from insights.access import laptop
from insights.services import figures
from insights.services.ledgers import commit
from insights.store.store import Store
from tests.support.commands import Run
from tests.support.workspaces import small_ledger

pytestmark = pytest.mark.slow


def test_the_record_is_listed_filtered_and_written_to_a_file(at: Callable[[Path], Run], tmp_path: Path) -> None:
    call, store = at(tmp_path / "home"), Store.open(tmp_path / "home")
    commit(store, small_ledger(), actor=laptop("ada"))
    figures.set_goal(store, "dso", 45, actor=laptop("bo"))
    code, out, _ = call("audit")
    assert (code, [line.split()[3:5] for line in out.splitlines()[1:]]) == (
        0,
        [["bo", "command:figures:goal"], ["ada", "command:ledger:commit"]],
    )
    assert [each["subject"] for each in json.loads(call("audit", "--who", "bo", "--json")[1])] == ["dso"]
    assert call("audit", "--action", "ledger", "--out", str(tmp_path / "record.csv"))[0] == 0
    (row,) = pyarrow.csv.read_csv(tmp_path / "record.csv").to_pylist()
    assert (row["sequence"], row["actor"], row["tag"]) == (1, "ada", "command:ledger:commit")
    assert json.loads(call("audit", "--to", "2020-01-01", "--json")[1]) == []
    exported = [each["details"] for each in json.loads(call("audit", "--action", "record.export", "--json")[1])]
    assert [each["rows"] for each in exported] == [0, 1, 1], "the newest first; this one is not on record yet"


def test_verify_names_a_record_that_is_gone(at: Callable[[Path], Run], tmp_path: Path) -> None:
    call, store = at(tmp_path), Store.open(tmp_path)
    figures.set_goal(store, "dso", 45, actor=laptop("bo"))
    assert call("verify")[0] == 0
    with store.database.write() as session:
        session.execute(text("DELETE FROM records"))
    code, out, _ = call("verify")
    assert code == 1
    assert "the record of who did what: number 1 was removed" in out
