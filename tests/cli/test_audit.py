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
from tests.support.commands import Run
from tests.support.workspaces import opened, small_ledger

pytestmark = pytest.mark.slow


def test_the_record_is_listed_filtered_and_written_to_a_file(at: Callable[[Path], Run], tmp_path: Path) -> None:
    call, store = at(tmp_path / "home"), opened(tmp_path / "home")
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
    call, store = at(tmp_path), opened(tmp_path)
    figures.set_goal(store, "dso", 45, actor=laptop("bo"))
    assert call("verify")[0] == 0
    with store.database.write() as session:
        session.execute(text("DELETE FROM records"))
    code, out, _ = call("verify")
    assert code == 1
    assert "the record of who did what: number 1 was removed" in out


def test_a_record_that_was_cut_is_told_by_an_end_that_is_kept_elsewhere(at: Callable[[Path], Run], tmp_path: Path) -> None:
    """Whoever writes SQL takes the last two records away, and says that the chain ends before: from within nobody could tell."""
    call, store = at(tmp_path / "home"), opened(tmp_path / "home")
    commit(store, small_ledger(), actor=laptop("ada"))
    kept = tmp_path / "ends.txt"
    kept.write_text(call("audit", "--end")[1])
    for value in (45, 50):
        figures.set_goal(store, "dso", value, actor=laptop("bo"))
    assert call("verify", "--ends", str(kept))[0] == 0, "what was appended since is no fault"
    with kept.open("a") as lines:
        lines.write(call("audit", "--end")[1])
    with store.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM records WHERE sequence > 1"))
        connection.execute(text("UPDATE record_head SET sequence = 1, seal = (SELECT seal FROM records)"))
    assert call("verify")[0] == 0
    code, out, _ = call("verify", "--ends", str(kept))
    assert (code, out.strip()) == (
        1,
        "The record of who did what: number 3 is missing or not as written; the record was cut or written anew.",
    )
    kept.write_text("three\n")
    assert "NUMBER:SEAL" in call("verify", "--ends", str(kept))[2]
    kept.write_text("\n")
    code, _, faults = call("verify", "--ends", str(kept))
    assert code != 0
    assert "no end of the record" in faults
