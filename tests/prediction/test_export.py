"""What does the file of scored invoices hold?"""

from decimal import Decimal

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from insights import messages
from insights.ledger.money import decimal_text
from insights.ledger.table_files import decimals
from insights.portfolio.snapshot import in_order
from insights.prediction.export import scored_file
from tests.support.ledgers import small_ledger
from tests.support.scored import AT, COLUMNS, predictions, scored


def test_the_file_flags_by_the_threshold_that_it_was_asked_for() -> None:
    p = predictions()["p_on_time"].to_numpy()
    for threshold in (0.3, 0.5, float(np.median(p[p > 0]))):
        assert scored_file(predictions(), threshold, "m", AT)["flagged"].to_pylist() == (p < threshold).tolist()


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
        assert told[: len(found)] == [messages.reason(each, row["due_date"]) for each in in_order(found, flagged=row["flagged"])]


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
