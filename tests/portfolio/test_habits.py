"""How does a customer usually pay? Against slow plain code, and only as far as the evidence carries."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights import portfolio
from insights.ledger.outcomes import BUCKETS
from insights.messages import habits as sentences
from tests.support.portfolio import AS_OF, ledger_of, some_row


def test_history_has_a_row_for_each_month_and_counts_write_offs_as_very_late() -> None:
    """Paid in January (on time), nothing until July, then one very late and one written off; a credited one says nothing."""
    ledger = ledger_of(
        {"amount": 100, "paid_date": date(2026, 1, 20)},
        {"amount": 250, "paid_date": date(2026, 4, 1)},
        {"amount": 70, "paid_date": date(2026, 4, 2), "issue_date": date(2026, 4, 1), "settled_by": "write_off"},
        {"amount": 1, "paid_date": date(2026, 4, 2), "settled_by": "credit"},
    )
    history = portfolio.payment_history(ledger, date(2026, 6, 1))
    assert history["month"].to_pylist() == [date(2026, month, 1) for month in range(1, 6)]
    assert [history[name].to_pylist() for name in BUCKETS] == [[1, 0, 0, 0, 0], [0] * 5, [0, 0, 0, 2, 0]]
    amounts = portfolio.payment_history(ledger, date(2026, 6, 1), currency="EUR", by_amount=True)
    assert [amounts[name].to_pylist() for name in BUCKETS] == [[100, 0, 0, 0, 0], [0] * 5, [0, 0, 0, 320, 0]]


def plain_history(rows: list[dict[str, Any]], currency: str) -> dict[date, list[int]]:
    """The same, invoice by invoice: month -> amounts by bucket."""
    months: dict[date, list[int]] = {}
    for row in rows:
        paid = row["paid_date"]
        if (
            row["kind"] != "invoice"
            or row["currency"] != currency
            or paid is None
            or paid >= AS_OF
            or row["settled_by"] == "credit"
        ):
            continue
        late = (paid - row["due_date"]).days
        bucket = 2 if row["settled_by"] == "write_off" or late > 30 else 1 if late > 0 else 0
        months.setdefault(paid.replace(day=1), [0, 0, 0])[bucket] += row["amount"]
    return months


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(rows=st.lists(some_row(), min_size=1, max_size=12), currency=st.sampled_from(["EUR", "JPY"]))
def test_history_by_amount_is_that_of_plain_code(rows: list[dict[str, Any]], currency: str) -> None:
    history = portfolio.payment_history(ledger_of(*rows), AS_OF, currency=currency, by_amount=True)
    listed = {row["month"]: [row[name] for name in BUCKETS] for row in history.to_pylist()}
    assert {month: sums for month, sums in listed.items() if any(sums)} == plain_history(rows, currency)


def paid(on: date, late: int) -> dict[str, Any]:
    """An invoice paid on a day, so many days late."""
    due = on - timedelta(days=late)
    return {"amount": 100, "issue_date": due - timedelta(days=30), "due_date": due, "paid_date": on}


def test_the_usual_weekday_and_days_of_the_month_are_those_of_the_payments() -> None:
    """Paid on 28, 30 and 2 of each month for two years, on whatever weekday; then always on Thursdays."""
    monthly = [date(2024 + month // 12, month % 12 + 1, at) for month in range(6, 28) for at in (2, 26, 28)]
    habit = portfolio.paying_days(ledger_of(*(paid(on, 0) for on in monthly)), AS_OF)
    assert habit.weekday is None
    assert habit.month_days == (26, 28)
    assert habit.in_month_days * 3 == habit.days * 2
    thursdays = [date(2026, 1, 1) + timedelta(days=7 * week) for week in range(20)]
    habit = portfolio.paying_days(ledger_of(*(paid(on, 0) for on in thursdays)), AS_OF)
    assert (habit.weekday, habit.on_weekday, habit.days) == (3, 20, 20)
    assert sentences.paying_days(habit) == [
        "Pays most often on a Thursday: 20 of 20 days of payment in two years.",
        "Invoices due on a Thursday it pays on that day: 20 of 20 such due dates in two years.",
    ]


def test_a_habit_may_run_over_the_end_of_a_month() -> None:
    ends = [date(2025, month, at) for month in range(1, 13) for at in (1, 30 if month != 2 else 28)]
    habit = portfolio.paying_days(ledger_of(*(paid(on, 0) for on in ends)), AS_OF)
    assert habit.month_days
    first, last = habit.month_days
    assert first > last
    assert sentences.ordinal(22) == "22nd"


def test_of_few_payments_no_habit_is_claimed() -> None:
    habit = portfolio.paying_days(ledger_of(*(paid(date(2026, 1, 1) + timedelta(days=7 * week), 0) for week in range(9))), AS_OF)
    assert (habit.weekday, habit.month_days) == (None, None)
    assert sentences.paying_days(habit) == []


def due_on(due: date, late: int) -> dict[str, Any]:
    """An invoice due on a day and paid so many days late."""
    return {
        "amount": 100,
        "issue_date": due - timedelta(days=30),
        "due_date": due,
        "paid_date": due + timedelta(days=late),
    }


SUNDAY, WEDNESDAY = date(2025, 6, 1), date(2025, 6, 4)


def weekly(first: date, late: list[int]) -> list[dict[str, Any]]:
    """An invoice a week from a day on, each so many days late."""
    return [due_on(first + timedelta(days=7 * week), days) for week, days in enumerate(late)]


@pytest.mark.parametrize(
    ("first", "late", "sentence"),
    [
        (SUNDAY, 4, "Invoices due on a Sunday it pays the Thursday after: 9 of 14 such due dates in two years."),
        (SUNDAY, 0, "Invoices due on a Sunday it pays on that day: 9 of 14 such due dates in two years."),
        (WEDNESDAY, -2, "Invoices due on a Wednesday it pays the Monday before: 9 of 14 such due dates in two years."),
        (WEDNESDAY, 7, "Invoices due on a Wednesday it pays the Wednesday after: 9 of 14 such due dates in two years."),
        (WEDNESDAY, 8, "Invoices due on a Wednesday it pays the second Thursday after: 9 of 14 such due dates in two years."),
    ],
)
def test_what_it_does_with_what_falls_due_on_a_weekday_is_said_as_on_the_telephone(first: date, late: int, sentence: str) -> None:
    """Nine due dates paid so many days late, five on other days each."""
    habit = portfolio.paying_days(ledger_of(*weekly(first, [late] * 9 + [9, 10, 11, 12, 13])), AS_OF)
    assert sentence in sentences.paying_days(habit)
    assert habit.of_due_date(first) == habit.after_due[0]
    assert habit.of_due_date(first + timedelta(days=1)) is None


def test_of_few_due_dates_or_of_all_kinds_of_days_nothing_is_said() -> None:
    few = portfolio.paying_days(ledger_of(*weekly(SUNDAY, [4] * 9)), AS_OF)
    mixed = portfolio.paying_days(ledger_of(*weekly(SUNDAY, [0, 1, 2, 3, 4, 4, 4, 4, 4, 5, 6])), AS_OF)
    assert (few.after_due, mixed.after_due) == ((), ())


def test_many_invoices_of_one_due_date_are_one_decision_and_its_last_payment_counts() -> None:
    """Ten Sundays on which ten invoices each were due, one of which was paid a day later: ten due dates, the Friday after."""
    rows = [due_on(SUNDAY + timedelta(days=7 * week), late) for week in range(10) for late in [4] * 9 + [5]]
    (habit,) = portfolio.paying_days(ledger_of(*rows), AS_OF).after_due
    assert (habit.weekday, habit.after, habit.held, habit.due_dates) == (6, 5, 10, 10)
