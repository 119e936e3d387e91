"""Which rows does a model learn from: however they ended, on days when it was not yet known, within the history?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.features.events import Events, events_of
from insights.features.sampling import Sample, first_stage, second_stage
from insights.ledger.ledger import NEVER, as_date, day
from insights.ledger.outcomes import DueRules
from tests.support.ledgers import DAY, START, invented, ledger_of

N = 15
DUE = START + 30 * DAY
Stage = Callable[[Events, int, int, int], Sample]
STAGES = pytest.mark.parametrize("stage", [first_stage, second_stage])


def drawn(stage: Stage, *rows: dict[str, Any], at: date, start: date = START) -> Sample:
    return stage(events_of(ledger_of(rows), DueRules(N)), day(start), day(at), 7)


def answers(sample: Sample) -> dict[int, int]:
    """The answer of each invoice that is in the sample."""
    found = dict(zip(sample.invoice.tolist(), sample.label.tolist(), strict=True))
    assert {(i, a) for i, a in zip(sample.invoice.tolist(), sample.label.tolist(), strict=True)} == set(found.items())
    return found


def days_of(sample: Sample) -> set[date]:
    return {as_date(at) for at in sample.rows.at}


def test_having_paid_early_qualifies_no_invoice_before_its_line() -> None:
    """On the due date one has paid, one has not: the line is not past, so neither teaches anything yet."""
    rows = [{"paid_date": START + 9 * DAY}, {}]
    assert answers(drawn(first_stage, *rows, at=DUE)) == {}
    assert answers(drawn(first_stage, *rows, at=DUE + DAY)) == {0: 1, 1: 0}


def test_the_second_stage_asks_only_those_that_missed_the_first_line_once_the_second_is_past() -> None:
    """Paid on time, five days late, sixteen days late, and never."""
    rows = [{"paid_date": DUE}, {"paid_date": DUE + 5 * DAY}, {"paid_date": DUE + 16 * DAY}, {}]
    assert answers(drawn(second_stage, *rows, at=DUE + N * DAY)) == {}
    assert answers(drawn(second_stage, *rows, at=DUE + (N + 1) * DAY)) == {1: 0, 2: 1, 3: 1}


def test_a_credit_before_a_line_gives_no_answer_and_one_after_it_does() -> None:
    """Credited on the due date, five days after it, and beyond the very-late line."""
    rows = [{"paid_date": DUE + late * DAY, "settled_by": "credit"} for late in (0, 5, N + 1)]
    assert answers(drawn(first_stage, *rows, at=DUE + 99 * DAY)) == {1: 0, 2: 0}
    assert answers(drawn(second_stage, *rows, at=DUE + 99 * DAY)) == {2: 1}


def test_a_write_off_is_very_late() -> None:
    rows = [{"paid_date": DUE + 20 * DAY, "settled_by": "write_off"}]
    assert answers(drawn(first_stage, *rows, at=DUE + 99 * DAY)) == {0: 0}
    assert answers(drawn(second_stage, *rows, at=DUE + 99 * DAY)) == {0: 1}


@pytest.mark.parametrize(("days_after", "known"), [(0, True), (1, False)])
def test_a_write_off_that_is_left_out_teaches_until_it_is_known(days_after: int, known: bool) -> None:  # noqa: FBT001
    """Written off 60 days after the due date. On that day it is a very late invoice like the other; the day after it is gone."""
    rows: list[dict[str, Any]] = [{"paid_date": DUE + 60 * DAY, "settled_by": "write_off"}, {"paid_date": DUE + 60 * DAY}]
    events, at = events_of(ledger_of(rows), DueRules(N, leave_out_write_offs=True)), day(DUE) + 60 + days_after
    for stage, label in ((first_stage, 0), (second_stage, 1)):
        assert answers(stage(events, day(START), at, 7)) == ({0: label, 1: label} if known else {1: label})


def test_where_invoices_are_few_each_is_asked_on_four_days() -> None:
    late = [{"paid_date": DUE + 60 * DAY}]
    assert (len(drawn(first_stage, *late, at=DUE + 99 * DAY)), len(drawn(second_stage, *late, at=DUE + 99 * DAY))) == (4, 4)


def test_days_run_from_the_day_after_the_issue_to_the_line_or_the_payment() -> None:
    """Every day on which the invoice was open is drawn sooner or later, and no other."""
    paid = START + 3 * DAY
    samples = [
        first_stage(events_of(ledger_of([{"paid_date": paid}]), DueRules(N)), day(START), day(DUE) + 9, n) for n in range(30)
    ]
    assert {d for sample in samples for d in days_of(sample)} == {START + n * DAY for n in (1, 2, 3)}
    assert {float(w) * len(s) for s in samples for w in s.weight} == {3.0}


def test_unpaid_invoices_are_asked_up_to_the_line_and_no_further() -> None:
    rows = [{"due_date": START + 2 * DAY}]
    several = [drawn(first_stage, *rows, at=DUE + n * DAY) for n in (1, 2)]
    assert {d for sample in several for d in days_of(sample)} <= {START + DAY, START + 2 * DAY}
    later = drawn(second_stage, *rows, at=DUE)
    assert days_of(later) <= {START + n * DAY for n in range(1, 2 + N + 1)}


def test_an_answer_is_known_from_the_day_after_the_line() -> None:
    assert {as_date(k) for k in drawn(first_stage, {}, at=DUE + 99 * DAY).label_known_from} == {DUE + DAY}
    assert {as_date(k) for k in drawn(second_stage, {}, at=DUE + 99 * DAY).label_known_from} == {DUE + (N + 1) * DAY}


@STAGES
def test_no_day_lies_before_the_start(stage: Stage) -> None:
    """Open since January, seen from the twentieth on."""
    start = START + 20 * DAY
    sample = drawn(stage, *[{}] * 30, at=DUE + 99 * DAY, start=start)
    assert len(sample)
    assert min(days_of(sample)) >= start


@STAGES
def test_an_invoice_whose_days_all_lie_before_the_start_is_left_out(stage: Stage) -> None:
    sample = drawn(stage, {"paid_date": START + 9 * DAY}, at=DUE + 99 * DAY, start=START + 10 * DAY)
    assert answers(sample) == {}


@settings(max_examples=20, deadline=None)
@given(at=st.integers(40, 365), seed=st.integers(0, 99))
def test_the_weights_of_an_invoice_are_its_eligible_days(at: int, seed: int) -> None:
    """In the second stage over the root of its customer's number of rows."""
    events = events_of(invented(150), DueRules(N))
    for stage, span in ((first_stage, 0), (second_stage, N)):
        sample = stage(events, day(START), day(START) + at, seed)
        rows_of_customer = np.bincount(sample.rows.customer, minlength=len(events))[sample.rows.customer]
        whole = sample.weight * (1 if stage is first_stage else np.sqrt(rows_of_customer))
        weight = np.bincount(sample.invoice, whole, len(events))
        eligible = np.minimum(events.closed, events.due_by + span) - events.issue
        inside = np.unique(sample.invoice)
        assert np.allclose(weight[inside], eligible[inside])
        assert (events.due_by[inside] + span < day(START) + at).all()


