"""What do the commands `figures` and `goal` say?"""

import json
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from insights.cli import app
from insights.services import figures as use_case
from insights.services.ledgers import commit
from insights.store import models
from insights.store.store import Store
from tests.support.workspaces import ME, ledger_of, opened, rates_model

LEDGER = """
    north A 1 2024-01-05 2024-02-04 -          10000 EUR
    north A 2 2024-02-01 2024-03-02 2024-03-12 60000 EUR
    north B 3 2024-02-01 2024-03-02 -          30000 EUR
    south C 4 2023-11-01 2023-12-01 -            700 JPY
"""


def ran(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == code, done.output
    return done


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LEDGER, complete through 31 March 2024, without a model."""
    home = tmp_path_factory.mktemp("figures") / "home"
    commit(opened(home), ledger_of(LEDGER, history_starts=date(2023, 6, 1)), actor=ME)
    return home


@pytest.fixture(autouse=True)
def _looked_at(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_HOME", str(home))


def test_json_is_as_it_was_agreed() -> None:
    """In the 90 days from 2 January: sales 1 000.00, of which 400.00 are open and past due; nothing was open at their start.

    JPY 700 are 122 days past due, and nothing was sold in the period.
    """
    told = json.loads(ran("figures", "--json").stdout)
    euros = told["currencies"]["EUR"]
    assert told["as_of"] == "2024-04-01"
    assert euros == {
        "dso": 36.0,
        "best_possible_dso": 0.0,
        "add": 36.0,
        "count_back_dso": pytest.approx(31 + 29 * 400 / 900),
        "cei": 60.0,
        "days_beyond_terms": 10.0,
        "over_90": 0.0,
        "at_risk": None,
    }
    assert told["currencies"]["JPY"] == {
        "dso": None,
        "best_possible_dso": None,
        "add": None,
        "count_back_dso": pytest.approx(31 + 29 + 31 + 31 + 30),
        "cei": 0.0,
        "days_beyond_terms": None,
        "over_90": 1.0,
        "at_risk": None,
    }


def test_figures_of_a_customer_and_of_a_past_day() -> None:
    mine = json.loads(ran("figures", "--customer", "B", "--json").stdout)["currencies"]
    assert list(mine) == ["EUR"]
    assert mine["EUR"]["dso"] == 90.0
    earlier = json.loads(ran("figures", "--as-of", "2024-03-02", "--json").stdout)["currencies"]
    assert earlier["EUR"]["best_possible_dso"] == pytest.approx(900 / 1000 * 90)
    assert ran("figures", "--customer", "nobody", code=1).exit_code == 1


def test_people_see_the_month_before_and_the_goal(tmp_path: Path) -> None:
    ran("goal", "dso", "30")
    ran("goal", "paid_on_time", "80")
    out = tmp_path / "figures.parquet"
    ran("goal", "at_risk", "20")
    said = ran("figures", "--out", str(out)).stdout
    assert "20.0 % of the receivables" in said
    assert next(line.split() for line in said.splitlines() if line.startswith("DSO")) == ["DSO", "36.0", "90.0", "30.0"]
    assert "80.0 %" in said
    rows = [row for row in pq.read_table(out).to_pylist() if row["currency"] == "EUR"]
    assert rows[-1]["as_of"] == date(2024, 4, 1)
    assert rows[-1]["dso"] == pytest.approx(36)
    assert str(rows[-1]["sales"]) == "1000.00"
    ran("goal", "dso")
    assert "dso" not in use_case.goals(Store.open())
    assert use_case.goals(Store.open())["paid_on_time"] == pytest.approx(0.8)
    assert "no figure" in ran("goal", "turnover", "3", code=1).exception.args[0]  # type: ignore[union-attr]


@pytest.mark.slow
def test_the_amount_at_risk_is_what_a_model_expects_late_or_very_late(
    workspace: Store,
) -> None:
    """Overdue: nothing of it can be on time."""
    ledger = commit(workspace, ledger_of(LEDGER), actor=ME)
    models.save(workspace, rates_model(), ledger.id, actor=ME)
    told = json.loads(ran("figures", "--json").stdout)["currencies"]
    assert (told["EUR"]["at_risk"], told["JPY"]["at_risk"]) == ("400.00", "700")
