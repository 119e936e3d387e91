"""What was known of a ledger on a date, and on which dates can it be seen?"""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.ledger.errors import Refused
from insights.ledger.ledger import (
    NEVER,
    Ledger,
    Problem,
    Problems,
    as_date,
    day,
    days,
    open_invoices,
    open_positions,
)
from tests.support.ledgers import DAY, START, in_order, invented, ledger_of, payments_of
from tests.support.rewriting import rewritten

END = START + 99 * DAY


def ids(ledger: Ledger, as_of: date) -> list[str]:
    found: list[str] = open_invoices(ledger, as_of)["invoice_id"].to_pylist()
    return found


def test_an_invoice_is_open_from_the_day_after_its_issue_to_the_day_of_its_payment() -> None:
    """Issued on 1 January, paid on 11 January."""
    ledger = ledger_of([{"paid_date": START + 10 * DAY}])
    seen = [len(open_positions(ledger, START + n * DAY)) for n in (0, 1, 10, 11)]
    assert seen == [0, 1, 1, 0]


def test_credit_notes_and_payments_on_account_are_no_open_invoices() -> None:
    rows = [{"kind": "credit_note", "amount": -5}, {"kind": "payment_on_account", "amount": -7}, {}]
    assert ids(ledger_of(rows), START + DAY) == ["I2"]


def test_days_past_due_count_from_the_due_date_and_are_below_zero_before_it() -> None:
    rows = [{"due_date": START + 10 * DAY}]
    assert [open_invoices(ledger_of(rows), START + n * DAY)["days_past_due"][0].as_py() for n in (9, 10, 11)] == [-1, 0, 1]


def test_outstanding_is_the_amount_less_dated_payments_before_the_day() -> None:
    """100.00 paid with 30.00 on the fifth and 50.00 on the ninth."""
    paid = payments_of((1, START + 4 * DAY, 30_00), (1, START + 8 * DAY, 50_00))
    ledger = ledger_of([{"amount": 7}, {"amount": 100_00, "outstanding": 20_00}], payments=paid)
    seen = [open_invoices(ledger, START + n * DAY)["outstanding"].to_pylist() for n in (4, 5, 8, 9)]
    assert seen == [[7, 100_00], [7, 70_00], [7, 70_00], [7, 20_00]]


def test_without_dated_payments_the_exported_outstanding_counts_only_after_the_last_day() -> None:
    """100.00 of which 20.00 is outstanding at export, complete through the hundredth day."""
    ledger = ledger_of([{"amount": 100_00, "outstanding": 20_00}], complete_through=END)
    assert open_invoices(ledger, END)["outstanding"].to_pylist() == [100_00]
    assert open_invoices(ledger, END + DAY)["outstanding"].to_pylist() == [20_00]


def test_a_ledger_can_be_seen_up_to_the_day_after_its_last_one() -> None:
    ledger = ledger_of([{}], complete_through=END)
    ledger.check_as_of(END + DAY)
    with pytest.raises(Refused, match=r"complete through 2025-04-10.*as of 2025-04-11 at the latest") as refused:
        ledger.check_as_of(END + 2 * DAY)
    assert refused.value.code == "as_of_too_late"


def test_a_ledger_cannot_be_seen_before_its_history_starts() -> None:
    ledger = ledger_of([{}], history_starts=START)
    ledger.check_as_of(START + DAY)
    with pytest.raises(Refused, match="starts on 2025-01-01") as refused:
        ledger.check_as_of(START)
    assert refused.value.code == "as_of_too_early"


def test_a_ledger_opens_on_the_day_after_its_last() -> None:
    assert ledger_of([{}], complete_through=END).default_as_of == END + DAY


def test_a_ledger_with_nothing_open_at_its_end_opens_on_the_day_after_its_last_issue() -> None:
    rows = [{"paid_date": START + 40 * DAY}, {"issue_date": START + 9 * DAY, "paid_date": START + 50 * DAY}]
    assert ledger_of(rows, complete_through=END).default_as_of == START + 10 * DAY


