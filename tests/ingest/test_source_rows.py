"""Is every row named by its file and its line there?"""

from pathlib import Path

import pytest

from insights import ingest
from insights.ingest.draft import Options
from insights.ingest.parse import parse
from insights.ledger.errors import Refused
from tests.ingest.examples import file
from tests.support.united import OPEN, SETTLED, united


def test_a_row_set_aside_is_named_by_its_file_and_its_line_there(tmp_path: Path) -> None:
    table = ingest.problems_table(united(tmp_path, OPEN, SETTLED).require())
    assert table.select(["file", "row", "reason"]).to_pylist() == [
        {"file": "open.csv", "row": 3, "reason": "due_before_issue"},
        {"file": "settled.csv", "row": 4, "reason": "customer_missing"},
    ]
    assert table["sentence"].to_pylist() == [
        "Row 3 of open.csv, Fällig: due on 2024-01-02, before it was issued.",
        "Row 4 of settled.csv, Kunde: no customer is named.",
    ]


def test_files_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    second = file(tmp_path / "other", SETTLED, "open.csv")
    table = ingest.problems_table(parse(file(tmp_path, OPEN, "open.csv"), Options(more=(second,))).require())
    assert table["file"].to_pylist() == ["open.csv", "open.csv (2)"]


def test_of_one_file_no_file_is_named(tmp_path: Path) -> None:
    table = ingest.problems_table(parse(file(tmp_path, OPEN), Options()).require())
    assert (table["file"].to_pylist(), table["sentence"].to_pylist()) == (
        [""],
        ["Row 3, Fällig: due on 2024-01-02, before it was issued."],
    )


def test_a_contradiction_between_two_files_names_both(tmp_path: Path) -> None:
    """The first file proves day first, the second month first: nothing is guessed."""
    with pytest.raises(Refused, match=r"“25/01/2024” \(row 2 of open.csv\) is day first, “02/26/2024” \(row 2 of settled.csv\)"):
        united(tmp_path, OPEN.replace("2024-01-05", "25/01/2024"), OPEN.replace("2024-01-05", "02/26/2024"))
