"""Is a promise judged by what was paid, and is a customer's word never said to be worth more than the evidence?"""

from datetime import date, timedelta

import pytest

from insights.agreements.promises import KeptRate, deadline, judge, kept_rates
from insights.ledger.ledger import Ledger
from tests.support.ledgers import ledger_of, payments_of
from tests.support.worklists import AS_OF, promised

DAY = timedelta(days=1)
GIVEN = date(2026, 2, 2)  # a Monday
ON = date(2026, 2, 10)  # a Tuesday: kept until Wednesday
AFTER = ON + 2 * DAY


def book(paid: date | None = None, **row: object) -> Ledger:
    """One invoice of customer A, I0, EUR 100.00."""
    return ledger_of([{"invoice_id": "I0", "issue_date": date(2026, 1, 1), "paid_date": paid, **row}], complete_through=AS_OF)


def standing(ledger: Ledger, as_of: date = AFTER, **values: object) -> str:
    (found,) = judge([promised(ON, ("I0", 100_00), as_of=GIVEN, **values)], ledger, as_of)
    return found.standing


def test_the_tolerance_is_a_business_day() -> None:
    assert deadline(date(2026, 2, 10)) == date(2026, 2, 11)
    assert deadline(date(2026, 2, 13)) == date(2026, 2, 16), "of a Friday until Monday"


@pytest.mark.parametrize(
    ("paid", "as_of", "expected"),
    [
        (None, ON - DAY, "open"),
        (None, ON, "due"),
        (None, ON + DAY, "due"),
        (None, AFTER, "broken"),
        (ON - DAY, ON, "kept"),
        (ON - DAY, ON - DAY, "open"),  # paid on the as-of day: not known yet
        (ON + DAY, AFTER, "kept"),
        (ON + 2 * DAY, AFTER + DAY, "broken"),
    ],
)
def test_a_promise_is_judged_by_what_was_known(paid: date | None, as_of: date, expected: str) -> None:
    assert standing(book(paid), as_of) == expected


def test_part_of_it_is_partly_kept_and_a_hundredth_may_lack() -> None:
    """Dated payments of 40.00 and, on the last day, 59.00: 99.00 of 100.00. What came before the promise does not count."""
    some = book()
    part, enough = payments_of((0, ON, 40_00)), payments_of((0, ON, 40_00), (0, ON + DAY, 59_00))
    before = payments_of((0, GIVEN - DAY, 40_00))
    ledgers = [ledger_of(some.invoices.to_pylist(), payments=each, complete_through=AS_OF) for each in (part, enough, before)]
    assert [standing(each) for each in ledgers] == ["partly", "kept", "broken"]


def test_an_amount_is_kept_when_it_came_whatever_else_is_owed() -> None:
    ledger = ledger_of(book().invoices.to_pylist(), payments=payments_of((0, ON, 40_00)), complete_through=AS_OF)
    assert standing(ledger, amount=40_00, currency="EUR") == "kept"
    assert standing(ledger, amount=80_00, currency="EUR") == "partly"


def test_what_a_credit_note_settled_was_never_to_be_paid_and_a_write_off_was() -> None:
    assert standing(book(ON, settled_by="credit")) == "unjudged"
    assert standing(book(ON, settled_by="write_off")) == "broken"


def test_an_invoice_that_the_ledger_does_not_have_is_not_judged() -> None:
    assert standing(ledger_of([{"customer_id": "B"}], complete_through=AS_OF)) == "unjudged"


def test_a_promise_renewed_before_its_day_is_not_judged_and_one_renewed_after_it_is() -> None:
    first = promised(ON, ("I0", 100_00), as_of=GIVEN, number=1)
    for day, expected in ((ON, "renewed"), (ON + 3 * DAY, "broken")):
        again = promised(day + 9 * DAY, ("I0", 100_00), as_of=day, number=2)
        assert [each.standing for each in judge([first, again], book(), ON + 4 * DAY)] == [expected, "open"]


def test_rewriting_what_was_not_known_changes_no_judgement() -> None:
    """Paid on the as-of day, later, or never: as of the day it is the same."""
    for paid in (AFTER, AFTER + DAY, None):
        assert standing(book(paid), AFTER) == "broken"


def test_a_kept_rate_is_a_count_until_there_are_five_and_then_an_interval() -> None:
    assert not KeptRate(1, 0, 1).share_said
    rate = KeptRate(kept=8, partly=1, broken=1)
    assert rate.share_said
    low, high = rate.interval
    assert (round(low, 2), round(high, 2)) == (0.49, 0.94)
    assert KeptRate().interval == (0.0, 1.0)


def test_the_weight_of_a_promise_begins_at_a_half_and_follows_the_customers_own() -> None:
    assert KeptRate().weight == 0.5
    assert KeptRate(kept=8).weight == 0.9
    assert KeptRate(broken=8).weight == pytest.approx(0.1)
    assert KeptRate(partly=2).weight == 0.5


def test_kept_rates_count_what_was_judged() -> None:
    given = [promised(ON, ("I0", 100_00), as_of=GIVEN, number=n, customer="A") for n in (1,)]
    assert kept_rates(judge(given, book(ON), AFTER)) == {("", "A"): KeptRate(kept=1)}
    assert kept_rates(judge(given, book(), ON)) == {}
