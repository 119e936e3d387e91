"""What is owed, by whom, since when and how fast it turns into cash: examples, invariants, and the rule of time."""

import doctest
from dataclasses import replace
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights import portfolio
from insights.ledger import ledger as ledgers
from insights.ledger.ledger import PAYMENTS, SCHEMA, Ledger
from insights.ledger.outcomes import Lines

START = date(2026, 1, 1)
BASE = {
    "company": "",
    "line": "1",
    "kind": "invoice",
    "settled_by": "payment",
    "currency": "EUR",
    "disputed": False,
    "terms": None,
}


def ledger_of(*rows: dict[str, Any], complete_through: date = date(2026, 12, 31), payments: pa.Table | None = None) -> Ledger:
    """A ledger of rows that say only what matters; customer A, 30 days net, open, unless they say otherwise."""
    full = []
    for number, row in enumerate(rows):
        issue = row.get("issue_date", START)
        filled = BASE | {"row": number + 2, "customer_id": "A", "invoice_id": f"I{number}", "paid_date": None} | row
        filled |= {"issue_date": issue, "due_date": row.get("due_date", issue + timedelta(days=30))}
        filled.setdefault("customer_name", filled["customer_id"])
        filled.setdefault("outstanding", 0 if filled["paid_date"] else filled["amount"])
        full.append(filled)
    return Ledger(
        pa.Table.from_pylist(full, schema=SCHEMA),
        complete_through,
        history_starts=date(2025, 1, 1),
        payments=PAYMENTS.empty_table() if payments is None else payments,
    )


def predicted(*rows: tuple[str, str, int, tuple[float, float, float]]) -> pa.Table:
    """Predictions of (customer, currency, outstanding, the three probabilities)."""
    customer, currency, outstanding, p = zip(*rows, strict=True)
    shares = np.array(p)
    return pa.table(
        {
            "company": [""] * len(rows),
            "customer_id": customer,
            "customer_name": [f"{name} Ltd" for name in customer],
            "currency": currency,
            "outstanding": pa.array(outstanding, pa.int64()),
            "p_on_time": shares[:, 0],
            "p_late": shares[:, 1],
            "p_very_late": shares[:, 2],
        }
    )


@pytest.mark.parametrize(("module", "examples"), [("buckets", 1), ("kpis", 3)])
def test_the_examples_in_the_docstrings_hold(module: str, examples: int) -> None:
    found = doctest.testmod(import_module(f"insights.portfolio.{module}"))
    assert found == doctest.TestResults(failed=0, attempted=examples)


# --- buckets ---------------------------------------------------------------------------------------------------------


def test_the_reference_example_gives_610_750_and_9740() -> None:
    """Outstanding 100, 1 000 and 10 000 at (10, 50, 40), (50, 30, 20) and (1, 4, 95) per cent."""
    table = portfolio.customers(
        predicted(
            ("A", "EUR", 100_00, (0.10, 0.50, 0.40)),
            ("A", "EUR", 1_000_00, (0.50, 0.30, 0.20)),
            ("A", "EUR", 10_000_00, (0.01, 0.04, 0.95)),
        )
    )
    assert table.select(["on_time", "late", "very_late"]).to_pylist() == [
        {"on_time": 610_00, "late": 750_00, "very_late": 9_740_00}
    ]
    assert table["at_risk"].to_pylist() == [10_490_00]
    assert table["customer_name"].to_pylist() == ["A Ltd"]


def test_the_reference_example_holds_in_a_currency_without_minor_units_too() -> None:
    parts = portfolio.split(
        np.array([100, 1_000, 10_000]), np.array([[0.10, 0.50, 0.40], [0.50, 0.30, 0.20], [0.01, 0.04, 0.95]])
    )
    assert parts.sum(axis=0).tolist() == [610, 750, 9_740]


amounts = st.integers(-(10**14), 10**17)
shares = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda cut: (min(cut), max(cut) - min(cut), 1 - max(cut)))


@given(st.lists(st.tuples(amounts, shares), min_size=1, max_size=20))
def test_a_split_sums_to_the_outstanding_and_stays_within_one_unit_of_each_share(
    rows: list[tuple[int, tuple[float, ...]]],
) -> None:
    outstanding, p = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    parts = portfolio.split(outstanding, p)
    assert (parts.sum(axis=1) == outstanding).all()
    exact = outstanding[:, None] * p
    assert (np.abs(parts - exact) <= 1 + np.abs(exact) * 1e-12).all()


