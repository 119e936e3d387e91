"""Does every reason have a sentence?"""

import subprocess
import sys
from pathlib import Path

import pytest

from insights import ingest
from insights.messages import problems as words
from tests.conftest import ROOT
from tests.ingest.examples import ledger


def test_every_reason_has_a_sentence_that_names_row_column_and_value(tmp_path: Path) -> None:
    """
    invoice_id,customer_id,issue_date,due_date,amount
    1,C1,2024-01-10,2024-02-09,100.00
    2,C1,2024-01-10,2024-01-09,100.00
    """
    found = ledger(tmp_path, test_every_reason_has_a_sentence_that_names_row_column_and_value.__doc__ or "")
    table = ingest.problems_table(found)
    assert table["sentence"].to_pylist() == ["Row 3, due_date: due on 2024-01-09, before it was issued."]
    assert all(words.reason(code) for code in words.PROBLEMS)


@pytest.mark.parametrize(
    ("rows", "most"),
    [pytest.param(100_000, 40, marks=pytest.mark.slow), pytest.param(1_000_000, 100, marks=pytest.mark.long)],
)
def test_a_tab_with_very_many_rows_set_aside_costs_the_server_little(rows: int, most: int) -> None:
    """One invoice, repeated; two tabs look at it one after the other."""
    command = [sys.executable, "-m", "tests.support.tabs", str(rows), "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    costs = done.stdout.split()
    assert len(costs) == 2
    assert [cost for cost in costs if int(cost) > most] == []
