"""Who now pays otherwise than it used to? Against scipy's test, and only as far as the evidence carries among many."""

import time
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import false_discovery_control, mannwhitneyu

from insights.ledger.ledger import SCHEMA, Ledger
from insights.messages import habits as sentences
from insights.portfolio.changed_habits import EARLIER, RECENT, changes, days_late_trends, discoveries, trend_of
from tests.support.portfolio import AS_OF, ledger_of

DAY = timedelta(days=1)


def paid(on: date, late: int, customer: str = "A") -> dict[str, Any]:
    """An invoice paid on a day, so many days late."""
    due = on - late * DAY
    return {"amount": 100, "customer_id": customer, "issue_date": due - 30 * DAY, "due_date": due, "paid_date": on}


def year_and_quarter(before: int, now: int, *, every: int = 9, customer: str = "A") -> list[dict[str, Any]]:
    """A payment every few days: `before` days late (give or take one) until 90 days before AS_OF, `now` days late since."""
    days = [AS_OF - back * DAY for back in range(1, 450, every)]
    return [paid(on, (now if (AS_OF - on).days <= 90 else before) + at % 3 - 1, customer) for at, on in enumerate(days)]


def old(customer: str = "Z") -> dict[str, Any]:
    """An open invoice of long ago: by then, whoever pays late had paid, too."""
    return {"amount": 1, "customer_id": customer, "issue_date": date(2024, 1, 1)}


def test_worse_than_its_own_habit_is_said_with_its_evidence() -> None:
    """5 days late for a year, 12 days (11.9 by the pattern) of late, on ten days of payment."""
    trend = trend_of(days_late_trends(ledger_of(old(), *year_and_quarter(5, 12)), AS_OF), "", "A")
    assert trend
    assert trend.worse
    assert not trend.better
    assert (trend.invoices_now, trend.days_now, trend.later) == (10, 10, 1.0)
    assert sentences.trend(trend).startswith(
        "Pays worse than its own habit: on average 11.9 days late in the last 90 days (10 invoices)"
    )
    assert sentences.changed(trend) == "pays 7 days later than in the year before: 10 invoices, 40 before"


def test_who_pays_sooner_than_it_did_has_changed_its_habit_too() -> None:
    trend = trend_of(days_late_trends(ledger_of(old(), *year_and_quarter(12, 2)), AS_OF), "", "A")
    assert trend
    assert trend.better
    assert sentences.short(trend) == "pays 10 days sooner"
    assert sentences.trend(trend).startswith("Pays better than its own habit")


def test_what_may_be_chance_is_no_change() -> None:
    """The same lateness before and now; and one day of payment with many invoices, however late, is one decision."""
    same = trend_of(days_late_trends(ledger_of(old(), *year_and_quarter(5, 5)), AS_OF), "", "A")
    assert same
    assert not same.changed
    assert sentences.trend(same).startswith("No change that the evidence carries")
    one_day = [*year_and_quarter(5, 5, every=100)[1:], *(paid(AS_OF - 3 * DAY, 60) for _ in range(50))]
    assert not len(days_late_trends(ledger_of(old(), *one_day), AS_OF))


def test_one_payment_that_came_a_year_late_is_no_habit() -> None:
    """It moves the mean by 36 days, and one rank."""
    rows = year_and_quarter(5, 5)
    rows[2] = paid(rows[2]["paid_date"], 365)
    trend = trend_of(days_late_trends(ledger_of(old(), *rows), AS_OF), "", "A")
    assert trend
    assert trend.change > 30
    assert not trend.changed


def test_less_than_a_day_is_no_change_however_certain() -> None:
    """Always due on the day of payment, now and then a day later: in the mean a third of a day."""
    rows = [paid(AS_OF - back * DAY, int(back <= 90 and back % 3 == 0)) for back in range(1, 450)]
    trend = trend_of(days_late_trends(ledger_of(old(), *rows), AS_OF), "", "A")
    assert trend
    assert 0 < trend.change < 1
    assert not trend.changed


def test_payments_soon_after_a_file_begins_are_of_those_who_pay_at_once() -> None:
    """A file of what was issued since 1 July 2025: whoever pays 60 days late pays from October on, and pays as ever."""
    begins = date(2025, 7, 1)
    rows = [row for late in (0, 60) for row in year_and_quarter(late, late, every=4) if row["issue_date"] >= begins]
    trend = trend_of(days_late_trends(ledger_of(*rows), AS_OF), "", "A")
    assert trend
    assert abs(trend.change) < 1


