"""Do slices part the rows of a replay?"""

from insights.evaluation import (
    slices,
)
from tests.support.replays import rows_of


def test_slices_part_the_rows() -> None:
    rows = rows_of(*[(0.5, 0.3, 0.2, 0)] * 30, past=[-1, 2, -3] * 10, no_history=[True] + [False] * 29, customer=list(range(30)))
    found = slices(rows)
    for one, other in (("not_due", "overdue"), ("known", "no_history"), ("top_customers", "other_customers")):
        assert len(found[one]) + len(found[other]) == 30
    assert len(found["top_customers"]) == 20
    assert len(found["no_history"]) == 1