@given(st.integers(0, 10**12), st.integers(0, 2))
def test_what_is_certain_goes_to_one_bucket_whole(outstanding: int, bucket: int) -> None:
    parts = portfolio.split(np.array([outstanding]), np.eye(3)[[bucket]])
    assert parts[0, bucket] == outstanding


def test_an_impossible_bucket_never_gets_a_rounding_unit() -> None:
    """An overdue invoice cannot be paid on time: not a cent of it stands there."""
    parts = portfolio.split(np.array([1, 7, 99]), np.array([[0.0, 0.5, 0.5]] * 3))
    assert parts[:, 0].tolist() == [0, 0, 0]


def test_currencies_of_a_customer_stay_apart_and_the_most_at_risk_comes_first() -> None:
    table = portfolio.customers(predicted(("A", "EUR", 100, (1, 0, 0)), ("A", "USD", 50, (0, 1, 0)), ("B", "EUR", 70, (0, 0, 1))))
    found = [(row["customer_id"], row["currency"], row["at_risk"]) for row in table.to_pylist()]
    assert found == [("B", "EUR", 70), ("A", "USD", 50), ("A", "EUR", 0)]


def test_the_tiles_count_flags_under_the_threshold_and_customers_above_half() -> None:
    """A: exactly half at risk, exactly 50 per cent: neither counts. B: flagged and at risk in one of two currencies."""
    table = portfolio.customers(
        predicted(
            ("A", "EUR", 100, (0.5, 0.5, 0.0)),
            ("B", "EUR", 100, (0.49, 0.51, 0.0)),
            ("B", "USD", 100, (0.9, 0.1, 0.0)),
        ),
        threshold=0.5,
    )
    assert portfolio.tiles(table) == portfolio.Tiles(flagged_invoices=1, customers_at_risk=1)


@pytest.mark.parametrize(
    ("by", "first"), [("at_risk", "A"), ("outstanding", "C"), ("share_at_risk", "B"), ("customer_name", "A"), ("flagged", "A")]
)
def test_customers_can_be_ranked_and_searched(by: str, first: str) -> None:
    """A: 60 of 100 at risk; B: 50 of 50; C: 20 of 200."""
    table = portfolio.customers(
        predicted(
            ("A", "EUR", 100, (0.4, 0.6, 0)),
            ("B", "EUR", 50, (0, 0, 1)),
            ("C", "EUR", 200, (0.9, 0.1, 0)),
            ("D", "USD", 9, (1, 0, 0)),
        )
    )
    assert portfolio.ranked(table, by=by, currency="EUR")["customer_id"][0].as_py() == first
    assert portfolio.ranked(table, by=by, search="c lTD")["customer_id"].to_pylist() == ["C"]


def test_nothing_open_gives_no_customers_and_empty_tiles() -> None:
    nobody = portfolio.customers(predicted(("A", "EUR", 1, (1, 0, 0))).slice(0, 0))
    assert len(nobody) == 0
    assert portfolio.tiles(nobody) == portfolio.Tiles(0, 0)


# --- balances --------------------------------------------------------------------------------------------------------


def test_age_counts_from_the_due_date_and_the_due_date_itself_is_not_overdue() -> None:
    """All due on 31 January 2026; as of 31 January nothing is overdue, a day later everything is, by one day."""
    ledger = ledger_of({"amount": 100}, {"amount": 50})
    (before,), (after,) = (portfolio.balances(ledger, date(2026, *on)) for on in ((1, 31), (2, 1)))
    assert before.aged == (150, 0, 0, 0, 0, 0)
    assert before.overdue_invoices == 0
    assert after.aged == (0, 150, 0, 0, 0, 0)
    assert after.overdue_invoices == 2


