"""The command line does what its help says, with exit codes 0 (done), 1 (refused) and 2 (wrong usage)."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from insights.cli import console, run
from insights.model.recipe import Recipe
from insights.services.ledgers import commit
from insights.store import audit, ledgers
from insights.store import models as model_store
from insights.store.store import Store
from tests.support.workspaces import ME, ledger_of, rates_model, small_ledger, write_csv, year_of_invoices

ROOT = Path(__file__).parents[2]
AS_OF = "2024-12-01"
SCORED = [
    *("company", "customer_id", "customer_name", "invoice_id", "line", "currency", "outstanding", "issue_date", "due_date"),
    *("days_past_due", "p_on_time", "p_late", "p_very_late", "flagged"),
    *("reason_1", "reason_2", "reason_3", "reason_4", "reason_5", "as_of", "model"),
]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one ledger of 600 invoices, imported and trained on by the commands themselves; never changed."""
    home = tmp_path_factory.mktemp("trained")
    file = write_csv(home / "ledger.csv")
    for command in (["import", str(file), "--complete-through", "2024-12-31"], ["train", "--as-of", AS_OF, "--seed", "3"]):
        done = command_line(home, *command, "--json")
        assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[[Path], Run]:
    """Runs commands on a home within this process: exit code, stdout, stderr."""

    def on(home: Path) -> Run:
        monkeypatch.setenv("INSIGHTS_HOME", str(home))

        def call(*arguments: object) -> tuple[int, str, str]:
            capfd.readouterr()
            code = run([str(argument) for argument in arguments])
            return (code, *capfd.readouterr())

        return call

    return on


