"""What is owed by age, with what will probably still be unpaid, as a table that can be added up."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from insights.ledger.errors import Refused
from insights.ledger.outcomes import DueRules
from insights.portfolio import AgeRanges
from insights.services import ageing, cash, publishing
from insights.services.ledgers import commit
from insights.store import ledgers, models
from insights.store.records import Scope
from insights.store.store import Store
from tests.support.workspaces import ME, rates_model, small_ledger, with_credit_note


def test_a_file_of_an_ageing_has_a_total_per_currency_that_its_rows_sum_to() -> None:
    """acme owes EUR 25.00, 26 days past due, and has a credit note of 4.00; birch owes USD 0.99, a day past due."""
    ledger = with_credit_note(small_ledger(), 400)
    as_of = date(2024, 4, 1)
    aged = ageing.aged(ledger, as_of, AgeRanges(ends=(10, 30)), {})
    table = ageing.age_table(aged, as_of)
    assert table.select(["row", "customer_id", "currency", "receivables", "credits", "net_balance", "exact"]).to_pylist()[:3] == [
        {**of_row("customer", "acme", "EUR"), **sums("25.00", "4.00", "21.00")},
        {**of_row("customer", "birch", "USD"), **sums("0.99", "0.00", "0.99")},
        {**of_row("total", None, "EUR"), **sums("25.00", "4.00", "21.00")},
    ]
    assert table.column_names[7:11] == ["not_due", "days_1_10", "days_11_30", "days_over_30"]
    for row in table.to_pylist():
        assert row["receivables"] == row["not_due"] + row["days_1_10"] + row["days_11_30"] + row["days_over_30"]


def of_row(kind: str, customer: str | None, currency: str) -> dict[str, object]:
    return {"row": kind, "customer_id": customer, "currency": currency, "exact": True}


def sums(owed: str, apart: str, net: str) -> dict[str, object]:
    return {"receivables": Decimal(owed), "credits": Decimal(apart), "net_balance": Decimal(net)}


def test_a_day_on_which_the_ledger_cannot_be_seen_is_refused() -> None:
    with pytest.raises(Refused, match="complete through"):
        ageing.aged(small_ledger(), date(2025, 1, 1), AgeRanges(), {})


def test_each_company_s_due_rules_are_those_of_the_model_that_speaks_for_it(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    assert set(ageing.due_rules_in_force(workspace, ledger.id, date(2024, 4, 1)).values()) == {DueRules()}
    assert ageing.unpaid_later(workspace, ledger.id, date(2024, 4, 1), actor=ME) is None
    model_id = models.save(workspace, rates_model(), ledger.id, actor=ME)
    publishing.publish(workspace, model_id, replaces=None, scope=Scope("north"), actor=ME)
    rules = ageing.due_rules_in_force(workspace, ledger.id, date(2024, 4, 1))
    assert rules == {"north": rates_model().recipe.due_rules, "south": rates_model().recipe.due_rules}


@pytest.mark.slow
def test_a_model_without_payment_dates_says_nothing_of_what_will_be_unpaid(workspace: Store) -> None:
    ledger = commit(workspace, small_ledger(), actor=ME)
    models.save(workspace, rates_model(), ledger.id, actor=ME)
    assert ageing.unpaid_later(workspace, ledger.id, date(2024, 4, 1), actor=ME) is None


@pytest.mark.slow
def test_what_will_probably_be_unpaid_is_what_the_forecast_does_not_expect_by_then(sample_workspace: Store) -> None:
    ledger = ledgers.load(sample_workspace, ledgers.get(sample_workspace).id)
    as_of = ledger.default_as_of
    forecast = cash.forecast(sample_workspace, ledger.id, as_of, actor=ME)
    weeks = {each.currency: [week.open_book for week in each.weeks] for each in forecast.currencies}
    for days in (28, 35):
        later = ageing.unpaid_later(sample_workspace, ledger.id, as_of, actor=ME, days=days)
        assert later is not None
        aged = ageing.with_unpaid(ageing.aged(ledger, as_of, AgeRanges(), {}), later)
        for total in aged.totals:
            assert total.unpaid is not None
            expected = sum(weeks[total.currency][: days // 7])
            assert total.unpaid == total.receivables - expected
    for total in aged.totals:
        assert total.unpaid is not None
        assert 0 < total.unpaid < total.receivables
        mine = aged.items.filter(pc.equal(aged.items["currency"], total.currency))
        assert total.unpaid == pc.sum(mine["unpaid"]).as_py()
    rows = ageing.age_table(aged, as_of)
    for currency in pc.unique(rows["currency"]).to_pylist():
        of_currency = rows.filter(pc.equal(rows["currency"], currency))
        whole, parts = (total_of(of_currency, kind) for kind in ("total", "customer"))
        assert whole == parts > 0


def total_of(rows: pa.Table, kind: str) -> Decimal:
    return Decimal(pc.sum(rows.filter(pc.equal(rows["row"], kind))["unpaid_in_30_days"]).as_py())
