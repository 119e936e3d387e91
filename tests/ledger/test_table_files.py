"""Is a table written so that it reads back the same, and no formula in it comes alive?"""

from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from insights.ledger.errors import Refused
from insights.ledger.money import decimal_text
from insights.ledger.table_files import harmless, write
from tests.support.ledgers import DAY, ledger_of, small_ledger
from tests.support.scored import AT, COLUMNS, predictions, scored


def read_workbook(path: Path) -> pd.DataFrame:
    return pd.read_excel(path, engine="calamine")


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_a_written_file_reads_back_as_it_was(ending: str, tmp_path: Path) -> None:
    table, path = scored(small_ledger()), tmp_path / f"scored.{ending}"
    write(table, path)
    found = pd.read_csv(path) if ending == "csv" else pd.read_parquet(path) if ending == "parquet" else read_workbook(path)
    assert list(found.columns) == COLUMNS
    assert found["invoice_id"].tolist() == table["invoice_id"].to_pylist()
    assert found["p_on_time"].tolist() == pytest.approx(table["p_on_time"].to_pylist(), abs=0 if ending != "xlsx" else 1e-15)
    assert found["flagged"].tolist() == table["flagged"].to_pylist()
    assert pd.to_datetime(found["due_date"]).dt.date.tolist() == table["due_date"].to_pylist()
    assert [Decimal(str(value)) for value in found["outstanding"]] == pytest.approx(table["outstanding"].to_pylist())
    assert found["reason_1"].tolist() == table["reason_1"].to_pylist()


def test_the_csv_says_amounts_and_probabilities_to_the_last_figure(tmp_path: Path) -> None:
    path = tmp_path / "scored.csv"
    write(scored(small_ledger()), path)
    kinds = {"outstanding": pa.string(), "p_on_time": pa.float64(), "p_late": pa.float64(), "p_very_late": pa.float64()}
    found = csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=kinds))
    told = [Decimal(text) for text in found["outstanding"].to_pylist()]
    minor = zip(predictions()["outstanding"].to_pylist(), predictions()["currency"].to_pylist(), strict=True)
    assert told == [Decimal(decimal_text(amount, code)) for amount, code in minor]
    for name in ("p_on_time", "p_late", "p_very_late"):
        assert found[name].to_pylist() == predictions()[name].to_pylist()


HOSTILE = ["=1+1", "+1", "-1+cmd", "@SUM(A1)", "\t=1", "\r=1", " =1", '=HYPERLINK("http://x")', "fine", "a=b", "", None]


def test_text_that_a_spreadsheet_would_run_is_written_as_text() -> None:
    table = harmless(pa.table({"name": pa.array(HOSTILE, pa.string()), "number": pa.array([-1.5] * len(HOSTILE))}))
    told = table["name"].to_pylist()
    assert [text for text in told if text and text.lstrip()[:1] in "=+-@"] == []
    assert told[-4:] == ["fine", "a=b", "", None]
    assert table["number"].to_pylist() == [-1.5] * len(HOSTILE), "numbers below zero stay numbers"


def test_hostile_names_reach_neither_csv_nor_workbook_as_formulas(tmp_path: Path) -> None:
    """Customers named like formulas and links."""
    names = [name for name in HOSTILE if name]
    rows = [
        {
            "customer_id": name,
            "customer_name": name,
            "invoice_id": f"{name}{n}",
            "issue_date": AT - 5 * DAY,
            "paid_date": None,
            "x:Segment": "S",
            "x:Score": 0.5,
        }
        for n, name in enumerate(names)
    ]
    table = scored(ledger_of(rows))
    write(table, tmp_path / "out.csv")
    write(table, tmp_path / "out.xlsx")
    kinds = {name: pa.string() for name in ("customer_id", "customer_name", "invoice_id", "company")}
    parsed = csv.ParseOptions(newlines_in_values=True)
    from_csv = csv.read_csv(tmp_path / "out.csv", parse_options=parsed, convert_options=csv.ConvertOptions(column_types=kinds))
    from_xlsx = pd.read_excel(tmp_path / "out.xlsx", engine="calamine", dtype=str, keep_default_na=False)
    for column in ("customer_id", "customer_name", "invoice_id"):
        for text in (*from_csv[column].to_pylist(), *from_xlsx[column]):
            assert text.lstrip()[:1] not in set("=+-@"), text
    sheet = ZipFile(tmp_path / "out.xlsx").read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet


def test_parquet_keeps_names_as_they_are(tmp_path: Path) -> None:
    write(pa.table({"name": ["=1+1"]}), tmp_path / "out.parquet")
    assert parquet.read_table(tmp_path / "out.parquet")["name"].to_pylist() == ["=1+1"]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"out\.pdf: the file's ending must be \.csv, \.parquet or \.xlsx"):
        write(pa.table({"a": [1]}), tmp_path / "out.pdf")
    assert not (tmp_path / "out.pdf").exists()