@pytest.mark.parametrize(
    ("days", "age"), [(0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (180, 4), (181, 5)]
)
def test_each_age_ends_where_its_name_says(days: int, age: int) -> None:
    (balance,) = portfolio.balances(ledger_of({"amount": 7}), date(2026, 1, 31) + timedelta(days=days))
    assert balance.aged.index(7) == age


def test_unapplied_credit_is_shown_apart_and_lowers_the_net_balance() -> None:
    """Invoice 100 not due, invoice 60 overdue, credit note of 25 not yet applied: net balance 135."""
    ledger = ledger_of(
        {"amount": 100, "issue_date": date(2026, 3, 1)},
        {"amount": 60},
        {"amount": -25, "kind": "credit_note"},
        {"amount": -9, "kind": "payment_on_account", "paid_date": date(2026, 2, 1)},
    )
    (balance,) = portfolio.balances(ledger, date(2026, 3, 10))
    assert (balance.not_due, balance.overdue, balance.unapplied, balance.net_balance) == (100, 60, 25, 135)
    assert (balance.average_invoice, balance.average_overdue) == (80.0, 60.0)


def test_net_balances_per_customer_sum_to_those_per_currency() -> None:
    """A owes 100 and has 25 not applied; B has paid 40 on account and owes nothing; C owes 7 in another currency."""
    credit = {"kind": "credit_note", "amount": -25}
    on_account = {"kind": "payment_on_account", "amount": -40, "customer_id": "B"}
    ledger = ledger_of({"amount": 100}, credit, on_account, {"amount": 7, "currency": "USD", "customer_id": "C"})
    as_of = date(2026, 3, 10)
    of_customers = portfolio.net_balances(ledger, as_of).to_pylist()
    told = [
        (row["customer_id"], row["currency"], row["receivables"], row["unapplied"], row["net_balance"]) for row in of_customers
    ]
    assert told == [("A", "EUR", 100, 25, 75), ("B", "EUR", 0, 40, -40), ("C", "USD", 7, 0, 7)]
    whole = portfolio.net_balances(ledger, as_of, ["currency"])
    assert portfolio.per_currency(whole, "net_balance") == {"EUR": 35, "USD": 7}
    assert {each.currency: each.net_balance for each in portfolio.balances(ledger, as_of)} == {"EUR": 35, "USD": 7}
    assert {each.currency: each.receivables for each in portfolio.balances(ledger, as_of)} == {"EUR": 100, "USD": 7}


def test_what_a_customer_owes_is_listed_with_its_net_balance_in_the_order_of_the_list() -> None:
    """A owes 100 and has 25 not applied; B owes 300; D has only a credit note, so it owes nothing and is not listed."""
    credit = {"kind": "credit_note", "amount": -25}
    ledger = ledger_of({"amount": 100}, credit, {"amount": 300, "customer_id": "B"}, credit | {"customer_id": "D"})
    as_of = date(2026, 3, 10)
    listed = portfolio.with_net_balance(portfolio.owing(ledgers.open_invoices(ledger, as_of)), ledger, as_of)
    assert listed.select(["customer_id", "outstanding", "net_balance"]).to_pylist() == [
        {"customer_id": "B", "outstanding": 300, "net_balance": 300},
        {"customer_id": "A", "outstanding": 100, "net_balance": 75},
    ]


def test_dated_part_payments_lower_what_is_owed_from_the_day_after() -> None:
    payments = pa.table({"position": [0], "paid_date": [date(2026, 1, 10)], "amount": [40]}, schema=PAYMENTS)
    ledger = ledger_of({"amount": 100}, payments=payments)
    assert portfolio.balances(ledger, date(2026, 1, 10))[0].receivables == 100
    assert portfolio.balances(ledger, date(2026, 1, 11))[0].receivables == 60


def test_grace_days_move_the_age_as_they_move_the_line() -> None:
    ledger = ledger_of({"amount": 5})
    (balance,) = portfolio.balances(ledger, date(2026, 2, 5), Lines(grace_days=5))
    assert balance.overdue == 0


def test_each_company_ages_by_its_own_lines() -> None:
    """Both due on 31 January; on 5 February north has five grace days, south has none."""
    ledger = ledger_of({"amount": 5, "company": "north"}, {"amount": 7, "company": "south"})
    (balance,) = portfolio.balances(ledger, date(2026, 2, 5), {"north": Lines(grace_days=5)})
    assert (balance.not_due, balance.overdue, balance.overdue_invoices) == (5, 7, 1)


# --- figures ---------------------------------------------------------------------------------------------------------


def test_the_speed_of_a_period_follows_from_its_opening_sales_and_closing() -> None:
    """90 days to 1 April: sales 900 in February, of which 300 open (due 3 March, overdue), 100 of January's 100 open and due.

    DSO = 400 / 1 000 x 90 = 36; nothing is yet due, so the best possible is 0; CEI = (0 + 1 000 - 400) / 1 000.
    """
    ledger = ledger_of(
        {"amount": 100, "issue_date": date(2026, 1, 5)},
        {"amount": 600, "issue_date": date(2026, 2, 1), "paid_date": date(2026, 3, 13)},
        {"amount": 300, "issue_date": date(2026, 2, 1)},
    )
    (found,) = portfolio.figures(ledger, date(2026, 4, 1))
    assert (found.days, found.sales) == (90, 1_000)
    assert found.dso == pytest.approx(36)
    assert found.best_possible_dso == 0
    assert found.add == pytest.approx(36)
    assert found.cei == pytest.approx(60)
    assert found.count_back_dso == pytest.approx(31 + 28 * 400 / 900)
    assert found.days_beyond_terms == pytest.approx(10)  # due 3 March, paid 13 March


def test_without_sales_in_the_period_what_needs_them_is_undefined() -> None:
    """One open invoice of 2026; a period a year later has no sales: no DSO, but the count-back reaches the sale."""
    ledger = ledger_of({"amount": 100}, complete_through=date(2027, 12, 31))
    (found,) = portfolio.figures(ledger, date(2027, 6, 1))
    assert (found.dso, found.best_possible_dso, found.add, found.days_beyond_terms) == (None, None, None, None)
    assert found.cei == 0
    assert found.count_back_dso == (date(2027, 6, 1) - START).days


def test_receivables_beyond_all_known_sales_have_no_count_back_dso() -> None:
    """Issued before the history starts: the sales that made it are not known."""
    ledger = ledger_of({"amount": 100, "issue_date": date(2024, 12, 1)})
    assert portfolio.figures(ledger, date(2026, 1, 1))[0].count_back_dso is None


def test_credited_and_written_off_invoices_are_not_paid() -> None:
    ledger = ledger_of(
        {"amount": 100, "paid_date": date(2026, 3, 1), "settled_by": "credit"},
        {"amount": 100, "paid_date": date(2026, 3, 1), "settled_by": "write_off"},
        {"amount": 1},
    )
    assert portfolio.figures(ledger, date(2026, 3, 20))[0].days_beyond_terms is None


def test_the_period_ends_where_the_history_starts() -> None:
    ledger = replace(ledger_of({"amount": 100, "issue_date": date(2026, 1, 5)}), history_starts=START)
    assert portfolio.figures(ledger, date(2026, 1, 31))[0].days == 30


# --- one customer ----------------------------------------------------------------------------------------------------


def test_the_state_of_business_with_a_customer_is_of_that_customer_alone() -> None:
    """A has paid one invoice 10 days late and one on time, owes two; B is somebody else, as is A of another company."""
    ledger = ledger_of(
        {"amount": 100, "paid_date": date(2026, 2, 10), "customer_name": "Alpha"},
        {"amount": 200, "paid_date": date(2026, 1, 31), "customer_name": "Alpha"},
        {"amount": 999, "customer_id": "B"},
        {"amount": 999, "company": "other"},
        {"amount": 30, "customer_name": "Alpha"},
        {"amount": 50, "issue_date": date(2026, 2, 20), "customer_name": "Alpha"},
    )
    found = portfolio.customer_insights(ledger, date(2026, 3, 1), "", "A")
    assert found.customer_name == "Alpha"
    assert (found.open_invoices, found.overdue_invoices) == (2, 1)
    assert found.last_payments == (portfolio.Payment(date(2026, 2, 10), "EUR", 100),)
    assert found.average_days_to_pay == 35
    assert found.average_days_late == 5
    assert found.history == (1, 1, 0)
    assert found.on_time_share == 0.5
    assert found.balances[0].aged == (50, 30, 0, 0, 0, 0)
    assert found.customer_since == START


def test_of_an_unknown_customer_nothing_is_known() -> None:
    found = portfolio.customer_insights(ledger_of({"amount": 1}), date(2026, 3, 1), "", "nobody")
    assert (found.customer_name, found.open_invoices, found.balances, found.last_payments) == ("nobody", 0, (), ())
    assert (found.on_time_share, found.average_days_to_pay, found.customer_since) == (None, None, None)


def test_payments_of_a_customer_follow_their_invoice_into_its_ledger() -> None:
    payments = pa.table({"position": [1, 0], "paid_date": [date(2026, 1, 10)] * 2, "amount": [40, 1]}, schema=PAYMENTS)
    ledger = ledger_of({"amount": 100}, {"amount": 100, "customer_id": "B"}, payments=payments)
    found = portfolio.customer_insights(ledger, date(2026, 1, 20), "", "B")
    assert found.balances[0].receivables == 60
    assert found.last_payments == (portfolio.Payment(date(2026, 1, 10), "EUR", 40),)


def test_history_has_a_row_for_each_quarter_and_counts_write_offs_as_very_late() -> None:
    """Paid in Q1 (on time), nothing in Q2, in Q3 one very late, one written off, and one credited, which says nothing."""
    ledger = ledger_of(
        {"amount": 1, "paid_date": date(2026, 1, 20)},
        {"amount": 1, "paid_date": date(2026, 7, 1)},
        {"amount": 1, "paid_date": date(2026, 7, 2), "issue_date": date(2026, 7, 1), "settled_by": "write_off"},
        {"amount": 1, "paid_date": date(2026, 7, 2), "settled_by": "credit"},
    )
    found = portfolio.payment_history(ledger, date(2026, 8, 1))
    assert found["quarter"].to_pylist() == [date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1)]
    assert [found[name].to_pylist() for name in ("on_time", "late", "very_late")] == [[1, 0, 0], [0, 0, 0], [0, 0, 2]]


