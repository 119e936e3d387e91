"""The table beside others is fair: the same rows and lines for everybody, and no choice made on the last third."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from benchmarks import report
from benchmarks.peers import PEERS, Bench, with_lines
from benchmarks.quality import chosen, issued, ledger_name
from insights.evaluation import snapshot_at
from insights.features.catalog import usual
from insights.features.dataset import feature_set
from insights.model.recipe import Recipe
from tests.support.ledgers import DAY, START, small_ledger

AT = START + 300 * DAY
RECIPE = Recipe(very_late_days=15)


def bench() -> Bench:
    return Bench(feature_set(small_ledger(), RECIPE.due_rules, usual(small_ledger(), AT)), AT, RECIPE)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ours", "base_rates", "customer_past", "rates_by_days", "notebook", "logistic", "histogram"])
def test_every_peer_speaks_of_the_same_invoices_and_only_the_notebook_forgets_the_lines(name: str) -> None:
    made = bench()
    snapshot = snapshot_at(made.book, AT)
    said = PEERS[name](made, snapshot)
    assert said.shape == (len(snapshot.rows), 3)
    assert said.sum(axis=1) == pytest.approx(1)
    overdue = snapshot.rows.days_past_due_by > 0
    assert overdue.any()
    if name == "notebook":
        assert said[overdue, 0].max() > 0
        said = with_lines(said, snapshot, 15)
    assert said[overdue, 0].max() == 0
    assert said[snapshot.rows.days_past_due_by > 15, 2] == pytest.approx(1)


def test_choices_are_made_on_the_days_before_the_last_third() -> None:
    days = tuple(date(2025, month, 1) for month in range(1, 13))
    dev, last = chosen(days, "dev", 1), chosen(days, "last", 1)
    assert (len(dev), len(last)) == (8, 4)
    assert max(dev) < min(last)
    assert chosen(days, "dev", 4) == (days[0], days[4])


def test_at_issue_every_invoice_is_a_candidate_on_its_own_day() -> None:
    snapshot = issued(bench().book, AT, None)
    assert (snapshot.rows.at == snapshot.rows.issue).all()
    assert not snapshot.rows.counted.any()
    assert np.isin(snapshot.outcome, [0, 1, 2]).all()


def test_tables_go_between_the_marks_and_nowhere_else(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.md"
    file.write_text("before\n<!-- quality -->\nold\n<!-- end of quality -->\nafter\n")
    report.write_section(file, "quality", ["`how`", "", "new"])
    assert file.read_text() == "before\n<!-- quality -->\n\n`how`\n\nnew\n\n<!-- end of quality -->\nafter\n"
    with pytest.raises(SystemExit, match="has no <!-- last -->"):
        report.write_section(file, "last", ["new"])


def test_a_table_says_what_made_it_but_not_where_a_ledger_lies_outside_the_project() -> None:
    given = ["A=/elsewhere/a.csv@Segment", "sample_data/ledger.csv", "--dates", "all", "--into", "x.md", "--section=a"]
    named = [ledger_name(argument) for argument in given[:2]]
    assert named == ["A=LEDGER@Segment", "sample_data/ledger.csv"]
    assert report.command("quality.py", [*named, *given[2:]]) == (
        "`python benchmarks/quality.py A=LEDGER@Segment sample_data/ledger.csv --dates all`"
    )