def command_line(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`python -m insights ...` as a shell runs it."""
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    return subprocess.run(
        [sys.executable, "-m", "insights", *arguments],
        cwd=ROOT,
        env=environment | {"INSIGHTS_HOME": str(home), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def document(text: str) -> dict[str, Any]:
    value = json.loads(text)
    assert isinstance(value, dict)
    return value


# Import


def test_import_reports_what_became_of_every_row(at: Callable[[Path], Run], tmp_path: Path) -> None:
    """Three rows: one good, one without an amount, one open with 10.50 EUR."""
    file = tmp_path / "three.csv"
    file.write_text(
        "Customer ID,Invoice No,Issue Date,Due Date,Paid Date,Amount,Currency\n"
        "C1,1,2024-01-15,2024-02-14,2024-02-20,100.00,EUR\n"
        "C1,2,2024-01-16,2024-02-15,,,EUR\n"
        "C2,3,2024-01-17,2024-02-16,,10.50,EUR\n"
    )
    aside = tmp_path / "aside.csv"
    code, out, _ = at(tmp_path)(
        "import", file, "--complete-through", "2024-03-31", "--name", "Three", "--problems", aside, "--json"
    )
    assert code == 0
    (problem,) = pa_csv.read_csv(aside).to_pylist()
    assert (problem["row"], problem["column"]) == (3, "Amount")
    report = document(out)
    assert (report["rows_read"], report["rows_used"], report["rows_set_aside"], report["rows_ignored"]) == (3, 2, 1, 0)
    assert sum(report["problems"].values()) == 1
    assert report["outstanding"] == {"EUR": "10.50"}
    assert (report["complete_through"], report["name"]) == ("2024-03-31", "Three")
    assert ledgers.get(Store.open(tmp_path), report["ledger"]).rows == 2


def test_import_for_people_names_the_ledger_and_the_totals(at: Callable[[Path], Run], tmp_path: Path) -> None:
    code, out, _ = at(tmp_path)("import", write_csv(tmp_path / "some.csv", invoices=40))
    assert code == 0
    assert "40 rows read: 40 used" in out
    assert "EUR" in out


def test_a_file_that_is_no_ledger_is_refused_with_a_sentence(at: Callable[[Path], Run], tmp_path: Path) -> None:
    file = tmp_path / "letter.csv"
    file.write_text("Dear Sir,\nplease pay.\n")
    code, out, err = at(tmp_path)("import", file, "--json")
    assert code == 1
    assert document(out)["sentence"] in err
    assert "Traceback" not in err
    assert ledgers.listed(Store.open(tmp_path)) == []


WRONG_USAGE = [
    ("import",),
    ("import", "no-such-file.csv"),
    ("import", __file__, "--map", "amount"),
    ("import", __file__, "--map", "amonut=Amount"),
    ("import", __file__, "--complete-through", "31.12.2024"),
    ("import", __file__, "--date-order", "ydm"),
    ("train", "--as-of", "2024-02-30"),
    ("train", "--very-late-days", "0"),
    ("train", "--very-late-days", "soon"),
    ("train", "--recipe", "{"),
    ("train", "--recipe", '{"colour": "red"}'),
    ("score",),
    ("score", "--out", "scored.pdf"),
    ("score", "--out", "no-such-folder/scored.csv"),
    ("predict", __file__, "--out", "scored.csv"),
    ("publish",),
    ("delete",),
    ("no-such-command",),
    ("models", "--no-such-option"),
    (),
]


@pytest.mark.parametrize("arguments", WRONG_USAGE, ids=" ".join)
def test_wrong_usage_ends_with_2(at: Callable[[Path], Run], tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with_ledger = Store.open(tmp_path)
    commit(with_ledger, small_ledger(), actor=ME)
    code, _, err = at(tmp_path)(*arguments)
    assert code == 2
    assert "Traceback" not in err


REFUSED = [
    ("train", "--ledger", "no-such-ledger"),
    ("train",),  # four invoices are too few
    ("score", "--out", "scored.csv"),  # no model
    ("score", "--ledger", "no-such-ledger", "--out", "scored.csv"),
    ("score", "--model", "no-such-model", "--out", "scored.csv"),
    ("publish", "no-such-model"),
    ("rollback",),
    ("delete", "no-such-ledger"),
    ("jobs", "--cancel", "no-such-job"),
]


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_what_is_refused_ends_with_1_and_a_sentence(
    at: Callable[[Path], Run], tmp_path: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    commit(Store.open(tmp_path), small_ledger(), actor=ME)
    code, out, err = at(tmp_path)(*arguments, "--json")
    assert code == 1
    assert document(out)["sentence"] in err
    assert "Traceback" not in err


def test_an_empty_workspace_says_what_to_do(at: Callable[[Path], Run], tmp_path: Path) -> None:
    assert at(tmp_path)("train")[0] == 1
    assert at(tmp_path)("ledgers", "--json")[:2] == (0, "[]\n")
    assert "import one first" in at(tmp_path)("train")[2]


# Train, publish, score


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


def test_score_writes_the_columns_and_probabilities_that_scripts_rely_on(
    trained: Path, at: Callable[[Path], Run], tmp_path: Path
) -> None:
    code, out, _ = at(trained)("score", "--out", tmp_path / "scored.parquet", "--json")
    assert code == 0
    report, table = document(out), pq.read_table(tmp_path / "scored.parquet")
    assert [name for name in table.column_names if name in SCORED] == SCORED
    assert report["rows"] == table.num_rows == len(open_in_file(trained / "ledger.csv", date(2025, 1, 1)))
    assert report["flagged"] == pc.sum(table["flagged"]).as_py()
    total = pc.add(pc.add(table["p_on_time"], table["p_late"]), table["p_very_late"]).to_numpy()
    assert abs(total - 1).max() < 1e-9
    assert set(table["model"].to_pylist()) == {report["model"]}
    code, _, _ = at(trained)("score", "--out", tmp_path / "scored.csv")
    assert code == 0
    again = pa_csv.read_csv(tmp_path / "scored.csv")
    assert again["p_on_time"].cast(pa.float64()).to_pylist() == table["p_on_time"].to_pylist()
    code, _, _ = at(trained)("score", "--out", tmp_path / "scored.xlsx")
    assert (code, (tmp_path / "scored.xlsx").read_bytes()[:2]) == (0, b"PK")


def open_in_file(file: Path, as_of: date) -> list[str]:
    """The invoice numbers of a written example that were issued, and not paid, strictly before a day."""
    lines = [line.split(",") for line in file.read_text().splitlines()[1:]]
    return [line[1] for line in lines if line[2] < str(as_of) and (not line[4] or line[4] >= str(as_of))]


def test_as_of_a_day_before_the_training_score_offers_to_train_as_of_it(
    trained: Path, at: Callable[[Path], Run], tmp_path: Path
) -> None:
    code, _, err = at(trained)("score", "--as-of", "2024-11-01", "--out", tmp_path / "scored.csv")
    assert code == 1
    assert "train" in err
    assert "--as-of 2024-11-01" in err
    model = model_store.listed(Store.open(trained))[0].id
    code, _, err = at(trained)("score", "--as-of", "2024-11-01", "--model", model, "--out", tmp_path / "scored.csv")
    assert code == 1
    assert not (tmp_path / "scored.csv").exists()


def test_publish_and_rollback_by_the_beginning_of_an_id(at: Callable[[Path], Run], tmp_path: Path) -> None:
    workspace = Store.open(tmp_path)
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
    assert document(call("rollback", "--json")[1])["model"] == one
    assert call("rollback")[0] == 1
    actions = [entry["action"] for entry in json.loads(call("history", "--json")[1])]
    assert actions[:3] == ["model.roll_back", "model.publish", "model.publish"]


def test_companies_are_scored_by_their_own_models_at_their_own_thresholds(at: Callable[[Path], Run], tmp_path: Path) -> None:
    """Neither invoice is due yet: 90 per cent for all, flagged below 95; for north 80 per cent, flagged below 70."""
    workspace = Store.open(tmp_path)
    lines = "north acme 1 2024-03-01 2024-05-01 - 2500 EUR\nsouth birch 2 2024-03-01 2024-05-01 - 300 JPY"
    ledger = commit(workspace, ledger_of(lines), actor=ME)
    everybody, north = (model_store.save(workspace, rates_model(late=late), ledger.id, actor=ME) for late in (0.1, 0.2))
    call = at(tmp_path)
    assert call("publish", everybody, "--threshold", "0.95")[0] == 0
    assert call("publish", north, "--threshold", "0.7", "--scope", "north")[0] == 0
    code, out, _ = call("score", "--out", tmp_path / "scored.parquet", "--json")
    assert code == 0
    assert document(out)["flagged"] == 1
    rows = pq.read_table(tmp_path / "scored.parquet").to_pylist()
    assert [(row["company"], row["model"], row["flagged"]) for row in rows] == [
        ("north", north, False),
        ("south", everybody, True),
    ]
    assert [str(row["outstanding"]) for row in rows] == ["25.00", "300.00"]


def test_delete_asks_first(at: Callable[[Path], Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = commit(Store.open(tmp_path), small_ledger(), actor=ME)
    with (tmp_path / "no").open("w+") as answers:
        answers.write("n\n")
        answers.seek(0)
        monkeypatch.setattr("sys.stdin", answers)
        assert at(tmp_path)("delete", ledger.id)[0] == 1
    assert len(ledgers.listed(Store.open(tmp_path))) == 1
    assert at(tmp_path)("delete", ledger.id, "--yes")[0] == 0
    assert ledgers.listed(Store.open(tmp_path)) == []


# Predict, in one go


def test_predict_imports_trains_and_scores_in_one_go_and_keeps_nothing_else(trained: Path, tmp_path: Path) -> None:
    """The same invoices, probabilities and flags as import, train and score of the same file on the same day."""
    file, home = trained / "ledger.csv", tmp_path / "home"
    done = command_line(home, "predict", str(file), "--as-of", AS_OF, "--out", str(tmp_path / "scored.parquet"), "--json")
    assert done.returncode == 0, done.stderr
    assert not home.exists()
    report, table = document(done.stdout), pq.read_table(tmp_path / "scored.parquet")
    assert (report["complete_through"], report["as_of"]) == ("2024-11-30", AS_OF)
    assert sorted(table["invoice_id"].to_pylist()) == sorted(open_in_file(file, date(2024, 12, 1)))
    assert report["rows"] == table.num_rows


def test_what_was_not_known_on_the_day_does_not_change_a_prediction(at: Callable[[Path], Run], tmp_path: Path) -> None:
    """Every paid date on or after the as-of date is removed, and so are the invoices issued since."""
    full = write_csv(tmp_path / "full.csv")
    known = tmp_path / "known.csv"
    head, *lines = full.read_text().splitlines()
    cells = [line.split(",") for line in lines]
    kept = [[*cell[:4], cell[4] if cell[4] < AS_OF else "", *cell[5:]] for cell in cells if cell[2] < AS_OF]
    known.write_text("\n".join([head, *map(",".join, kept)]) + "\n")
    written = []
    for file in (full, known):
        out = tmp_path / f"{file.stem}.parquet"
        assert at(tmp_path)("predict", file, "--as-of", AS_OF, "--out", out)[0] == 0
        written.append(pq.read_table(out).drop_columns(["model", "outstanding"]))
    assert written[0].equals(written[1])


# The shell


def test_help_is_instant_and_teaches(tmp_path: Path) -> None:
    begun = time.monotonic()
    done = command_line(tmp_path, "--help")
    assert time.monotonic() - begun < 3
    assert done.returncode == 0
    assert "predict LEDGER.csv --as-of" in done.stdout
    assert not list(tmp_path.iterdir())


def test_training_commands_start_again_where_threads_would_spin(tmp_path: Path) -> None:
    """A sitecustomize in the path tells, at the end of the process, which policy it ran under."""
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, os\natexit.register(lambda: print('POLICY', os.environ.get('OMP_WAIT_POLICY')))\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    environment |= {"INSIGHTS_HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    for command, policy in (("train", "passive"), ("ledgers", None)):
        done = subprocess.run(
            [sys.executable, "-m", "insights", command, "--help"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"POLICY {policy}" in done.stdout


def test_progress_is_written_when_the_stage_changes(capfd: pytest.CaptureFixture[str]) -> None:
    tell = console.progress(as_json=False)
    for share in (0.0, 0.001, 0.002):
        tell("features", share)
    tell("on_time", 0.5)
    assert capfd.readouterr().err == "features: 0%\non_time: 50%\n"


# The bench


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


def test_fields_are_listed_with_what_they_mean(trained: Path, at: Callable[[Path], Run]) -> None:
    code, out, _ = at(trained)("fields", "--json")
    assert code == 0
    found = {field["name"]: field for field in document(out)["fields"]}
    assert len(found) >= 30
    assert found["due_weekday"]["distinct"] == 7
    assert (found["due_weekday"]["label"], found["due_weekday"]["missing"]) == ("Weekday of the due date", 0)
    assert found["terms_days"]["distinct"] == 1


def test_a_backtest_sets_the_model_beside_the_baselines(trained: Path, at: Callable[[Path], Run], tmp_path: Path) -> None:
    code, out, _ = at(trained)("backtest", "--very-late-days", "10", "--out", tmp_path / "replayed.csv", "--json")
    assert code == 0
    report = document(out)
    assert set(report["pooled"]) == {"model", "base_rates", "customer_past"}
    assert sum(line["series"]["model"]["rows"] for line in report["dates"]) == report["rows"]
    assert report["pooled"]["model"]["log_loss"] < report["pooled"]["base_rates"]["log_loss"]
    assert pa_csv.read_csv(tmp_path / "replayed.csv").num_rows == report["rows"]
    assert at(tmp_path)("backtest")[0] == 1  # no ledger here


def test_models_are_compared_checked_and_carried_elsewhere(at: Callable[[Path], Run], tmp_path: Path) -> None:
    call = at(tmp_path / "here")
    workspace = Store.open(tmp_path / "here")
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
    assert call("export-model", models[0], "--out", tmp_path / "model.zip")[0] == 0
    elsewhere = at(tmp_path / "there")
    assert document(elsewhere("import-model", tmp_path / "model.zip", "--json")[1])["model"] == models[0]
    (tmp_path / "model.zip").write_bytes((tmp_path / "model.zip").read_bytes()[:-3])
    assert elsewhere("import-model", tmp_path / "model.zip")[0] == 1


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
