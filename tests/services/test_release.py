"""Whose orders wait: over the limit or too much at risk, by a threshold that is kept, and in which order?"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from insights.access import Person, Role
from insights.ledger.errors import Refused
from insights.ledger.ledger import FURTHER, Ledger
from insights.portfolio.worklist import unscored
from insights.services import release
from insights.services.ledgers import commit
from insights.store import audit, ledgers
from insights.store.store import Store
from tests.support.worklists import predictions
from tests.support.workspaces import ME, ledger_of

AS_OF = date(2024, 4, 1)
DAY = timedelta(days=1)


def with_limits(store: Store) -> Ledger:
    """acme owes 25.00 at a limit of 20.00; birch owes 99.00 and has none."""
    ledger = ledger_of(
        """
        north acme  1 2024-02-05 2024-03-06 -          2500 EUR
        north birch 2 2024-02-05 2024-03-06 -          9900 EUR
        """
    )
    limits = pa.array([20.0, None], pa.float64())
    commit(store, replace(ledger, invoices=ledger.invoices.append_column(FURTHER + "Credit Limit", limits)), actor=ME)
    return ledgers.load(store)


def scored(*rows: Mapping[str, Any]) -> pa.Table:
    """Predictions: what is not on time is late."""
    return predictions(*({**row, "p_late": 1 - row["p_on_time"], "p_very_late": 0.0} for row in rows), as_of=AS_OF)


def waiting(table: pa.Table, **values: object) -> list[tuple[str, str]]:
    """Customer and why, in the order of the list."""
    rows = release.release(ledger_of(""), AS_OF, table, **values).table.to_pylist()  # type: ignore[arg-type]
    return [(row["customer_id"], row["why"]) for row in rows]


def test_who_is_over_the_limit_waits(workspace: Store) -> None:
    ledger = with_limits(workspace)
    waits = release.release(ledger, AS_OF, unscored(ledger, AS_OF))
    assert [(row["customer_id"], row["over_limit"], row["why"]) for row in waits.table.to_pylist()] == [
        ("acme", 500, "over the limit")
    ]
    assert waits.limits == "Credit Limit"
    assert [str(amount) for amount in release.exported(waits.table)["over_limit"].to_pylist()] == ["5.00"]
    assert waits.sentence == "1 waiting; there are no predictions."


def test_a_limit_is_known_on_the_ledgers_last_day_alone(workspace: Store) -> None:
    ledger = with_limits(workspace)
    assert ledger.last_as_of == AS_OF
    before = release.release(ledger, AS_OF - DAY, unscored(ledger, AS_OF - DAY))
    assert (before.table.num_rows, before.limits) == (0, "")


def test_who_has_exactly_the_share_at_risk_does_not_wait() -> None:
    """
    A  50 of 100 at risk
    B  51 of 100
    """
    table = scored({"customer_id": "A", "p_on_time": 0.5}, {"customer_id": "B", "p_on_time": 0.49})
    assert waiting(table) == [("B", "more than 50% of what is owed at risk")]
    assert [customer for customer, _ in waiting(table, above=49)] == ["B", "A"]
    assert waiting(table, above=51) == []


def test_currencies_are_compared_by_rates_alone() -> None:
    """
    A  JPY 9 000 at risk
    B  EUR   100
    C  EUR    80
    """
    table = scored(
        {"customer_id": "A", "currency": "JPY", "outstanding": 9_000, "p_on_time": 0.0},
        {"customer_id": "B", "outstanding": 100_00, "p_on_time": 0.0},
        {"customer_id": "C", "outstanding": 80_00, "p_on_time": 0.0},
    )
    assert [customer for customer, _ in waiting(table)] == ["B", "C", "A"]
    assert [customer for customer, _ in waiting(table, worth={"EUR": 1.0, "JPY": 0.01})] == ["B", "A", "C"]


def test_the_threshold_is_kept_recorded_and_bounded(workspace: Store) -> None:
    assert release.threshold(workspace) == release.USUAL_THRESHOLD
    release.set_threshold(workspace, 70, actor=ME)
    assert release.threshold(workspace) == 70
    newest = audit.listed(workspace)[0]
    assert (newest.action, newest.details["per_cent"]) == ("release.threshold", 70)
    with pytest.raises(Refused, match="0 to 100 per cent, not 101"):
        release.set_threshold(workspace, 101, actor=ME)
    with pytest.raises(Refused, match="may not"):
        release.set_threshold(workspace, 60, actor=Person("Ann", Role.AGENT))
    assert release.threshold(workspace) == 70