# --- the rule of time ------------------------------------------------------------------------------------------------

AS_OF = date(2026, 6, 1)
near = st.integers(-200, 200).map(lambda n: AS_OF + timedelta(days=n))


@st.composite
def some_row(draw: st.DrawFn) -> dict[str, Any]:
    issue = draw(near)
    paid = draw(st.one_of(st.none(), near.filter(lambda on: on >= issue)))
    kind = draw(st.sampled_from(["invoice", "invoice", "invoice", "credit_note"]))
    return {
        "customer_id": draw(st.sampled_from("AB")),
        "currency": draw(st.sampled_from(["EUR", "JPY"])),
        "kind": kind,
        "settled_by": draw(st.sampled_from(["payment", "credit", "write_off", "unknown"])),
        "amount": draw(st.integers(1, 10**6)) * (1 if kind == "invoice" else -1),
        "issue_date": issue,
        "due_date": issue + timedelta(days=draw(st.integers(0, 90))),
        "paid_date": paid,
    }


def rewritten(row: dict[str, Any], paid: date | None, outstanding: int) -> dict[str, Any]:
    """What was not known before AS_OF, told otherwise: how it was settled, and what the export said was outstanding."""
    if row["paid_date"] is not None and row["paid_date"] < AS_OF:
        return row | {"outstanding": outstanding}
    return row | {"paid_date": paid, "settled_by": "unknown", "outstanding": outstanding}


