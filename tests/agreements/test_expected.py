"""Do promises, overrides and disputes move the expected date of their own customer alone, and never the model?"""

import ast
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings

from insights.agreements.events import Agreement
from insights.agreements.expected import USUAL_DISPUTE, Adjustments, adjustments, expected_dates
from insights.agreements.promises import KeptRate, judge
from insights.agreements.state import agreed
from insights.ledger.ledger import NEVER
from tests.agreements.test_ranking import EVENTS, some_event
from tests.support.ledgers import ledger_of
from tests.support.worklists import AS_OF, event, predictions, promised

DAY = timedelta(days=1)
MODEL = date(2026, 3, 30)  # a Monday, four weeks ahead
ROOT = Path(__file__).parents[2]


def rows(*customers: str) -> pa.Table:
    return predictions(*({"customer_id": who, "invoice_id": "I0", "expected_date": MODEL} for who in customers or ("A",)))


def found(table: pa.Table, *events: Agreement, kept: KeptRate | None = None) -> Adjustments:
    """By a ledger in which every invoice is open."""
    held = agreed(events, AS_OF)
    ledger = ledger_of([{"customer_id": who, "invoice_id": "I0"} for who in "ABCD"], complete_through=AS_OF - DAY)
    return adjustments(table, held, judge(held.promises, ledger, AS_OF), {("", "A"): kept} if kept else {})


def dates(table: pa.Table, *events: Agreement, kept: KeptRate | None = None) -> list[date | None]:
    moved: list[date | None] = expected_dates(table["expected_date"], found(table, *events, kept=kept)).to_pylist()
    return moved


def test_nothing_agreed_moves_nothing() -> None:
    assert dates(rows()) == [MODEL]
    assert not found(rows()).any.any()


def test_an_override_is_believed_until_it_has_passed() -> None:
    assert dates(rows(), event("override", on=date(2026, 3, 12), reason="said so")) == [date(2026, 3, 12)]
    past = event("override", as_of=AS_OF - 9 * DAY, on=AS_OF - DAY, reason="said so")
    assert dates(rows(), past) == [MODEL]


def test_a_promise_draws_the_date_as_far_as_the_customer_keeps_his_word() -> None:
    """Promised for 9 March, three weeks before the model's date: half way by default, nearly there for one who keeps them."""
    promise = promised(date(2026, 3, 9), ("I0", 100_00))
    assert dates(rows(), promise) == [date(2026, 3, 20)]
    assert dates(rows(), promise, kept=KeptRate(kept=18)) == [date(2026, 3, 10)]
    assert dates(rows(), promise, kept=KeptRate(broken=18)) == [date(2026, 3, 30)]


def test_a_broken_promise_says_nothing_any_more() -> None:
    assert dates(rows(), promised(AS_OF - 5 * DAY, ("I0", 100_00), as_of=AS_OF - 9 * DAY)) == [MODEL]


def test_a_dispute_moves_the_date_by_what_is_left_of_its_usual_length() -> None:
    opened = event("dispute", "A", "I0", as_of=AS_OF - 10 * DAY, reason="price")
    assert found(rows(), opened).delay.tolist() == [USUAL_DISPUTE - 10]
    before = [
        event("dispute", as_of=AS_OF - 80 * DAY, number=2, reason="price"),
        event("dispute", as_of=AS_OF - 66 * DAY, number=3, reason="price", resolve=True),
    ]
    assert found(rows(), opened, *before).delay.tolist() == [4], "the last one took 14 days, of which 10 have passed"


def test_without_a_prediction_what_was_said_stands_alone() -> None:
    table = predictions({"customer_id": "A", "invoice_id": "I0", "expected_date": None})
    assert dates(table) == [None]
    assert dates(table, promised(date(2026, 3, 9), ("I0", 100_00))) == [date(2026, 3, 9)]
    assert dates(table, event("dispute", reason="price")) == [None]


def test_dates_that_were_moved_fall_on_business_days() -> None:
    saturday = date(2026, 3, 14)
    assert dates(rows(), event("override", on=saturday, reason="said so")) == [date(2026, 3, 16)]


@pytest.mark.slow
@given(EVENTS, some_event("D"))
@settings(max_examples=60, deadline=None)
def test_an_event_of_one_customer_never_moves_anothers_date_or_forecast(events: list[Agreement], one: Agreement) -> None:
    table = rows("A", "B", "C")
    assert dates(table, *events) == dates(table, *events, one)
    before, after = found(table, *events), found(table, *events, one)
    for name in ("override", "promised", "weight", "promised_share", "delay"):
        assert getattr(before, name).tolist() == getattr(after, name).tolist()


def test_a_promise_of_a_part_moves_a_part() -> None:
    one = found(rows(), promised(date(2026, 3, 9), ("I0", 100_00), amount=25_00, currency="EUR"))
    assert (one.promised_share.tolist(), one.override.tolist()) == ([0.25], [int(NEVER)])


@pytest.mark.parametrize("package", ["features", "model", "prediction", "evaluation"])
def test_no_model_feature_or_what_if_knows_of_agreements(package: str) -> None:
    """Who is called often is called because he pays late: none of it may be learned from, or supposed."""
    for path in (ROOT / "insights" / package).rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        modules = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
        modules |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        assert not [name for name in modules if name.startswith(("insights.agreements", "insights.store.agreements"))], path


def test_what_if_supposes_nothing_that_is_agreed() -> None:
    from dataclasses import fields

    from insights.prediction.what_if import Supposed

    assert {field.name for field in fields(Supposed)} == {"amount", "terms", "due_date", "days_since_payment"}
