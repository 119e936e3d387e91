"""What happened to each invoice, as columns of a partition?"""

from dataclasses import fields

import numpy as np

from insights.features.events import events_of
from insights.ledger.outcomes import DueRules
from tests.support.ledgers import ledger_of


def test_events_take_every_column_of_a_partition() -> None:
    events = events_of(ledger_of([{}, {"customer_id": "B"}]), DueRules(7))
    part = events.take(np.array([1]))
    assert {len(getattr(part, f.name)) for f in fields(part) if f.name != "very_late_days"} == {1}
    assert part.very_late_days == 7
