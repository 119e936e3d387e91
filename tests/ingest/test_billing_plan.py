"""Does a billing plan of any format become rows, and a bad row a sentence?"""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insights.ingest import billing_plan
from insights.ingest.billing_plan import ReadPlan
from insights.ledger.errors import Refused
from insights.portfolio.cash import PlannedInvoice

pytestmark = pytest.mark.slow


def read(folder: Path, text: str, currencies: tuple[str, ...] = ("EUR",)) -> ReadPlan:
    path = folder / "plan.csv"
    path.write_text(text, "utf-8")
    return billing_plan.read(path, ["North", "South"], currencies)


def test_days_and_periods_are_read_and_bad_rows_are_sentences(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Period;Amount;Currency;Company;Customer;Terms\n"
        "2026-12;1.000,50;EUR;North;;30\n"
        "2026-Q4;2.000,00;usd;;C7;net 45\n"
        "31.12.2026;300,00;;South;;\n"
        "2026-W50;10,00;EUR;;;0\n"
        "2026-13;10,00;EUR;;;\n"
        "2026-12;much;EUR;;;\n"
        "2026-12;-5,00;EUR;;;\n"
        "2026-12;5,00;DOUBLOONS;;;\n"
        "2026-12;5,00;EUR;<b>East</b>;;\n"
        "2026-12;5,00;EUR;;;soon\n",
    )
    assert found.rows == (
        PlannedInvoice(2, date(2026, 12, 1), date(2026, 12, 31), "EUR", 1000_50, "North", None, 30),
        PlannedInvoice(3, date(2026, 10, 1), date(2026, 12, 31), "USD", 2000_00, None, "C7", 45),
        PlannedInvoice(4, date(2026, 12, 31), date(2026, 12, 31), "EUR", 300_00, "South"),
        PlannedInvoice(5, date(2026, 12, 7), date(2026, 12, 13), "EUR", 10_00, terms=0),
    )
    assert found.set_aside == (
        "Row 6: “2026-13” is no day like 2026-12-31 and no period like 2026-12, 2026-Q4 or 2026-W50.",
        "Row 7: “much” is no amount above 0.",
        "Row 8: “-5,00” is no amount above 0.",
        "Row 9: “DOUBLOONS” is no currency.",
        "Row 10: the ledger has no company “<b>East</b>”.",
        "Row 11: “soon” are no terms: write days, 0 to 400.",
    )


def test_without_a_currency_a_ledger_of_several_is_asked_which(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Row 2: it names no currency, and the ledger has several"):
        read(tmp_path, "period,amount\n2026-12,100.00\n", ("EUR", "USD"))


def test_without_its_columns_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"period \(or date\) is missing; found were name, amount") as refused:
        read(tmp_path, "name,amount\nx,100.00\n")
    assert refused.value.code == "plan_columns"


def test_a_parquet_file_is_a_plan_too(tmp_path: Path) -> None:
    path = tmp_path / "plan.parquet"
    pq.write_table(pa.table({"date": [date(2026, 12, 31)], "amount": [12.5], "terms": [30]}), path)
    (row,) = billing_plan.read(path, [""], ["JPY"]).rows
    assert (row.first, row.amount, row.currency, row.terms) == (date(2026, 12, 31), 12, "JPY", 30)
