"""Does an import report what became of every row?"""

from collections.abc import Callable
from pathlib import Path

import pyarrow.csv as pa_csv
import pytest

from insights.store import ledgers
from insights.store.store import Store
from tests.support.commands import Run, document
from tests.support.workspaces import write_csv


@pytest.mark.slow
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


@pytest.mark.slow
def test_import_for_people_names_the_ledger_and_the_totals(at: Callable[[Path], Run], tmp_path: Path) -> None:
    code, out, _ = at(tmp_path)("import", write_csv(tmp_path / "some.csv", invoices=40))
    assert code == 0
    assert "40 rows read: 40 used" in out
    assert "EUR" in out


@pytest.mark.slow
def test_a_file_that_is_no_ledger_is_refused_with_a_sentence(at: Callable[[Path], Run], tmp_path: Path) -> None:
    file = tmp_path / "letter.csv"
    file.write_text("Dear Sir,\nplease pay.\n")
    code, out, err = at(tmp_path)("import", file, "--json")
    assert code == 1
    assert document(out)["sentence"] in err
    assert "Traceback" not in err
    assert ledgers.listed(Store.open(tmp_path)) == []