def many(seed: int, customers: int, *, changed: int = 0) -> Ledger:
    """Customers who pay some twenty days late, some much later, on 60 days of 455; the first `changed` of late 15 days later."""
    draw = np.random.default_rng(seed)
    per = 60
    who = np.repeat(np.arange(customers), per)
    back = draw.integers(1, RECENT + EARLIER, len(who))
    late = np.rint(draw.normal(0, 6, len(who)) + draw.normal(20, 8, customers)[who] + draw.pareto(1.5, len(who)) * 5)
    late += 15 * ((who < changed) & (back <= RECENT))
    on = np.datetime64(AS_OF) - back
    due = on - late.astype(np.int64)
    columns: dict[str, Any] = {
        **{name: pa.array([text] * len(who)) for name, text in (("company", ""), ("line", "1"), ("kind", "invoice"))},
        **{name: pa.array([text] * len(who)) for name, text in (("settled_by", "payment"), ("currency", "EUR"))},
        "row": pa.array(np.arange(len(who)) + 2),
        "customer_id": pa.array([f"C{each}" for each in who]),
        "customer_name": pa.array([f"C{each}" for each in who]),
        "invoice_id": pa.array([f"I{each}" for each in range(len(who))]),
        "amount": pa.array(np.full(len(who), 100)),
        "outstanding": pa.array(np.zeros(len(who), np.int64)),
        "disputed": pa.array(np.zeros(len(who), np.bool_)),
        "terms": pa.nulls(len(who), pa.string()),
        **{
            name: pa.array(days.astype("datetime64[D]"))
            for name, days in (("issue_date", due - 30), ("due_date", due), ("paid_date", on))
        },
    }
    table = pa.table({each.name: columns[each.name].cast(each.type) for each in SCHEMA}, schema=SCHEMA)
    ledger = ledger_of(old("C0"))
    return replace(ledger, invoices=pa.concat_tables([ledger.invoices, table]), history_starts=date(2020, 1, 1))


def test_of_many_who_pay_as_ever_hardly_one_is_called_changed() -> None:
    """300 customers, three draws: with 5 per cent each, 15 of them would be."""
    assert sum(len(changes(days_late_trends(many(seed, 300), AS_OF))) for seed in range(3)) <= 3


def test_of_those_called_changed_most_are() -> None:
    found = changes(days_late_trends(many(7, 300, changed=30), AS_OF))
    right = sum(int(customer[1:]) < 30 for _, customer in found)
    assert right >= 20
    assert len(found) - right <= 0.2 * len(found)
    assert all(trend.worse for (_, customer), trend in found.items() if int(customer[1:]) < 30)


def test_the_test_is_that_of_scipy_and_so_is_the_judgement_of_many() -> None:
    """Customer by customer, by slow plain code; ties and all."""
    ledger = many(3, 40, changed=10)
    table = days_late_trends(ledger, AS_OF)
    rows = [row for row in ledger.invoices.to_pylist() if row["paid_date"]]
    p, later = {}, {}
    for row in table.to_pylist():
        by_day: dict[date, list[int]] = {}
        for each in rows:
            if each["customer_id"] == row["customer_id"]:
                by_day.setdefault(each["paid_date"], []).append((each["paid_date"] - each["due_date"]).days)
        recent = [float(np.mean(late)) for on, late in by_day.items() if on >= AS_OF - RECENT * DAY]
        before = [float(np.mean(late)) for on, late in by_day.items() if on < AS_OF - RECENT * DAY]
        assert (row["days_now"], row["days_before"]) == (len(recent), len(before))
        found = mannwhitneyu(recent, before, use_continuity=False, method="asymptotic")
        later[row["customer_id"]] = found.statistic / len(recent) / len(before)
        clear = abs(row["now"] - row["before"]) >= 1 and (row["now"] > row["before"]) == (later[row["customer_id"]] > 0.5)
        p[row["customer_id"]] = found.pvalue if clear else 1.0
        assert row["later"] == pytest.approx(later[row["customer_id"]])
    assert len(p) > 30
    stands = dict(zip(p, false_discovery_control(list(p.values())) <= 0.1, strict=True))
    assert {row["customer_id"] for row in table.to_pylist() if row["changed"]} == {who for who, yes in stands.items() if yes}
    assert discoveries(np.zeros(0), 0.1).tolist() == []


@pytest.mark.parametrize("as_of", [AS_OF, AS_OF - 40 * DAY])
def test_rewriting_what_was_not_known_strictly_before_the_day_changes_nothing(as_of: date) -> None:
    """How what was open ended, what was issued since, what a payment on the very day was."""
    ledger = many(5, 12, changed=4)
    rows = ledger.invoices.to_pylist()
    draw = np.random.default_rng(1)
    other = []
    for row in rows:
        if row["issue_date"] >= as_of:
            continue
        known = row["paid_date"] is not None and row["paid_date"] < as_of
        later = as_of + int(draw.integers(0, 9)) * DAY if draw.random() < 0.5 else None
        other.append(row if known else row | {"paid_date": later, "settled_by": "unknown"})
    other.append(rows[0] | {"customer_id": "new", "invoice_id": "new", "issue_date": as_of, "due_date": as_of, "paid_date": None})
    again = replace(ledger, invoices=pa.Table.from_pylist(other, schema=SCHEMA))
    assert days_late_trends(again, as_of).to_pylist() == days_late_trends(ledger, as_of).to_pylist()
    assert changes(days_late_trends(ledger, as_of))


@pytest.mark.long
def test_twenty_thousand_customers_take_seconds() -> None:
    """1.2 million payments."""
    ledger = many(1, 20_000, changed=500)
    begun = time.process_time()
    assert len(changes(days_late_trends(ledger, AS_OF))) > 300
    assert time.process_time() - begun < 10
