"""Does the command line commit only what comes to the control total, and convert only by dated rates?"""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from insights import ingest
from insights.cli import app
from insights.ledger.errors import Refused
from insights.store import ledgers
from insights.store.store import Store
from tests.ingest.examples import file

pytestmark = pytest.mark.slow

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
        "The net balance of this file is 100.00 EUR, 1.00 more than the control total. Nothing was committed."
    )
    assert ledgers.listed(Store.open()) == []
    assert runner.invoke(app, ["import", path, "--control", "EUR=100.00"]).exit_code == 0
    assert len(ledgers.listed(Store.open())) == 1


def test_what_is_outstanding_is_said_in_one_currency_by_the_rates_of_the_last_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSIGHTS_HOME", str(tmp_path / "home"))
    path = str(file(tmp_path, LEDGER + "A2,C1,2024-01-06,2024-02-05,50.00,USD"))
    table = str(file(tmp_path, "date,from,to,rate\n2024-01-06,EUR,USD,1.10\n2024-02-01,EUR,USD,9.00", "rates.csv"))
    told = CliRunner().invoke(app, ["import", path, "--rates", table, "--reporting", "USD"])
    assert "Receivables in USD: 160.00 (EUR at 1.1 of 2024-01-06)" in told.output
    refused = CliRunner().invoke(app, ["import", path, "--rates", table, "--reporting", "GBP"])
    assert "There is no rate from EUR or USD to GBP on or before 2024-01-06." in str(refused.exception)


def test_a_control_total_may_be_that_of_one_company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """North owes 100.00, and South as much: together they come to the total, but South alone should owe 90.00."""
    monkeypatch.setenv("INSIGHTS_HOME", str(tmp_path / "home"))
    text = "company,invoice_id,customer_id,issue_date,due_date,amount,currency\n"
    rows = "".join(f"{name},A1,C1,2024-01-05,2024-02-05,100.00,EUR\n" for name in ("North", "A/S South"))
    path = str(file(tmp_path, text + rows))
    refused = CliRunner().invoke(app, ["import", path, "--control", "eur=200", "--control", "A/S South/EUR=90.00"])
    assert str(refused.exception) == (
        "The net balance of A/S South of this file is 100.00 EUR, 10.00 more than the control total. Nothing was committed."
    )
    assert CliRunner().invoke(app, ["import", path, "--control", "EUR=200.00", "--control", "North/EUR=100"]).exit_code == 0


@pytest.mark.parametrize("text", ["1234567.89", "1,234,567.89", "1 234 567.89", " 1234567.89 "])
def test_a_control_total_may_have_groups(text: str) -> None:
    assert ingest.amount(text, "EUR") == 123456789


@pytest.mark.parametrize("text", ["1.234.567,89", "12,34", "nan", "Infinity", "", "about 5"])
def test_what_is_no_control_total_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="is no amount"):
        ingest.amount(text, "EUR")
