"""What is offered where there is no ledger?"""

import pytest

from tests.support.screens import said, screen


@pytest.mark.slow
@pytest.mark.parametrize("page", ["open_invoices", "invoice", "customers", "customer"])
@pytest.mark.usefixtures("empty_workspace")
def test_without_a_ledger_the_next_step_is_offered(page: str) -> None:
    app = screen(page)
    assert "No ledger yet" in said(app)
    assert [button.label for button in app.button] == ["Go to start"]
