"""Is a training repeatable, and does it learn from what was chosen only?"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from insights.store import audit
from insights.store import models as model_store
from insights.store.store import Store
from tests.support.commands import AS_OF, Run, document
from tests.support.workspaces import write_csv


@pytest.mark.slow
def test_training_is_repeatable_and_says_what_it_learned(trained: Path, at: Callable[[Path], Run]) -> None:
    workspace = Store.open(trained)
    (first,) = [model for model in model_store.listed(workspace) if model.recipe["seed"] == 3]
    code, out, err = at(trained)("train", "--as-of", AS_OF, "--seed", "3", "--json")
    assert code == 0
    report = document(out)
    names = ("model.json", *(path.name for path in (trained / "models" / first.id).glob("*.ubj")))
    for name in names:
        ours, theirs = (trained / "models" / model / name for model in (first.id, report["model"]))
        assert ours.read_bytes() == theirs.read_bytes()
    assert report["trained_as_of"] == AS_OF
    assert "customer_id" not in report["fields"]
    assert report["metrics"]["counts"]["training"] > 100
    said = [json.loads(line) for line in err.splitlines()]
    assert said[-1] == {"stage": "done", "share": 1.0}


def test_a_model_learns_from_chosen_fields_and_rows(trained: Path, at: Callable[[Path], Run]) -> None:
    arguments = (
        "train",
        "--as-of",
        AS_OF,
        "--fields",
        "late_share,terms_days,amount",
        "--filter",
        "customer_id!=C03|C05",
        "--json",
    )
    code, out, _ = at(trained)(*arguments)
    assert code == 0
    report = document(out)
    assert sorted(report["fields"]) == ["amount", "late_share", "terms_days"]
    assert report["recipe"]["rows"] == ["customer_id!=C03|C05"]
    code, out, err = at(trained)("train", "--fields", "late_share,days_to_settle", "--json")
    assert code == 1
    assert "days_to_settle" in err
    assert at(trained)("train", "--filter", "paid_date>=2024-01-01")[0] == 1


@pytest.mark.slow
def test_a_column_that_may_be_no_field_is_refused_unless_a_reason_is_given(at: Callable[[Path], Run], tmp_path: Path) -> None:
    """`Token` is different for every invoice, and the user says that it was known at issue."""
    file = write_csv(tmp_path / "ledger.csv")
    head, *lines = file.read_text().splitlines()
    file.write_text("\n".join([f"{head},Token", *(f"{line},T{line[4:9]}{number}" for number, line in enumerate(lines))]) + "\n")
    call = at(tmp_path)
    arguments = ("import", file, "--known-at-issue", "Token", "--complete-through", "2024-12-31", "--json")
    ledger = document(call(*arguments)[1])["ledger"]
    assert [leak["code"] for leak in document(call("fields", "--json")[1])["leaks"]] == ["identifier"]
    code, _, err = call("train", "--as-of", AS_OF)
    assert code == 1
    assert "Token" in err
    assert model_store.listed(Store.open(tmp_path)) == []
    assert call("train", "--as-of", AS_OF, "--fields", "late_share,terms_days")[0] == 0
    code, out, _ = call("train", "--as-of", AS_OF, "--fields", "late_share,Token", "--allow", "Token=an experiment", "--json")
    assert code == 0
    assert document(out)["fields"] == ["late_share", "x:Token"]
    (allowed,) = [entry for entry in audit.listed(Store.open(tmp_path), ledger) if entry.action == "field.allow"]
    assert allowed.details["reason"] == "an experiment"
