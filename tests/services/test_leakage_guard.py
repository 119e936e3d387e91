"""Nothing that fits a model learns from a column that tells the outcome, unless somebody typed a reason for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from insights.cli import run
from insights.features.catalog import usual
from insights.ledger.errors import Refused
from insights.ledger.ledger import FURTHER, Ledger
from insights.model.recipe import Recipe
from insights.model.training import train
from insights.services import comparison, leakage_guard, quality_gate, replays
from insights.services.ledgers import commit
from insights.store import audit, models
from insights.store.store import Store
from tests.support.workspaces import ME, write_csv, year_of_invoices

AS_OF = date(2024, 12, 1)
CLEARED = f"{FURTHER}Cleared"


def telling() -> Ledger:
    """A year of 600 invoices with the day on which each was cleared, which is the day it was paid; marked known at issue."""
    ledger = year_of_invoices()
    return replace(
        ledger,
        invoices=ledger.invoices.append_column(CLEARED, ledger.invoices["paid_date"]),
        known_at_issue=("Cleared",),
    )


@pytest.fixture
def ledger(workspace: Store) -> Ledger:
    return commit(workspace, telling(), actor=ME)


def keep(workspace: Store, ledger: Ledger, recipe: Recipe) -> str:
    """A model that was fitted past the guard, as an earlier version might have."""
    return models.save(workspace, train(ledger, AS_OF, recipe), ledger.id, actor=ME)


def doors(workspace: Store, ledger: Ledger) -> dict[str, Callable[[], object]]:
    """Everything that fits a model of a recipe."""
    recipe = Recipe(fields=("amount", CLEARED))
    kept = keep(workspace, ledger, recipe)
    other = keep(workspace, ledger, Recipe(fields=("amount",)))
    return {
        "train": lambda: leakage_guard.train(workspace, ledger, AS_OF, recipe, actor=ME),
        "train with the usual fields": lambda: leakage_guard.train(workspace, ledger, AS_OF, Recipe(), actor=ME),
        "replay": lambda: replays.replay(workspace, ledger.id, recipe, [AS_OF]),
        "compare": lambda: comparison.compare(workspace, [other, kept]),
        "check": lambda: quality_gate.check(workspace, kept, replay=True),
    }


@pytest.mark.slow
def test_no_door_is_open_to_a_column_that_tells_the_outcome(workspace: Store, ledger: Ledger) -> None:
    assert CLEARED in usual(ledger)
    for name, door in doors(workspace, ledger).items():
        with pytest.raises(Refused, match="Cleared") as refused:
            door()
        assert refused.value.code == "leak", name


@pytest.mark.slow
def test_a_typed_reason_opens_training_and_is_recorded(workspace: Store, ledger: Ledger) -> None:
    recipe = Recipe(fields=("amount", CLEARED))
    with pytest.raises(Refused, match="Cleared"):
        leakage_guard.train(workspace, ledger, AS_OF, recipe, allowed={"Cleared": "  "}, actor=ME)
    assert (
        leakage_guard.train(workspace, ledger, AS_OF, recipe, allowed={"Cleared": "to see how good it gets"}, actor=ME).fields
        == recipe.fields
    )
    (noted,) = [entry for entry in audit.listed(workspace, ledger.id) if entry.action == "field.allow"]
    assert noted.details["reason"] == "to see how good it gets"


def test_a_reason_recorded_for_the_ledger_opens_its_replays(workspace: Store, ledger: Ledger) -> None:
    recipe = Recipe(fields=("amount", CLEARED))
    leakage_guard.allow(workspace, ledger.id, {"Cleared": "an experiment", "amount": "needs none"}, actor=ME)
    assert leakage_guard.reasons(workspace, ledger.id) == {"Cleared": "an experiment"}
    leakage_guard.check_replay(workspace, ledger, recipe)
    elsewhere = commit(workspace, replace(telling(), name="Another"), actor=ME)
    with pytest.raises(Refused, match="Cleared"):
        leakage_guard.check_replay(workspace, elsewhere, recipe)


@pytest.mark.slow
def test_the_commands_refuse_and_take_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """`Token` is different for every invoice, and the user says that it was known at issue."""
    monkeypatch.setenv("INSIGHTS_HOME", str(tmp_path / "home"))
    file, out = write_csv(tmp_path / "ledger.csv"), tmp_path / "scored.csv"
    head, *lines = file.read_text().splitlines()
    file.write_text("\n".join([f"{head},Token", *(f"{line},T{line[4:9]}{number}" for number, line in enumerate(lines))]) + "\n")
    predict = ["predict", str(file), "--as-of", str(AS_OF), "--known-at-issue", "Token", "--out", str(out)]
    assert run(predict) == 1
    assert "Token" in capfd.readouterr().err
    assert not out.exists()
    assert run([*predict, "--allow", "Token= "]) == 2
    assert run([*predict, "--allow", "Token=an experiment"]) == 0
    assert out.exists()
    assert run(["import", str(file), "--known-at-issue", "Token", "--complete-through", "2024-12-31"]) == 0
    assert run(["backtest", "--last", "1"]) == 1
    assert "Token" in capfd.readouterr().err
