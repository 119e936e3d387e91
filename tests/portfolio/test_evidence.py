"""Do the invoices behind a figure make it, and who moved it?"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from insights import portfolio
from insights.ledger.exchange_rates import ExchangeRates, Rate
from insights.portfolio import CashKpis, LedgerPart
from insights.portfolio.converted import Conversion
from tests.support.ledgers import small_ledger
from tests.support.portfolio import AS_OF, ledger_of, some_row
from tests.support.rewriting import rewritten

DAY = timedelta(days=1)
WRITTEN_OFF = {  # the day before it was looked at, and long before its due date
    "customer_id": "A",
    "currency": "EUR",
    "kind": "invoice",
    "settled_by": "write_off",
    "amount": 1,
    "issue_date": AS_OF - DAY,
    "due_date": AS_OF - DAY,
    "paid_date": AS_OF - DAY,
}
INPUT = {  # figure -> the input that the weights of its invoices sum to
    "dso": "receivables",
    "count_back_dso": "receivables",
    "best_possible_dso": "not_due",
    "add": "past_due",
    "cei": "past_due",
    "over_90": "old",
    "days_beyond_terms": "paid",
    "paid_on_time": "fell_due",
    "paid_on_time_count": "fell_due",
}


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(rows=st.lists(some_row(), min_size=1, max_size=12), back=st.integers(0, 120))
@example(rows=[WRITTEN_OFF], back=0)
def test_the_invoices_behind_a_figure_sum_to_what_enters_its_formula(rows: list[dict[str, Any]], back: int) -> None:
    ledger, as_of = ledger_of(*rows), AS_OF - back * DAY
    for part in (LedgerPart(), LedgerPart("", "A")):
        for months in portfolio.trend(ledger, [as_of], part=part).values():
            for name in portfolio.FIGURES:
                listed = portfolio.evidence(ledger, months[0], name, part=part)
                assert (pc.sum(listed["weight"]).as_py() or 0) == getattr(months[0], INPUT[name]), name
                if name == "paid_on_time_count":
                    in_time = pc.sum(pc.and_(listed["paid_date"].is_valid(), pc.less_equal(listed["days"], 0))).as_py() or 0
                    assert (len(listed), in_time) == (months[0].fell_due_count, months[0].in_time_count)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(rows=st.lists(some_row(), min_size=1, max_size=12))
def test_figures_of_many_days_are_those_of_each_day(rows: list[dict[str, Any]]) -> None:
    ledger = ledger_of(*rows)
    on = portfolio.month_starts(ledger, AS_OF, 6)
    for currency, months in portfolio.trend(ledger, on).items():
        assert [portfolio.trend(ledger, [each])[currency][0] for each in on] == months
        owed = {each.currency: each for each in portfolio.balances(ledger, AS_OF)}
        assert months[-1].receivables == (owed[currency].receivables if currency in owed else 0)
        assert months[-1].not_due == (owed[currency].not_due if currency in owed else 0)
        customers = (portfolio.trend(ledger, on, part=LedgerPart("", customer))[currency][-1] for customer in "AB")
        assert sum(each.receivables for each in customers) == months[-1].receivables


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), back=st.integers(20, 200))
def test_rewriting_what_was_not_known_changes_no_figure(seed: int, back: int) -> None:
    ledger = small_ledger()
    as_of = ledger.complete_through - back * DAY
    other = rewritten(ledger, as_of, seed)
    on = portfolio.month_starts(ledger, as_of, 3)
    before, after = (portfolio.trend(each, on) for each in (ledger, other))
    for currency, months in before.items():
        assert months == after.get(currency, months)
        if currency not in after:
            assert not months[-1].receivables
            continue
        for name in portfolio.FIGURES:
            lists = [portfolio.evidence(each, months[-1], name).to_pylist() for each in (ledger, other)]
            assert lists[0] == lists[1]


def test_what_was_due_in_the_period_was_paid_on_time_or_not() -> None:
    """90 days to 1 June. Due on 1 May: 100 paid that day, 200 a day later, 300 open, 50 written off; 70 credited says nothing."""
    due = {"due_date": date(2026, 5, 1), "issue_date": date(2026, 4, 1)}
    ledger = ledger_of(
        due | {"amount": 100, "paid_date": date(2026, 5, 1)},
        due | {"amount": 200, "paid_date": date(2026, 5, 2)},
        due | {"amount": 300},
        due | {"amount": 50, "paid_date": date(2026, 4, 20), "settled_by": "write_off"},
        due | {"amount": 70, "paid_date": date(2026, 4, 20), "settled_by": "credit"},
        {"amount": 999, "due_date": AS_OF, "issue_date": date(2026, 4, 1)},
    )
    (figure,) = portfolio.figures(ledger, AS_OF)
    assert (figure.in_time, figure.fell_due, figure.in_time_count, figure.fell_due_count) == (100, 650, 1, 4)
    assert figure.paid_on_time == pytest.approx(100 / 650)
    assert figure.paid_on_time_count == 0.25
    assert portfolio.evidence(ledger, figure, "paid_on_time")["weight"].to_pylist() == [300, 200, 100, 50]


def test_over_90_counts_from_the_91st_day_past_due() -> None:
    ledger = ledger_of({"amount": 30, "due_date": AS_OF - 90 * DAY}, {"amount": 10, "due_date": AS_OF - 91 * DAY})
    (figure,) = portfolio.figures(ledger, AS_OF)
    assert (figure.old, figure.over_90) == (10, 0.25)


def test_what_moved_names_the_customers_that_moved_it() -> None:
    """On 1 May nothing is past due; on 1 June A's 100 of 300 are, and B has bought for 50 more. Sales are 300, then 350."""
    ledger = ledger_of(
        {"amount": 100, "issue_date": date(2026, 4, 20), "due_date": date(2026, 5, 20)},
        {"amount": 200, "issue_date": date(2026, 4, 20), "due_date": date(2026, 7, 20), "customer_id": "B"},
        {"amount": 50, "issue_date": date(2026, 5, 20), "due_date": date(2026, 7, 20), "customer_id": "B"},
    )
    months = portfolio.trend(ledger, [date(2026, 5, 1), date(2026, 6, 1)])["EUR"]
    moved = {each.name: each for each in portfolio.movements(ledger, months, None)}
    add = moved["add"]
    assert add.then == 0
    assert add.now == pytest.approx(100 / 350 * 90)
    assert add.worse
    assert [(mover.customer_id, mover.change) for mover in add.movers] == [("A", 100)]
    assert [(mover.customer_id, mover.change) for mover in moved["best_possible_dso"].movers] == [("A", -100), ("B", 50)]
    assert not moved["best_possible_dso"].worse
    assert "over_90" not in moved, "it did not move"
    assert portfolio.movements(ledger, months[-1:], None) == ()


