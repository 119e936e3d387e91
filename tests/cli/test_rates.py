"""Does a table of rates count by command?"""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from insights.cli import app as commands
from insights.store import rate_tables
from insights.store.store import Store
from tests.support.rates import table


@pytest.mark.slow
def test_the_command_keeps_a_table_and_import_reports_by_it(small_workspace: Store, tmp_path: Path) -> None:
    runner = CliRunner()
    assert "no rates in this workspace yet" in str(runner.invoke(commands, ["rates"]).exception)
    kept = runner.invoke(commands, ["rates", str(table(tmp_path)), "--json"])
    report = json.loads(kept.output)
    assert (report["rows"], report["from"], report["to"], report["currencies"]) == (2, "2024-03-31", "2024-04-01", ["EUR", "USD"])
    assert rate_tables.newest(small_workspace) is not None
    told = runner.invoke(commands, ["rates"])
    assert told.output == "2 rates of 2024-03-31 to 2024-04-01 (rates.csv): EUR, USD\n"
    ledger = table(
        tmp_path,
        "invoice_id,customer_id,issue_date,due_date,amount,currency\nA,C,2024-03-31,2024-04-30,10.00,EUR\nB,C,2024-03-01,2024-03-31,5.00,USD\n",
        "ledger.csv",
    )
    done = runner.invoke(commands, ["import", str(ledger), "--reporting", "usd"])
    assert "Receivables in USD: 16.00 (EUR at 1.1 of 2024-03-31)" in done.output
    assert "Receivables: 10.00 EUR" in done.output


@pytest.mark.slow
def test_a_table_without_a_column_of_its_currency_is_told_it(small_workspace: Store, tmp_path: Path) -> None:
    path = table(tmp_path, "date,currency,rate\n2024-03-31,USD,0.9\n")
    runner = CliRunner()
    assert "needs the columns date, from, to and rate" in str(runner.invoke(commands, ["rates", str(path)]).exception)
    assert rate_tables.newest(small_workspace) is None
    assert runner.invoke(commands, ["rates", str(path), "--reporting", "eur"]).exit_code == 0
    kept = rate_tables.newest(small_workspace)
    assert kept is not None
    assert kept.currencies == ("EUR", "USD")
