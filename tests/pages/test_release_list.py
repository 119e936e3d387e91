"""Does the screen say whose orders wait, why, by which threshold, and give the list out?"""

from dataclasses import replace

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from insights.ledger.ledger import FURTHER
from insights.services import publishing, release
from insights.services.ledgers import commit
from insights.store import models
from insights.store.store import Store
from tests.support.screens import PATIENCE, click, figures, lists, rows, said, screen
from tests.support.workspaces import ME, ledger_of, rates_model, small_ledger

FORM = """
from pages.ui.customers import release_table
from pages.ui.shared import session

session.begin()
release_table.form(50)
"""


@pytest.mark.slow
def test_who_waits_is_listed_with_why_and_the_name_opens_the_customer(published: Store) -> None:
    """acme owes EUR 25.00 and birch USD 0.99, both overdue: all of it is at risk; the ledger has no limits."""
    app = screen("release_list")
    whole = "More than 50% of what is owed at risk"
    assert rows(app).to_dict("records") == [
        {"customer": "acme", "why": whole, "owed": "EUR 25.00", "risk": "25.00"},
        {"customer": "birch", "why": whole, "owed": "USD 0.99", "risk": "0.99"},
    ]
    assert lists(app)[0]["groups"][0]["rows"][0]["cells"]["customer"]["to"] == "customer?company=north&customer=acme"
    shown = figures(app)
    assert shown["To look at"] == ("2", "of 2 with open invoices")
    assert shown["Over the limit"] == ("—", "no limits in this ledger")
    assert {"CSV", "Excel"} <= {getattr(each, "label", "") for each in app.get("download_button")}


@pytest.mark.slow
def test_a_balance_over_the_limit_is_said_with_its_amount(workspace: Store) -> None:
    """acme owes EUR 25.00 at a limit of 20.00; birch has a limit of 5.00 and owes 0.99."""
    ledger = small_ledger()
    customers = ledger.invoices["customer_id"].to_pylist()
    limits = pa.array([{"acme": 20.0, "birch": 5.0}[customer] for customer in customers])
    limited = replace(ledger, invoices=ledger.invoices.append_column(FURTHER + "Credit Limit", limits))
    kept = commit(workspace, limited, actor=ME)
    publishing.publish(workspace, models.save(workspace, rates_model(), kept.id, actor=ME), replaces=None, actor=ME)
    app = screen("release_list")
    acme, birch = lists(app)[0]["groups"][0]["rows"]
    assert acme["cells"]["why"] == "Over the limit and more than 50% of what is owed at risk"
    assert (acme["cells"]["limit"], acme["cells"]["over"]) == (
        {"text": "20.00", "below": "125% used", "strong": False},
        "5.00",
    )
    assert birch["cells"]["over"] == ""
    assert figures(app)["Over the limit"][0] == "1"


@pytest.mark.slow
def test_another_threshold_holds_at_once_and_for_everybody(published: Store) -> None:
    assert "Threshold" in {button.label for button in screen("release_list").button}
    app = AppTest.from_string(FORM, default_timeout=PATIENCE).run()
    app.slider[0].set_value(100)
    click(app, "Save")
    assert release.threshold(published) == 100
    again = screen("release_list")
    assert not lists(again)
    assert "more than 100%" in said(again)
    assert any("Nobody waits" in header.value for header in again.header)
    assert "0 waiting; there are no credit limits known." in said(again)


@pytest.mark.slow
@pytest.mark.usefixtures("published")
def test_a_customer_is_looked_for_by_name_and_company() -> None:
    assert rows(screen("release_list", q="bir"))["customer"].tolist() == ["birch"]
    assert rows(screen("release_list", companies="north"))["customer"].tolist() == ["acme"]
    assert any("Nobody found" in header.value for header in screen("release_list", q="zzz").header)


@pytest.mark.slow
@pytest.mark.usefixtures("small_workspace")
def test_without_a_model_it_says_what_cannot_be_looked_at() -> None:
    app = screen("release_list")
    assert figures(app)["More than 50% at risk"][0] == "—"
    assert any("Not known" in header.value for header in app.header)
    assert "there are no credit limits known and no predictions." in said(app)
    assert "No customer is over its limit" not in said(app)


@pytest.mark.slow
def test_tiles_count_customers_and_sum_what_is_at_risk_of_those_that_they_count(workspace: Store) -> None:
    """acme waits in both of its currencies, all of it at risk; birch is over its limit of 1.00, with little at risk."""
    ledger = ledger_of(
        """
        north acme  1 2024-02-05 2024-03-06 -          2500 EUR
        north acme  2 2024-02-05 2024-03-06 -          3000 USD
        north birch 3 2024-03-25 2024-04-24 -          9900 EUR
        """
    )
    limits = pa.array([None, None, 1.0], pa.float64())
    limited = replace(ledger, invoices=ledger.invoices.append_column(FURTHER + "Credit Limit", limits))
    kept = commit(workspace, limited, actor=ME)
    publishing.publish(workspace, models.save(workspace, rates_model(), kept.id, actor=ME), replaces=None, actor=ME)
    app = screen("release_list")
    assert set(rows(app)["customer"]) == {"acme", "birch"}
    shown = figures(app)
    assert shown["To look at"] == ("2", "of 2 with open invoices")
    assert shown["Over the limit"][0] == "1"
    assert shown["More than 50% at risk"] == ("1", "EUR 25 · USD 30 in all")
    assert "currencies one after the other" in said(app)


@pytest.mark.slow
def test_of_one_currency_nothing_is_said_about_the_order_of_several(workspace: Store) -> None:
    kept = commit(workspace, ledger_of("north acme 1 2024-02-05 2024-03-06 - 2500 EUR"), actor=ME)
    publishing.publish(workspace, models.save(workspace, rates_model(), kept.id, actor=ME), replaces=None, actor=ME)
    app = screen("release_list")
    assert "The largest amount at risk comes first." in said(app)
    assert "currencies" not in said(app)
