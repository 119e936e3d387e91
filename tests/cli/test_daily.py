"""Do scored files hold what scripts rely on?"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from insights.services.ledgers import commit
from insights.store import models as model_store
from insights.store.store import Store
from tests.support.commands import AS_OF, Run, command_line, document
from tests.support.workspaces import ME, ledger_of, opened, rates_model, write_csv

SCORED = [
    *("company", "customer_id", "customer_name", "invoice_id", "line", "currency", "outstanding", "issue_date", "due_date"),
    *("days_past_due", "p_on_time", "p_late", "p_very_late", "flagged"),
    *("reason_1", "reason_2", "reason_3", "reason_4", "reason_5", "as_of", "model"),
]


@pytest.mark.slow
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


@pytest.mark.slow
def test_companies_are_scored_by_their_own_models_at_their_own_thresholds(at: Callable[[Path], Run], tmp_path: Path) -> None:
    """Neither invoice is due yet: 90 per cent for all, flagged below 95; for north 80 per cent, flagged below 70."""
    workspace = opened(tmp_path)
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


@pytest.mark.slow
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


@pytest.mark.slow
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