def test_rows_set_aside_are_counted_once_and_notes_not_at_all() -> None:
    problems = (
        Problem(3, "due", "x", "no_date"),
        Problem(3, "amount", "", "no_number"),
        Problem(4, "a", "b", "c", set_aside=False),
    )
    assert ledger_of([{}], problems=Problems.of(problems)).rows_set_aside == 1


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 101_00},
        {"paid_date": START + 3 * DAY},
        {"customer_id": "B"},
        {"x:Region": "west"},
        {"disputed": True},
    ],
)
def test_a_fingerprint_changes_with_every_value(change: dict[str, object]) -> None:
    base = ledger_of([{"x:Region": "north"}])
    assert base.fingerprint == ledger_of([{"x:Region": "north"}]).fingerprint
    assert base.fingerprint != ledger_of([{"x:Region": "north"} | change]).fingerprint


def test_a_fingerprint_is_of_what_is_seen_not_of_the_name() -> None:
    base = ledger_of([{}])
    assert base.renamed("other", "7").fingerprint == base.fingerprint
    assert base.renamed("other", "7").id == "7"
    assert replace(base, complete_through=END).fingerprint != base.fingerprint
    assert replace(base, history_starts=START).fingerprint != base.fingerprint
    assert replace(base, known_at_issue=("disputed",)).fingerprint != base.fingerprint
    assert replace(base, payments=payments_of((0, START + DAY, 1))).fingerprint != base.fingerprint


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 300), st.integers(0, 2**32))
def test_what_was_not_known_changes_no_open_invoice(at: int, seed: int) -> None:
    as_of = START + (at + 1) * DAY
    ledger = invented(80)
    ledger = replace(ledger, payments=payments_of(*((n, START + n * 5 * DAY, 1 + n) for n in range(0, 80, 3))))
    assert seen(ledger, as_of) == seen(rewritten(ledger, as_of, seed), as_of)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 365), st.permutations(range(60)))
def test_the_order_of_rows_changes_no_open_invoice(at: int, order: list[int]) -> None:
    ledger = invented(60)
    ledger = replace(ledger, payments=payments_of(*((n, START + n * 5 * DAY, 1 + n) for n in range(0, 60, 3))))
    assert seen(ledger, START + at * DAY) == seen(in_order(ledger, np.array(order)), START + at * DAY)


def seen(ledger: Ledger, as_of: date) -> list[tuple[object, ...]]:
    """The open invoices, apart from where they stand and from states at export."""
    export = ["position", "row", "settled_by", "paid_date", "disputed", *(f"x:{name}" for name in ledger.further)]
    rows = open_invoices(ledger, as_of).drop_columns(export).to_pylist()
    return sorted(tuple(row.values()) for row in rows)


def test_days_are_counted_from_1970_and_what_has_not_happened_is_never() -> None:
    column = pa.chunked_array([pa.array([date(1970, 1, 2), None], pa.date32())])
    assert days(column).tolist() == [1, NEVER]
    assert as_date(day(END)) == END


def test_problems_come_back_as_they_were_kept_and_older_ones_with_their_numbers() -> None:
    kept = (
        Problem(3, "due", "x", "no_date"),
        Problem(0, "", "EUR 5.00", "payments_unmatched", set_aside=False, number=2),
        Problem(0, "terms", "", "due_derived", set_aside=False, number=7),
    )
    assert tuple(Problems.of(kept)) == kept
    older = [replace(kept[0], value="12"), replace(kept[1], value="2 (EUR 5.00)"), replace(kept[2], value="7")]
    table = Problems.of(older).table.drop_columns(["number"])
    assert tuple(Problems(table)) == (older[0], *kept[1:])


def test_problems_are_looked_at_as_a_list_is() -> None:
    kept = [Problem(k, "due", str(k), "no_date" if k % 3 else "no_number", set_aside=k % 2 == 0) for k in range(2500)]
    problems = Problems.of(kept)
    assert (len(problems), problems[7], problems[-1], list(problems[10:12])) == (2500, kept[7], kept[-1], kept[10:12])
    assert list(problems) == kept
    assert list(problems.aside) == kept[::2]
    assert [problem.row for problem in problems.of_rows_used] == list(range(1, 2500, 2))
    assert problems.aside.counts() == {"no_date": 833, "no_number": 417}
    assert problems == Problems.of(kept)
    assert problems != Problems.of(kept[1:])
    assert list(problems[2490:]) + list(problems[5:5]) == kept[2490:]
