"""What does a customer show?"""

from dataclasses import replace

import pyarrow as pa
import pytest

from insights import portfolio
from insights.access import laptop
from insights.services import agreements as use_cases
from insights.services.agreements import Entry
from insights.services.ledgers import commit
from insights.store import ledgers
from insights.store.store import Store
from pages.ui.shared import format as fmt
from tests.support.screens import click, figures, lists, rows, said, screen
from tests.support.workspaces import ME, small_ledger, year_of_invoices


@pytest.mark.slow
@pytest.mark.usefixtures("published")
def test_a_customer_shows_its_state_of_business_and_what_to_expect() -> None:
    shown = figures(screen("customer.py", company="north", customer="acme"))
    assert shown["Open invoices"] == ("1", "1 overdue")
    assert shown["Average days to pay"] == ("28 days", "2 days early on average")
    assert shown["Last payment"] == ("EUR 1", "30 Jan 2024")
    assert shown["Overdue"] == ("EUR 25.00", "")
    assert shown["Receivables"] == ("EUR 25.00", "")
    assert shown["Net balance"] == ("EUR 25.00", "nothing is unapplied")
    assert shown["Average open invoice"] == shown["Average overdue invoice"] == ("EUR 25.00", "of 1")
    assert "Credit limit" not in shown, "the file has none"
    assert shown["Late"] == ("50%", "EUR 12.50")


@pytest.mark.slow
@pytest.mark.usefixtures("published")
def test_a_customer_of_another_company_is_another_customer() -> None:
    app = screen("customer.py", company="south", customer="acme")
    assert any("Not known as of" in each.value for each in app.header)
    assert not app.metric


@pytest.mark.slow
def test_the_credit_limit_is_there_with_the_share_used_on_the_day_of_the_export_alone(workspace: Store) -> None:
    """acme owes EUR 25.00 of a limit of 100; what the limit was in March the file does not say."""
    ledger = small_ledger()
    limits = pa.array([100.0] * len(ledger.invoices))
    commit(workspace, replace(ledger, invoices=ledger.invoices.append_column("x:Credit limit", limits)), actor=ME)
    shown = figures(screen("customer.py", company="north", customer="acme"))
    assert shown["Credit limit"] == ("EUR 100.00", "25% used")
    assert "Credit limit" not in figures(screen("customer.py", company="north", customer="acme", as_of="2024-03-07"))


@pytest.mark.slow
def test_history_is_shown_by_number_and_by_amount(workspace: Store) -> None:
    """The tiles over the chart are the sums of its columns: numbers of the last twelve months at first, or amounts of all."""
    ledger = commit(workspace, year_of_invoices(invoices=300), actor=ME)
    mine = portfolio.of_customer(ledger, "north", "C03")
    asked = {"company": "north", "customer": "C03"}
    months = portfolio.payment_history(mine, ledger.default_as_of)
    shown = [each for each in screen("customer.py", **asked).metric if each.label == "Paid late"]
    assert [each.delta for each in shown] == [f"{sum(months['late'].to_pylist()[-12:])} invoices"]
    amounts = portfolio.payment_history(mine, ledger.default_as_of, currency="EUR", by_amount=True)
    app = screen("customer.py", **asked, paid_by="EUR", paid_in="all")
    shown = [each for each in app.metric if each.label == "Paid late"]
    assert [each.delta for each in shown] == [fmt.round_money(sum(amounts["late"].to_pylist()), "EUR")]
    assert [getattr(each, "label", "") for each in app.get("download_button")] == ["Call sheet (PDF)", "Call sheet (Excel)"]


@pytest.mark.slow
def test_what_was_agreed_is_on_the_screens_of_the_customer_and_the_invoice_and_can_be_undone(published: Store) -> None:
    """A contact with the customer, and a promise of its invoice; another customer's note is nowhere."""
    ledger = ledgers.load(published)
    entries = [
        Entry("contact", "north", "acme", values={"channel": "phone", "outcome": "reached", "text": "back on Monday"}),
        Entry("promise", "north", "acme", (("2", "1"),), {"on": "2024-04-08"}),
        Entry("note", "south", "birch", values={"text": "nothing to do with acme"}),
    ]
    use_cases.enter(published, ledger, ledger.default_as_of, entries, actor=laptop("ada"))
    place = {"company": "north", "customer": "acme"}
    app = screen("customer.py", **place)
    assert "1 Apr 2024, ada: contact by phone: reached: back on Monday" in said(app)
    assert "1 Apr 2024, ada: 2, promise for 8 Apr 2024, not due yet" in said(app)
    assert "nothing to do with acme" not in said(app)
    invoice = screen("invoice.py", **place, invoice="2")
    assert "promise for 8 Apr 2024" in said(invoice)
    assert {"Note", "Contact", "Promise", "Dispute", "Snooze", "Expected date", "In payment"} <= {
        each.label for each in invoice.button
    }
    assert "promise for" not in said(click(app, "Undo")), "the newest one first"


@pytest.mark.slow
def test_another_date_that_was_agreed_is_the_expected_one_in_every_list(published: Store) -> None:
    """acme says it pays on Monday 22 April; of birch nothing was agreed."""
    place = {"company": "north", "customer": "acme"}
    before = rows(screen("open_invoices", tab="all")).set_index("customer")["expected"]
    ledger = ledgers.load(published)
    entry = Entry("override", "north", "acme", values={"on": "2024-04-22", "reason": "their bank is closed"})
    use_cases.enter(published, ledger, ledger.default_as_of, [entry], actor=ME)
    listed = screen("open_invoices", tab="all", sort="expected_date")
    after = rows(listed).set_index("customer")["expected"]
    assert after["acme"] == "22 Apr 2024" != before["acme"]
    assert after["birch"] == before["birch"]
    assert "by what was agreed" in str(lists(listed)[0]["groups"][0]["rows"])
    assert rows(screen("customer", **place))["expected"].tolist() == ["22 Apr 2024"]
    assert "Expected payment by what was agreed: 22 Apr 2024. By the model alone: " in said(
        screen("invoice", **place, invoice="2")
    )
    assert "Expected payment: " in said(screen("invoice", company="south", customer="birch", invoice="4"))
