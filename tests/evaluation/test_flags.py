"""What was a flag worth?"""

from insights.evaluation import (
    flags,
    trade_off,
)
from tests.support.replays import rows_of


def test_the_flag_is_worth_what_it_catches() -> None:
    """Four not yet due: two flagged below 50 per cent, one of them late; of two late, one flagged. Overdue: not counted."""
    rows = rows_of(
        (0.4, 0.4, 0.2, 1), (0.3, 0.4, 0.3, 0), (0.5, 0.3, 0.2, 2), (0.9, 0.1, 0, 0), (0, 0.5, 0.5, 2), past=[-5, 0, -1, -2, 3]
    )  # fmt: skip
    found = flags(rows, 0.5)
    assert (found.invoices, found.flagged, found.late, found.caught) == (4, 2, 2, 1)
    assert (found.precision, found.recall) == (0.5, 0.5)
    assert flags(rows, 0.05).precision is None
    recalls = [each.recall or 0 for each in trade_off(rows)]
    assert recalls == sorted(recalls), "a higher threshold misses fewer"
