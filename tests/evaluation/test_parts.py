"""Is a past day replayed in parts with the same bits as in one piece?"""

from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from insights.evaluation.backtest import Replay, base_shares, replay_model
from insights.evaluation.parts import replayed, together
from insights.features.events import customer_codes, events_of, invoice_positions
from insights.ledger.ledger import Ledger
from insights.model.model import Model
from insights.prediction.parts import whole_of
from tests.support.ledgers import small_ledger, small_model
from tests.support.parts import bits, divided, ledgers_of


@cache
def past() -> tuple[Ledger, Model, date]:
    """The small ledger and its model, as of the day of its training, whose open invoices have ended by now."""
    model = small_model()
    return small_ledger(), model, model.trained_as_of


@cache
def in_one() -> Replay:
    ledger, model, as_of = past()
    return replay_model(ledger, [as_of], model)


@pytest.mark.slow
@pytest.mark.parametrize("many", [1, 2, 7, 64])
def test_a_day_in_parts_is_replayed_with_the_same_bits(many: int) -> None:
    ledger, model, as_of = past()
    parted = divided(ledger, many)
    whole = whole_of(model, ledgers_of(parted), as_of)
    events = events_of(ledger, model.recipe.due_rules)
    shares = base_shares(events, model.recipe.training_span(ledger, as_of), model.recipe.seed)
    tables = [replayed(model, part, as_of, whole.counts, whole.ages, shares) for part in parted[::-1]]
    customer = np.full(len(ledger.invoices), -1, np.int32)
    positions = invoice_positions(ledger)
    customer[positions] = customer_codes(ledger.invoices.take(pa.array(positions)))
    alone = together(tables, customer)
    assert len(alone) > 10
    assert bits(alone) == bits(in_one().rows)
