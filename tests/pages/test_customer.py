"""What does a customer show?"""

import pytest

from tests.support.screens import figures, screen


@pytest.mark.slow
@pytest.mark.usefixtures("published")
def test_a_customer_shows_its_state_of_business_and_what_to_expect() -> None:
    shown = figures(screen("customer.py", company="north", customer="acme"))
    assert shown["Open invoices"] == ("1", "1 overdue")
    assert shown["Average days to pay"] == ("28 days", "2 days early on average")
    assert shown["Last payment"] == ("EUR 1", "30 Jan 2024")
    assert shown["Overdue"] == ("EUR 25.00", "")
    assert shown["Receivables"] == ("EUR 25.00", "also the net balance")
    assert not {"Unapplied", "Net balance"} & set(shown), "nothing is to be set off"
    assert shown["Late"] == ("50%", "EUR 12.50")


@pytest.mark.slow
@pytest.mark.usefixtures("published")
def test_a_customer_of_another_company_is_another_customer() -> None:
    app = screen("customer.py", company="south", customer="acme")
    assert any("Not known as of" in each.value for each in app.header)
    assert not app.metric
