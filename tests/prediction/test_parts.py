"""Does a ledger scored in parts give the same bits as in one piece, whatever the number and the order of the parts?"""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from insights.ledger.ledger import Ledger
from insights.model.recipe import Recipe
from insights.model.training import train
from insights.prediction import parts
from insights.prediction.scoring import score
from tests.support.ledgers import in_order, sample_ledger, small_ledger, small_model
from tests.support.parts import bits, divided, ledgers_of
from tests.support.scored import AT

N = (1, 2, 7, 64)


def in_parts(ledger: Ledger, many: int, *, seed: int = 0) -> pa.Table:
    parted = divided(ledger, many)
    order = np.random.default_rng(seed).permutation(many)
    whole = parts.whole_of(small_model(), ledgers_of([parted[number] for number in order]), AT)
    return parts.together([parts.scored(small_model(), parted[number], AT, whole) for number in order])


@cache
def in_one() -> pa.Table:
    return score(small_model(), small_ledger(), AT)


@pytest.mark.slow
@pytest.mark.parametrize("many", N)
def test_a_ledger_in_parts_is_scored_with_the_same_bits(many: int) -> None:
    found = in_parts(small_ledger(), many, seed=many)
    different = [name for name in found.column_names if bits(found.select([name])) != bits(in_one().select([name]))]
    assert different == []
    assert len(found) > 30


@pytest.mark.slow
def test_rows_in_another_order_are_scored_with_the_same_bits_in_parts() -> None:
    order = np.random.default_rng(5).permutation(len(small_ledger().invoices))
    moved = in_order(small_ledger(), order)
    found = in_parts(moved, 7)
    back = found.set_column(found.schema.get_field_index("position"), "position", pa.array(order[found["position"].to_numpy()]))
    assert bits(back.sort_by("position").combine_chunks()) == bits(in_one().cast(back.schema))


@pytest.mark.slow
def test_the_sample_ledger_with_companies_currencies_and_text_columns_gives_the_same_bits_in_parts() -> None:
    ledger = sample_ledger()
    as_of = ledger.default_as_of
    model = train(ledger, as_of, Recipe())
    parted = divided(ledger, 5)
    whole = parts.whole_of(model, ledgers_of(parted), as_of)
    assert bits(parts.together(parts.scored(model, part, as_of, whole) for part in parted)) == bits(score(model, ledger, as_of))
    assert {"company", "currency", "terms"} <= set(whole.counts.values)
