"""Is what is said of the open invoices complete, exact, harmless in a spreadsheet, and blind to what was not known?"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import csv, parquet

from insights.ledger.errors import Refused
from insights.ledger.ledger import SCHEMA, Ledger, open_invoices
from insights.ledger.money import decimal_text
from insights.ledger.table_files import decimals, harmless, write
from insights.model.recipe import Recipe
from insights.model.training import train
from insights.portfolio.snapshot import flagged
from insights.prediction.export import scored_file
from insights.prediction.scoring import score
from tests.support.ledgers import DAY, START, in_order, ledger_of, payments_of, small_ledger, small_model
from tests.support.rewriting import rewritten

AT = START + 310 * DAY
COLUMNS = [
    *("company", "customer_id", "customer_name", "invoice_id", "line", "currency", "outstanding"),
    *("issue_date", "due_date", "days_past_due", "p_on_time", "p_late", "p_very_late", "flagged"),
    *("reason_1", "reason_2", "reason_3", "reason_4", "reason_5", "as_of", "model"),
    *("expected_date", "date_low", "date_high", "confidence", "no_history"),
]


@cache
def predictions() -> pa.Table:
    return score(small_model(), small_ledger(), AT)


def scored(ledger: Ledger, as_of: date = AT) -> pa.Table:
    return scored_file(score(small_model(), ledger, as_of), 0.5, "m1", as_of)


# --- the table -------------------------------------------------------------------------------------------------------


def test_every_open_invoice_is_scored_once_in_the_ledgers_order() -> None:
    table = open_invoices(small_ledger(), AT)
    for name in ("position", "invoice_id", "outstanding", "days_past_due"):
        assert predictions()[name].to_pylist() == table[name].to_pylist()
    assert len(table) > 30


def test_the_probabilities_of_an_invoice_sum_to_one() -> None:
    p = np.column_stack([predictions()[f"p_{name}"].to_numpy() for name in ("on_time", "late", "very_late")])
    assert np.abs(p.sum(axis=1) - 1).max() < 1e-9
    assert ((p >= 0) & (p <= 1)).all()


def test_a_customer_of_whom_nothing_is_known_is_marked() -> None:
    """A newcomer's first invoice, and one of a customer with a past."""
    rows = [*small_ledger().invoices.to_pylist(), _row(customer_id="new", issue_date=AT - 3 * DAY, invoice_id="first")]
    table = score(small_model(), _like(small_ledger(), rows), AT)
    marks = dict(zip(table["invoice_id"].to_pylist(), table["no_history"].to_pylist(), strict=True))
    assert marks["first"] is True
    assert not all(marks.values())


def _row(**values: object) -> dict[str, object]:
    (row,) = ledger_of([values]).invoices.to_pylist()
    return dict(row)


def _like(ledger: Ledger, rows: list[dict[str, object]]) -> Ledger:
    return replace(ledger, invoices=pa.Table.from_pylist(rows, schema=ledger.invoices.schema))


def test_a_day_with_nothing_open_gives_a_table_without_rows(tmp_path: Path) -> None:
    paid = [row | {"paid_date": row["issue_date"]} for row in small_ledger().invoices.to_pylist()]
    nothing = _like(small_ledger(), paid)
    table = scored(nothing)
    assert len(table) == 0
    assert table.column_names == COLUMNS
    for ending in ("csv", "parquet", "xlsx"):
        write(table, tmp_path / f"none.{ending}")
    assert list(pd.read_csv(tmp_path / "none.csv").columns) == COLUMNS


def test_a_model_speaks_of_no_day_before_its_training() -> None:
    with pytest.raises(Refused, match="it would have seen the answers") as refused:
        score(small_model(), small_ledger(), small_model().trained_as_of - DAY)
    assert refused.value.code == "model_too_new"


def test_a_model_speaks_of_no_day_beyond_the_ledger() -> None:
    with pytest.raises(Refused, match="complete through"):
        score(small_model(), small_ledger(), small_ledger().complete_through + 2 * DAY)


def test_a_ledger_without_a_column_that_the_model_knew_is_scored_all_the_same() -> None:
    marked = replace(small_ledger(), known_at_issue=("Segment",))
    model = train(marked, small_model().trained_as_of, Recipe(fields=("late_share", "days_to_due", "x:Segment")))
    newer = replace(small_ledger(), invoices=small_ledger().invoices.drop_columns(["x:Segment"]))
    assert len(score(model, newer, AT)) == len(predictions())