def everything(ledger: Ledger) -> list[object]:
    """All that this module says of a ledger as of AS_OF."""
    return [
        portfolio.balances(ledger, AS_OF),
        portfolio.figures(ledger, AS_OF),
        portfolio.payment_history(ledger, AS_OF).to_pylist(),
        *(portfolio.customer_insights(ledger, AS_OF, "", customer) for customer in "AB"),
    ]


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(some_row(), min_size=1, max_size=12), data=st.data())
def test_rewriting_what_was_not_known_strictly_before_the_as_of_date_changes_nothing(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    later = st.one_of(st.none(), st.integers(0, 200).map(lambda n: AS_OF + timedelta(days=n)))
    other = [
        rewritten(row, max(paid, row["issue_date"]) if paid else None, data.draw(st.integers(0, 99)))
        for row in rows
        if row["issue_date"] < AS_OF
        for paid in [data.draw(later)]
    ]
    unknown = [data.draw(some_row()) | {"issue_date": AS_OF, "due_date": AS_OF + timedelta(days=9), "paid_date": None}]
    assert everything(ledger_of(*rows)) == everything(ledger_of(*other, *unknown))


@settings(max_examples=60, deadline=None)
@given(st.lists(some_row(), min_size=1, max_size=12))
def test_figures_keep_their_bounds(rows: list[dict[str, Any]]) -> None:
    """DSO is never below the best possible, and what was collected never above what could be."""
    for found in portfolio.figures(ledger_of(*rows), AS_OF):
        assert found.dso is None or found.best_possible_dso is None or found.dso >= found.best_possible_dso >= 0
        assert found.cei is None or 0 <= found.cei <= 100
