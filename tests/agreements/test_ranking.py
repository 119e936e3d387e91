"""Does the worklist rank by the money likely to slip, and does no score pass a gate?"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.agreements.events import Agreement
from insights.agreements.ranking import GATES, Known, Ranked, Weights, last_day_ahead
from insights.ledger.ledger import as_date
from tests.support.ledgers import ledger_of
from tests.support.worklists import AS_OF, COMPLETE, event, figures, held, order, predictions, promised, worklist

DAY = timedelta(days=1)
LATE = AS_OF - 10 * DAY


def test_what_is_due_soon_counts_by_missing_and_what_is_overdue_by_staying_unpaid() -> None:
    """
    A  100.00 due on 6 Mar, P(on time) 0.3       70.00
    A   40.00 overdue, P(unpaid in 7 days) 0.9   36.00
    A  999.00 due on 17 Mar: eleven business days ahead
    """
    rows = predictions(
        {"due_date": AS_OF + 4 * DAY, "p_on_time": 0.3},
        {"outstanding": 40_00, "due_date": LATE, "p_unpaid_7": 0.9},
        {"outstanding": 999_00, "due_date": AS_OF + 15 * DAY},
    )
    found = worklist(rows)
    (row,) = found.customers.to_pylist()
    assert (row["likely"], row["soon"], row["overdue"]) == (106_00, 70_00, 36_00)
    assert (row["outstanding"], row["invoices"], row["oldest"]) == (140_00, 2, 10)
    assert [each["likely"] for each in found.of(1).to_pylist()] == [70_00, 36_00]


def test_ten_business_days_ahead_end_on_a_business_day() -> None:
    assert as_date(last_day_ahead(AS_OF)) == date(2026, 3, 16)
    assert as_date(last_day_ahead(date(2026, 3, 7))) == date(2026, 3, 20), "from a Saturday on"


def test_without_a_prediction_the_whole_outstanding_counts() -> None:
    rows = predictions({"due_date": AS_OF, "p_on_time": None, "p_unpaid_7": None}, {"due_date": LATE, "p_unpaid_7": None})
    assert figures(worklist(rows)) == {("A", "EUR"): 200_00}


def test_what_a_customer_may_let_slip_is_what_its_invoices_sum_to() -> None:
    rows = predictions(*({"outstanding": 101, "p_on_time": 0.5, "invoice_id": str(n)} for n in range(7)))
    found = worklist(rows)
    assert found.customers["likely"].to_pylist() == [sum(found.invoices["likely"].to_pylist())] == [7 * 51]


def test_a_row_is_of_one_company_one_customer_and_one_currency() -> None:
    rows = predictions({}, {"currency": "USD"}, {"company": "north"}, {"customer_id": "B", "outstanding": 1_00})
    found = worklist(rows).customers
    assert sorted(zip(*(found[name].to_pylist() for name in ("company", "customer_id", "currency")), strict=True)) == [
        ("", "A", "EUR"),
        ("", "A", "USD"),
        ("", "B", "EUR"),
        ("north", "A", "EUR"),
    ]


def test_currencies_rank_in_blocks_without_rates_and_as_one_with_them() -> None:
    """USD 900 and EUR 800 twice: the euros have more rows; at 0.5 the dollars are worth 450."""
    rows = predictions(
        {"customer_id": "A", "currency": "USD", "outstanding": 900_00},
        {"customer_id": "B", "outstanding": 400_00},
        {"customer_id": "C", "outstanding": 800_00},
    )
    assert order(worklist(rows)) == ["C", "B", "A"]
    known = Known(COMPLETE, rates={"USD": 0.5, "EUR": 1.0}, currency="EUR")
    assert order(worklist(rows, known=known)) == ["C", "A", "B"]
    minimum = worklist(rows, known=known, weights=Weights(minimum=210))
    assert (order(minimum), held(minimum)) == (["C", "A"], {"B": ("small", None)})


def test_age_breaks_ties_only() -> None:
    rows = predictions(
        {"customer_id": "A", "due_date": LATE},
        {"customer_id": "B", "due_date": LATE - DAY},
        {"customer_id": "C", "due_date": LATE, "outstanding": 100_02},
    )
    assert order(worklist(rows)) == ["C", "B", "A"]


def test_prevention_may_be_weighed_against_what_is_overdue_without_changing_a_figure() -> None:
    rows = predictions({"customer_id": "A"}, {"customer_id": "B", "due_date": LATE, "outstanding": 90_00})
    plain, prevented = (worklist(rows, weights=Weights(prevention=each)) for each in (50, 20))
    assert (order(plain), order(prevented)) == (["A", "B"], ["B", "A"])
    assert figures(plain) == figures(prevented)


# --- gates -----------------------------------------------------------------------------------------------------------------


def held_by(*events: Agreement, **values: object) -> dict[str, tuple[str, date | None]]:
    return held(worklist(predictions({}), *events, **values))  # type: ignore[arg-type]


def test_each_gate_holds_a_customer_back_and_says_until_when() -> None:
    soon = AS_OF + 3 * DAY
    assert held_by(event("in_payment")) == {"A": ("paid", AS_OF + 14 * DAY)}
    assert held_by(event("dispute", reason="price")) == {"A": ("dispute", None)}
    assert held_by(promised(soon, ("I0", 100_00))) == {"A": ("promise", soon)}
    assert held_by(event("contact", channel="phone", outcome="reached")) == {"A": ("contacted", AS_OF + 7 * DAY)}
    assert held_by(event("contact", channel="phone", outcome="not_reached")) == {"A": ("contacted", AS_OF + DAY)}
    assert held_by(event("snooze", until=soon)) == {"A": ("snoozed", soon)}
    assert held_by(event("snooze", ledger_through=COMPLETE)) == {"A": ("snoozed", None)}
    assert held_by(weights=Weights(minimum=51)) == {"A": ("small", None)}
    assert held_by(weights=Weights(minimum=50)) == {}


def test_the_first_gate_in_order_is_the_one_that_is_said() -> None:
    soon = AS_OF + 3 * DAY
    events = [
        event("in_payment", number=1),
        event("dispute", reason="price", number=2),
        promised(soon, ("I0", 100_00), number=3),
        event("contact", channel="phone", outcome="reached", number=4),
        event("snooze", until=soon, number=5),
    ]
    for first in range(len(events)):
        assert held_by(*events[first:], weights=Weights(minimum=10**6))["A"][0] == GATES[first]
    assert held_by(weights=Weights(minimum=10**6))["A"][0] == "small"


def test_a_gate_of_one_invoice_takes_out_that_invoice_alone() -> None:
    """One of two invoices is in dispute; when the other is snoozed, too, nothing is left, and the dispute is said."""
    rows, disputed = predictions({}, {"outstanding": 30_00}), event("dispute", invoice="I0", reason="price")
    assert figures(worklist(rows, disputed)) == {("A", "EUR"): 15_00}
    both = worklist(rows, disputed, event("snooze", invoice="I1", until=AS_OF + DAY, number=2))
    assert (order(both), held(both)) == ([], {"A": ("dispute", None)})


def test_what_is_said_to_be_in_payment_is_what_had_been_issued() -> None:
    """A claim of the customer of 1 March does not hold back an invoice issued on that day."""
    claim = event("in_payment", as_of=AS_OF - DAY)
    rows = predictions({}, {"issue_date": AS_OF - DAY, "outstanding": 8_00})
    assert figures(worklist(rows, claim)) == {("A", "EUR"): 4_00}


def test_a_dispute_of_the_ledger_counts_until_it_is_resolved_here_after_that_ledger() -> None:
    known = Known(COMPLETE, disputed=np.array([True]))
    assert held_by(known=known) == {"A": ("dispute", None)}
    assert held_by(event("dispute", invoice="I0", resolve=True), known=known) == {}
    newer = replace(known, complete_through=AS_OF + DAY)
    assert held_by(event("dispute", invoice="I0", resolve=True), known=newer) == {"A": ("dispute", None)}


def test_a_resolved_dispute_lets_the_invoice_back() -> None:
    opened, closed = event("dispute", reason="price"), event("dispute", reason="price", resolve=True, number=2)
    other = event("dispute", reason="quantity", number=3)
    assert held_by(opened, closed) == {}
    assert held_by(opened, closed, other) == {"A": ("dispute", None)}


def test_a_contacted_customer_is_left_alone_in_every_currency() -> None:
    rows = predictions({}, {"currency": "USD"}, {"customer_id": "B"})
    assert order(worklist(rows, event("contact", channel="visit", outcome="refused"))) == ["B"]


def test_a_relationship_is_its_owners_affair_alone() -> None:
    """Of 50 customers one owes more than a tenth of everything; among 49 nobody is large."""
    small = [{"customer_id": f"S{n}", "outstanding": 10_00} for n in range(49)]
    rows = predictions({"customer_id": "L", "outstanding": 100_00}, *small)
    assert held(worklist(rows)) == {"L": ("relationship", None)}
    owned = event("owner", "L", name="Bea")
    assert held(worklist(rows, owned, viewer="Ada")) == {"L": ("relationship", None)}
    assert order(worklist(rows, owned, viewer="Bea"))[0] == "L"
    assert order(worklist(predictions({"customer_id": "L", "outstanding": 100_00}, *small[1:])))[0] == "L"


def test_a_snooze_until_the_next_ledger_ends_with_it() -> None:
    asleep = event("snooze", ledger_through=COMPLETE)
    assert held_by(asleep, known=Known(COMPLETE)) == {"A": ("snoozed", None)}
    assert held_by(asleep, known=Known(COMPLETE + DAY)) == {}


def test_owner_and_taker_stand_in_the_row() -> None:
    rows = worklist(predictions({}), event("owner", name="Bea"), event("take", number=2, actor="cleo")).customers.to_pylist()
    assert [(row["owner"], row["taken_by"]) for row in rows] == [("Bea", "cleo")]
    later = worklist(predictions({}, as_of=AS_OF + DAY), event("take"), as_of=AS_OF + DAY).customers.to_pylist()
    assert later[0]["taken_by"] == "", "a row is taken on one day's list"


# --- broken promises -------------------------------------------------------------------------------------------------------


def test_a_broken_promise_ranks_first_in_its_class_of_money_and_in_no_higher_one() -> None:
    """Thirds of the listed sum of 600.00: B alone fills the first; C, D and A share the others."""
    invoices = [{"customer_id": who, "invoice_id": f"I{n}", "amount": 190_00} for n, who in enumerate("BCDA")]
    ledger = ledger_of(invoices, complete_through=COMPLETE)
    rows = predictions(
        {"customer_id": "B", "outstanding": 600_00},
        {"customer_id": "C", "outstanding": 310_00},
        {"customer_id": "D", "outstanding": 190_00},
        {"customer_id": "A", "outstanding": 100_00},
    )
    assert order(worklist(rows, ledger=ledger)) == ["B", "C", "D", "A"]
    of_d = event(
        "promise",
        "D",
        "I2",
        as_of=AS_OF - 9 * DAY,
        on=AS_OF - 5 * DAY,
        covers=[{"invoice_id": "I2", "line": "1", "outstanding": 190_00, "currency": "EUR"}],
    )
    found = worklist(rows, of_d, ledger=ledger)
    classes = dict(zip(order(found), found.customers["money_class"].to_pylist(), strict=True))
    assert classes == {"B": 0, "C": 1, "D": 2, "A": 2}
    assert order(found) == ["B", "C", "D", "A"]
    of_a = replace(of_d, customer_id="A", invoice_id="I3", payload=dict(of_d.payload))
    of_a.payload["covers"][0]["invoice_id"] = "I3"
    assert order(worklist(rows, of_a, ledger=ledger)) == ["B", "C", "A", "D"]


def test_a_promise_of_the_day_is_no_longer_held_back() -> None:
    """On its day it is back on the list, neither due nor broken."""
    assert held_by(promised(AS_OF, ("I0", 100_00), as_of=AS_OF - DAY)) == {}


# --- properties --------------------------------------------------------------------------------------------------------------

DAYS = st.integers(-20, 20).map(lambda n: AS_OF + n * DAY)
INVOICE = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from("ABCD"),
        "currency": st.sampled_from(["EUR", "JPY"]),
        "outstanding": st.integers(1, 10**7),
        "due_date": DAYS,
        "p_on_time": st.floats(0, 1),
        "p_unpaid_7": st.floats(0, 1),
    }
)
BOOKS = st.lists(INVOICE, min_size=1, max_size=12).map(lambda rows: predictions(*rows))


@st.composite
def some_event(draw: st.DrawFn, customers: str = "ABCD") -> Agreement:
    kind = draw(st.sampled_from(["contact", "promise", "dispute", "snooze", "owner", "in_payment", "take", "override"]))
    as_of = draw(st.integers(-20, 5).map(lambda n: AS_OF + n * DAY))
    ahead = as_of + draw(st.integers(1, 20)) * DAY
    by_kind: dict[str, dict[str, Any]] = {
        "contact": {"channel": "phone", "outcome": draw(st.sampled_from(["reached", "not_reached"]))},
        "promise": {"on": ahead},
        "dispute": {"reason": "price", "resolve": draw(st.booleans())},
        "snooze": {"until": ahead},
        "owner": {"name": draw(st.sampled_from(["ada", "bea"]))},
        "override": {"on": ahead, "reason": "said so"},
    }
    values = by_kind.get(kind, {})
    invoice = draw(st.sampled_from([None, "I0", "I1", "I2"])) if kind in ("promise", "dispute", "snooze", "in_payment") else None
    who, number = draw(st.sampled_from(customers)), draw(st.integers(1, 10**6))
    if kind == "promise":
        covered = [invoice] if invoice else ["I0", "I1"]
        values["covers"] = [{"invoice_id": each, "line": "1", "outstanding": 100, "currency": "EUR"} for each in covered]
    return event(kind, who, invoice, as_of=as_of, number=number, **values)


EVENTS = st.lists(some_event(), max_size=8, unique_by=lambda each: each.sequence)


def same(one: Ranked, other: Ranked) -> bool:
    return all(
        getattr(one, name)
        .drop_columns(["position"] if name == "invoices" else [])
        .equals(getattr(other, name).drop_columns(["position"] if name == "invoices" else []))
        for name in ("customers", "invoices", "held_back")
    )


@given(BOOKS, EVENTS, st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
@pytest.mark.slow
def test_rank_does_not_depend_on_the_order_of_rows_or_events(book: pa.Table, events: list[Agreement], seed: int) -> None:
    """The same list for the same predictions and events, however they come; ties among invoices go by their place."""
    shuffled = np.random.default_rng(seed).permutation(len(book))
    again = worklist(book.take(pa.array(shuffled)), *reversed(events))
    assert same(worklist(book, *events), again)


@given(BOOKS, EVENTS, some_event("D"))
@settings(max_examples=60, deadline=None)
@pytest.mark.slow
def test_an_event_of_one_customer_never_changes_anothers_figure(book: pa.Table, events: list[Agreement], one: Agreement) -> None:
    before, after = (figures(worklist(book, *some)) for some in (events, [*events, replace(one, sequence=10**7)]))
    assert {key: value for key, value in before.items() if key[0] != "D"} == {
        key: value for key, value in after.items() if key[0] != "D"
    }


@given(BOOKS, EVENTS, EVENTS)
@settings(max_examples=60, deadline=None)
@pytest.mark.slow
def test_a_past_day_shows_no_later_event(book: pa.Table, events: list[Agreement], later: list[Agreement]) -> None:
    moved = [replace(each, as_of=AS_OF + DAY, sequence=each.sequence + 10**7) for each in later]
    assert same(worklist(book, *events), worklist(book, *events, *moved))


@given(BOOKS, EVENTS)
@settings(max_examples=60, deadline=None)
@pytest.mark.slow
def test_who_could_be_called_is_ranked_or_held_back_and_what_is_shown_adds_up(book: pa.Table, events: list[Agreement]) -> None:
    everybody = figures(worklist(book))
    found = worklist(book, *events)
    listed = set(figures(found))
    back = set(zip(found.held_back["customer_id"].to_pylist(), found.held_back["currency"].to_pylist(), strict=True))
    assert listed.isdisjoint(back)
    assert set(everybody) <= listed | back
    for row in found.customers.to_pylist():
        mine = found.of(row["number"]).to_pylist()
        assert row["likely"] == row["soon"] + row["overdue"] == sum(each["likely"] for each in mine)
        assert row["outstanding"] == sum(each["outstanding"] for each in mine)
        assert all(each["customer_id"] == row["customer_id"] and each["likely"] <= each["outstanding"] for each in mine)


@given(st.integers(1, 300))
@settings(max_examples=30, deadline=None)
def test_the_day_of_a_promise_is_its_day_of_return(ahead: int) -> None:
    on = AS_OF + ahead * DAY
    promise = promised(on, ("I0", 100_00))
    assert held_by(promise) == {"A": ("promise", on)}
    before, then = (predictions({}, as_of=each) for each in (on - DAY, on))
    assert held(worklist(before, promise, as_of=on - DAY)) == {"A": ("promise", on)}
    assert order(worklist(then, promise, as_of=on)) == ["A"]


def test_an_empty_book_is_an_empty_list() -> None:
    found = worklist(predictions({}).slice(0, 0))
    assert (len(found.customers), len(found.invoices), len(found.held_back)) == (0, 0, 0)


@pytest.mark.parametrize("gate", GATES)
def test_every_gate_has_its_sentence(gate: str) -> None:
    from insights.messages.worklist import held_back

    details = {
        "as_of": AS_OF,
        "actor": "ada",
        "reason": "price",
        "on": "2026-03-09",
        "owner": "",
        "minimum": 5,
        "currency": "EUR",
    }
    row = {"gate": gate, "returns": AS_OF, "likely": 1_00, "currency": "EUR"}
    assert held_back(row, details | {"channel": "phone", "outcome": "reached"}).endswith("back on 2 Mar 2026.")