def test_months_go_back_to_the_first_that_has_a_month_of_history() -> None:
    """The history of the ledger starts on 1 January 2025."""
    ledger = ledger_of({"amount": 1})
    on = portfolio.month_starts(ledger, date(2025, 4, 15))
    assert on == [date(2025, 2, 1), date(2025, 3, 1), date(2025, 4, 1), date(2025, 4, 15)]
    assert portfolio.month_starts(ledger, date(2026, 4, 1), 2) == [date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)]


def test_every_figure_has_its_words_and_its_inputs() -> None:
    from insights.messages.kpis import INPUTS, KPIS

    assert set(portfolio.FIGURES) | {"at_risk"} == set(KPIS)
    for words in KPIS.values():
        assert set(words.inputs) <= set(INPUTS)
        assert all(hasattr(CashKpis, name) or name in CashKpis.__dataclass_fields__ for name in words.inputs)


def test_what_stands_behind_the_amount_at_risk_sums_to_it_in_a_reporting_currency_too() -> None:
    """3 EUR and 2 USD at one half late or very late, an invoice of 1 cent, and one that is surely on time."""
    p = {"p_on_time": [0.5, 0.2, 1.0, 0.5], "p_late": [0.3, 0.5, 0.0, 0.25], "p_very_late": [0.2, 0.3, 0.0, 0.25]}
    rows = pa.table(
        {
            **{name: ["x"] * 4 for name in ("company", "customer_id", "customer_name", "line")},
            "invoice_id": ["1", "2", "3", "4"],
            "currency": ["EUR", "EUR", "EUR", "USD"],
            **{name: pa.array([333, 1, 500, 201]) for name in ("amount", "outstanding")},
            **{name: pa.array([AS_OF] * 4, pa.date32()) for name in ("issue_date", "due_date")},
            "days_past_due": pa.array([0] * 4, pa.int32()),
            **p,
        }
    )
    at_risk = portfolio.sums(portfolio.customers(rows), "at_risk")
    listed = portfolio.evidence_at_risk(rows, "EUR")
    assert listed["invoice_id"].to_pylist() == ["1", "2"]
    assert pc.sum(listed["weight"]).as_py() == at_risk["EUR"] == 167 + 1
    rates = ExchangeRates.of([Rate(AS_OF - DAY, "USD", "EUR", Decimal("0.33"))])
    by = Conversion.of(rates, ["EUR", "USD"], "EUR", AS_OF)
    together = portfolio.evidence_at_risk(rows, "EUR", by)
    assert pc.sum(together["weight"]).as_py() == sum(by.total(amount, currency) for currency, amount in at_risk.items())
