"""Is the sample ledger what its README says, and does its script still make it?"""

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from insights import ingest
from insights.services import sample

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_data" / "ledger.csv"


def rows() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_script_makes_the_same_bytes_again(tmp_path: Path) -> None:
    again = tmp_path / "ledger.csv"
    subprocess.run([sys.executable, "-I", ROOT / "sample_data" / "generate.py", again], check=True, capture_output=True)
    assert again.read_bytes() == SAMPLE.read_bytes()


def test_it_has_the_size_that_its_readme_states() -> None:
    lines = rows()
    assert len(lines) == 6108
    assert Counter(row["kind"] for row in lines) == {"invoice": 6011, "credit_note": 94, "payment_on_account": 3}
    assert len({row["customer_id"] for row in lines} - {""}) == 120
    assert len({row["company"] for row in lines}) == 2
    assert sum(row["kind"] == "invoice" and not row["paid_date"] for row in lines) == 403
    assert max(row["paid_date"] for row in lines) == max(row["issue_date"] for row in lines) == "2026-10-30"


@pytest.mark.slow
def test_the_import_sets_aside_the_rows_of_the_readme_and_no_other() -> None:
    readme = (ROOT / "sample_data" / "README.md").read_text(encoding="utf-8")
    named = {line.split("|")[1].strip() for line in readme.partition("Rows an import")[2].splitlines() if line.startswith("| ")}
    ledger = ingest.read(sample.FILE).require()
    lines = rows()
    set_aside = {lines[problem.row - 2]["invoice_id"] for problem in ledger.problems if problem.set_aside}
    assert set_aside == named - {"invoice"}
    assert ledger.rows_set_aside == 10


def test_all_three_outcomes_are_common_enough_to_learn() -> None:
    closed = [row for row in rows() if row["settled_by"] == "payment" and row["invoice_id"][3:5] != "99"]
    on_time = sum(row["paid_date"] <= row["due_date"] for row in closed) / len(closed)
    assert 0.55 < on_time < 0.65
