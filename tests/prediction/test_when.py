"""Does the evidence of an expected date count what was known, of the customer first, and say it in words?"""

from dataclasses import replace
from datetime import date

import pytest

from insights import messages
from insights.features.dataset import feature_set
from insights.features.events import events_of
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger, day
from insights.model import payment_dates
from insights.model.model import Model
from insights.prediction import when
from insights.prediction.when import SOON, DateEvidence, date_evidence
from tests.support.ledgers import DAY, START, ledger_of, small_ledger, small_model
from tests.support.rewriting import rewritten

AS_OF = START + 200 * DAY


def evidence(ledger: Ledger, as_of: date, position: int) -> DateEvidence | None:
    model = timed(ledger, as_of)
    return date_evidence(model, feature_set(ledger, model.recipe.due_rules, model.fields), as_of, position)


def timed(ledger: Ledger, as_of: date) -> Model:
    """The small model (very late after 15 days), as if it had learnt its dates from this ledger."""
    events = events_of(ledger, small_model().recipe.due_rules)
    return replace(small_model(), timing=payment_dates.fit(events, day(as_of)))


def paid(customer: str, late: int) -> dict[str, object]:
    """30 days net, issued on the first day."""
    return {"customer_id": customer, "paid_date": START + (30 + late) * DAY}


def overdue(customer: str, days: int) -> dict[str, object]:
    return {"customer_id": customer, "issue_date": AS_OF - (30 + days) * DAY}


def test_half_of_a_customer_s_late_invoices_came_by_the_day_by_which_half_of_them_came() -> None:
    """| customer | days late                       |
    |----------|----------------------------------|
    | A        | 2, 6, 9, then 40 (very late), -3 |
    | B        | 1, 1, 1, 1, 1                    |
    A's is 5 days past due on the day.
    """
    rows = [paid("A", late) for late in (2, 6, 9, 40, -3)] + [paid("B", 1)] * 5
    found = evidence(ledger_of([overdue("A", 5), *rows]), AS_OF, 0)
    assert found is not None
    assert (found.own, found.own_days, found.all_days, found.very_late) == (3, 6, 1, False)
    assert messages.date_of_late(found.own, found.own_days, found.all_days) == (
        "of 3 late invoices that this customer has paid half came within 6 days after the last day on time; "
        "of all customers' late invoices half come within 1 day after the last day on time"
    )


def test_of_a_customer_that_has_never_paid_late_everybody_speaks() -> None:
    found = evidence(ledger_of([overdue("C", 5), paid("A", 4), paid("A", 4), paid("C", -1)]), AS_OF, 0)
    assert found is not None
    assert (found.own, found.own_days, found.all_days) == (0, None, 4)
    assert messages.date_of_late(0, None, 4).startswith(
        "no late invoice of this customer has come before it was very late; of all"
    )


def test_of_what_is_very_late_the_chance_per_day_of_everybody_speaks() -> None:
    """Very late after 15 days; of ten invoices 20 days past that line, five came on that day and five never."""
    found = evidence(ledger_of([overdue("A", 40), *[paid("B", 35)] * 5, *[paid("B", 900)] * 5]), AS_OF, 0)
    assert found is not None
    assert found.very_late
    timing = timed(ledger_of([overdue("A", 40), *[paid("B", 35)] * 5, *[paid("B", 900)] * 5]), AS_OF).timing
    assert timing is not None
    still_open, tail = 1.0, payment_dates.TAIL
    for age in range(24, 24 + SOON):  # days past the very-late line that lie ahead
        span = max(number for number, begin in enumerate(tail) if begin <= age)
        still_open *= 2.718281828459045 ** -timing.hazard[span]
    assert found.soon == pytest.approx(1 - still_open)
    sentence = messages.date_of_very_late(0.346, SOON, already=True)
    assert sentence == "of all customers' invoices that are unpaid for so long about 35% are paid in the next 30 days"


def test_what_can_be_on_time_and_a_model_without_dates_have_no_such_evidence() -> None:
    ledger = ledger_of([{"issue_date": AS_OF - 10 * DAY}, overdue("A", 5), paid("A", 4)])
    assert evidence(ledger, AS_OF, 0) is None
    silent = replace(small_model(), timing=None)
    assert date_evidence(silent, feature_set(ledger, silent.recipe.due_rules, silent.fields), AS_OF, 1) is None
    with pytest.raises(Refused, match="not open"):
        evidence(ledger, AS_OF, 2)


@pytest.mark.parametrize("seed", [1, 2])
def test_rewriting_what_was_not_known_changes_no_evidence(seed: int) -> None:
    as_of = START + 310 * DAY
    ledger = small_ledger()
    other = rewritten(ledger, as_of, seed)
    rows, others = ledger.invoices.to_pylist(), other.invoices.to_pylist()
    keys = [(row["company"], row["customer_id"], row["invoice_id"], row["line"]) for row in others]
    compared = 0
    for position, row in enumerate(rows):
        is_open = row["issue_date"] < as_of and (row["paid_date"] is None or row["paid_date"] >= as_of)
        if is_open and row["kind"] == "invoice" and row["due_date"] < as_of and compared < 5:
            place = keys.index((row["company"], row["customer_id"], row["invoice_id"], row["line"]))
            assert evidence(ledger, as_of, position) == evidence(other, as_of, place)
            compared += 1
    assert compared == 5


def test_its_example_holds() -> None:
    import doctest

    import numpy as np

    assert doctest.testmod(when, extraglobs={"np": np}).failed == 0
