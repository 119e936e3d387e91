"""What does the command `habits` say?"""

import json
from pathlib import Path

import pyarrow.csv as pa_csv
import pytest
from typer.testing import CliRunner

from insights.cli import app
from insights.services.ledgers import commit
from tests.support.habits import LATER, changed_habit
from tests.support.workspaces import ME, opened


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("habits") / "home"
    commit(opened(home), changed_habit(), actor=ME)
    return home


def ran(home: Path, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["habits", *arguments], env={"INSIGHTS_HOME": str(home)})
    assert done.exit_code == code, done.output
    return done.stdout


def test_who_pays_otherwise_is_said_with_the_evidence(home: Path, tmp_path: Path) -> None:
    found = json.loads(ran(home, "--json", "--out", str(tmp_path / "changed.csv")))
    assert (found["as_of"], found["looked_at"], found["false_share"]) == ("2024-04-01", 2, 0.1)
    assert found["customers"] == [
        {
            "company": "north",
            "customer_id": "acme",
            "customer_name": "acme",
            "days_later": 6.9,
            "days_late_now": 11.9,
            "days_late_before": 5.0,
            "invoices_now": 10,
            "invoices_before": 40,
            "days_of_payment_now": 10,
            "days_of_payment_before": 40,
            "later_share": 1.0,
            "sentence": LATER,
        }
    ]
    assert pa_csv.read_csv(tmp_path / "changed.csv")["sentence"].to_pylist() == [LATER]


def test_people_read_the_sentence_and_what_it_stands_on(home: Path) -> None:
    told = ran(home)
    assert LATER in told
    assert "1 of 2 customers" in told
    assert "0 of 1 customer " in ran(home, "--company", "south")


def test_of_a_day_that_the_ledger_does_not_know_nothing_is_said(home: Path) -> None:
    done = CliRunner().invoke(app, ["habits", "--as-of", "2024-06-01"], env={"INSIGHTS_HOME": str(home)})
    assert done.exit_code == 1
