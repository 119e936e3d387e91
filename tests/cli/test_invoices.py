"""Does the command `invoices` hand back every row of a ledger as it was understood?"""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from insights.cli import app
from insights.cli.invoices import COLUMNS

LEDGER = """\
Company,Customer ID,Customer Name,Invoice No,Issue Date,Due Date,Paid Date,Amount,Outstanding,Currency
North,=C1,Lindner,A1,2024-01-05,2024-02-04,2024-02-10,100.00,0.00,EUR
North,=C1,Lindner,A2,2024-01-06,2024-02-05,,1234.56,1000.00,EUR
North,=C1,Lindner,A3,2024-01-07,,,-25.00,-25.00,EUR
South,C2,Oster,A1,2024-01-08,2024-02-07,,700,700,JPY
South,C2,Oster,A9,2024-01-08,2024-02-07,,seven,7,JPY
"""


def ran(*arguments: str) -> Result:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """LEDGER, whose last row is set aside: `seven` is no amount. Its id."""
    monkeypatch.setenv("INSIGHTS_HOME", str(tmp_path / "home"))
    path = tmp_path / "ledger.csv"
    path.write_text(LEDGER, "utf-8")
    told = json.loads(ran("import", str(path), "--json", "--map", "customer_id=Customer ID").stdout)
    assert (told["rows_used"], told["rows_set_aside"]) == (4, 1)
    return str(told["ledger"])


@pytest.mark.slow
def test_every_row_is_written_as_it_was_understood(ledger: str, tmp_path: Path) -> None:
    """Paid, paid in part, a credit note, and yen; money is decimal text in its currency."""
    out = tmp_path / "rows.parquet"
    told = json.loads(ran("invoices", "--ledger", ledger, "--out", str(out), "--json").stdout)
    assert told == {"ledger": ledger, "rows": 4, "out": str(out)}
    table = pq.read_table(out)
    assert tuple(table.column_names) == COLUMNS
    assert {str(table.schema.field(name).type) for name in ("amount", "outstanding")} == {"string"}
    names = ("company", "customer_id", "invoice_id", "line", "kind", "settled_by", "amount", "outstanding", "currency")
    assert [tuple(row[name] for name in names) for row in table.to_pylist()] == [
        ("North", "=C1", "A1", "1", "invoice", "payment", "100.00", "0.00", "EUR"),
        ("North", "=C1", "A2", "1", "invoice", None, "1234.56", "1000.00", "EUR"),
        ("North", "=C1", "A3", "1", "credit_note", None, "-25.00", "-25.00", "EUR"),
        ("South", "C2", "A1", "1", "invoice", None, "700", "700", "JPY"),
    ]
    assert [str(day) for day in table["paid_date"].to_pylist()] == ["2024-02-10", "None", "None", "None"]


@pytest.mark.slow
def test_the_rows_of_a_file_sum_to_what_import_said(ledger: str, tmp_path: Path) -> None:
    """In EUR 1 000.00 are owed, less a credit note of 25.00."""
    out = tmp_path / "rows.csv"
    ran("invoices", "--ledger", ledger[:8], "--out", str(out))
    text = pa_csv.ConvertOptions(column_types={"amount": pa.string(), "outstanding": pa.string()})
    rows = pa_csv.read_csv(out, convert_options=text).to_pylist()
    of_euros = [float(row["outstanding"]) for row in rows if row["currency"] == "EUR"]
    assert (sum(max(each, 0) for each in of_euros), sum(of_euros)) == (1000.0, 975.0)
    (said,) = json.loads(ran("ledgers", "--json").stdout)
    assert said["outstanding"] == {"EUR": "1000.00", "JPY": "700"}
    assert (rows[0]["customer_id"], rows[2]["amount"]) == ("'=C1", "-25.00"), "no formula comes alive, and numbers stay numbers"


@pytest.mark.slow
def test_import_tells_receivables_and_net_balance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_HOME", str(tmp_path / "home"))
    (tmp_path / "ledger.csv").write_text(LEDGER, "utf-8")
    said = json.loads(ran("import", str(tmp_path / "ledger.csv"), "--json").stdout)
    assert said["outstanding"] == {"EUR": "1000.00", "JPY": "700"}
    assert said["balance"] == {"EUR": "975.00", "JPY": "700"}


@pytest.mark.slow
def test_predict_tells_what_was_set_aside_and_what_it_amounts_to(tmp_path: Path) -> None:
    """One row of 600 has no issue date: it is set aside, with its 7.00 EUR."""
    from tests.support.workspaces import write_csv

    path = write_csv(tmp_path / "ledger.csv")
    with path.open("a", encoding="utf-8") as file:
        file.write("C01,R9999,,2024-03-01,,7.00,EUR\n")
    arguments = ("predict", str(path), "--as-of", "2025-01-01", "--out", str(tmp_path / "scored.csv"))
    told = json.loads(ran(*arguments, "--json").stdout)
    assert told["rows_set_aside"] == 1
    assert [(part["currency"], part["rows"], part["amount"]) for part in told["aside"]] == [("EUR", 1, "7.00")]
    assert "1 set aside" in (plain := ran(*arguments).output)
    assert "Set aside: 7.00 EUR in 1 row" in plain


@pytest.mark.slow
def test_what_is_not_yet_issued_or_paid_is_outstanding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Customer,Invoice No,Invoice Date,Due Date,Amount,Paid Date
    Alpha,1,2026-01-05,2026-02-04,100.00,2026-02-10
    Beta,2,2026-01-07,2026-02-06,200.00,2026-03-01
    Gamma,3,2026-02-25,2026-03-08,300.00,
    Gamma,4,2026-02-25,2026-03-08,400.00,2026-03-02
    """
    monkeypatch.setenv("INSIGHTS_HOME", str(tmp_path / "home"))
    path, out = tmp_path / "ledger.csv", tmp_path / "rows.parquet"
    lines = (test_what_is_not_yet_issued_or_paid_is_outstanding.__doc__ or "").strip().splitlines()
    path.write_text("\n".join(map(str.strip, lines)), "utf-8")
    ran("import", str(path), "--complete-through", "2026-02-15")
    ran("invoices", "--out", str(out))
    assert pq.read_table(out)["outstanding"].to_pylist() == ["0.00", "200.00", "300.00", "400.00"]
