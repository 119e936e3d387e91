"""Is a ledger that is never read whole divided as one would divide it row by row?"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from insights.ledger.ledger import PAYMENTS, SCHEMA, Ledger
from insights.store import ledgers
from insights.store.divided import Divided, divide
from tests.support.ledgers import DAY, START, ledger_of, sample_ledger, small_ledger
from tests.support.parts import divided


def on_disk(ledger: Ledger, folder: Path, parts: int) -> tuple[Divided, Ledger]:
    ledgers.write(folder / "ledger", ledger)
    return divide(folder / "ledger", folder / "parts", parts, megabytes=100, threads=2), ledgers.read_empty(folder / "ledger")


def with_payments(ledger: Ledger) -> Ledger:
    """Every third invoice paid in two halves."""
    at = np.repeat(np.arange(0, len(ledger.invoices), 3), 2)
    day = [START + number * DAY for number in range(len(at))]
    columns = [pa.array(at), pa.array(day, pa.date32()), pa.array(np.arange(1, len(at) + 1))]
    return replace(ledger, payments=pa.table(columns, schema=PAYMENTS))


@pytest.mark.slow
@pytest.mark.parametrize("many", [1, 2, 7, 64])
def test_a_ledger_is_divided_on_disk_as_it_would_be_in_memory(many: int, tmp_path: Path) -> None:
    """With dated payments; and the sample ledger, of several companies and columns of its own."""
    for name, ledger in (("small", with_payments(small_ledger())), ("sample", sample_ledger())):
        (tmp_path / name).mkdir()
        done, like = on_disk(ledger, tmp_path / name, many)
        for number, part in enumerate(divided(ledger, many), 1):
            read = done.read(number, like)
            assert read.positions.tolist() == part.positions.tolist()
            assert read.ledger.invoices.equals(part.ledger.invoices, check_metadata=True)
            assert read.ledger.payments.equals(part.ledger.payments, check_metadata=True)
            assert read.ledger.fingerprint == part.ledger.fingerprint


def test_customers_are_told_apart_by_company_and_by_every_sign_of_their_names(tmp_path: Path) -> None:
    names = ["Ä", "ä", "A\x1fB", "", "客户", "'; DROP TABLE x; --", "part=3"]
    rows = [{"company": company, "customer_id": name} for company in ("", "A", "Ä") for name in names for _ in range(3)]
    ledger = ledger_of(rows)
    done, like = on_disk(ledger, tmp_path, 5)
    for number, part in enumerate(divided(ledger, 5), 1):
        assert done.read(number, like).ledger.invoices.equals(part.ledger.invoices)


def test_columns_that_differ_in_case_alone_stay_apart(tmp_path: Path) -> None:
    """And those whose names DuckDB would give to a second one, or has itself, and signs of its own language."""
    names = ["Region", "region", "REGION", "region_1", "Ä", "ä", "part", "place", 'a "quoted" one', "file_row_number"]
    ledger = small_ledger()
    for number, name in enumerate(names):
        column = pa.array([f"{number}-{row}" for row in range(len(ledger.invoices))])
        ledger = replace(ledger, invoices=ledger.invoices.append_column(f"x:{name}", column))
    done, like = on_disk(with_payments(ledger), tmp_path, 3)
    some = replace(like, invoices=like.invoices.select(["company", "x:region", "x:Region"]))
    for number, part in enumerate(divided(ledger, 3), 1):
        assert done.read(number, like).ledger.invoices.equals(part.ledger.invoices)
        assert done.read(number, some).ledger.invoices.equals(part.ledger.invoices.select(some.invoices.column_names))


def test_a_ledger_without_rows_has_empty_parts(tmp_path: Path) -> None:
    done, like = on_disk(replace(small_ledger(), invoices=SCHEMA.empty_table()), tmp_path, 2)
    assert [len(done.read(number, like).ledger.invoices) for number in (1, 2)] == [0, 0]
