"""Are models published, rolled back and carried elsewhere by command?"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow.csv as pa_csv
import pytest

from insights.model.recipe import Recipe
from insights.services.ledgers import commit
from insights.store import models as model_store
from tests.support.commands import Run, document
from tests.support.workspaces import ME, opened, rates_model, small_ledger, year_of_invoices


@pytest.mark.slow
def test_publish_and_rollback_by_the_beginning_of_an_id(at: Callable[[Path], Run], tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    ledger = commit(workspace, small_ledger(), actor=ME)
    one, two = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    call = at(tmp_path)
    first = document(call("publish", one[:8], "--threshold", "0.4", "--reason", "to begin with", "--json")[1])
    assert (first["model"], first["threshold"], first["reason"]) == (one, 0.4, "to begin with")
    assert call("publish", two, "--replaces", "none")[0] == 1
    second = document(call("publish", two, "--replaces", first["publication"], "--json")[1])
    assert (second["replaces"], second["threshold"]) == (first["publication"], 0.4)
    listed = {model["model"]: model["published"] for model in json.loads(call("models", "--json")[1])}
    assert listed == {one: [], two: [""]}
    assert document(call("models", "rename", one[:8], "Spring", "--json")[1]) == {"model": one, "name": "Spring"}
    assert "Spring" in call("models")[1]
    assert document(call("rollback", "--json")[1])["model"] == one
    assert call("rollback")[0] == 1
    actions = [entry["tag"].partition(":")[2] for entry in json.loads(call("audit", "--json")[1])]
    assert actions[:4] == ["model:roll_back", "model:rename", "model:publish", "model:publish"]


@pytest.mark.slow
def test_models_are_compared_checked_and_carried_elsewhere(at: Callable[[Path], Run], tmp_path: Path) -> None:
    call = at(tmp_path / "here")
    workspace = opened(tmp_path / "here")
    ledger = commit(workspace, year_of_invoices(invoices=400), actor=ME)
    models = []
    for number, fields in enumerate((None, ("due_weekday",))):
        recipe = Recipe(very_late_days=10, fields=fields)
        model = replace(rates_model(date(2024, 12, 1), late=0.3 + number / 3), recipe=recipe)
        models.append(model_store.save(workspace, model, ledger.id, actor=ME))
    code, out, _ = call("compare", *models, "--months", "1", "--out", tmp_path / "flips.csv", "--json")
    assert code == 0
    report = document(out)
    assert [entry["model"] for entry in report["models"]] == models
    assert len(report["dates"]) == 1
    flips = report["flips"][models[1]]
    assert pa_csv.read_csv(tmp_path / "flips.csv").num_rows == len(flips) > 0
    assert "would flip" in call("compare", *models, "--months", "1")[1]
    assert call("compare", models[0])[0] == 1
    assert "Nothing speaks against" in call("check", models[0], "--no-replay")[1]
    assert "flags would change as of 2025-01-01, below 0.5:" in call("check", models[0], "--no-replay")[1]
    said = document(call("check", models[0], "--no-replay", "--json")[1])["flips"]  # the other one, made later, speaks now
    amounts = [Decimal(line["outstanding"]) for line in said["invoices"] if not line["other_flagged"]]
    assert Decimal(said["sums"]["no_longer"]["EUR"]) == sum(amounts) > 0
    assert call("models", "export", models[0], "--out", tmp_path / "model.zip")[0] == 0
    elsewhere = at(tmp_path / "there")
    assert document(elsewhere("models", "import", tmp_path / "model.zip", "--trust", "mine", "--json")[1])["model"] == models[0]
    (tmp_path / "model.zip").write_bytes((tmp_path / "model.zip").read_bytes()[:-3])
    assert elsewhere("models", "import", tmp_path / "model.zip")[0] == 1
