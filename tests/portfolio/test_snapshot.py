"""What predictions hold is written down once; who is overdue and who is flagged follows from it alone."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from insights.ledger.ledger import Ledger, days, open_invoices
from insights.ledger.outcomes import DueRules
from insights.portfolio import worklist
from insights.portfolio.snapshot import PREDICTIONS, flagged, is_flagged, overdue, snapshot
from insights.portfolio.worklist import NOT_DUE, NOT_DUE_FLAGGED, OVERDUE, WorklistFilter
from tests.support.ledgers import sample_predictions
from tests.support.workspaces import ledger_of

AS_OF = date(2024, 3, 31)
# Due, grace days, as-of date -> overdue? The due date and its grace days are over strictly before the as-of date.
RULES = (
    (date(2024, 3, 31), 0, False),
    (date(2024, 3, 30), 0, True),
    (date(2024, 3, 30), 1, False),
    (date(2024, 3, 26), 5, False),
    (date(2024, 3, 25), 5, True),
)


def owing(due: date) -> Ledger:
    return ledger_of(f"north acme 1 2024-01-02 {due} - 100 EUR", complete_through=AS_OF)


@pytest.mark.slow
@pytest.mark.parametrize(("due", "grace_days", "is_overdue"), RULES)
def test_an_invoice_is_overdue_once_its_last_day_on_time_has_passed_whatever_its_probability(
    due: date, grace_days: int, *, is_overdue: bool
) -> None:
    opened = open_invoices(owing(due), AS_OF)
    by = DueRules(grace_days=grace_days).due_by(days(opened["due_date"]))
    for p_on_time in (0.0, 0.4, 1e-13):
        said = {"p_on_time": pa.array([p_on_time]), "p_late": pa.array([1 - p_on_time]), "p_very_late": pa.array([0.0])}
        table = snapshot(opened, by, said)
        assert overdue(table).tolist() == [is_overdue]
        tabs = worklist.tabs(table, WorklistFilter())
        assert (tabs[OVERDUE].count, tabs[NOT_DUE].count) == ((1, 0) if is_overdue else (0, 1))
        assert tabs[NOT_DUE_FLAGGED].count == (0 if is_overdue else 1)


def test_without_a_model_the_same_columns_are_there_and_the_due_date_decides() -> None:
    table = worklist.unscored(owing(date(2024, 3, 30)), AS_OF)
    assert table.schema.equals(PREDICTIONS)
    assert table["p_on_time"].null_count == 1
    assert overdue(table).tolist() == [True]


@pytest.mark.slow
def test_what_a_model_predicts_has_these_columns() -> None:
    assert sample_predictions().schema.remove_metadata().equals(PREDICTIONS)
    on_time = sample_predictions()["p_on_time"].to_numpy()
    assert ((on_time == 0) == overdue(sample_predictions())).all()


def test_below_the_threshold_is_flagged_and_at_it_is_not() -> None:
    assert flagged(np.array([0.4, 0.5, 0.6]), 0.5).tolist() == [True, False, False]
    assert flagged(np.array([0.4, 0.4]), np.array([0.3, 0.5])).tolist() == [False, True]
    assert (is_flagged(0.49, 0.5), is_flagged(0.5, 0.5), is_flagged(None, 0.5)) == (True, False, False)
