"""Does a billing plan take the place of what past weeks received, without counting an invoice twice once it exists?"""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from insights.ledger.ledger import Ledger
from insights.portfolio.cash import PlannedInvoice, planned_cash
from tests.support.ledgers import DAY, START, Row, ledger_of, small_ledger
from tests.support.rewriting import rewritten

NOW = date(2026, 3, 2)  # a Monday


def row(first: date, last: date | None = None, amount: int = 100_00, **named: object) -> PlannedInvoice:
    return replace(PlannedInvoice(2, first, last or first, "EUR", amount), **named)  # type: ignore[arg-type]


def punctual(**more: object) -> list[Row]:
    """Forty invoices of A, 30 days net, each paid on its due date."""
    return [{"issue_date": START + n * DAY, "paid_date": START + (n + 30) * DAY, **more} for n in range(0, 200, 5)]


def weeks(rows: list[Row], *plan: PlannedInvoice) -> list[int]:
    found: list[int] = planned_cash(plan, ledger_of(rows), NOW).weeks["", "EUR"].tolist()
    return found


def test_a_planned_invoice_comes_as_invoices_came() -> None:
    """Issued today, paid thirty days after the issue: on 1 April, in week 5."""
    assert weeks(punctual(), row(NOW)) == [0, 0, 0, 0, 100_00, *[0] * 8]


def test_terms_of_the_plan_move_it() -> None:
    """Everybody pays on the due date; with 14 days' terms that is 16 March."""
    assert weeks(punctual(), row(NOW, terms=14)) == [0, 0, 100_00, *[0] * 10]


def test_a_period_is_spread_over_its_business_days_and_what_comes_after_the_weeks_is_left_out() -> None:
    """March has 22 business days from the second on, paid within 30 days; of May to July only what comes by 31 May."""
    march = weeks(punctual(), row(date(2026, 3, 1), date(2026, 3, 31), 220_00))
    assert march == [0, 0, 0, 0, 50_00, 50_00, 50_00, 50_00, 20_00, 0, 0, 0, 0]
    assert 0 < sum(weeks(punctual(), row(date(2026, 5, 1), date(2026, 7, 31), 900_00))) < 100_00


def test_what_is_invoiced_by_now_of_a_begun_period_is_not_counted_again() -> None:
    """1 000 planned for 23 February to 6 March, 300 invoiced on 25 February: 700 are to come; of two rows each takes it once."""
    begun = [*punctual(), {"issue_date": date(2026, 2, 25), "amount": 300_00}]
    plan = row(date(2026, 2, 23), date(2026, 3, 6), 1000_00)
    found = planned_cash([plan], ledger_of(begun), NOW)
    assert found.weeks["", "EUR"].sum() == 700_00
    assert (found.planned, found.invoiced) == ({"EUR": 1000_00}, {"EUR": 300_00})
    twice = planned_cash([replace(plan, customer_id="A", amount=200_00), plan], ledger_of(begun), NOW)
    assert twice.invoiced == {"EUR": 300_00}, "200 of the row that names the customer, 100 of the other"
    other = planned_cash([replace(plan, customer_id="B")], ledger_of(begun), NOW)
    assert other.invoiced == {"EUR": 0}


def test_more_invoiced_than_planned_leaves_nothing() -> None:
    begun = [*punctual(), {"issue_date": date(2026, 2, 25), "amount": 300_00}]
    assert sum(weeks(begun, row(date(2026, 2, 23), date(2026, 3, 6), 200_00))) == 0


def test_what_lies_before_the_day_is_over() -> None:
    found = planned_cash([row(NOW - DAY), row(NOW)], ledger_of(punctual()), NOW)
    assert found.over == 1
    assert found.weeks["", "EUR"].sum() == 100_00
    assert found.until == NOW


