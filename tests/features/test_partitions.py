"""Are the fields of a ledger in parts those of the whole, bit for bit, whatever the number of parts?"""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from insights.features.catalog import usual
from insights.features.dataset import feature_set, open_rows
from insights.features.events import rows_at
from insights.features.partitions import fields_of, whole_of
from insights.ledger.ledger import Ledger, day
from insights.ledger.outcomes import DueRules
from tests.support.ledgers import in_order, sample_ledger
from tests.support.parts import bits, divided, ledgers_of

RULES = DueRules()


def in_parts(ledger: Ledger, many: int, at: int | None) -> pa.Table:
    parted, names = divided(ledger, many), usual(ledger)
    whole = whole_of(ledgers_of(parted[::-1]), RULES, names)
    return pa.concat_tables(fields_of(part, RULES, names, whole, at) for part in parted[::-1]).sort_by("position")


@cache
def in_one(at: int | None) -> pa.Table:
    """The matrix of the whole ledger, as a training or a scoring reads it."""
    ledger = sample_ledger()
    book = feature_set(ledger, RULES, usual(ledger))
    which = np.arange(len(book.events))
    rows = rows_at(book.events, which, book.events.issue + np.int32(1))
    if at is not None:
        rows, which = open_rows(book.events, at)
    columns = {"position": book.positions[which], "at": pa.array(rows.at, pa.int32()).cast(pa.date32())}
    return pa.table(columns | dict(zip(book.fields, book.matrix(rows, which).T, strict=True)))


@pytest.mark.slow
@pytest.mark.parametrize("many", [1, 2, 7, 64])
def test_the_fields_of_parts_are_those_of_the_whole_bit_for_bit(many: int) -> None:
    """Of open invoices, and of every invoice at its issue; several companies and currencies, text columns of the ledger's own."""
    for at in (day(sample_ledger().default_as_of), None):
        alone = in_parts(sample_ledger(), many, at)
        assert bits(alone) == bits(in_one(at))
    assert {"company", "currency", "terms"} <= set(alone.column_names)


@pytest.mark.slow
def test_rows_in_another_order_have_the_same_fields_in_parts() -> None:
    order = np.random.default_rng(5).permutation(len(sample_ledger().invoices))
    moved = in_parts(in_order(sample_ledger(), order), 7, None)
    back = moved.set_column(0, "position", pa.array(order[moved["position"].to_numpy()])).sort_by("position")
    assert bits(back) == bits(in_one(None))