# --- time, and order -------------------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None)
@given(at=st.integers(300, 365), seed=st.integers(0, 2**32))
def test_what_was_not_known_changes_neither_probabilities_nor_reasons(at: int, seed: int) -> None:
    as_of = START + at * DAY
    ledger = replace(small_ledger(), payments=payments_of(*((n, START + n * DAY, 1 + n) for n in range(0, 400, 7))))
    before, after = (score(small_model(), each, as_of) for each in (ledger, rewritten(ledger, as_of, seed)))
    assert before.drop_columns(["position"]).equals(after.drop_columns(["position"]))


def test_the_order_of_rows_changes_nothing_but_the_order() -> None:
    order = np.random.default_rng(5).permutation(len(small_ledger().invoices))
    moved = score(small_model(), in_order(small_ledger(), order), AT)
    by_id = [table.drop_columns(["position"]).sort_by("invoice_id") for table in (predictions(), moved)]
    assert by_id[0].equals(by_id[1])


# --- the flag --------------------------------------------------------------------------------------------------------


def test_an_invoice_is_flagged_below_the_threshold_and_not_at_it() -> None:
    p = np.array([0.0, np.nextafter(0.5, 0), 0.5, np.nextafter(0.5, 1)])
    assert flagged(p, 0.5).tolist() == [True, True, False, False]


def test_the_file_flags_by_the_threshold_that_it_was_asked_for() -> None:
    p = predictions()["p_on_time"].to_numpy()
    for threshold in (0.3, 0.5, float(np.median(p[p > 0]))):
        assert scored_file(predictions(), threshold, "m", AT)["flagged"].to_pylist() == (p < threshold).tolist()


# --- the file --------------------------------------------------------------------------------------------------------


def test_the_scored_file_has_the_promised_columns_in_their_order() -> None:
    table = scored(small_ledger())
    assert table.column_names == COLUMNS
    assert set(table["as_of"].to_pylist()) == {AT}
    assert set(table["model"].to_pylist()) == {"m1"}
    assert table["p_on_time"].to_pylist() == predictions()["p_on_time"].to_pylist(), "with full precision"


def test_reasons_stand_in_the_file_as_sentences_and_fewer_leave_the_rest_empty() -> None:
    table = scored(small_ledger())
    for row, found in zip(table.to_pylist(), predictions()["reasons"].to_pylist(), strict=True):
        told = [row[f"reason_{n}"] for n in range(1, 6)]
        assert [bool(text) for text in told] == [n < len(found) for n in range(5)]
        assert not any("_" in text for text in told)
        if row["days_past_due"] > 0:
            assert told[0].startswith("overdue")


MONEY = [("EUR", 123_456), ("JPY", 123_456), ("KWD", 123_456), ("EUR", 10**15 + 1), ("XXX", 7)]


@pytest.mark.parametrize("some", [MONEY[:1], MONEY[1:2], MONEY[2:3], MONEY[:2], MONEY, []])
def test_amounts_are_exact_in_every_currency(some: list[tuple[str, int]]) -> None:
    currency = pa.chunked_array([pa.array([code for code, _ in some], pa.string())])
    minor = pa.chunked_array([pa.array([amount for _, amount in some], pa.int64())])
    assert decimals(minor, currency).to_pylist() == [Decimal(decimal_text(amount, code)) for code, amount in some]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["EUR", "JPY", "KWD"]), st.integers(-(10**14), 10**14)), max_size=20))
def test_sums_of_the_file_are_the_sums_of_the_ledger(some: list[tuple[str, int]]) -> None:
    currency = pa.chunked_array([pa.array([code for code, _ in some], pa.string())])
    minor = pa.chunked_array([pa.array([amount for _, amount in some], pa.int64())])
    told = decimals(minor, currency).to_pylist()
    for code in ("EUR", "JPY", "KWD"):
        total = sum(amount for name, amount in some if name == code)
        assert sum(value for value, (name, _) in zip(told, some, strict=True) if name == code) == Decimal(
            decimal_text(total, code)
        )


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


def test_predictions_keep_the_ledgers_types() -> None:
    for name in ("amount", "outstanding", "issue_date", "due_date", "currency"):
        assert predictions().schema.field(name).type == SCHEMA.field(name).type
