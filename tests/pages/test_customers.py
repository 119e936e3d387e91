"""Who owes how much, and what of it will come late?"""

import json
import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from insights.model.recipe import Recipe
from insights.services import publishing
from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store import models as model_store
from insights.store.records import Scope
from insights.store.store import Store
from tests.support.screens import figures, lists, rows, said, screen
from tests.support.workspaces import ME, ledger_of, rates_model, small_ledger, with_credit_note, year_of_invoices


@pytest.mark.usefixtures("published")
@pytest.mark.slow
def test_customers_show_the_two_tiles_and_the_balance_in_the_buckets() -> None:
    """acme owes EUR 25.00, overdue by 26 days: nothing of it on time, half late, half very late."""
    app = screen("customers.py")
    assert app.title[0].value == "Customers"
    shown = figures(app)
    assert shown["Invoices unlikely to be on time"] == ("2", "of 2 in all currencies")
    assert shown["Customers mostly at risk"] == ("2", "of 2 in all currencies")
    assert shown["Expected late or very late"] == ("EUR 25", "100% of the receivables")
    assert rows(app).to_dict("records") == [
        {"customer": "acme", "risk": "25.00", "owed": "25.00", "parts": "0.00 · 12.50 · 12.50", "invoices": "1"}
    ]


@pytest.mark.slow
def test_of_one_currency_the_tiles_name_none(workspace: Store) -> None:
    """acme owes EUR 25.00 on one invoice, and nobody owes anything in another currency."""
    ledger = commit(workspace, ledger_of("north acme 2 2024-02-05 2024-03-06 - 2500 EUR"), actor=ME)
    publishing.publish(workspace, model_store.save(workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    shown = figures(screen("customers.py"))
    assert shown["Invoices unlikely to be on time"] == ("1", "of 1 open")
    assert shown["Customers mostly at risk"] == ("1", "of 1 with open invoices")


@pytest.mark.slow
def test_receivables_and_net_balance_are_the_same_figures_on_every_screen(workspace: Store) -> None:
    """acme owes 25.00 and has a credit note of 10.00 that is not applied yet: receivables 25.00, net balance 15.00."""
    ledger = commit(workspace, with_credit_note(small_ledger(), 1000), actor=ME)
    publishing.publish(workspace, model_store.save(workspace, rates_model(), ledger.id, actor=ME), replaces=None, actor=ME)
    app = screen("customers.py", currency="EUR")
    (cells,) = (row["cells"] for row in lists(app)[0]["groups"][0]["rows"])
    assert (cells["owed"]["text"], cells["owed"]["below"]) == ("25.00", "net 15.00")
    assert figures(app)["Receivables"] == ("EUR 25", "net balance EUR 15")
    shown = figures(screen("customer.py", company="north", customer="acme"))
    assert shown["Receivables"][0] == "EUR 25.00"
    assert shown["Net balance"] == ("EUR 15.00", "less EUR 10.00 unapplied")
    assert "Balance" not in {**figures(app), **shown}
    assert ledgers.get(workspace, ledger.id).outstanding == {"EUR": 2500, "USD": 99}
    invoice = screen("invoice.py", company="north", invoice="2", line="1")
    facts = " ".join(each.proto.body for each in invoice.get("html"))
    assert re.search(r"Net balance</td><td[^>]*>15.00<", facts)


@pytest.mark.usefixtures("published")
def test_another_currency_shows_its_own_customers() -> None:
    app = screen("customers.py", currency="USD")
    assert rows(app)["customer"].tolist() == ["birch"]
    assert figures(app)["DSO"][0] == "22.3 days"  # 0.99 of 3.99 sold in the 90 days


@pytest.mark.usefixtures("published")
@pytest.mark.slow
def test_a_search_that_finds_nobody_says_so() -> None:
    app = screen("customers.py", q="zzz")
    assert not lists(app)
    assert any("Nobody found" in each.value for each in app.header)


@pytest.mark.slow
def test_without_a_model_customers_show_what_is_due_and_offer_to_train(workspace: Store) -> None:
    commit(workspace, year_of_invoices(invoices=300), actor=ME)
    app = screen("customers.py")
    assert "Overdue" in figures(app)
    assert not _train(app).disabled


@pytest.mark.slow
def test_what_is_too_little_to_learn_from_is_said_before_anybody_tries(workspace: Store) -> None:
    """Of four invoices two are settled and two past due: four answers are known. 2, of EUR 25.00, is overdue."""
    commit(workspace, small_ledger(), actor=ME)
    app = screen("customers.py")
    assert figures(app)["Overdue"][0] == "EUR 25"
    assert _train(app).disabled
    assert "4 invoices to learn from as of 1 Apr 2024: 100 are needed, some of them late and some not." in said(app)


def _train(app: AppTest) -> Button:
    return next(each for each in app.button if each.label == "Train as of this date")


@pytest.mark.slow
@pytest.mark.usefixtures("published")
def test_as_of_a_past_day_shows_what_was_known_then() -> None:
    """As of 2 March birch owes 3.00, not yet due, on time with 75 per cent: 2.25, and so 0.38 late and 0.37 very late."""
    app = screen("customers.py", as_of="2024-03-02", currency="USD")
    (row,) = rows(app).to_dict("records")
    assert (row["owed"], row["parts"].split(" · ")[0]) == ("3.99", "2.99")


@pytest.mark.slow
def test_what_may_still_be_on_time_by_grace_days_is_not_overdue(published: Store) -> None:
    """Northern gives 30 days of grace: invoice 2 of north, due 26 days ago, can still be on time; invoice 4 of south cannot.

    The list, the tiles of the customers and the ages say so alike, and what overdue means is written there.
    """
    ledger = ledgers.listed(published)[0]
    northern = replace(rates_model(late=0.6), recipe=Recipe(grace_days=30))
    publishing.publish(
        published, model_store.save(published, northern, ledger.id, actor=ME), replaces=None, scope=Scope("north"), actor=ME
    )
    app = screen("open_invoices.py", tab="overdue")
    assert rows(app)["invoice"].tolist() == ["4"]
    assert "Overdue: can no longer be on time, by the grace days and business days of each company's model." in captions(app)
    app = screen("open_invoices.py")
    assert rows(app)["invoice"].tolist() == ["2"]
    assert any(each.label.startswith("**Not yet overdue, flagged**") for each in app.button)
    assert balance_by_age("EUR") == {"current": 25.0}
    assert balance_by_age("USD") == {"1-30": 0.99}
    app = screen("open_invoices.py", model=model_store.listed(published)[0].id, tab="overdue")
    assert not lists(app), "named, Northern speaks for south too, whose invoice was due yesterday"
    assert "Overdue: not paid 30 days after the due date, until when it still counts as on time." in captions(app)


def captions(app: AppTest) -> list[str]:
    return [each.value for each in app.caption]


def balance_by_age(currency: str) -> dict[str, float]:
    """What the chart of the customers' screen says is owed, by age."""
    app = screen("customers.py", currency=currency)
    (figure,) = (json.loads(each.proto.spec) for each in app.get("plotly_chart") if "by age" in each.proto.alt)
    return {age: amount for age, amount in zip(figure["data"][0]["x"], figure["data"][0]["y"], strict=True) if amount}
