"""Is what is said of the open invoices complete, exact, harmless in a spreadsheet, and blind to what was not known?"""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.ledger.errors import Refused
from insights.ledger.ledger import SCHEMA, Ledger, open_invoices
from insights.ledger.money import decimal_text
from insights.ledger.table_files import decimals, write
from insights.model.recipe import Recipe
from insights.model.training import train
from insights.prediction import scoring
from insights.prediction.scoring import score
from tests.support.ledgers import DAY, START, in_order, ledger_of, payments_of, small_ledger, small_model
from tests.support.rewriting import rewritten
from tests.support.scored import AT, COLUMNS, predictions, scored


def test_every_open_invoice_is_scored_once_in_the_ledgers_order() -> None:
    table = open_invoices(small_ledger(), AT)
    for name in ("position", "invoice_id", "outstanding", "days_past_due"):
        assert predictions()[name].to_pylist() == table[name].to_pylist()
    assert len(table) > 30


def test_the_probabilities_of_an_invoice_sum_to_one() -> None:
    p = np.column_stack([predictions()[f"p_{name}"].to_numpy() for name in ("on_time", "late", "very_late")])
    assert np.abs(p.sum(axis=1) - 1).max() < 1e-9
    assert ((p >= 0) & (p <= 1)).all()


def test_the_bits_are_the_same_however_many_rows_are_computed_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "CHUNK", 4)
    monkeypatch.setattr(scoring, "COMPUTED", 12)
    assert score(small_model(), small_ledger(), AT).equals(predictions())


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


@settings(max_examples=12, deadline=None)
@given(at=st.integers(300, 365), seed=st.integers(0, 2**32))
@pytest.mark.slow
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


MONEY = [("EUR", 123_456), ("JPY", 123_456), ("KWD", 123_456), ("EUR", 10**15 + 1), ("XXX", 7)]


@pytest.mark.parametrize("some", [MONEY[:1], MONEY[1:2], MONEY[2:3], MONEY[:2], MONEY, []])
def test_amounts_are_exact_in_every_currency(some: list[tuple[str, int]]) -> None:
    currency = pa.chunked_array([pa.array([code for code, _ in some], pa.string())])
    minor = pa.chunked_array([pa.array([amount for _, amount in some], pa.int64())])
    assert decimals(minor, currency).to_pylist() == [Decimal(decimal_text(amount, code)) for code, amount in some]


def test_predictions_keep_the_ledgers_types() -> None:
    for name in ("amount", "outstanding", "issue_date", "due_date", "currency"):
        assert predictions().schema.field(name).type == SCHEMA.field(name).type