@STAGES
def test_the_same_seed_draws_the_same_days_and_another_seed_others(stage: Stage) -> None:
    events = events_of(invented(150), DueRules(N))
    one, same, other = (stage(events, day(START), day(START) + 300, seed) for seed in (1, 1, 2))
    assert (one.rows.at == same.rows.at).all()
    assert (one.rows.at != other.rows.at).any()


@STAGES
def test_what_happens_from_the_training_date_on_changes_no_row(stage: Stage) -> None:
    """The same invoices, had all that were open then never been paid."""
    at = day(START) + 200
    events = events_of(invented(150), DueRules(N, leave_out_write_offs=True))
    events = replace(events, left_out=(np.arange(len(events)) % 5 == 0) & (events.paid < NEVER))
    unpaid = np.int32(2**31 - 1)
    frozen = Events(
        **vars(events)
        | {name: np.where(events.closed >= at, unpaid, getattr(events, name)) for name in ("closed", "paid")}
        | {"left_out": events.left_out & (events.closed < at)}
    )
    one, other = (stage(e, day(START), at, 3) for e in (events, frozen))
    for name in ("invoice", "label", "weight", "label_known_from"):
        assert (getattr(one, name) == getattr(other, name)).all()
    assert (one.rows.at == other.rows.at).all()


@STAGES
def test_invoices_from_before_the_history_teach_on_the_days_within_it(stage: Stage) -> None:
    """Issued ten days before the history starts, open for long after: whoever was open then is in the ledger."""
    start = START + 10 * DAY
    ledger = ledger_of([{}, {"paid_date": DUE + 40 * DAY}], history_starts=start)
    sample = stage(events_of(ledger, DueRules(N)), day(start) + 1, day(DUE) + 99, 7)
    assert set(answers(sample)) == {0, 1}
    assert min(days_of(sample)) > start