def test_without_a_company_it_is_parted_as_companies_invoiced() -> None:
    """North invoiced 300 and South 100 in the last weeks."""
    recent = [{"company": name, "issue_date": NOW - 9 * DAY, "amount": amount} for name, amount in (("N", 300_00), ("S", 100_00))]
    past = [*punctual(company="N"), *punctual(company="S"), *recent]
    found = planned_cash([row(NOW)], ledger_of(past), NOW)
    assert {key: int(each.sum()) for key, each in found.weeks.items()} == {("N", "EUR"): 75_00, ("S", "EUR"): 25_00}
    named = planned_cash([row(NOW, company="S")], ledger_of(past), NOW)
    assert list(named.weeks) == [("S", "EUR")], "the other's is left as it is"


def test_a_customers_own_days_count_for_it() -> None:
    """A pays after 30 days, B after 60, forty times each."""
    late = [each | {"customer_id": "B", "paid_date": each["issue_date"] + 60 * DAY} for each in punctual()]
    found = weeks([*punctual(), *late], row(NOW, customer_id="B"))
    assert found[8] > 90_00, "1 May"
    assert weeks([*punctual(), *late], row(NOW))[8] == pytest.approx(50_00, abs=1)


def test_with_nothing_known_it_comes_when_due() -> None:
    assert weeks([{"issue_date": NOW - 5 * DAY}], row(NOW, terms=14))[2] == 100_00


def test_what_was_not_known_changes_nothing() -> None:
    as_of = START + 310 * DAY

    def said(ledger: Ledger) -> object:
        plan = [row(as_of - 20 * DAY, as_of + 40 * DAY, 50_000_00, company=company) for company in (None, "north", "south")]
        found = planned_cash(plan, ledger, as_of)
        return {key: each.tolist() for key, each in found.weeks.items()}, found.invoiced

    assert said(small_ledger()) == said(rewritten(small_ledger(), as_of, seed=4))


def test_of_some_customers_it_is_what_names_them_and_of_all_customers_it_is_the_whole() -> None:
    """A pays after 30 days, B after 60; 100 is planned for A, 200 for B, and for A 50 of a month that has begun with 20."""
    late = [each | {"customer_id": "B", "paid_date": each["issue_date"] + 60 * DAY} for each in punctual()]
    past = ledger_of([*punctual(), *late, {"issue_date": date(2026, 2, 25), "amount": 20_00}])
    begun = row(date(2026, 2, 23), date(2026, 3, 6), 50_00, customer_id="A")
    plan = [row(NOW, customer_id="A"), row(NOW, amount=200_01, customer_id="B"), begun]
    whole, *parts = (
        planned_cash(plan, past, NOW, who) for who in (None, *(frozenset({("", name)}) for name in ("A", "B", "nobody")))
    )
    assert [part.planned for part in parts] == [{"EUR": 150_00}, {"EUR": 200_01}, {}]
    assert [part.invoiced for part in parts] == [{"EUR": 20_00}, {"EUR": 0}, {}]
    together = np.sum([part.weeks["", "EUR"] for part in parts], axis=0)
    assert together.tolist() == whole.weeks["", "EUR"].tolist()
    assert not any(part.unused for part in (whole, *parts))


def test_where_a_row_names_no_customer_the_plan_says_nothing_of_some() -> None:
    """In EUR one row is of everybody, in USD each names its customer; a row that is over asks nothing."""
    plan = [row(NOW), row(NOW, customer_id="A"), replace(row(NOW, customer_id="A"), currency="USD"), row(NOW - DAY)]
    some = planned_cash(plan, ledger_of(punctual()), NOW, frozenset({("", "A")}))
    assert set(some.weeks) == {("", "USD")}
    assert (some.planned, some.unused) == ({"USD": 100_00}, 1)
    over = planned_cash([plan[1], plan[3]], ledger_of(punctual()), NOW, frozenset({("", "A")}))
    assert (over.planned, over.unused) == ({"EUR": 100_00}, 0)
