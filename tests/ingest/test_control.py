"""Does the command line commit only what comes to the control total?"""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from insights.cli import app
from insights.workspace import Workspace
from tests.ingest.examples import file

LEDGER = """
invoice_id,customer_id,issue_date,due_date,amount,currency
A1,C1,2024-01-05,2024-02-05,100.00,EUR
"""


def test_a_file_that_does_not_come_to_its_control_total_is_not_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_HOME", str(tmp_path / "home"))
    path = str(file(tmp_path, LEDGER))
    runner = CliRunner()
    refused = runner.invoke(app, ["import", path, "--control", "EUR=99.00"])
    assert str(refused.exception) == (
        "100.00 EUR is outstanding in this file, 1.00 more than the control total. Nothing was committed."
    )
    assert Workspace.open().ledgers() == []
    assert runner.invoke(app, ["import", path, "--control", "EUR=100.00"]).exit_code == 0
    assert len(Workspace.open().ledgers()) == 1
